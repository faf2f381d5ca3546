"""Proposals to refer down: those that nobody has answered, the answers by what they are about, and how many were taken up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import refuse

from ..rules.asked import Ground, PromptAnswer

_OPEN = """
SELECT id, resident_id, source_id, code, name, shown_at FROM records_downprompt
WHERE institution_id = %(institution)s AND ground = 'visit' AND answer = ''
  AND (%(persons)s::uuid[] IS NULL OR resident_id = ANY (%(persons)s::uuid[]))
ORDER BY shown_at DESC, id DESC LIMIT %(limit)s
"""
_AT = """
SELECT id, resident_id, source_id, code, name, shown_at FROM records_downprompt
WHERE institution_id = %(institution)s AND ground = 'visit' AND answer = '' AND source_id = ANY (%(visits)s::uuid[])
"""
_ANSWERS = """
SELECT source_id, answer FROM records_downprompt
WHERE institution_id = %(institution)s AND ground = %(ground)s AND source_id = ANY (%(sources)s::uuid[])
"""
_COUNTED = """
SELECT shown, taken, declined FROM records_prompted(ARRAY[%(institution)s::uuid], %(since)s, %(until)s)
WHERE ground = 'visit'
"""
_MOST = 100


@dataclass(frozen=True, slots=True)
class Prompt:
    """A proposal at the end of a visit (``source_id``) that nobody has answered."""

    id: UUID
    resident_id: UUID
    source_id: UUID
    code: str
    name: str
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class Prompted:
    """How often the proposal was shown in a period, and what became of it; ``rate`` is taken of shown, ``None`` where none was
    shown."""

    first: date
    last: date
    shown: int
    taken: int
    declined: int

    @property
    def rate(self) -> float | None:
        """The share that was taken up."""
        return self.taken / self.shown if self.shown else None


def open_prompts(actor: Actor, *, resident_id: UUID | None = None) -> list[Prompt]:
    """The open proposals of the actor's institution, of one resident or of all, the latest first; the reading is recorded.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    with scoped(actor):
        persons = None if resident_id is None else list(residents.person_of(resident_id))
        found = rows(_OPEN, institution=actor.institution_id, persons=persons, limit=_MOST)
        residents.record_listed(actor, "going_down", [row["resident_id"] for row in found])
    return [Prompt(**row) for row in found]


def prompts_at(actor: Actor, visits: Collection[UUID]) -> list[Prompt]:
    """The open proposals at these visits, of which the actor's institution has some; none for whoever may not answer them.
    The caller shows the visits themselves, and that reading is recorded."""
    if not visits or access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id):
        return []
    with scoped(actor):
        return [Prompt(**row) for row in rows(_AT, institution=actor.institution_id, visits=list(visits))]


def prompt_answers(actor: Actor, ground: Ground, sources: Collection[UUID]) -> Mapping[UUID, PromptAnswer]:
    """What was answered to the proposals about these visits or cases; those that have none are left out."""
    with scoped(actor):
        found = rows(_ANSWERS, institution=actor.institution_id, ground=ground.value, sources=list(sources))
    return {row["source_id"]: PromptAnswer(row["answer"]) for row in found}


def prompted(actor: Actor, *, first: date, last: date) -> Prompted:
    """Of the visits of the actor's institution from the first to the last day (both count): shown, taken up, declined.

    Raises:
        Refused: without the right.
    """
    refuse(access.may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id))
    found = rows(
        _COUNTED,
        institution=actor.institution_id,
        since=datetime.combine(first, time.min, ZONE),
        until=datetime.combine(min(last, ledger_queries.today()) + timedelta(days=1), time.min, ZONE),
    )
    row = found[0] if found else {"shown": 0, "taken": 0, "declined": 0}
    return Prompted(first, last, row["shown"], row["taken"], row["declined"])
