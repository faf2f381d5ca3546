"""The tables of referrals."""

from .filings import Filing
from .packages import Package

__all__ = ["Filing", "Package"]
