"""Statistics of referrals: numbers and lists without residents, for whoever watches over requests."""

from __future__ import annotations

from tiercare.apps.access.rights import Right

from .matrix import Row

_OVERSEE = Right.REQUESTS_OVERSEE
REFERRAL_STATISTICS: tuple[Row, ...] = (
    Row("GET", "referrals/statistics", _OVERSEE, personal=False),
    Row("GET", "referrals/statistics.xlsx", _OVERSEE, personal=False),
    Row("GET", "referrals/statistics/cases", _OVERSEE, personal=False),
    Row("GET", "referrals/statistics/first-contact", _OVERSEE, personal=False),
    Row(
        "GET",
        "referrals/statistics/first-contact/cases",
        _OVERSEE,
        query="?section=consortia",
        personal=False,
    ),
    Row("GET", "referrals/statistics/hops", _OVERSEE, personal=False),
    Row("GET", "referrals/statistics/register", _OVERSEE, personal=False),
)
