"""The fund's accounts, which add up to the visits', and surveys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from . import assumptions as given
from .columns import Array, Piece, counts, dates, flags, keys, named, serial, stream, texts, word, worded
from .people import People
from .visits import Books
from .world import World

_OUT, _IN, _SHOP, _CONTRACT = (
    word("funds", "service", each) for each in ("outpatient", "inpatient", "drugstore", "contract")
)
_CAPITATION, _DRG, _ITEM = (word("funds", "mode", each) for each in ("capitation", "drg", "item"))
_DRUGSTORE = word("funds", "tier", "drugstore")
_SATISFIED, _FIRST, _LITERACY, _STAFF = range(4)


@dataclass(frozen=True, slots=True)
class Terms:
    """Of a fund whose income and modes of payment are known: ``visits`` and ``stays`` of hospitals as indices of the words of ``funds.mode``;
    ``income``: what comes in by month (of all), county and row, given month, county and what the fund pays."""

    visits: int
    stays: int
    income: Callable[[Array, Array, Array], Array]


def funds(
    world: World, books: Books, contracts: Array, last: int, terms: Terms | None = None
) -> Iterator[Piece]:
    """The fact table: what the visits cost, then drugstores, then contracts; emergencies are outpatients. Under ``terms`` the income is that of
    the visits, and what else the fund pays is covered as it comes."""
    first = books.first
    rng = stream(world.seed, "funds", first)
    month, county, site, stay = np.nonzero(books.money[0])
    cost, fund, own = (each[month, county, site, stay] for each in books.money)
    tier = world.site_tier[site]
    by = (_DRG, _ITEM) if terms is None else (terms.stays, terms.visits)
    mode = np.where(world.site_primary[site], _CAPITATION, np.where(stay > 0, *by))
    income = None if terms is None else terms.income(month + first, county, fund)
    codes = world.division_names.to_pylist()
    places = [codes[i] for i in world.site_division]
    yield _piece(
        world, rng, month + first, county, named(site, world.site_names), tier, texts(site, places),
        np.where(stay > 0, _IN, _OUT), mode, cost, fund, own, income,
    )  # fmt: skip
    inside = np.unique(world.place_county[: world.place_count])
    paid = books.money[1, :, inside].sum(axis=(2, 3)).T  # by month and county of the region
    month, which = (each.ravel() for each in np.indices(paid.shape))
    fund = np.rint(paid * given.DRUGSTORE).astype(np.int64).ravel()
    own = np.rint(fund * given.DRUGSTORE_OWN).astype(np.int64)
    shops = pa.array([f"SYN-{code}-DRUG" for code in world.county_names.to_pylist()])
    county = inside[which]
    yield _piece(
        world, rng, month + first, county, named(county, shops), np.full(len(county), _DRUGSTORE),
        named(county, world.county_names), np.full(len(county), _SHOP), np.full(len(county), _ITEM), fund + own, fund, own,
        None if terms is None else fund,
    )  # fmt: skip
    month, county, site = np.nonzero(contracts)
    fee = contracts[month, county, site] * given.CONTRACT_FEE
    yield _piece(
        world, rng, month + first, county, named(site, world.site_names), world.site_tier[site],
        texts(site, places), np.full(len(site), _CONTRACT), np.full(len(site), _CAPITATION), fee, fee, fee * 0, None if terms is None else fee,
    )  # fmt: skip


def _piece(
    world: World, rng: np.random.Generator, month: Array, county: Array, institution: pa.Array, tier: Array,
    place: pa.Array, service: Array, mode: Array, cost: Array, fund: Array, own: Array, income: Array | None,
) -> Piece:  # fmt: skip
    budget = np.rint(fund * rng.uniform(*given.BUDGET, len(fund)) / 100).astype(np.int64) * 100
    if income is None:
        yearly = stream(world.seed, "surplus").uniform(*given.FUND_INCOME, len(world.county_names))
        income = np.rint(fund * yearly[county])
    columns = {
        "insured": named(county, world.county_names),
        "institution": institution,
        "tier": worded("funds", "tier", tier),
        "place": place,
        "service": worded("funds", "service", service),
        "mode": worded("funds", "mode", mode),
        "budget": counts(budget),
        "cost": counts(cost),
        "fund": counts(fund),
        "own": counts(own),
        "income": counts(income),
    }
    return Piece("funds", month.astype(np.int16), columns)


def surveys(world: World, people: People, first: int, last: int) -> Piece:
    """Answer sheets: as many in each county, so that small ones can be read too."""
    rng = stream(world.seed, "surveys", first)
    inside = np.unique(world.place_county[: world.place_count])
    chosen = [np.flatnonzero(world.place_county == county) for county in inside]
    many = min(given.SURVEYS, max(people.count // (20 * len(inside)), 8))
    month = np.repeat(np.arange(first, last, dtype=np.int16), many * len(inside))
    nth = np.tile(np.repeat(np.arange(len(inside)), many), last - first)
    luck = rng.random(len(month))
    place = np.array([chosen[n][int(u * len(chosen[n]))] for n, u in zip(nth, luck, strict=True)], np.int32)
    subject = rng.choice(4, len(month), p=given.SUBJECTS)
    person = people.start[place] + (rng.random(len(month)) * people.size[place]).astype(np.int64)
    site = np.where((subject == _SATISFIED) | (subject == _STAFF), people.usual[person], -1)
    ill = rng.random(len(month)) < given.ILL
    good = stream(world.seed, "satisfaction").normal(given.SCORES[0], given.SCORES[1], len(world.places))
    score = np.clip(
        np.rint(
            good[place]
            + rng.normal(0, given.SCORES[2], len(month))
            - given.LITERACY_LOWER * (subject == _LITERACY)
        ),
        0,
        100,
    )
    first_choice = subject == _FIRST
    day = world.calendar.edges[month] + (rng.random(len(month)) * world.calendar.lengths[month]).astype(
        np.int64
    )
    columns = {
        "answer": keys("Q", serial(month), world.calendar.months, month),
        "subject": worded("surveys", "subject", subject),
        "institution": named(site, world.site_names),
        "division": named(world.place_division[place], world.division_names),
        "date": dates(day),
        "score": counts(score, first_choice),
        "ill": flags(ill, ~first_choice),
        "chose_primary": flags(rng.random(len(month)) < given.CHOSE_PRIMARY, ~(first_choice & ill)),
    }
    return Piece("surveys", month, columns)
