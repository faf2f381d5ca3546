"""Who died in a year, by place and five-year band of age: the extract of a centre for disease control, in December."""

from __future__ import annotations

import numpy as np

from . import assumptions as given
from .columns import Array, Piece, counts, named, stream, worded, words_of
from .people import People
from .world import NOBODY, World

_YOUNGEST, _WIDTH = 30, 5


def mortality(world: World, people: People, first: int, last: int) -> Piece:
    """The fact table: people who lived into the year, and those of them who died in it."""
    words = words_of("mortality", "band")
    places, bands = world.place_count, len(words)
    band = np.clip((people.age.astype(np.int64) - _YOUNGEST) // _WIDTH + 1, 0, bands - 1)
    cell = people.home.astype(np.int64) * bands + band
    drawn = stream(world.seed, "causes").random(people.count, np.float32)
    chronic = (band > 0) & (drawn < given.CHRONIC_DEATHS)
    died_in = np.where(
        people.died < NOBODY, world.calendar.month(people.died).astype(np.int64), len(world.calendar.months)
    )
    here = people.home < places  # not those who only come for treatment
    ends = [at for at in range(first, last) if world.calendar.months[at] % 100 == 12]
    columns: dict[str, list[Array]] = {"month": [], "persons": [], "deaths": [], "chronic": []}
    for end in ends:
        begun = end - 11
        alive = here & (died_in >= begun)
        dead = alive & (died_in <= end)
        size = places * bands
        columns["month"].append(np.full(size, end, np.int16))
        columns["persons"].append(np.bincount(cell[alive], minlength=size))
        columns["deaths"].append(np.bincount(cell[dead], minlength=size))
        columns["chronic"].append(np.bincount(cell[dead & chronic], minlength=size))
    month, persons, deaths, of_chronic = (
        np.concatenate(each) if each else np.zeros(0, np.int64) for each in columns.values()
    )
    row = np.tile(np.arange(places * bands), len(ends))
    return Piece(
        "mortality",
        month.astype(np.int16),
        {
            "division": named(world.place_division[row // bands], world.division_names),
            "band": worded("mortality", "band", row % bands),
            "persons": counts(persons),
            "chronic_deaths": counts(of_chronic),
            "deaths": counts(deaths),
        },
    )
