"""Where institutions stand in a county's three levels, and how far a hop climbs."""

from __future__ import annotations

import pytest

from tiercare.apps.network.rules.facts import Category
from tiercare.apps.referrals.rules.levels import level_of, steps_between

THREE = ("county", "township", "village")


@pytest.mark.parametrize(
    ("category", "level"),
    [
        (Category.VILLAGE_CLINIC, "village"),
        (Category.COMMUNITY_STATION, "village"),
        (Category.TOWNSHIP_CENTRE, "township"),
        (Category.COMMUNITY_CENTRE, "township"),
        (Category.SPECIALTY, "county"),
    ],
)
def test_the_level_of_an_institution(category: Category, level: str) -> None:
    assert level_of(category, THREE) == level
    assert level_of(category, ()) == "", "a text that names no levels has none"


def test_how_far_a_hop_climbs() -> None:
    assert steps_between("village", "township", THREE) == 1
    assert steps_between("village", "county", THREE) == 2
    assert steps_between("county", "township", THREE) == -1
    assert steps_between("township", "township", THREE) == 0
    assert steps_between("", "county", THREE) is None
