"""The twin's people for a drive: the region's year under the policy in force, and the month of it that is played on the platform."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.cli.facts_profile import profile_of
from tiercare.cli.twin import engine
from tiercare.engines.twin.from_packs import benefits_of, levers_of
from tiercare.jobs.driving.ground import Ground
from tiercare.jobs.driving.script import People

RESIDENTS = 100_000  # of the twin, for any region: a month of the clinics on a ground is some thousand acts


def lived_of(ground: Ground, *, acts: int, seed: int, shown: UUID | None = None) -> People:
    """The month of the ground as the twin's people live it, under the policy in force on its first day.

    Args:
        acts: as many as are played at most.
        shown: the hospital that a demonstration shows: more is played there.

    Raises:
        Refused: the region's pack cannot be simulated.
    """
    packs = mandates.packs()
    pack = packs.packs[ground.region]
    year = engine("running").simulate(
        profile_of(pack),
        levers_of(packs, ground.region, on=ground.first).levers,
        residents=RESIDENTS,
        seed=seed,
        year=ground.first.year,
        benefits=benefits_of(packs, ground.region),
    )
    keys = (site.key for site in year.world.sites)
    found = {key: network.institution_by_slug(key, on=ground.first) for key in keys}
    houses = {key: house for key, house in found.items() if house is not None}
    driven = import_module("tiercare.jobs.driving.lived")  # compiled as well
    rates = driven.rates_of(year)
    planned = driven.lived(year, ground, houses, acts=acts, seed=seed, rates=rates, shown=shown)
    return People(planned, rates)
