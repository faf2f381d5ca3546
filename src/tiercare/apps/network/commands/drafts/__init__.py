"""Sets of changes on their way: drafted, looked at, submitted, decided, put into effect, undone.

A draft may be wrong: it is kept as it is, and what is wrong with it is said whenever it is looked at. It takes
effect as a whole or not at all, and whatever refuses it leaves it where it is.
"""

from .deciding import apply_changes, apply_draft, approve_application, return_application
from .drafting import (
    change_draft,
    discard_draft,
    draft_changes,
    propose_changes,
    resubmit_application,
    submit_draft,
    undo_application,
    withdraw_application,
)
from .examining import Alternative, Examined, alternatives, examine, proposed
from .shared import approval_of, may_propose, why_not

__all__ = [
    "Alternative",
    "Examined",
    "alternatives",
    "apply_changes",
    "apply_draft",
    "approval_of",
    "approve_application",
    "change_draft",
    "discard_draft",
    "draft_changes",
    "examine",
    "may_propose",
    "propose_changes",
    "proposed",
    "resubmit_application",
    "return_application",
    "submit_draft",
    "undo_application",
    "why_not",
    "withdraw_application",
]
