"""Matters as somebody may see them, with what they may do next."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from .. import sql
from ..rules.kinds import KindId, kind_of
from ..rules.standing import NO_SUCH_MATTER, Party, Standing
from ..workflow import OPEN, Act, Side, State, Transition, steps

_PAGE = 50
_SUBMITTED_BY = """
SELECT by_id FROM evaluation_entry WHERE matter_id = %(matter)s AND act = 'submit' ORDER BY at DESC, id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list: the matter, who must see to it now, and how often it went up the line."""

    standing: Standing
    words: str
    clauses: Sequence[str]
    turn: Side | None
    escalated: int
    made_at: datetime
    made_by: str
    changed_at: datetime
    over_at: datetime | None

    @property
    def id(self) -> UUID:
        """The matter's."""
        return self.standing.id


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that was done; ``proofs`` are id, name, media type and size of its files."""

    id: UUID
    at: datetime
    act: Act
    state: State
    by: str
    side: str
    words: str
    figures: Mapping[str, Any]
    proofs: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A matter with its history, what came from it, and what whoever asks may do with it now."""

    line: Listed
    entries: Sequence[Noted]
    children: Sequence[Listed]
    steps: Sequence[Transition]
    sides: frozenset[Side]

    @property
    def standing(self) -> Standing:
        """The matter."""
        return self.line.standing


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty is everything that the actor may see."""

    kinds: Collection[KindId] = ()
    states: Collection[State] = ()
    period: str = ""
    area: str = ""
    late: bool = False
    subject: str = ""
    parent: UUID | None = None
    clause: str = ""
    due_from: date | None = None
    due_until: date | None = None


def area_of(actor: Actor) -> str:
    """Whoever acts for no institution acts for an area: a commission, or the platform for all."""
    if actor.institution_id is not None:
        return ""
    return EVERYWHERE if actor.is_system else actor.division_code or ""


def sides_of(actor: Actor, standing: Standing) -> frozenset[Side]:
    """On which sides of a matter the actor stands: those who owe it are the very institution or commission, those who
    issued it also the commissions above."""
    found = set()
    issuer, owner = standing.issuer, standing.owner
    if actor.is_system or (
        may(actor, Right.SUPERVISION_ISSUE) is None
        and may(
            actor,
            Right.SUPERVISION_ISSUE,
            division=issuer.area,
            institution_id=issuer.institution_id or _NOBODY,
        )
        is None
    ):
        found.add(Side.ISSUER)
    if may(actor, Right.SUPERVISION_ANSWER) is None and not actor.is_system:
        if owner.institution_id is not None:
            mine = actor.institution_id == owner.institution_id
        else:
            mine = actor.institution_id is None and actor.division_code == owner.area
        if mine:
            found.add(Side.OWNER)
    return frozenset(found)


def standing_of(matter_id: UUID) -> Standing | None:
    """The matter, if the wall lets it be seen; the caller stands in ``scoped``."""
    found = rows(sql.STANDING, matter=matter_id)
    return _standing(found[0], clock.today()) if found else None


def entries_of(matter_id: UUID) -> list[Noted]:
    """What was done to a matter, the oldest first; the caller stands in ``scoped``."""
    return [noted(row) for row in rows(sql.ENTRIES, matter=matter_id)]


def handed_in_by(matter_id: UUID) -> UUID | None:
    """The account that handed a matter in last; the caller stands in ``scoped``."""
    found = rows(_SUBMITTED_BY, matter=matter_id)
    account: UUID | None = found[0]["by_id"] if found else None
    return account


def matter(actor: Actor, *, matter_id: UUID) -> Shown:
    """One matter whole.

    Raises:
        Refused: if there is none for the actor.
    """
    with scoped(actor, area=area_of(actor)):
        found = rows(sql.STANDING, matter=matter_id)
        if not found or not reads(actor):
            raise Refused(NO_SUCH_MATTER)
        line = listed(found[0], clock.today())
        entries = entries_of(matter_id)
        children = _lines(Wanted(parent=matter_id), limit=500)
    sides = sides_of(actor, line.standing)
    leg = kind_of(line.standing.kind).leg
    return Shown(line, entries, children, steps(line.standing.state, leg, sides), sides)


def matters(actor: Actor, wanted: Wanted | None = None, *, page: int = 1) -> list[Listed]:
    """Matters that the actor may see, open ones first by their day; 50 a page.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    refuse(None if reads(actor) else may(actor, Right.SUPERVISION_ANSWER))
    with scoped(actor, area=area_of(actor)):
        return _lines(wanted or Wanted(), limit=_PAGE, offset=(page - 1) * _PAGE)


def waiting_for(actor: Actor) -> list[Listed]:
    """The open matters that it is the actor's turn to see to: what stands on their first page."""
    if not reads(actor):
        return []
    with scoped(actor, area=area_of(actor)):
        found = _lines(Wanted(states=OPEN), limit=500)
    return [each for each in found if each.turn in sides_of(actor, each.standing)]


def proof(actor: Actor, *, proof_id: UUID) -> tuple[str, str, bytes]:
    """A file as name, media type and content.

    Raises:
        Refused: if there is none for the actor.
    """
    with scoped(actor, area=area_of(actor)):
        found = rows("SELECT name, media, content FROM evaluation_proof WHERE id = %(proof)s", proof=proof_id)
    if not found or not reads(actor):
        raise Refused(NO_SUCH_MATTER)
    return found[0]["name"], found[0]["media"], bytes(found[0]["content"])


_NOBODY = UUID(int=0)


def reads(actor: Actor) -> bool:
    """Whether the actor has any part in supervision."""
    return any(
        may(actor, right) is None
        for right in (Right.SUPERVISION_ANSWER, Right.SUPERVISION_ISSUE, Right.EVALUATION_READ)
    )


def _lines(wanted: Wanted, *, limit: int, offset: int = 0) -> list[Listed]:
    today = clock.today()
    found = rows(
        sql.LIST,
        kinds=[each.value for each in wanted.kinds] or None,
        states=[each.value for each in wanted.states] or None,
        period=wanted.period,
        area=wanted.area,
        parent=wanted.parent,
        late=today if wanted.late else None,
        subject=wanted.subject,
        clause=wanted.clause,
        due_from=wanted.due_from,
        due_until=wanted.due_until,
        limit=limit,
        offset=offset,
    )
    return [listed(row, today) for row in found]


def listed(row: Mapping[str, Any], today: date) -> Listed:
    """A row of ``evaluation_matter`` with ``open_children``."""
    return Listed(
        _standing(row, today),
        row["words"],
        row["clauses"],
        Side(row["turn"]) if row["turn"] else None,
        row["escalated"],
        row["made_at"],
        row["made_by_name"],
        row["changed_at"],
        row["over_at"],
    )


def _standing(row: Mapping[str, Any], today: date) -> Standing:
    return Standing(
        id=row["id"],
        kind=row["kind"],
        state=State(row["state"]),
        title=row["title"],
        pack=row["pack"],
        period=row["period"],
        issuer=Party(row["issuer_area"], row["issuer_institution"]),
        owner=Party(row["owner_area"], row["owner_institution"]),
        due_on=row["due_on"],
        first_due_on=row["first_due_on"],
        subject_type=row["subject_type"],
        subject_key=row["subject_key"],
        subject_name=row["subject_name"],
        parent_id=row["parent_id"],
        open_children=row["open_children"],
        payload=as_json(row["payload"]),
        result=as_json(row["result"]),
        version=row["version"],
        today=today,
    )


def as_json(value: Any) -> Any:
    """Django's connection hands ``jsonb`` over as text."""
    return json.loads(value) if isinstance(value, str) else value


def noted(row: Mapping[str, Any]) -> Noted:
    """A row of ``sql.ENTRIES``."""
    return Noted(
        row["id"],
        row["at"],
        Act(row["act"]),
        State(row["state"]),
        row["by_name"],
        row["by_side"],
        row["words"],
        as_json(row["figures"]),
        row["proofs"],
    )
