"""A region that is to be divided, in names: places, leads, minutes, who lies beside whom, what today is; and a plan of it, in names.

``prepared`` turns it into arrays for the solvers (``proposing`` calls them). Minutes times people is the unit of every cost,
so that each weight says how many minutes of travel a thing is worth.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tiercare.kernel.geo import LngLat
from tiercare.kernel.text import Text

from .tasks import Dividing, Floats, Ints

PEOPLE = "people"  # the service that evenness is about; every place needs it
_PEOPLE = Text("人口容量", "room for people")


@dataclass(frozen=True, slots=True)
class Place:
    """A village, township or street.

    Attributes:
        at: longitude and latitude in degrees; area: the county or district it belongs to.
        people: residents; need: what its people need of each further service (beds, doctors), in the service's own unit.
    """

    key: str
    name: str
    at: LngLat
    area: str
    people: float
    need: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lead:
    """A hospital that may answer for a grid.

    Attributes:
        place: the place it stands in, which its grid contains; share: its part of the region's means (beds), for evenness.
        room: how much of each service it has; a service that is not named is not limited.
        areas: the areas it may serve; all where it is empty.
    """

    key: str
    name: str
    place: str
    at: LngLat
    share: float
    room: Mapping[str, float] = field(default_factory=dict)
    areas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a good plan is, in minutes of travel.

    Attributes:
        uneven: for each person above or below a lead's share of the people; change: for each person whose lead changes.
        border: for each person whose lead stands in another area.
        farthest: minutes from the lead that nobody should exceed where a nearer lead can be had: each who does counts ``far`` minutes more,
            so that it happens only where connected grids leave no other way.
        far: where nobody said how many, as many as the longest journey of the region.
    """

    uneven: float = 0.0
    change: float = 0.0
    border: float = 0.0
    farthest: float = math.inf
    far: float = math.inf


@dataclass(frozen=True, slots=True)
class Region:
    """What is divided.

    Attributes:
        minutes: from each lead (rows, in the order of ``leads``) to each place (columns).
        beside: pairs of places that share a border, or that a ferry or bridge joins.
        today: the lead that answers for a place now; fixed: the lead that must; never: pairs (place, lead) that may not be.
        names: of services, as people call them.
    """

    places: Sequence[Place]
    leads: Sequence[Lead]
    minutes: Floats
    beside: Collection[tuple[str, str]]
    today: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    never: frozenset[tuple[str, str]] = frozenset()
    names: Mapping[str, Text] = field(default_factory=dict)

    @property
    def services(self) -> list[str]:
        """People first, then every service that some lead limits."""
        return [PEOPLE, *sorted({service for lead in self.leads for service in lead.room} - {PEOPLE})]

    def named(self, service: str) -> Text:
        """What people call a service; its key where nobody named it."""
        return _PEOPLE if service == PEOPLE else self.names.get(service, Text(service, service))


@dataclass(frozen=True, slots=True)
class Parts:
    """What a plan costs, in minutes times people: travel, unevenness, change, borders and limits exceeded, each with its weight."""

    travel: float
    uneven: float
    change: float
    border: float
    far: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.travel + self.uneven + self.change + self.border + self.far


@dataclass(frozen=True, slots=True)
class Plan:
    """Who answers for whom.

    Attributes:
        lead_of: the lead of each place; minutes: how far its lead is.
        bound: what no plan undercuts, in the unit of ``parts``; gap: how far the cost lies above it at most, as a part of it.
        beyond: places that have no lead within the minutes that were wished.
        trace: (seconds, cost, bound) while it was sought.
    """

    lead_of: Mapping[str, str]
    minutes: Mapping[str, float]
    parts: Parts
    bound: float = -math.inf
    gap: float = math.inf
    beyond: tuple[str, ...] = ()
    trace: Sequence[tuple[float, float, float]] = ()


def allowed(region: Region) -> Floats:
    """Minutes, leads × places, with infinity where a place may not be with a lead."""
    minutes = region.minutes.astype(float).copy()
    index = {place.key: j for j, place in enumerate(region.places)}
    at = {lead.key: i for i, lead in enumerate(region.leads)}
    for i, lead in enumerate(region.leads):
        if lead.areas:
            minutes[i, [place.area not in lead.areas for place in region.places]] = math.inf
    for place, key in region.never:
        minutes[at[key], index[place]] = math.inf
    # A lead's own place is its own, and what is fixed is fixed.
    for place, key in [*region.fixed.items(), *((lead.place, lead.key) for lead in region.leads)]:
        j, i = index[place], at[key]
        minutes[:, j] = math.inf
        minutes[i, j] = region.minutes[i, j]
    return minutes


def too_far(region: Region, wishes: Wishes) -> NDArray[np.bool_]:
    """Pairs, leads × places, beyond the limit although the place may be with a nearer lead."""
    minutes = allowed(region)
    nearest = minutes.min(axis=0)
    return np.asarray(np.isfinite(minutes) & (minutes > np.maximum(nearest, wishes.farthest)[None, :]))


def beyond_reach(region: Region, wishes: Wishes) -> tuple[str, ...]:
    """The places that no lead reaches within the limit."""
    nearest = allowed(region).min(axis=0)
    far = np.isfinite(nearest) & (nearest > wishes.farthest)
    return tuple(place.key for place, is_far in zip(region.places, far, strict=True) if is_far)


def prepared(region: Region, wishes: Wishes) -> Dividing:
    """The region as arrays. It has passed ``reading.faults``."""
    minutes = allowed(region)
    people = np.array([place.people for place in region.places])
    first, beside = _rows(region)
    services = region.services
    need = np.array([[_need(place, service) for service in services] for place in region.places])
    room = np.array([[lead.room.get(service, math.inf) for service in services] for lead in region.leads])
    share = np.array([lead.share for lead in region.leads])
    index = {place.key: j for j, place in enumerate(region.places)}
    seat = np.array([index[lead.place] for lead in region.leads], np.int64)
    fair = people.sum() * share / share.sum()
    cost = (minutes + _extra(region, wishes)) * people
    # Nobody lives there: infinity times nothing is nothing to compare.
    cost[~np.isfinite(minutes)] = math.inf
    return Dividing(cost, need, room, seat, first, beside, fair, wishes.uneven)


def described(region: Region, wishes: Wishes, lead_of: Mapping[str, str]) -> Plan:
    """A plan that somebody has made, with what it costs; it may break any rule (``judging`` says which)."""
    held = held_of(region, lead_of)
    every = np.arange(held.shape[0])
    people = np.array([place.people for place in region.places])
    minutes = region.minutes[held, every]
    share = np.array([lead.share for lead in region.leads])
    load = np.bincount(held, people, len(region.leads))
    changed, crossed = _changes(region)[held, every], _crossings(region)[held, every]
    parts = Parts(
        float((minutes * people).sum()),
        wishes.uneven * float(np.abs(load - people.sum() * share / share.sum()).sum()),
        wishes.change * float((changed * people).sum()),
        wishes.border * float((crossed * people).sum()),
        _far(region, wishes) * float((too_far(region, wishes)[held, every] * people).sum()),
    )
    far = {place.key: float(minutes[j]) for j, place in enumerate(region.places)}
    return Plan(dict(lead_of), far, parts)


def neighbours(region: Region) -> Mapping[str, set[str]]:
    """Who lies beside each place."""
    beside: dict[str, set[str]] = {place.key: set() for place in region.places}
    for one, other in region.beside:
        beside[one].add(other)
        beside[other].add(one)
    return beside


def _rows(region: Region) -> tuple[Ints, Ints]:
    index = {place.key: j for j, place in enumerate(region.places)}
    beside = neighbours(region)
    each = [sorted(index[other] for other in beside[place.key]) for place in region.places]
    first = np.concatenate([[0], np.cumsum([len(row) for row in each])]).astype(np.int64)
    return first, np.array([j for row in each for j in row], np.int64)


def _need(place: Place, service: str) -> float:
    return place.people if service == PEOPLE else place.need.get(service, 0.0)


def _extra(region: Region, wishes: Wishes) -> Floats:
    """Minutes that count on top of travel, leads × places: for changes, borders and limits exceeded."""
    extra = wishes.change * _changes(region) + wishes.border * _crossings(region)
    return np.asarray(extra + _far(region, wishes) * too_far(region, wishes))


def _far(region: Region, wishes: Wishes) -> float:
    """Minutes that count on top for somebody beyond the limit."""
    return wishes.far if math.isfinite(wishes.far) else float(region.minutes.max())


def _changes(region: Region) -> Floats:
    return np.array(
        [
            [float(region.today.get(place.key, lead.key) != lead.key) for place in region.places]
            for lead in region.leads
        ]
    )


def _crossings(region: Region) -> Floats:
    areas = {place.key: place.area for place in region.places}
    return np.array(
        [[float(place.area != areas[lead.place]) for place in region.places] for lead in region.leads]
    )


def held_of(region: Region, lead_of: Mapping[str, str]) -> Ints:
    """The position of each place's lead."""
    at = {lead.key: i for i, lead in enumerate(region.leads)}
    return np.array([at[lead_of[place.key]] for place in region.places], np.int64)


def grids(plan: Plan) -> Mapping[str, list[str]]:
    """The places of each lead that has any, in the order of the plan."""
    found: dict[str, list[str]] = {}
    for place, lead in plan.lead_of.items():
        found.setdefault(lead, []).append(place)
    return found
