"""The day list of a session in the order in which its patients are to be seen, with the reason for each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.residents import queries as residents
from tiercare.engines.policy import PackSet, ParameterAnswer, ParameterProblem, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused, refuse

from ..rules import refusals
from ..rules.queueing import Placed, Precedence, Waiting, in_order, known
from ..rules.vocabulary import Channel
from ..rules.waiting import Urgency
from ..workflow import State

ORDER = "queue_order"

_SESSION = """
SELECT s.institution_id, s.day, v.division_code
FROM capacity_session s
JOIN network_institutionversion v ON v.institution_id = s.institution_id AND v.period @> s.day
WHERE s.id = %(session)s
"""
# What a booking's place in the queue hangs on; of the resident only whether somebody answers for them. Acute is whom a
# clinician put on the waiting list as an emergency, before the place was offered.
_EXPECTED = """
SELECT b.id, b.resident_id, b.number, b.state, b.channel, b.quota_channel, b.booked_by, b.called_at,
       CASE WHEN b.quota_channel = 'WALK_IN' THEN b.made_at ELSE b.arrived_at END AS arrived_at,
       lower(l.during) AS starts_at, g.signed_at IS NOT NULL AS signed,
       EXISTS (SELECT FROM capacity_waiting w
               WHERE w.booking_id = b.id AND w.urgency = %(emergency)s::integer) AS acute,
       EXISTS (SELECT FROM network_membership lead
               JOIN network_consortium c ON c.id = lead.consortium_id AND c.kind = 'COUNTY_COMMUNITY'
               JOIN network_joining j ON j.child_id = c.id AND j.period @> s.day
               JOIN network_membership host ON host.consortium_id = j.parent_id AND host.period @> s.day
               WHERE lead.institution_id = b.booked_by AND lead.role = 'LEAD' AND lead.period @> s.day
                 AND host.institution_id = b.institution_id) AS partner
FROM capacity_booking b JOIN capacity_session s ON s.id = b.session_id JOIN capacity_slot l ON l.id = b.slot_id
CROSS JOIN LATERAL residents_ground_to_book(b.resident_id, b.booked_by, b.institution_id, b.source_id, s.day) g
WHERE b.session_id = %(session)s AND b.state = ANY (%(expected)s::text[])
"""
_EXPECTED_STATES = [State.BOOKED.value, State.ARRIVED.value]


@dataclass(frozen=True, slots=True)
class Entry:
    """Whose booking it is and what has happened today: when they came, and when they were last called in."""

    resident_id: UUID
    booked_by: UUID | None
    drawn: Channel
    arrived_at: datetime | None
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class Queue:
    """A session's queue on its day; ``by`` is what orders it (``None``: no document does, so time alone).

    ``entries`` says of each booking in the queue whose it is.
    """

    session_id: UUID
    day: date
    by: ParameterAnswer | None
    placed: tuple[Placed, ...]
    entries: Mapping[UUID, Entry]

    @property
    def next(self) -> UUID | None:
        """The booking to be called next: the first who is there and was not called yet."""
        return next(
            (
                each.waiting.booking_id
                for each in self.placed
                if each.waiting.present and self.entries[each.waiting.booking_id].called_at is None
            ),
            None,
        )

    def clause_of(self, precedence: Precedence) -> str:
        """The clause whose text names this class, the most local first; empty where none does: then the platform's own
        order put it there, or it is nobody's privilege."""
        answers = () if self.by is None else (self.by, *self.by.others)
        return next(
            (
                answer.clause.id
                for answer in answers
                for each in answer.clause.parameters
                if each.key != ORDER and isinstance(each.value, tuple) and precedence.value in each.value
            ),
            "",
        )


def queue(actor: Actor, *, session_id: UUID, packs: PackSet | None = None) -> Queue:
    """The patients of a session who are still to be seen, in their order; the reading is recorded.

    Raises:
        Refused: if there is no such session, or the actor's institution does not offer it.
    """
    found = nameless_queue(actor, session_id=session_id, packs=packs)
    residents.record_listed(actor, "bookings", [each.resident_id for each in found.entries.values()])
    return found


def nameless_queue(actor: Actor, *, session_id: UUID, packs: PackSet | None = None) -> Queue:
    """The same for what shows nobody: numbers on a screen, or who is called next.

    Raises:
        Refused: as ``queue``.
    """
    found = rows(_SESSION, session=session_id)
    if not found:
        raise Refused(refusals.NO_SUCH_SESSION)
    (session,) = found
    refuse(access.may(actor, Right.CAPACITY_BOOK, institution_id=session["institution_id"]))
    by = order_of(session["division_code"], on=session["day"], packs=packs)
    with scoped(actor):
        expected = rows(
            _EXPECTED, session=session_id, expected=_EXPECTED_STATES, emergency=Urgency.EMERGENCY.value
        )
    words = by.value if by is not None else ()
    assert isinstance(words, tuple)
    placed = in_order((_waiting(row) for row in expected), known(str(word) for word in words))
    return Queue(session_id, session["day"], by, tuple(placed), {row["id"]: _entry(row) for row in expected})


def order_of(division_code: str, *, on: date, packs: PackSet | None = None) -> ParameterAnswer | None:
    """Which classes come first in an area on a day, with the clause that says so; ``None`` where none does.

    Raises:
        Refused: if no pack is in force there.
    """
    pack = mandates.pack_in_force(division_code, on=on)
    try:
        return parameter(packs or mandates.packs(), ORDER, pack, on=on)
    except ParameterProblem:  # no document in force names a class
        return None


def _waiting(row: dict[str, Any]) -> Waiting:
    return Waiting(
        booking_id=row["id"],
        starts_at=row["starts_at"].astimezone(ZONE),
        number=row["number"],
        present=row["state"] == State.ARRIVED,
        channel=Channel(row["channel"]),
        acute=row["acute"],
        signed=row["signed"],
        partner=row["partner"],
    )


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        row["resident_id"],
        row["booked_by"],
        Channel(row["quota_channel"]),
        row["arrived_at"],
        row["called_at"],
    )
