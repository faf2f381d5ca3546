"""What is done to referrals."""

from .attaching import Attached, NewFile, attach
from .filing import file_again, filed_by_hand, taken_back_by_hand
from .filing_sent import send_filings
from .sending import send, supplement
from .starting import convert, go_down, go_down_at_visit, go_down_by_criteria, start

__all__ = [
    "Attached",
    "NewFile",
    "attach",
    "convert",
    "file_again",
    "filed_by_hand",
    "go_down",
    "go_down_at_visit",
    "go_down_by_criteria",
    "send",
    "send_filings",
    "start",
    "supplement",
    "taken_back_by_hand",
]
