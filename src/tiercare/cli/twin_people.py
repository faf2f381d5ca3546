"""A region's people in the twin: its year under the policy in force, and the month of it that is played on the platform."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.cli.twin import engine, profile_for
from tiercare.engines.twin.readiness import Staged, staged
from tiercare.engines.twin.scenarios import scenario_from
from tiercare.jobs.driving.ground import Ground
from tiercare.jobs.driving.script import People

# Of the twin, for any region: a county's rates are no play of dice, whole reserved slots come near to the policy's share, and a
# month of the clinics on a ground is some thousand acts.
RESIDENTS = 100_000


def staged_year(region: str, *, on: date, residents: int = RESIDENTS) -> Staged:
    """The year of a day in the region under the policy then in force, ready to be played.

    Raises:
        Refused: what the pack lays down cannot be played.
        PackErrors: its benefits or levers cannot be used.
    """
    packs = mandates.packs()
    said = {
        "name": {"zh": f"{on.year}年", "en": str(on.year)},
        "pack": region,
        "on": on,
        "year": on.year,
        "residents": residents,
    }
    scenario = scenario_from(said, packs)
    return staged(scenario, profile_for(scenario, packs), packs)


def lived_of(ground: Ground, *, acts: int, seed: int, shown: UUID | None = None) -> People:
    """The month of the ground as the twin's people live it, under the policy in force on its first day.

    Args:
        acts: as many as are played at most.
        shown: the hospital that a demonstration shows: more is played there.

    Raises:
        Refused: what the pack lays down cannot be played.
        PackErrors: its benefits or levers cannot be used.
    """
    stage = staged_year(ground.region, on=ground.first)
    year = engine("running").simulate(
        stage.profile,
        stage.scenario.levers,
        residents=RESIDENTS,
        seed=seed,
        year=ground.first.year,
        benefits=stage.benefits,
    )
    keys = (site.key for site in year.world.sites)
    found = {key: network.institution_by_slug(key, on=ground.first) for key in keys}
    houses = {key: house for key, house in found.items() if house is not None}
    driven = import_module("tiercare.jobs.driving.lived")  # compiled as well
    rates = driven.rates_of(year)
    planned = driven.lived(year, ground, houses, acts=acts, seed=seed, rates=rates, shown=shown)
    return People(planned, rates)
