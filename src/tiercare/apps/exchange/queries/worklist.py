"""The worklists of an institution, and what its people were told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from .. import worklist_sql as sql
from ..rules.kinds import Urgency
from ..workflow import OVER, State
from .lines import Line, lines

_NUMBERED = "SELECT id FROM exchange_request WHERE number = %(number)s"
# More people than an office has open requests; a search beyond asks for the number.
_MOST = 2000


class Box(StrEnum):
    """Which requests: that came in, that went out, that are the actor's to see to, that came up the line to them."""

    IN = "in"
    OUT = "out"
    MINE = "mine"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Worklist:
    """A page of a box. ``counts`` are of all its open requests: by state, and ``open``, ``overdue``, ``unheard``."""

    rows: tuple[Line, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What somebody was told; ``other`` is the other side of the request by name."""

    id: UUID
    request_id: UUID
    number: str
    kind: str
    problem: str
    about: str
    at: datetime
    seen_at: datetime | None
    urgency: Urgency
    state: State
    due_at: datetime | None
    other: str


def worklist(
    actor: Actor,
    *,
    box: Box,
    states: Collection[State] = (),
    kinds: Collection[str] = (),
    urgency: Urgency | None = None,
    overdue: bool = False,
    unheard: bool = False,
    department: UUID | None = None,
    text: str = "",
    page: int = 1,
    per_page: int = 20,
) -> Worklist:
    """A page of the box: what is open by urgency and time; where ``states`` ask for what is over, the latest first.

    ``text`` is the number of a request, or a name in characters, pinyin or initials, among those that are open. The
    reading is recorded.

    Raises:
        Refused: if the actor has nothing to do with requests.
    """
    _allowed(actor, box)
    values: dict[str, object] = {
        "house": actor.institution_id,
        "account": actor.account_id,
        "area": "" if actor.institution_id else actor.division_code or "",
    }
    # An institution sees what it has a part in; a commission the requests of its area that came up to it.
    with scoped(actor, area="" if actor.institution_id else actor.division_code or ""):
        counts: dict[str, int] = {"open": 0, "overdue": 0, "unheard": 0}
        for row in rows(sql.COUNTS[box], **values):
            counts[row["state"]] = row["units"]
            counts["open"] += row["units"]
            counts["overdue"] += row["overdue"]
            counts["unheard"] += row["unheard"]
        number, persons = _asked(text.strip(), box, values)
        statement = sql.ALL_LISTS if OVER & set(states) or number else sql.OPEN_LISTS
        found = rows(
            statement[box],
            **values,
            states=sorted(states),
            kinds=sorted(kinds),
            urgency=urgency,
            overdue=overdue,
            unheard=unheard,
            department=department,
            number=number,
            residents=persons,
            limit=per_page,
            skipped=(page - 1) * per_page,
        )
        residents.record_listed(actor, "requests", [row["resident_id"] for row in found])
        return Worklist(lines(found), counts)


def notices(actor: Actor, *, unseen_only: bool = False, limit: int = 50) -> tuple[NoticeRow, ...]:
    """What the actor and their office were told of requests, the latest first.

    Raises:
        Refused: if the actor has nothing to do with requests.
    """
    _allowed(actor, Box.IN)
    with scoped(actor):
        found = rows(
            sql.NOTICES,
            house=actor.institution_id,
            account=actor.account_id,
            unseen=unseen_only,
            limit=limit,
        )
    names = network.names_of_institutions([row["other"] for row in found if row["other"]], on=ledger.today())
    return tuple(
        NoticeRow(
            **{
                **row,
                "urgency": Urgency(row["urgency"]),
                "state": State(row["state"]),
                "other": names.get(row["other"], ""),
            }
        )
        for row in found
    )


@dataclass(frozen=True, slots=True)
class Bell:
    """``unseen``: how much of what the actor and their office were told nobody has seen; ``alerts``: how many answers of a
    follow-up beyond the limits their institution has to handle and has not."""

    unseen: int = 0
    alerts: int = 0

    @property
    def all(self) -> int:
        """What the bell counts."""
        return self.unseen + self.alerts


def bell(actor: Actor) -> Bell:
    """What waits for the actor and their office; nothing for whoever has no inbox. Nobody is shown by it."""
    if actor.institution_id is None or may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id):
        return Bell()
    alerts = may(actor, Right.RECORDS_WRITE, institution_id=actor.institution_id) is None
    with scoped(actor):
        (row,) = rows(sql.BELL, house=actor.institution_id, account=actor.account_id, alerts=alerts)
    return Bell(**row)


def _allowed(actor: Actor, box: Box) -> None:
    right = Right.REQUESTS_OVERSEE if box is Box.ESCALATED else Right.REQUESTS_SEND
    refuse(may(actor, right, institution_id=actor.institution_id, division=actor.division_code))


def _asked(text: str, box: Box, values: dict[str, object]) -> tuple[str, list[UUID] | None]:
    """The number that was asked for, or the people whose name was."""
    if not text:
        return "", None
    if len(text) == 10 and text.isalnum() and text.isascii() and _is_number(text.upper()):
        return text.upper(), None
    known = [row["resident_id"] for row in rows(sql.PERSONS[box], **values, most=_MOST)]
    return "", sorted(residents.named_like(known, text)) if known else []


def _is_number(text: str) -> bool:
    """Ten letters may be a number that has no digit, or somebody's name in pinyin: then it counts whether there is one."""
    return any(each.isdigit() for each in text) or bool(rows(_NUMBERED, number=text))
