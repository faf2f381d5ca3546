"""Two plans beside each other: who gains, who loses, place by place; and how evenly a plan treats people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .regions import Plan, Region

NOTICED = 1.0  # minute: smaller differences are none to those who travel


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan changes for a place; ``minutes`` are those after less those before."""

    place: str
    people: float
    before: str
    after: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Even:
    """How a plan treats people.

    Attributes:
        mean: minutes to the lead, by people; worst: the mean of the tenth of the people who travel longest.
        gini: 0 when everybody travels equally long (Gini 1912, over people).
    """

    mean: float
    worst: float
    gini: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Before and after: changes in the order of what they mean for people, people who gain, lose and change their lead."""

    changes: Sequence[Change]
    gain: float
    lose: float
    moved: float
    before: Even
    after: Even


def compared(region: Region, before: Plan, after: Plan) -> Compared:
    """What the second plan changes for the people of the first."""
    changes = [
        Change(
            place.key,
            place.people,
            before.lead_of[place.key],
            after.lead_of[place.key],
            after.minutes[place.key] - before.minutes[place.key],
        )
        for place in region.places
    ]
    return Compared(
        sorted(
            (each for each in changes if each.before != each.after or abs(each.minutes) >= NOTICED),
            key=lambda each: (-abs(each.minutes) * each.people, each.place),
        ),
        math.fsum(each.people for each in changes if each.minutes <= -NOTICED),
        math.fsum(each.people for each in changes if each.minutes >= NOTICED),
        math.fsum(each.people for each in changes if each.before != each.after),
        evenness(region, before),
        evenness(region, after),
    )


def evenness(region: Region, plan: Plan) -> Even:
    """How evenly minutes are spread over people."""
    rows = sorted((plan.minutes[place.key], place.people) for place in region.places)
    people = math.fsum(count for _, count in rows)
    total = math.fsum(minutes * count for minutes, count in rows)
    if people <= 0 or total <= 0:
        return Even(0.0, 0.0, 0.0)
    left, worst = people / 10, 0.0
    for minutes, count in reversed(rows):
        taken = min(left, count)
        worst += minutes * taken
        left -= taken
    # Area under the Lorenz curve by trapezes, people on one axis and minutes on the other.
    under, carried = 0.0, 0.0
    for minutes, count in rows:
        under += count / people * (carried + minutes * count / 2) / total
        carried += minutes * count
    return Even(total / people, worst / (people / 10), max(0.0, 1 - 2 * under))
