"""Papers: agreements from the draft over the last signature to renewal or end, their obligations, charters, seats
in councils, and the plans of governments."""

from .charters import adopt_charter
from .council import leave_seat, take_seat
from .drafting import draft_agreement, renew_agreement
from .editing import (
    add_obligation,
    add_party,
    change_draft,
    discard_draft,
    remove_obligation,
    remove_party,
    write_sections,
)
from .obligations import meet_obligation
from .plans import Stage, meet_milestone, record_plan
from .shared import Owed
from .signing import end_agreement, sign_agreement, sign_for_party, withdraw_signature

__all__ = [
    "Owed",
    "Stage",
    "add_obligation",
    "add_party",
    "adopt_charter",
    "change_draft",
    "discard_draft",
    "draft_agreement",
    "end_agreement",
    "leave_seat",
    "meet_milestone",
    "meet_obligation",
    "record_plan",
    "remove_obligation",
    "remove_party",
    "renew_agreement",
    "sign_agreement",
    "sign_for_party",
    "take_seat",
    "withdraw_signature",
    "write_sections",
]
