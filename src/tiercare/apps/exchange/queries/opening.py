"""One request, opened: what was asked, every step, and what whoever opens it may do now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import names_of, scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import worklist_sql as sql
from ..models import Desk, Request
from ..rules import refusals
from ..rules.acting import Standing, possible
from ..rules.kinds import kind_of
from ..workflow import Act, State
from .lines import Line, lines
from .requests import parts_of, standing_of


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step, with who did it by name; nobody: time, or the platform."""

    act: Act
    source: State
    target: State
    institution_id: UUID | None
    institution: str
    who: str
    at: datetime
    code: str
    words: str
    alternative: Mapping[str, Any] | None
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A request as its page shows it. ``acts`` are what the actor may do now."""

    standing: Standing
    line: Line
    payload: Mapping[str, Any]
    basis: Mapping[str, Any]
    steps: tuple[StepRow, ...]
    acts: tuple[Act, ...]
    desk_from: Desk | None
    desk_to: Desk | None

    @property
    def report(self) -> StepRow | None:
        """The last report, if there is one."""
        return next((each for each in reversed(self.steps) if each.act is Act.REPORT), None)


def opened(actor: Actor, request_id: UUID) -> Case:
    """The request, for whoever has a part in it, or to whom it came up the line; that the resident was seen is recorded.

    Raises:
        Refused: if the actor has nothing to do with requests, or there is no such request for them.
    """
    refuse(reading_refusal(actor))
    with scoped(actor, area="" if actor.institution_id else actor.division_code or ""):
        standing = standing_of(request_id)
        parts = parts_of(actor, standing) if standing else frozenset()
        if standing is None or (not parts and actor.institution_id is None):
            raise Refused(refusals.NO_SUCH_REQUEST)
        (line,) = lines(rows(sql.ONE, request=request_id))
        residents.record_listed(actor, "request", [standing.resident_id])
        (content,) = rows(sql.CONTENT, request=request_id)
        steps = steps_of(rows(sql.STEPS, request=request_id))
    desks = {each.institution_id: each for each in Desk.objects.filter(institution_id__in=standing.houses)}
    return Case(
        standing=standing,
        line=line,
        payload=json.loads(content["payload"]),
        basis=json.loads(content["basis"]),
        steps=steps,
        acts=possible(standing, kind_of(standing.kind), parts),
        desk_from=desks.get(standing.sender),
        desk_to=desks.get(standing.receiver) if standing.receiver else None,
    )


def reading_refusal(actor: Actor) -> Refusal | None:
    """Whether the actor's role works with requests at all: sends and answers them, or sees to those that are overdue."""
    sends = may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id)
    if sends is None:
        return None
    return may(
        actor,
        Right.REQUESTS_OVERSEE,
        institution_id=actor.institution_id,
        division=actor.division_code,
    )


def of_resident(persons: Sequence[UUID], *, limit: int = 20) -> tuple[Line, ...]:
    """What was asked for one person, the latest first. Call it inside ``residents.opened`` with its ``persons``, or for
    residents about themselves."""
    return lines(rows(sql.OF_RESIDENT, persons=list(persons), limit=limit))


def own_drafts(actor: Actor, persons: Sequence[UUID]) -> tuple[Line, ...]:
    """What the actor's institution has begun to write for one person and not sent; as ``of_resident``."""
    return lines(rows(sql.OWN_DRAFTS, persons=list(persons), house=actor.institution_id))


def untouched(actor: Actor, resident_id: UUID, kind: str) -> Request | None:
    """A draft of the actor's own for this person into which nobody has written yet, not even the problem."""
    person = residents.person_of(resident_id)
    with scoped(actor):
        return Request.objects.filter(
            resident_id__in=person,
            kind=kind,
            state=State.DRAFT.value,
            from_account=actor.account_id,
            problem_code="",
            problem="",
            version=1,
            parent_id=None,
        ).first()


def steps_of(found: Sequence[dict[str, Any]]) -> tuple[StepRow, ...]:
    """Rows of ``worklist_sql.STEPS`` with names."""
    houses = {row["institution_id"] for row in found if row["institution_id"]}
    names = network.names_of_institutions(houses, on=ledger.today())
    staff = names_of({row["account_id"] for row in found if row["account_id"]})
    return tuple(
        StepRow(
            act=Act(row["act"]),
            source=State(row["source"]),
            target=State(row["target"]),
            institution_id=row["institution_id"],
            institution=names.get(row["institution_id"], ""),
            who=staff.get(row["account_id"], ""),
            at=row["at"],
            code=row["code"],
            words=row["words"],
            alternative=json.loads(row["alternative"]) if row["alternative"] else None,
            content=json.loads(row["content"]),
        )
        for row in found
    )
