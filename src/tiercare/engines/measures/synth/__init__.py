"""Synthetic facts: a made-up period of a region, with what is planted in it known. Nobody and nothing in it exists."""

from .generate import FIRST_YEAR, synth, tables
from .planted import Heaping, Impossible, LandGrab, PileUp, Planted, Siphon, Truth
from .profile import Duty, Group, Place, Profile, Site

__all__ = [
    "FIRST_YEAR",
    "Duty",
    "Group",
    "Heaping",
    "Impossible",
    "LandGrab",
    "PileUp",
    "Place",
    "Planted",
    "Profile",
    "Siphon",
    "Site",
    "Truth",
    "synth",
    "tables",
]
