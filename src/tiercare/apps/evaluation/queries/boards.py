"""Lists of matters as people work through them: what is mine to do, what I gave to others, what is late or went up the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.kinds import KindId
from ..rules.standing import Party
from .matters import Listed, area_of, listed, reads
from .oversight import party_for

PAGE = 50


class Box(StrEnum):
    """Which of the matters."""

    MINE = "mine"
    ISSUED = "issued"
    LATE = "late"
    RAISED = "raised"
    ALL = "all"
    OVER = "over"


# Supervision's own kinds; assessments and bulletins have pages of their own.
KINDS = (
    KindId.INSPECTION,
    KindId.RECTIFICATION,
    KindId.GOAL,
    KindId.REPORT,
    KindId.ALERT,
    KindId.PROJECT,
)

# An institution is itself wherever it lies; who acts for none is the commission of their area.
_LIST = """
WITH side AS (
    SELECT m.id,
        CASE WHEN %(house)s::uuid IS NULL THEN m.owner_institution IS NULL AND m.owner_area = %(area)s
            ELSE m.owner_institution = %(house)s::uuid END AS owned,
        CASE WHEN %(house)s::uuid IS NULL THEN m.issuer_institution IS NULL AND m.issuer_area = %(area)s
            ELSE m.issuer_institution = %(house)s::uuid END AS issued
    FROM evaluation_matter m WHERE m.kind = ANY (%(kinds)s::text[])
)
SELECT m.*, (SELECT count(*) FROM evaluation_matter c WHERE c.parent_id = m.id AND c.turn <> '') AS open_children
FROM evaluation_matter m JOIN side USING (id)
WHERE CASE %(box)s::text
    WHEN 'mine' THEN m.turn = 'owner' AND side.owned OR m.turn = 'issuer' AND side.issued
    WHEN 'issued' THEN m.turn <> '' AND side.issued AND side.owned IS NOT TRUE
    WHEN 'late' THEN m.turn <> '' AND m.due_on < %(today)s::date
    WHEN 'raised' THEN m.turn <> '' AND m.escalated > 0
    WHEN 'all' THEN m.turn <> ''
    ELSE m.turn = '' END
  AND (%(period)s = '' OR m.period = %(period)s)
  AND (%(text)s = '' OR strpos(lower(m.title || ' ' || m.subject_name), lower(%(text)s)) > 0)
  AND (%(clause)s = '' OR %(clause)s = ANY (m.clauses))
  AND (%(subject)s = '' OR m.subject_type || ':' || m.subject_key = %(subject)s)
ORDER BY m.over_at DESC NULLS FIRST, m.due_on, m.made_at, m.id LIMIT %(limit)s OFFSET %(offset)s
"""
_COUNT = """
WITH fit AS (
    SELECT m.turn, m.due_on, m.escalated,
        CASE WHEN %(house)s::uuid IS NULL THEN m.owner_institution IS NULL AND m.owner_area = %(area)s
            ELSE m.owner_institution = %(house)s::uuid END AS owned,
        CASE WHEN %(house)s::uuid IS NULL THEN m.issuer_institution IS NULL AND m.issuer_area = %(area)s
            ELSE m.issuer_institution = %(house)s::uuid END AS issued
    FROM evaluation_matter m WHERE m.kind = ANY (%(kinds)s::text[])
      AND (%(period)s = '' OR m.period = %(period)s)
      AND (%(text)s = '' OR strpos(lower(m.title || ' ' || m.subject_name), lower(%(text)s)) > 0)
      AND (%(clause)s = '' OR %(clause)s = ANY (m.clauses))
      AND (%(subject)s = '' OR m.subject_type || ':' || m.subject_key = %(subject)s)
)
SELECT count(*) FILTER (WHERE turn = 'owner' AND owned OR turn = 'issuer' AND issued) AS mine,
    count(*) FILTER (WHERE (turn = 'owner' AND owned OR turn = 'issuer' AND issued) AND due_on < %(today)s::date) AS mine_late,
    count(*) FILTER (WHERE turn <> '' AND issued AND owned IS NOT TRUE) AS issued,
    count(*) FILTER (WHERE turn <> '' AND due_on < %(today)s::date) AS late,
    count(*) FILTER (WHERE turn <> '' AND escalated > 0) AS raised,
    count(*) FILTER (WHERE turn <> '') AS all,
    count(*) FILTER (WHERE turn = '') AS over
FROM fit
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to; ``subject`` as ``institution:key``."""

    box: Box = Box.MINE
    kind: str = ""
    period: str = ""
    text: str = ""
    clause: str = ""
    subject: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Board:
    """A page of matters, and how many each box holds of those that fit."""

    lines: list[Listed]
    counts: Mapping[Box, int]
    more: bool
    mine: Party = field(default=Party(""))


def board(actor: Actor, asked: Asked) -> Board:
    """The matters of a box that the actor may see.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    refuse(None if reads(actor) else may(actor, Right.SUPERVISION_ANSWER))
    today = clock.today()
    mine = party_for(actor, on=today)
    given = _given(asked, mine, today)
    with scoped(actor, area=area_of(actor)):
        offset = (max(asked.page, 1) - 1) * PAGE
        found = rows(_LIST, box=asked.box.value, limit=PAGE + 1, offset=offset, **given)
        (counts,) = rows(_COUNT, **given)
    lines = [listed(row, today) for row in found]
    return Board(lines[:PAGE], {box: counts[box.value] for box in Box}, len(lines) > PAGE, mine)


def waiting(actor: Actor) -> tuple[int, int]:
    """How many matters are the actor's turn, and how many of them are late."""
    if not reads(actor):
        return 0, 0
    today = clock.today()
    given = _given(Asked(), party_for(actor, on=today), today)
    with scoped(actor, area=area_of(actor)):
        (found,) = rows(_COUNT, **given)
    return found["mine"], found["mine_late"]


def of_kind(
    actor: Actor, kind: KindId, *, period: str = "", prefix: str = "", topic: str = ""
) -> list[Listed]:
    """Every matter of a kind that the actor may see: of a period, of periods that begin so, of a report's topic.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    refuse(None if reads(actor) else may(actor, Right.SUPERVISION_ANSWER))
    today = clock.today()
    with scoped(actor, area=area_of(actor)):
        found = rows(_OF_KIND, kind=kind.value, period=period, prefix=prefix, topic=topic)
    return [listed(row, today) for row in found]


_OF_KIND = """
SELECT m.*, (SELECT count(*) FROM evaluation_matter c WHERE c.parent_id = m.id AND c.turn <> '') AS open_children
FROM evaluation_matter m
WHERE m.kind = %(kind)s AND m.state <> 'WITHDRAWN' AND (%(period)s = '' OR m.period = %(period)s)
  AND starts_with(m.period, %(prefix)s) AND (%(topic)s = '' OR m.payload ->> 'topic' = %(topic)s)
ORDER BY m.due_on, m.title, m.made_at, m.id LIMIT 3000
"""


def _given(asked: Asked, mine: Party, today: date) -> dict[str, Any]:
    kinds = [each for each in KINDS if asked.kind in ("", each.value)]
    house: UUID | None = mine.institution_id
    return {
        "kinds": [each.value for each in kinds],
        "period": asked.period,
        "text": asked.text,
        "clause": asked.clause,
        "subject": asked.subject,
        "area": mine.area,
        "house": house,
        "today": today,
    }
