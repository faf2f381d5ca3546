"""Reads of referrals."""

from .asked import asked
from .bringing import along, along_public
from .filing import Filed, Task, filing_beside, filing_of, filings_to_see_to
from .packages import Packed, package_of
from .proposal import Proposal, proposal
from .ready import GoingDown, criteria_met, discharged_without_plan, ready_to_go_down, who_goes_down
from .specialties import specialty_for

__all__ = [
    "Filed",
    "GoingDown",
    "Packed",
    "Proposal",
    "Task",
    "along",
    "along_public",
    "asked",
    "criteria_met",
    "discharged_without_plan",
    "filing_beside",
    "filing_of",
    "filings_to_see_to",
    "package_of",
    "proposal",
    "ready_to_go_down",
    "specialty_for",
    "who_goes_down",
]
