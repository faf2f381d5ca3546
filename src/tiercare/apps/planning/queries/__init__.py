"""What the planner reads."""

from .gaps import GapRow, Gaps, gaps_of
from .ground_leads import Service
from .ground_tables import ways_from, with_links, with_minutes, with_pairs, with_positions
from .ours import primary_minutes, wishes_for
from .regions import Ground, Level, Options, PrimaryCare, by_people_alone, ground_of
from .supposing import supposed
from .verdicts import verdict_of

__all__ = [
    "GapRow",
    "Gaps",
    "Ground",
    "Level",
    "Options",
    "PrimaryCare",
    "Service",
    "by_people_alone",
    "gaps_of",
    "ground_of",
    "primary_minutes",
    "supposed",
    "verdict_of",
    "ways_from",
    "wishes_for",
    "with_links",
    "with_minutes",
    "with_pairs",
    "with_positions",
]
