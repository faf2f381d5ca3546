"""Where somebody in a fact table lies, and what they are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.holders import names_by_key
from tiercare.apps.terms import queries as terms
from tiercare.engines.measures.schema import Level


def area_of_place(region: str, level: Level, key: str, *, on: date) -> str:
    """The division in which somebody lies; the whole region where that cannot be said, as of a consortium."""
    if level is Level.DIVISION:
        return key
    if level is Level.INSTITUTION:
        found = network.institution_by_slug(key, on=on)
        place = network.place_of(found, on=on) if found is not None else None
        return place.division_code if place is not None else region
    return region


def names_of(codes: Collection[str], *, on: date) -> Mapping[tuple[str, str], str]:
    """What institutions, consortia and the divisions of ``codes`` are called, by level and key."""
    return {
        **{(level, key): name for level, names in names_by_key(on=on).items() for key, name in names.items()},
        **{("division", code): row.name for code, row in terms.divisions(codes, on=on).items()},
    }
