"""Small simulated years for the tests of the twin. Nobody in them exists."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import tiercare.policies
from tiercare.engines.measures.synth import Profile
from tiercare.engines.payment import Benefits, load_benefits
from tiercare.engines.twin.assumptions import given
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.running import Prepared, Year, prepare, simulate

PROFILE = Profile.invented(1)
YEAR = 2025


@cache
def benefits(pack: str = "cn") -> Benefits:
    """The benefits of a pack, as they are."""
    return load_benefits([Path(tiercare.policies.__path__[0]) / pack])


@cache
def prepared(residents: int, seed: int) -> Prepared:
    """People and needs, made once."""
    return prepare(PROFILE, residents=residents, seed=seed, year=YEAR, assumptions=given())


def played(levers: Levers | None = None, *, residents: int = 12000, seed: int = 3, **changed: float) -> Year:
    """One year; ``changed`` are assumptions of behaviour."""
    using = given().with_values(changed)
    return simulate(
        PROFILE,
        levers or Levers(),
        residents=residents,
        seed=seed,
        benefits=benefits(),
        year=YEAR,
        assumptions=using,
        prepared=prepared(residents, seed),
    )
