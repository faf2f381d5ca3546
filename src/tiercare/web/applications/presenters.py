"""Applications as rows, and one of them in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries.drafts import row_changes
from tiercare.apps.network.queries.reading import institution_names
from tiercare.apps.network.queries.worklist import Listed, waits_for
from tiercare.apps.network.rules.drafting import CHANGE_KIND_NAMES, Change, ChangeKind
from tiercare.apps.network.rules.entries import Entry
from tiercare.apps.network.rules.histories import Outcome
from tiercare.apps.network.rules.registers import Op
from tiercare.apps.network.rules.sentences import RowChange
from tiercare.apps.network.workflow import ACT_NAMES, STATE_NAMES, TRANSITIONS, UNDO, Act, State
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal
from tiercare.web.changes.catalogue import FORMS
from tiercare.web.changes.looking import RowView, rows_in_words
from tiercare.web.pages import said, told

FILTERS = ("state", "kind", "q")
# A state in the colours of cards; the word is its own.
TAGS: Mapping[State, tuple[str, str]] = {
    State.DRAFT: ("not_applicable", "edit"),
    State.SUBMITTED: ("at_risk", "calendar"),
    State.APPROVED: ("met", "check"),
    State.RETURNED: ("missed", "undo"),
    State.WITHDRAWN: ("not_applicable", "minus"),
    State.APPLIED: ("met", "check"),
}
_DONE = (State.APPROVED, State.APPLIED)
_DECIDES = (Act.APPROVE, Act.APPLY)


@dataclass(frozen=True, slots=True)
class StateView:
    """A state with its name, and the tag's colour and icon."""

    code: str
    name: str
    tag: str
    icon: str


@dataclass(frozen=True, slots=True)
class Row:
    """An application in the list; ``waits`` for the one who looks."""

    id: UUID
    title: str
    kind: str
    kind_name: str
    applicant: str
    institution: str
    moved_at: datetime | None
    starts_on: date | None
    state: StateView
    decided_by: str
    decided_at: datetime | None
    waits: bool
    mine: bool


def state_view(state: str) -> StateView:
    """How a state is shown."""
    known = State(state)
    return StateView(known.value, said(STATE_NAMES[known]), *TAGS[known])


def rows(found: Sequence[Any], actor: Actor, *, on: date) -> list[Row]:
    """Each with the institution that applied, as it is called on the day."""
    names = institution_names({a.institution_id for a in found if a.institution_id}, on=on)
    return [
        Row(
            id=a.id,
            title=a.title,
            kind=a.kind,
            kind_name=kind_name(a.kind),
            applicant=a.applicant_name,
            institution=names.get(a.institution_id, ""),
            moved_at=a.submitted_at or a.drafted_at,
            starts_on=a.starts_on,
            state=state_view(a.state),
            decided_by=a.decided_by,
            decided_at=a.decided_at,
            waits=waits_for(actor, a),
            mine=a.applicant_id == actor.account_id,
        )
        for a in found
    ]


def kind_name(kind: str) -> str:
    """What a kind of change is called."""
    known = {k.value: k for k in ChangeKind}.get(kind, ChangeKind.SEVERAL)
    return said(CHANGE_KIND_NAMES[known])


def kinds() -> list[tuple[str, str]]:
    """All kinds with their names."""
    return [(kind.value, said(name)) for kind, name in CHANGE_KIND_NAMES.items()]


def counts(listed: Listed) -> list[tuple[StateView, int]]:
    """How many stand where."""
    return [(state_view(state), listed.counts.get(state, 0)) for state in State]


def changed_rows(application: Any, change: Change) -> Sequence[RowChange]:
    """What each row does; of what took effect against what stood before it, which its inverse tells."""
    if application.state in _DONE and application.inverse:
        return _as_done(change, Change.read(application.inverse))
    return row_changes(change.entries)


def proposal(application: Any, change: Change, changed: Sequence[RowChange]) -> tuple[RowView, ...]:
    """The rows in words."""
    return rows_in_words(changed, change, application.starts_on)


def _as_done(change: Change, inverse: Change) -> list[RowChange]:
    before: dict[tuple[str, tuple[Any, ...]], Entry] = {
        (e.register, e.identity): e for e in inverse.entries if e.op is Op.PUT
    }
    done = []
    for entry in change.entries:
        was = before.get((entry.register, entry.identity))
        end = entry.day("to")
        if entry.op is Op.VOID:
            done.append(RowChange(entry, Outcome.VOIDED, entry.start, entry, None))
        elif end is not None and was is not None and was.day("to") != end:
            done.append(RowChange(entry, Outcome.CHANGED, end, was, None))
        else:
            done.append(RowChange(entry, Outcome.CHANGED, entry.start, was, entry))
    return done


def acts(
    application: Any, changed: Sequence[RowChange], actor: Actor, missing: Sequence[Refusal] = ()
) -> list[dict[str, Any]]:
    """What can be done from here, each with its name and why this person may not, if so; ``missing`` has to be on record before a
    decision."""
    approval = drafts.approval_of(application, changed) if application.state == State.DRAFT else None
    first = missing[0] if missing else None
    found = [
        _button(
            row.act.value,
            drafts.why_not(actor, application, row.act, approval) or (first if row.act in _DECIDES else None),
        )
        for row in TRANSITIONS
        if row.source == application.state
    ]
    mending = Act.DISCARD if application.state == State.DRAFT else Act.RESUBMIT
    if application.state in (State.DRAFT, State.RETURNED) and _has_form(application):
        why = drafts.why_not(actor, application, mending)
        if application.state == State.DRAFT and why is None:
            found.insert(0, {"act": "change", "name": said(ACT_NAMES["change"]), "why_not": None})
    elif application.state == State.RETURNED:
        found = [button for button in found if button["act"] != Act.RESUBMIT]
    if application.state in _DONE and application.inverse is not None:
        found.append(_button(UNDO, drafts.may_propose(actor, application.region)))
    return found


def _has_form(application: Any) -> bool:
    return application.payload.get("form", {}).get("act") in FORMS


def _button(act: str, why: Any) -> dict[str, Any]:
    return {"act": act, "name": said(ACT_NAMES[act]), "why_not": told(why) if why else None}


def history(application_id: UUID) -> list[dict[str, Any]]:
    """Its events, the first one first."""
    found = ledger.events(kind="network.application_moved", subject_id=application_id, limit=200)
    return [
        {
            "at": event.at,
            "act": said(ACT_NAMES[event.payload["act"]]),
            "actor": event.actor_name,
            # The application keeps the reason while it is mended; only a return gave it.
            "reason": event.payload["reason"] if event.payload["act"] == Act.RETURN else "",
        }
        for event in reversed(found)
    ]
