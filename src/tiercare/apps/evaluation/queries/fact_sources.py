"""Which fact tables the platform writes from what it knows itself, and who says their rows."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from tiercare.apps.capacity import queries as capacity
from tiercare.apps.exchange import queries as exchange
from tiercare.apps.network import queries as network
from tiercare.apps.records import queries as records
from tiercare.apps.referrals.rules.vocabulary import Kind
from tiercare.apps.residents import queries as residents
from tiercare.kernel.clock import ZONE

from .surveys import fact_sheets

Row = dict[str, Any]
_REFERRALS = (Kind.UP.value, Kind.DOWN.value, Kind.LATERAL.value)
_REMOTE = {Kind.ADVICE.value: "consultation"}
_YEAR, _DECEMBER = 100, 12  # 202507 is July 2025


@dataclass(frozen=True)
class Month:
    """A month of a region as it stands on ``today``, and what all its tables need; read in one transaction in ``scoped``
    over the whole index."""

    region: str
    number: int
    today: date

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.number // _YEAR, self.number % _YEAR, 1)

    @property
    def last(self) -> date:
        """Its last day, or today: nothing is said of days to come. Stocks stand as at its end."""
        days = monthrange(self.first.year, self.first.month)[1]
        return min(self.first.replace(day=days), self.today)

    @property
    def since(self) -> datetime:
        """The moment it begins."""
        return datetime.combine(self.first, time.min, ZONE)

    @property
    def until(self) -> datetime:
        """The moment after its last day."""
        return datetime.combine(self.last + timedelta(days=1), time.min, ZONE)

    @cached_property
    def places(self) -> network.Places:
        """How the network stood on the last day."""
        return network.fact_places(on=self.last)

    @cached_property
    def people(self) -> residents.FactPeople:
        """Looks people up."""
        return residents.FactPeople(self.first, self.last)


def month_of(day: date) -> int:
    """A day's month as the fact tables write it."""
    return day.year * _YEAR + day.month


def following(month: int) -> int:
    """The month after it."""
    return month + 1 if month % _YEAR < _DECEMBER else (month // _YEAR + 1) * _YEAR + 1


@dataclass(frozen=True, slots=True)
class Source:
    """Who says the rows of a table. ``daily``: they change with the day, without an event: stocks, and places of a day."""

    rows: Callable[[Month], Iterator[Row]]
    daily: bool = True


def _came(ids: Collection[UUID]) -> Mapping[UUID, records.Came]:
    return {key: records.Came(kind, urgent) for key, (kind, urgent) in exchange.brought(ids).items()}


def _visits(month: Month) -> Iterator[Row]:
    return records.fact_visits(
        month.region,
        since=month.since,
        until=month.until,
        places=month.places,
        people=month.people,
        came=_came,
    )


def _contracts(month: Month) -> Iterator[Row]:
    owed = records.services_owed(month.people, first=month.first, last=month.last, until=month.until)
    return residents.fact_contracts(
        month.region,
        on=month.last,
        end=month.until,
        places=month.places,
        people=month.people,
        owed=owed,
    )


def _patients(month: Month) -> Iterator[Row]:
    return records.fact_patients(
        month.region,
        on=month.last,
        since=month.since,
        until=month.until,
        places=month.places,
        people=month.people,
    )


def _staff(month: Month) -> Iterator[Row]:
    return network.fact_staff(month.region, on=month.last, places=month.places, pseudonym=month.people.key)


def _referrals(month: Month) -> Iterator[Row]:
    return exchange.fact_referrals(
        month.region,
        since=month.since,
        until=month.until,
        kinds=_REFERRALS,
        places=month.places,
        people=month.people,
    )


def _remote(month: Month) -> Iterator[Row]:
    return exchange.fact_remote(
        month.region, since=month.since, until=month.until, kinds=_REMOTE, places=month.places
    )


def _bookings(month: Month) -> Iterator[Row]:
    return capacity.fact_bookings(
        month.region, first=month.first, last=month.last, places=month.places, people=month.people
    )


def _quotas(month: Month) -> Iterator[Row]:
    return capacity.fact_quotas(month.region, first=month.first, last=month.last, places=month.places)


def _surveys(month: Month) -> Iterator[Row]:
    """Sheets about stays, and those of rounds that asked residents."""
    yield from records.fact_surveys(
        month.region, since=month.since, until=month.until, places=month.places, people=month.people
    )
    tiers = {each.key: each.tier for each in month.places.institutions.values()}
    yield from fact_sheets(month.region, first=month.first, last=month.last, tiers=tiers)


def _population(month: Month) -> Iterator[Row]:
    return residents.fact_population(month.region, on=month.last, end=month.until, people=month.people)


def _of_network(rows: Callable[..., Iterator[Row]]) -> Callable[[Month], Iterator[Row]]:
    def run(month: Month) -> Iterator[Row]:
        return rows(month.region, on=month.last, places=month.places)

    return run


SOURCES: Mapping[str, Source] = {
    "population": Source(_population),
    "consortia": Source(_of_network(network.fact_consortia)),
    "institutions": Source(_of_network(network.fact_institutions)),
    "capabilities": Source(_of_network(network.fact_capabilities)),
    "staff": Source(_staff),
    "agreements": Source(_of_network(network.fact_agreements)),
    "grids": Source(_of_network(network.fact_grids)),
    "milestones": Source(_of_network(network.fact_milestones)),
    "contracts": Source(_contracts),
    "patients": Source(_patients),
    "visits": Source(_visits, daily=False),
    "referrals": Source(_referrals, daily=False),
    "remote": Source(_remote, daily=False),
    "surveys": Source(_surveys, daily=False),
    "bookings": Source(_bookings),
    "quotas": Source(_quotas),
}
DAILY = tuple(name for name, source in SOURCES.items() if source.daily)
