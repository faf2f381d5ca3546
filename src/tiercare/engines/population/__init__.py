"""Synthetic residents for demonstrations and benches: names, households, addresses, documents, key groups.

Pure computation from a seed; nobody of them exists, and whoever stores them marks them as synthetic. Shares are
rounded after public reports or assumed (see data/README.md and the constants); no figure here is a statistic.
"""

from .generate import generate
from .health import KEY_GROUPS
from .model import CENSUS_DAY, Household, Member, Village
from .papers import FIRST_SEQUENCE, PHONE_PREFIX

__all__ = [
    "CENSUS_DAY",
    "FIRST_SEQUENCE",
    "KEY_GROUPS",
    "PHONE_PREFIX",
    "Household",
    "Member",
    "Village",
    "generate",
]
