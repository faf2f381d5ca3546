"""Which checks of paid visits there are, with their numbers (YN-96); what they find is found by ``claims``.

Apart from it: every process of the platform reads these, and none but the one that computes needs the libraries.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.text import Text


class Check(StrEnum):
    """What can be checked of a paid visit."""

    FUND_OVER_COST = "fund_over_cost"
    SUMS_DIFFER = "sums_differ"
    READMITTED = "readmitted"
    DEAR_SHORT_STAY = "dear_short_stay"
    ELSEWHERE_MEANWHILE = "elsewhere_meanwhile"


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """A check with its numbers. ``days``: of ``READMITTED`` the days from a discharge on, the last one counts; of
    ``DEAR_SHORT_STAY`` how long a stay may be to count as short. ``yuan``: from which cost on a short stay is dear."""

    id: str
    name: Text
    says: Text
    clauses: tuple[str, ...]
    check: Check
    days: int
    yuan: int
