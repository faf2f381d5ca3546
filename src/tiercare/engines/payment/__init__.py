"""What a patient would pay: exact, to the fen, step by step. An estimate for choosing where to go, never a settlement.

``load_benefits`` reads what packs write down; ``estimate`` reckons one case.
"""

from .estimating import benefit_of, estimate, typical_case
from .load import load_benefits
from .model import (
    CARE_NAMES,
    INSURANCE_NAMES,
    Benefit,
    Benefits,
    Care,
    Case,
    Confidence,
    Cover,
    Estimate,
    InsuranceKind,
    Line,
    Referral,
)

__all__ = [
    "CARE_NAMES",
    "INSURANCE_NAMES",
    "Benefit",
    "Benefits",
    "Care",
    "Case",
    "Confidence",
    "Cover",
    "Estimate",
    "InsuranceKind",
    "Line",
    "Referral",
    "benefit_of",
    "estimate",
    "load_benefits",
    "typical_case",
]
