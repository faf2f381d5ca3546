"""Requests as the resident whom they are about, or their guardian, sees them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import worklist_sql as sql
from ..models import Desk
from ..rules import refusals
from .lines import Line, lines
from .opening import StepRow, of_resident, steps_of


@dataclass(frozen=True, slots=True)
class Mine:
    """One request with its steps, and who answers for it on either side."""

    line: Line
    steps: tuple[StepRow, ...]
    desk_from: Desk | None
    desk_to: Desk | None


def mine(actor: Actor, resident_id: UUID, *, limit: int = 50) -> tuple[Line, ...]:
    """What was sent for the resident who asks, or for a ward of theirs, the latest first; recorded as their reading.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    with residents.opened(actor, resident_id, what="requests") as ground:
        return of_resident(ground.persons, limit=limit)


def my_request(actor: Actor, resident_id: UUID, request_id: UUID) -> Mine:
    """One of them with its steps; that it was looked for is recorded as their reading, whether there is one or not.

    Raises:
        Refused: if it is neither the person nor their guardian, or there is no such request of theirs.
    """
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))
    with residents.opened(actor, resident_id, what="request") as ground:
        found = [row for row in rows(sql.ONE, request=request_id) if row["resident_id"] in ground.persons]
        shown = lines(found)
        steps = steps_of(rows(sql.STEPS, request=request_id)) if found else ()
    if not shown:
        raise Refused(refusals.NO_SUCH_REQUEST)
    line = shown[0]
    sides = [each for each in (line.sender, line.receiver) if each is not None]
    desks = {each.institution_id: each for each in Desk.objects.filter(institution_id__in=sides)}
    return Mine(line, steps, desks.get(line.sender), desks.get(line.receiver) if line.receiver else None)
