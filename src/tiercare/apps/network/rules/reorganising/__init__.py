"""Reorganisations as rows of the registers: what stands goes in, the rows that change it come out.

Nothing here is written anywhere: the rows go the way of every other change (a draft, a look at the cards, a
decision), and what was before the day stays as it was.
"""

from .consortia import (
    NewConsortium,
    dissolve_consortium,
    merge_consortia,
    rename_consortium,
    split_consortium,
)
from .institutions import NewInstitution, close_institution, rename_institution, split_institution
from .merging import merge_institutions
from .present import Present

__all__ = [
    "NewConsortium",
    "NewInstitution",
    "Present",
    "close_institution",
    "dissolve_consortium",
    "merge_consortia",
    "merge_institutions",
    "rename_consortium",
    "rename_institution",
    "split_consortium",
    "split_institution",
]
