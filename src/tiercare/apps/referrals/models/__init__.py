"""The tables of referrals."""

from .packages import Package

__all__ = ["Package"]
