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
from .readiness import Readiness, changes_of, ready
from .shared import approval_of, may_propose, why_not
from .speaking import cannot_override, confirm_choice, override_plan, score_proposal

__all__ = [
    "Alternative",
    "Examined",
    "Readiness",
    "alternatives",
    "apply_changes",
    "apply_draft",
    "approval_of",
    "approve_application",
    "cannot_override",
    "change_draft",
    "changes_of",
    "confirm_choice",
    "discard_draft",
    "draft_changes",
    "examine",
    "may_propose",
    "override_plan",
    "propose_changes",
    "proposed",
    "ready",
    "resubmit_application",
    "return_application",
    "score_proposal",
    "submit_draft",
    "undo_application",
    "why_not",
    "withdraw_application",
]
