"""Random people do random things to requests that have places (A8): nobody is lost, no place is kept for nobody, every way ends.

The long run: ``make soak B=referrals_random``; one that failed again: ``… ARGS="--seed N"``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ..capacity.conftest import Hospital, hospital
from .with_places import WithPlaces, lay_ground

__all__ = ["hospital"]
LONG = bool(os.environ.get("TIERCARE_SOAK"))
# Without shrinking: a failure is told as it was found.
RUN = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    max_examples=int(os.environ.get("TIERCARE_SOAK_EXAMPLES", "500")) if LONG else 20,
    stateful_step_count=50,
    phases=(Phase.generate,),
    print_blob=True,
)


@pytest.mark.timeout(0 if LONG else 300)
@pytest.mark.django_db(transaction=False)
def test_random_people_with_places_lose_nobody(
    hospital: Hospital, register: Callable[..., UUID], synthetic_clock: None
) -> None:
    WithPlaces.ground = lay_ground(hospital, [register(name) for name in ("王小明", "李小红", "张小军")])
    WithPlaces.counted.clear()
    run_state_machine_as_test(WithPlaces, settings=RUN)
    print(dict(sorted(WithPlaces.counted.items())))
    done = {name.removeprefix("offered ") for name in WithPlaces.counted if ":" not in name}
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
