"""What is done to requests."""

from .alarming import raise_unheard
from .amending import Content, amend, supplement
from .drafting import draft
from .escalating import escalate_overdue
from .following import follow_booking, follow_death
from .offices import assign, keep_desk, stand_in
from .placing import drop_place, hold_place
from .telling import see_notices, tell_of_filing
from .turning import Turned, receive, turn
from .warning import warn_of_record

__all__ = [
    "Content",
    "Turned",
    "amend",
    "assign",
    "draft",
    "drop_place",
    "escalate_overdue",
    "follow_booking",
    "follow_death",
    "hold_place",
    "keep_desk",
    "raise_unheard",
    "receive",
    "see_notices",
    "stand_in",
    "supplement",
    "tell_of_filing",
    "turn",
    "warn_of_record",
]
