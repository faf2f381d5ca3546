"""What can be asked about places."""

from __future__ import annotations

from .bookings import BookingRow, made_by, own_booking
from .drift import Drift, drift
from .places import Place, of_day, others
from .proof import Proof, proof
from .proof_answers import as_json, as_workbook
from .queue import Queue, queue
from .search import Hit, first_places
from .standing import standing

__all__ = [
    "BookingRow",
    "Drift",
    "Hit",
    "Place",
    "Proof",
    "Queue",
    "as_json",
    "as_workbook",
    "drift",
    "first_places",
    "made_by",
    "of_day",
    "others",
    "own_booking",
    "proof",
    "queue",
    "standing",
]
