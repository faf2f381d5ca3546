"""Reads of referrals."""

from .asked import asked
from .packages import Packed, package_of
from .proposal import Proposal, proposal
from .ready import discharged_without_plan, ready_to_go_down
from .specialties import specialty_for

__all__ = [
    "Packed",
    "Proposal",
    "asked",
    "discharged_without_plan",
    "package_of",
    "proposal",
    "ready_to_go_down",
    "specialty_for",
]
