"""Signing: party by party, or at once what was signed on paper; and ending before the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ...queries.tables import Table, agreement_table
from ...rules.papers import empty_sections, whole_sections
from ..trying import tried
from .shared import (
    Owed,
    agreement_area,
    blank,
    consortium_area,
    count_change,
    frozen,
    locked_agreement,
    needs_two_parties,
    no_such,
    not_yet,
    table_of,
    term_empty,
)


@transaction.atomic
def sign_agreement(
    *,
    actor: Actor,
    slug: str,
    title: str,
    consortium_id: UUID,
    signed_on: date,
    end: date,
    institution_ids: Sequence[UUID],
    governments: Sequence[str] = (),
    sections: Sequence[str] = (),
    obligations: Sequence[Owed] = (),
    texts: Mapping[str, str] | None = None,
) -> models.Agreement:
    """Record an agreement that all parties signed outside, in force from ``signed_on`` up to ``end``.

    ``sections`` are words of the sections that stand in it; ``texts`` their wording, where it is typed in.

    Raises:
        Refused: if the actor may not, there are fewer than two parties, the term is empty, or a section is
            missing that the region's pack wants.
    """
    division = consortium_area(consortium_id)
    refusal = may(actor, Right.NETWORK_DECIDE, division=division) or _incomplete(
        len(institution_ids) + len(governments), signed_on, end
    )
    if refusal:
        raise Refused(refusal)
    table = agreement_table(
        consortium_id,
        institution_ids=list(institution_ids),
        governments=list(governments),
        on=signed_on,
    )
    _refuse_empty(table, texts or {}, given=sections)
    agreement = models.Agreement.objects.create(
        slug=slug,
        title=title,
        consortium_id=consortium_id,
        signed_on=signed_on,
        sections=list(dict.fromkeys([*sections, *whole_sections(texts or {})])),
        texts=dict(texts or {}),
        period=DateRange(signed_on, end),
    )
    models.AgreementParty.objects.bulk_create(
        [
            *(
                models.AgreementParty(agreement=agreement, institution_id=key, signed_on=signed_on)
                for key in institution_ids
            ),
            *(
                models.AgreementParty(agreement=agreement, government_of=code, signed_on=signed_on)
                for code in governments
            ),
        ]
    )
    models.Obligation.objects.bulk_create(
        models.Obligation(
            agreement=agreement,
            debtor=owed.debtor,
            creditor=owed.creditor,
            text_zh=owed.text.zh,
            text_en=owed.text.en,
            due=owed.due,
            clause=owed.clause,
        )
        for owed in obligations
    )
    count_change(agreement, division)
    _signed(actor, agreement, division)
    return agreement


def _incomplete(parties: int, signed_on: date, end: date) -> Refusal | None:
    if parties < 2:
        return needs_two_parties()
    return term_empty(signed_on, end) if end <= signed_on else None


def _refuse_empty(table: Table, texts: Mapping[str, str], *, given: Sequence[str] = ()) -> None:
    missing = empty_sections(table.demands, texts, names=table.names, given=given)
    if missing:
        raise Refused(*missing)


def _signed(actor: Actor, agreement: models.Agreement, division: str) -> None:
    assert agreement.signed_on is not None, "called once everybody has signed"
    ledger.append(
        actor,
        events.AgreementSigned(
            agreement.title, str(agreement.consortium_id or ""), agreement.signed_on, agreement.period.upper
        ),
        subject_type="agreement",
        subject_id=agreement.id,
        division_code=division,
    )


@transaction.atomic
def sign_for_party(
    *, actor: Actor, agreement_id: UUID, party_id: UUID, signed_by: str, signed_on: date
) -> models.Agreement:
    """Record that a party signed a draft. With the last signature the agreement holds, from the later of that
    day and the first day of its term, and its text stands.

    Raises:
        Refused: if the actor may not sign for this party, it signed already, nobody is named, the day is still
            to come or past the term, or a section is empty that the region's pack wants (naming both).
    """
    agreement = locked_agreement(agreement_id)
    division = agreement_area(agreement)
    party = _unsigned(actor, agreement, party_id, division)
    refusal = _signing_misfits(agreement, signed_by, signed_on)
    if refusal:
        raise Refused(refusal)
    table = table_of(agreement, on=max(signed_on, agreement.period.lower))
    _refuse_empty(table, agreement.texts)
    party.signed_on, party.signed_by = signed_on, signed_by.strip()
    party.save(update_fields=["signed_on", "signed_by"])
    key = str(party.institution_id) if party.institution_id else f"gov:{party.government_of}"
    ledger.append(
        actor,
        events.PartySigned(agreement.title, table.names[key], party.signed_by, signed_on),
        subject_type="agreement",
        subject_id=agreement.id,
        institution_id=party.institution_id,
        division_code=division,
    )
    days = list(agreement.parties.values_list("signed_on", flat=True))
    if None not in days:
        count_change(agreement, division)
        _come_into_force(agreement, max(days))
        _signed(actor, agreement, division)
    return agreement


def _come_into_force(agreement: models.Agreement, last_signed: date) -> None:
    agreement.signed_on = last_signed
    agreement.period = DateRange(max(last_signed, agreement.period.lower), agreement.period.upper)
    agreement.sections = whole_sections(agreement.texts)
    agreement.save(update_fields=["signed_on", "period", "sections"])


def _unsigned(
    actor: Actor, agreement: models.Agreement, party_id: UUID, division: str
) -> models.AgreementParty:
    """The party, still to sign, if this person may sign for it."""
    party = _own_party(actor, agreement, party_id, division)
    if agreement.signed_on is not None:
        raise Refused(frozen(agreement))
    if party.signed_on is not None:
        raise Refused(
            Refusal(
                code="party_signed",
                message=Text("这一方已于 {day} 签署。", "This party signed on {day}."),
                instead=Text("请等待其他各方签署。", "Wait for the others."),
                fields={"day": party.signed_on},
                at="party",
            )
        )
    return party


def _own_party(
    actor: Actor, agreement: models.Agreement, party_id: UUID, division: str
) -> models.AgreementParty:
    party = agreement.parties.filter(id=party_id).first()
    if party is None:
        raise Refused(no_such(Text("一方", "party")))
    refusal = may(
        actor,
        Right.NETWORK_APPLY,
        division=party.government_of or division,
        institution_id=party.institution_id or UUID(int=0),
    )
    if refusal:
        raise Refused(refusal)
    return party


def _signing_misfits(agreement: models.Agreement, signed_by: str, signed_on: date) -> Refusal | None:
    if not signed_by.strip():
        return blank("signed_by", Text("签署人", "name of the signatory"))
    if signed_on > clock.today():
        return not_yet(signed_on, clock.today(), "signed_on")
    if agreement.period.upper is not None and signed_on >= agreement.period.upper:
        return term_empty(signed_on, agreement.period.upper)
    return None


@transaction.atomic
def withdraw_signature(*, actor: Actor, agreement_id: UUID, party_id: UUID) -> models.Agreement:
    """Take a party's signature back while others have still to sign, so that the draft can be changed.

    Raises:
        Refused: if the actor may not act for this party, or everybody has signed.
    """
    agreement = locked_agreement(agreement_id)
    division = agreement_area(agreement)
    party = _own_party(actor, agreement, party_id, division)
    if agreement.signed_on is not None:
        raise Refused(frozen(agreement))
    name, party.signed_on, party.signed_by = party.signed_by, None, ""
    party.save(update_fields=["signed_on", "signed_by"])
    ledger.append(
        actor,
        events.PartySigned(agreement.title, str(party.institution_id or party.government_of), name, None),
        subject_type="agreement",
        subject_id=agreement.id,
        institution_id=party.institution_id,
        division_code=division,
    )
    return agreement


@transaction.atomic
def end_agreement(*, actor: Actor, agreement_id: UUID, end: date) -> models.Agreement:
    """End a signed agreement before its day; ``end`` is the first day without it.

    Raises:
        Refused: if the actor may not, it is not in force the day before, or a card that held would be violated
            without it.
    """
    agreement = locked_agreement(agreement_id)
    division = agreement_area(agreement)
    upper = agreement.period.upper
    if agreement.signed_on is None or end <= agreement.period.lower or (upper is not None and end >= upper):
        raise Refused(_not_to_end(agreement, end))
    with tried(actor, Right.NETWORK_DECIDE, division, on=end):
        agreement.period = DateRange(agreement.period.lower, end)
        agreement.save(update_fields=["period"])
    ledger.append(
        actor,
        events.AgreementEnded(agreement.title, end),
        subject_type="agreement",
        subject_id=agreement.id,
        division_code=division,
    )
    return agreement


def _not_to_end(agreement: models.Agreement, end: date) -> Refusal:
    return Refusal(
        code="agreement_not_to_end",
        message=Text("“{title}”不能在 {end} 提前终止。", "“{title}” cannot be ended on {end}."),
        instead=Text(
            "请选协议生效之后、到期之前的日期；草案请直接放弃。",
            "Choose a day after it came into force and before it ends; a draft is discarded.",
        ),
        fields={"title": agreement.title, "end": end},
        at="end",
        status=422,
    )
