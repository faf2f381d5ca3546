"""What people do with the network. Every command checks the right, tries the change, holds the region
against its cards, and takes it back with the card's own words if it would break one."""

from .centres import end_centre_link, link_centre
from .changes import end_membership, entrust, form_consortium, join_community, start_membership
from .drafts import (
    apply_changes,
    apply_draft,
    approve_application,
    change_draft,
    discard_draft,
    draft_changes,
    examine,
    propose_changes,
    resubmit_application,
    return_application,
    submit_draft,
    undo_application,
    withdraw_application,
)
from .grids import Drawn, Following, redraw_grids
from .institutions import change_institution, close_institution, record_practice
from .judging import forget_judged, judge_stale, lock_prefectures
from .papers import Owed, adopt_charter, sign_agreement
from .region import LaidDownResult, lay_down_region
from .reporting import confirm_register

__all__ = [
    "Drawn",
    "Following",
    "LaidDownResult",
    "Owed",
    "adopt_charter",
    "apply_changes",
    "apply_draft",
    "approve_application",
    "change_draft",
    "change_institution",
    "close_institution",
    "confirm_register",
    "discard_draft",
    "draft_changes",
    "end_centre_link",
    "end_membership",
    "entrust",
    "examine",
    "forget_judged",
    "form_consortium",
    "join_community",
    "judge_stale",
    "lay_down_region",
    "link_centre",
    "lock_prefectures",
    "propose_changes",
    "record_practice",
    "redraw_grids",
    "resubmit_application",
    "return_application",
    "sign_agreement",
    "start_membership",
    "submit_draft",
    "undo_application",
    "withdraw_application",
]
