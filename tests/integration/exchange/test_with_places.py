"""Random people do random things to requests that have places (A8): nobody is lost, no place is kept for nobody, every way ends.

In rounds, so that workers share them; six thousand steps in all.
The long run: ``make soak B=referrals_random``; one that failed again: ``… ARGS="--seed N"``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

import pytest

from ..capacity.conftest import Hospital, hospital
from .playing import LONG, STEPS, play
from .with_places import WithPlaces, lay_ground

__all__ = ["hospital"]
_EXAMPLES = int(os.environ.get("TIERCARE_SOAK_EXAMPLES", "500"))
ROUNDS, PROMISED = (1, _EXAMPLES * STEPS) if LONG else (3, 2_000)


@pytest.mark.timeout(0 if LONG else 900)
@pytest.mark.django_db(transaction=False)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_random_people_with_places_lose_nobody(
    hospital: Hospital,
    register: Callable[..., UUID],
    synthetic_clock: None,
    pytestconfig: pytest.Config,
    round_: int,
) -> None:
    class Round(WithPlaces):
        counted: ClassVar[Counter[str]] = Counter()

    Round.ground = lay_ground(hospital, [register(name) for name in ("王小明", "李小红", "张小军")])
    play(Round, Round.counted, pytestconfig, promised=PROMISED)
    done = {name.removeprefix("offered ") for name in Round.counted if ":" not in name}
    missing = {
        "hold",
        "submit",
        "accept",
        "schedule",
        "arrive",
        "report",
        "redirect",
        "return",
        "stop",
        "resident cancel",
    } - done
    assert not missing, "the dice no longer lead everywhere"
