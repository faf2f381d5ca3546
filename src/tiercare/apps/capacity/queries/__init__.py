"""What can be asked about places."""

from __future__ import annotations

from .bookings import BookingRow, made_by, own_booking
from .daylist import DaySession, Done, day_mark, day_session, day_sessions, done_of, slots_ahead
from .drift import Drift, drift
from .fact_rows import fact_bookings, fact_quotas, months_booked, months_of_sessions, place_at
from .kept import CardOver, cards_over
from .places import Place, of_day, others, others_lately
from .proof import Months, Proof, months, offering, proof
from .proof_answers import as_json, as_workbook
from .proposals import Proposal, proposed_shares
from .queue import Queue, nameless_queue, queue
from .search import Hit, first_places
from .standing import standing
from .waits import Waits, waits

__all__ = [
    "BookingRow",
    "CardOver",
    "DaySession",
    "Done",
    "Drift",
    "Hit",
    "Months",
    "Place",
    "Proof",
    "Proposal",
    "Queue",
    "Waits",
    "as_json",
    "as_workbook",
    "cards_over",
    "day_mark",
    "day_session",
    "day_sessions",
    "done_of",
    "drift",
    "fact_bookings",
    "fact_quotas",
    "first_places",
    "made_by",
    "months",
    "months_booked",
    "months_of_sessions",
    "nameless_queue",
    "of_day",
    "offering",
    "others",
    "others_lately",
    "own_booking",
    "place_at",
    "proof",
    "proposed_shares",
    "queue",
    "slots_ahead",
    "standing",
    "waits",
]
