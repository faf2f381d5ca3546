"""Applications as rows, and one of them in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.reading import area_names, institution_names
from tiercare.apps.network.workflow import (
    ACT_NAMES,
    STATE_NAMES,
    TRANSITIONS,
    Act,
    State,
    Transition,
    refusal,
)
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web.pages import said, told

from .choices import Choices

FILTERS = ("state", "kind", "q")
KINDS: Mapping[str, str] = {
    "form_consortium": gettext_noop("组建新的医联体"),
    "join_community": gettext_noop("医共体整体加入医联体"),
}
# A state in the colours of cards; the word is its own.
TAGS: Mapping[State, tuple[str, str]] = {
    State.SUBMITTED: ("at_risk", "calendar"),
    State.APPROVED: ("met", "check"),
    State.RETURNED: ("missed", "undo"),
    State.WITHDRAWN: ("not_applicable", "minus"),
}


@dataclass(frozen=True, slots=True)
class StateView:
    """A state with its name, and the tag's colour and icon."""

    code: str
    name: str
    tag: str
    icon: str


@dataclass(frozen=True, slots=True)
class Row:
    """An application in the list."""

    id: UUID
    title: str
    kind: str
    kind_name: str
    applicant: str
    institution: str
    submitted_at: datetime
    state: StateView
    decided_by: str
    decided_at: datetime | None


def state_view(state: str) -> StateView:
    """How a state is shown."""
    known = State(state)
    return StateView(known.value, said(STATE_NAMES[known]), *TAGS[known])


def rows(found: Sequence[Any], *, on: date) -> list[Row]:
    """Each with the institution that applied, as it is called on the day."""
    names = institution_names({a.institution_id for a in found if a.institution_id}, on=on)
    return [
        Row(
            id=a.id,
            title=a.title,
            kind=a.kind,
            kind_name=gettext(KINDS[a.kind]),
            applicant=a.applicant_name,
            institution=names.get(a.institution_id, ""),
            submitted_at=a.submitted_at,
            state=state_view(a.state),
            decided_by=a.decided_by,
            decided_at=a.decided_at,
        )
        for a in found
    ]


def fitting(found: Sequence[Row], wanted: Mapping[str, str]) -> list[Row]:
    """Rows that fit every filter; an unknown value simply fits nothing."""
    text = wanted.get("q", "").strip().lower()
    return [
        row
        for row in found
        if wanted.get("state") in ("", None, row.state.code)
        and wanted.get("kind") in ("", None, row.kind)
        and (not text or text in f"{row.title} {row.applicant} {row.institution} {row.decided_by}".lower())
    ]


def counts(found: Sequence[Row]) -> list[tuple[StateView, int]]:
    """How many stand where; those that wait for a decision first."""
    counted = Counter(row.state.code for row in found)
    return [(state_view(state), counted[state]) for state in State]


def proposal(application: Any) -> dict[str, Any]:
    """What is proposed, in names as of the day from which it is to hold."""
    payload = application.payload
    on = date.fromisoformat(payload["start"])
    if application.kind == "join_community":
        names = {name: _consortium_name(payload[f"{name}_id"], on) for name in ("child", "parent")}
        links = {f"{name}_id": payload[f"{name}_id"] for name in ("child", "parent")}
        return {"start": on, **names, **links}
    member_ids = payload.get("member_ids", [])
    names_by_id = institution_names([UUID(payload["lead_id"]), *map(UUID, member_ids)], on=on)
    unknown = gettext("（登记中没有的机构）")
    areas = area_names(on=on)
    return {
        "start": on,
        "name": payload["name"],
        "kind": payload["kind"],
        "area": areas.get(payload["division_code"], payload["division_code"]),
        "specialty": terms.specialty_names(on=on).get(payload.get("specialty_code", ""), ""),
        "lead": names_by_id.get(UUID(payload["lead_id"]), unknown),
        "members": [names_by_id.get(UUID(key), unknown) for key in member_ids],
    }


def _consortium_name(key: str, on: date) -> str:
    try:
        return network.consortium_row(UUID(key), on=on).name
    except Refused:
        return gettext("（当日不存在的医联体）")


def result(application: Any) -> dict[str, Any] | None:
    """The consortium that an approval made or changed, to be opened on the day it holds from."""
    if application.state != State.APPROVED:
        return None
    on = date.fromisoformat(application.payload["start"])
    if application.kind == "join_community":
        return {"id": application.payload["child_id"], "on": on.isoformat()}
    slug = application.payload["slug"]
    rows_then = network.consortium_rows(application.region, on=on)
    made = next((row.id for row in rows_then if row.slug == slug), None)
    return {"id": made, "on": on.isoformat()} if made else None


def acts(application: Any, actor: Actor) -> dict[str, dict[str, Any]]:
    """What the table allows from here, each with its name and why this person may not, if so."""
    return {
        row.act.value: {
            "name": said(ACT_NAMES[row.act]),
            "why_not": told(why) if (why := _why_not(row, application, actor)) else None,
        }
        for row in TRANSITIONS
        if row.source == application.state
    }


def _why_not(row: Transition, application: Any, actor: Actor) -> Refusal | None:
    return refusal(
        row,
        actor,
        division=application.decided_by_division,
        institution_id=application.institution_id,
        applicant_id=application.applicant_id,
        applicant_name=application.applicant_name,
    )


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


def first_values(kind: str, choices: Choices, actor: Actor) -> dict[str, Any]:
    """What the server can fill in: the own hospital as lead, its area, its community, the page's day."""
    own = choices.institutions.get(str(actor.institution_id))
    start = choices.frame.on.isoformat()
    if kind == "join_community":
        led = (str(r.id) for r in choices.consortia if r.lead_id and r.lead_id == actor.institution_id)
        communities = dict(choices.communities)
        return {"start": start, "child": next((key for key in led if key in communities), "")}
    return {
        "start": start,
        "lead": own.label if own else "",
        "division": own.division_code if own else "",
        "members": [],
    }


def typed_before(application: Any, choices: Choices) -> dict[str, Any]:
    """A returned application as the form shows it."""
    payload = application.payload
    if application.kind == "join_community":
        joining = {"child": payload["child_id"], "parent": payload["parent_id"], "start": payload["start"]}
        return {"title": application.title, **joining}
    lead = choices.institutions.get(payload["lead_id"])
    return {
        "title": application.title,
        "name": payload["name"],
        "kind": payload["kind"],
        "division": payload["division_code"],
        "specialty": payload.get("specialty_code", ""),
        "lead": lead.label if lead else "",
        "members": list(payload.get("member_ids", [])),
        "start": payload["start"],
    }
