"""A small made-up region to try plans on: a row of villages along a road, two hospitals, every number checkable on paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from tiercare.engines.planning.regions import Lead, Place, Region


def road(people: tuple[float, ...] = (100, 200, 300, 400, 500, 600), **given: Any) -> Region:
    """Six villages ten minutes apart; a hospital in the first, one in the last. Two counties of three villages each."""
    places = [
        Place(f"v{j}", f"村{j}", (118.0 + j / 100, 31.0), "a" if j < len(people) / 2 else "b", count)
        for j, count in enumerate(people)
    ]
    last = len(people) - 1
    leads = [
        Lead("west", "西医院", "v0", (118.0, 31.0), 1.0, given.pop("west", {})),
        Lead("east", "东医院", f"v{last}", (118.0 + last / 100, 31.0), 1.0, given.pop("east", {})),
    ]
    minutes = np.array(
        [[10.0 * j for j in range(len(people))], [10.0 * (last - j) for j in range(len(people))]]
    )
    beside = [(f"v{j}", f"v{j + 1}") for j in range(last)]
    return Region(
        places, given.pop("leads", leads), given.pop("minutes", minutes), given.pop("beside", beside), **given
    )
