"""What every act on a paper asks first: is it there, in which state, and may this person do that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ...queries.tables import Table, agreement_table
from ...rules import Role
from ..judging import lock_prefectures


@dataclass(frozen=True, slots=True)
class Owed:
    """Who owes what to whom by when; parties as ``gov:<division>`` or ``institution:<slug>``."""

    debtor: str
    creditor: str
    text: Text
    due: date
    clause: str = ""


def consortium_area(consortium_id: UUID) -> str:
    """The area of a consortium, as its latest version says.

    Raises:
        Refused: if there is none.
    """
    version = models.ConsortiumVersion.objects.filter(consortium_id=consortium_id).order_by("-period").first()
    if version is None:
        raise Refused(_nothing("consortium_not_there", Text("医联体", "consortium"), "consortium"))
    return version.division_code


def agreement_area(agreement: models.Agreement) -> str:
    """The area that an agreement lies in: its consortium's, else that of a government or institution in it."""
    if agreement.consortium_id is not None:
        return consortium_area(agreement.consortium_id)
    parties = list(agreement.parties.all())
    government = next((party.government_of for party in parties if party.government_of), "")
    if government:
        return government
    version = (
        models.InstitutionVersion.objects.filter(institution_id__in=[p.institution_id for p in parties])
        .order_by("-period")
        .first()
    )
    return version.division_code if version else ""


def locked_agreement(agreement_id: UUID) -> models.Agreement:
    """The agreement, locked until the transaction ends.

    Raises:
        Refused: if there is none.
    """
    found = models.Agreement.objects.select_for_update(of=("self",)).filter(id=agreement_id).first()
    if found is None:
        raise Refused(_nothing("no_such_agreement", Text("协议", "agreement"), "agreement"))
    return found


def open_draft(actor: Actor, agreement_id: UUID) -> models.Agreement:
    """A draft that this person may change: nobody has signed it yet.

    Raises:
        Refused: if it is unknown or signed, somebody signed already, or the actor may not.
    """
    agreement = locked_agreement(agreement_id)
    allow_drafting(actor, agreement_area(agreement), bound(agreement))
    if agreement.signed_on is not None:
        raise Refused(frozen(agreement))
    if agreement.parties.filter(signed_on__isnull=False).exists():
        raise Refused(
            Refusal(
                code="signature_stands",
                message=Text(
                    "“{title}”已有一方签署，不能再改。", "A party has signed “{title}”: it cannot be changed."
                ),
                instead=Text(
                    "请先撤回已有的签署，再修改，然后重新签署。",
                    "Take the signatures back first, change it, and sign anew.",
                ),
                fields={"title": agreement.title},
            )
        )
    return agreement


def allow_drafting(actor: Actor, division: str, institutions: Collection[UUID]) -> None:
    """A commission may in its area; an office for the institution it acts for, if the paper binds that.

    Raises:
        Refused: if the actor may not.
    """
    own = actor.institution_id if actor.institution_id in institutions else None
    stranger = UUID(int=0)  # no institution: an office that the paper does not bind is refused
    refusal = may(actor, Right.NETWORK_APPLY, division=division, institution_id=own or stranger)
    if refusal:
        raise Refused(refusal)


def bound(agreement: models.Agreement) -> set[UUID]:
    """Institutions that sign, and the lead of the consortium it is about."""
    parties = agreement.parties.filter(institution__isnull=False).values_list("institution_id", flat=True)
    return {*parties, *leads(agreement.consortium_id)}


def leads(consortium_id: UUID | None) -> set[UUID]:
    """Who leads the consortium, or led it."""
    if consortium_id is None:
        return set()
    rows = models.Membership.objects.filter(consortium_id=consortium_id, role=Role.LEAD)
    return set(rows.values_list("institution_id", flat=True))


def table_of(agreement: models.Agreement, *, on: date) -> Table:
    """The agreement on the table on ``on``, with what the pack wants in it."""
    parties = list(agreement.parties.all())
    return agreement_table(
        agreement.consortium_id,
        division="" if agreement.consortium_id else agreement_area(agreement),
        institution_ids=[p.institution_id for p in parties if p.institution_id],
        governments=[p.government_of for p in parties if p.government_of],
        on=on,
        except_id=agreement.id,
    )


def frozen(agreement: models.Agreement) -> Refusal:
    """Signed by all: its text stands."""
    return Refusal(
        code="agreement_frozen",
        message=Text(
            "“{title}”已于 {day} 由各方签署，文本不能再改。",
            "“{title}” was signed by all on {day}: its text stands.",
        ),
        instead=Text("要改内容，请起草续签协议。", "Draft a renewal to change it."),
        fields={"title": agreement.title, "day": agreement.signed_on},
    )


def count_change(agreement: models.Agreement, division: str) -> None:
    """Verdicts of every prefecture that the agreement reaches are no longer those that were kept."""
    parties = agreement.parties.values_list("institution_id", "government_of")
    versions = models.InstitutionVersion.objects.filter(institution_id__in=[key for key, _ in parties if key])
    places = set(versions.values_list("division_code", flat=True))
    lock_prefectures({division, *places, *(code for _, code in parties)})


def term_empty(start: date, end: date) -> Refusal:
    """No day lies in the term."""
    return Refusal(
        code="agreement_term_empty",
        message=Text(
            "协议期限为空：{end} 不晚于 {start}。", "The term is empty: {end} is not after {start}."
        ),
        instead=Text("请更正签订日期或终止日期。", "Mend the day of signing or the end."),
        fields={"start": start, "end": end},
        at="end",
        status=422,
    )


def needs_two_parties() -> Refusal:
    """Nobody agrees with itself."""
    return Refusal(
        code="agreement_needs_two_parties",
        message=Text("协议至少要有两方。", "An agreement needs two parties."),
        instead=Text("请补充另一方机构或政府。", "Add the other institution or government."),
        at="parties",
        status=422,
    )


def not_yet(day: date, today: date, at: str) -> Refusal:
    """Nothing has happened on a day that is still to come."""
    return Refusal(
        code="day_to_come",
        message=Text("{day} 还没有到（今天是 {today}）。", "{day} is still to come (today is {today})."),
        instead=Text("请填写实际发生的日期。", "Enter the day on which it happened."),
        fields={"day": day, "today": today},
        at=at,
        status=422,
    )


def blank(at: str, what: Text) -> Refusal:
    """Something has to be typed."""
    return Refusal(
        code=f"{at}_blank",
        message=Text("没有填写{what}。", "The {what} is missing."),
        instead=Text("请填写{what}。", "Enter the {what}."),
        fields={"what": what},
        at=at,
        status=422,
    )


def _nothing(code: str, what: Text, at: str) -> Refusal:
    return Refusal(
        code=code,
        message=Text("没有这个{what}。", "There is no such {what}."),
        instead=Text("请从列表中选择。", "Choose one from the list."),
        fields={"what": what},
        at=at,
        status=404,
    )


def no_such(what: Text) -> Refusal:
    """A row that is not there."""
    return _nothing("no_such_row", what, "id")


def revised(actor: Actor, agreement: models.Agreement, changed: tuple[str, ...]) -> None:
    """Leave an event of what was changed in a draft, if anything was."""
    if changed:
        record(actor, agreement, events.AgreementRevised(agreement.title, changed))


def record(
    actor: Actor,
    agreement: models.Agreement,
    payload: events.AgreementDrafted | events.AgreementRevised | events.DraftDiscarded,
) -> None:
    """Leave an event about a draft."""
    ledger.append(
        actor,
        payload,
        subject_type="agreement",
        subject_id=agreement.id,
        institution_id=actor.institution_id,
        division_code=agreement_area(agreement),
    )
