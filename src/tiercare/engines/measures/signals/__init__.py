"""Signals that resources are drawn upward (虹吸) or members are only collected (跑马圈地): NHC-83, NHC-86, YN-102.

A signal is a reason to look, with the cases behind it; it is no finding against anybody.
"""

from .flows import Behind, Counts, Flow, behind, gather
from .judge import Drawn, Limits, Pattern, Signal, judge
from .land import Land, LandLimits, Member, judge_land, members
from .resources import Resources, resources

__all__ = [
    "Behind",
    "Counts",
    "Drawn",
    "Flow",
    "Land",
    "LandLimits",
    "Limits",
    "Member",
    "Pattern",
    "Resources",
    "Signal",
    "behind",
    "gather",
    "judge",
    "judge_land",
    "members",
    "resources",
]
