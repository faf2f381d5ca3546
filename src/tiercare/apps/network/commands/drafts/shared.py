"""What drafting, deciding and looking at a draft share: who decides, the lock, the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.terms import queries as terms
from tiercare.engines.policy import PackSet, RuleCard
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ...queries import drafts
from ...queries.reading import area_names
from ...rules.approval import Approval, consent_first, decision
from ...rules.drafting import Change
from ...rules.sentences import RowChange
from ...workflow import STATE_NAMES, Act, State, area_proposing, refusal, transition


@dataclass(frozen=True, slots=True)
class Weighed:
    """A change with what it does row by row, its first day, and who decides about it under which pack."""

    change: Change
    rows: tuple[RowChange, ...]
    on: date
    pack_id: str
    region: str
    approval: Approval
    known: frozenset[str]


def weigh(change: Change, region: str, packs: PackSet | None = None) -> Weighed:
    """Find out what a change in ``region`` touches, from when on, and whose decision it is.

    Raises:
        Refused: if the region has no pack.
    """
    packs = packs or mandates.packs()
    pack = packs.find(region)
    if pack is None:
        raise Refused(mandates.region_without_pack(region))
    rows = drafts.row_changes(change.entries)
    starts = [entry.start for entry in change.entries]
    on = drafts.first_day(rows, (*change.heirs, *change.orphaned)) or min(starts, default=clock.today())
    known = frozenset(drafts.known_consortia(change.entries))
    approval = _decision(change, region, on, known, packs, pack.id)
    return Weighed(change, rows, on, pack.id, region, approval, known)


def approval_of(application: models.Application, rows: Sequence[RowChange]) -> Approval:
    """Who decides about a draft, for its buttons: the area as it was kept, and the card that asks for consent
    first, told from ``rows`` without asking the database again; the command that applies it asks anew.

    Raises:
        Refused: if the region has no pack.
    """
    packs = mandates.packs()
    pack = packs.find(application.region)
    if pack is None:
        raise Refused(mandates.region_without_pack(application.region))
    known = frozenset(row.entry.text("code") for row in rows if row.before is not None)
    entries = [row.entry for row in rows]
    area = application.decided_by_division
    on = application.starts_on or clock.today()
    return decision(
        entries,
        packs.cards_for(pack.id, app="network"),
        on=on,
        region=application.region,
        touched={area},
        known=known,
        area_of=lambda _card: area,
    )


def _decision(
    change: Change, region: str, on: date, known: frozenset[str], packs: PackSet, pack_id: str
) -> Approval:
    def area_of(card: RuleCard) -> str:
        area = packs.packs[card.pack].region
        return area if area.startswith(region) else region

    return decision(
        change.entries,
        packs.cards_for(pack_id, app="network"),
        on=on,
        region=region,
        touched=drafts.divisions_touched(change.entries),
        known=known,
        area_of=area_of,
    )


def area_name(division: str, on: date) -> str:
    """What an area is called that day; its code where nothing says."""
    own = next((pack.name.zh for pack in mandates.packs() if pack.region == division), "")
    if own:
        return own
    names = area_names(on=on)
    if division not in names:
        found = terms.division(division, on=on) if division.isdigit() else None
        return found.name if found else division
    return names[division]


def why_not(
    actor: Actor, application: models.Application, act: Act, approval: Approval | None = None
) -> Refusal | None:
    """Why this actor may not do this now, if so; ``approval`` as weighed today, else as it was kept.

    Asked by the command that does it and by the page that shows its button, so that both say the same.
    """
    row = transition(State(application.state), act)
    if row is None:
        return _not_now(application)
    division = approval.division if approval else application.decided_by_division
    forbidden = refusal(
        row,
        actor,
        division=division,
        institution_id=application.institution_id,
        applicant_id=application.applicant_id,
        applicant_name=application.applicant_name,
    )
    if forbidden is None and act is Act.APPLY and approval is not None:
        return consent_first(approval, area_name(approval.division, application.starts_on or clock.today()))
    return forbidden


def may_propose(actor: Actor, region: str) -> Refusal | None:
    """Why the actor may not draft changes in ``region``, if so: a county's commission may in its prefecture."""
    return may(
        actor,
        Right.NETWORK_APPLY,
        division=area_proposing(actor, region),
        institution_id=actor.institution_id,
    )


def locked(application_id: UUID) -> models.Application:
    """The application, until the transaction ends.

    Raises:
        Refused: if there is none.
    """
    application = models.Application.objects.select_for_update().filter(id=application_id).first()
    if application is None:
        raise Refused(no_such())
    return application


def moving(
    actor: Actor, application_id: UUID, act: Act, approval: Approval | None = None
) -> models.Application:
    """The application, locked, if this actor may do this act now.

    Raises:
        Refused: if not, or there is none.
    """
    application = locked(application_id)
    forbidden = why_not(actor, application, act, approval)
    if forbidden:
        raise Refused(forbidden)
    return application


def titled(title: str) -> str:
    """A title fit to be kept.

    Raises:
        Refused: if it is blank or too long.
    """
    clean = " ".join(title.split())
    if not 1 <= len(clean) <= 200:
        raise Refused(
            _incomplete(
                Text("请填写标题，不超过 200 字。", "Give it a title of at most 200 characters."), "title"
            )
        )
    return clean


def not_empty(change: Change) -> None:
    """Refuse a change that changes nothing.

    Raises:
        Refused: if it has no row.
    """
    if not change.entries and not change.orphaned and not change.heirs:
        raise Refused(
            _incomplete(
                Text("请至少填写一项变更。", "State at least one change."),
                "entries",
            )
        )


def _incomplete(instead: Text, at: str) -> Refusal:
    return Refusal(
        code="application_incomplete",
        message=Text("申请没有写明要变更什么。", "The application does not say what to change."),
        instead=instead,
        at=at,
        status=422,
    )


def record(actor: Actor, application: models.Application, act: str) -> None:
    """Append the event of a move."""
    ledger.append(
        actor,
        events.ApplicationMoved(application.title, act, application.state, application.reason),
        subject_type="application",
        subject_id=application.id,
        institution_id=application.institution_id,
        division_code=application.region,
    )


def no_such() -> Refusal:
    """There is no application of this id."""
    return Refusal(
        code="no_such_application",
        message=Text("没有这份申请。", "There is no such application."),
        instead=Text("请从申请列表中选择。", "Choose one from the list."),
        status=404,
    )


def _not_now(application: models.Application) -> Refusal:
    return Refusal(
        code="application_state",
        message=Text(
            "“{title}”目前是{state}，不能这样处理。", "“{title}” is {state} and cannot be moved like this."
        ),
        instead=Text("请刷新后查看可做的操作。", "Reload to see what can be done now."),
        fields={"title": application.title, "state": STATE_NAMES[State(application.state)]},
    )
