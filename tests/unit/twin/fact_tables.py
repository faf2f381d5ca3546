"""A small simulated year and its fact tables, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from tiercare.engines.measures.synth import Profile
from tiercare.engines.payment import Benefits
from tiercare.engines.policy import PackSet, load_packs
from tiercare.engines.twin.facts import tables
from tiercare.engines.twin.from_packs import benefits_of
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.running import Year, simulate

POLICY = Levers(reserve_share=0.2, bed_reserve_share=0.1, signing_coverage=0.4)

AT, REGION, PEOPLE, SEED = datetime(2026, 1, 2, tzinfo=UTC), "9999", 6_000, 11
POLICY = Levers(reserve_share=0.2, bed_reserve_share=0.1, signing_coverage=0.4)


@cache
def packs() -> PackSet:
    return load_packs()


@cache
def benefits() -> Benefits:
    return benefits_of(packs(), "cn")


def played(levers: Levers, seed: int = SEED, residents: int = PEOPLE, profile: Profile | None = None) -> Year:
    return simulate(
        profile or Profile.invented(1, 2), levers, residents=residents, seed=seed, benefits=benefits()
    )


@cache
def year() -> Year:
    return played(POLICY)


@cache
def made() -> Mapping[str, pa.Table]:
    return tables(year())


def connected(found: Mapping[str, pa.Table]) -> Any:
    connection = duckdb.connect()
    for name, table in found.items():
        connection.register(name, table)
    return connection


@cache
def database() -> Any:
    return connected(made())


def one(query: str, connection: Any = None) -> Any:
    """The only value of a query's only row; of more columns, the row."""
    row = (connection or database()).sql(query).fetchall()[0]
    return row[0] if len(row) == 1 else row


def seen(kinds: tuple[int, ...], *, inside: bool = True) -> Any:
    """Visits of some kinds at the region's institutions."""
    rows = year().visits
    return rows[np.isin(rows["kind"], kinds) & (year().ground.site["inside"][rows["site"]] | (not inside))]


def places(of: Year) -> Any:
    """What became of all places of the region's hospitals in the year, by what is counted of them."""
    hospital = of.ground.site["hospital"] & of.ground.site["inside"]
    return of.state.places[hospital, : of.days].sum(axis=(0, 1))
