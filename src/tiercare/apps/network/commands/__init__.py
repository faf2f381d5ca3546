"""What people do with the network. Every command checks the right, tries the change, holds the region
against its cards, and takes it back with the card's own words if it would break one."""

from .applications import (
    approve_application,
    resubmit_application,
    return_application,
    submit_application,
    withdraw_application,
)
from .changes import end_membership, entrust, form_consortium, join_community, start_membership
from .institutions import change_institution, close_institution, record_practice
from .papers import Owed, adopt_charter, sign_agreement
from .region import LaidDownResult, lay_down_region

__all__ = [
    "LaidDownResult",
    "Owed",
    "adopt_charter",
    "approve_application",
    "change_institution",
    "close_institution",
    "end_membership",
    "entrust",
    "form_consortium",
    "join_community",
    "lay_down_region",
    "record_practice",
    "resubmit_application",
    "return_application",
    "sign_agreement",
    "start_membership",
    "submit_application",
    "withdraw_application",
]
