"""Reads of evaluation."""

from .matters import Listed, Shown, matter, matters, sides_of, waiting_for

__all__ = ["Listed", "Shown", "matter", "matters", "sides_of", "waiting_for"]
