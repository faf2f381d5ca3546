"""The records of a simulated year in the shapes from which the fact tables are made: visits and referrals of a month, the people as they stand."""

from __future__ import annotations

import copy

import numpy as np
from numba import njit

from tiercare.engines.measures.synth.cases import Cases, Sent, made
from tiercare.engines.measures.synth.columns import Array, Calendar, stream
from tiercare.engines.measures.synth.diseases import diseases
from tiercare.engines.measures.synth.people import People
from tiercare.engines.measures.synth.world import NOBODY
from tiercare.engines.twin.acting import DOWN, OUT, SELF
from tiercare.engines.twin.chance import luck
from tiercare.engines.twin.running import Year
from tiercare.engines.twin.years import begins

UPWARDS, DOWNWARDS, ACROSS = range(3)  # referrals.direction
_URGENT = 0.3  # of those referred up with something serious, and all who go from hospital to hospital; as in the synthetic facts
_SIGNED_BEFORE = 900  # days before the year within which contracts were signed
_CHOSEN = 90  # what a visit's luck is asked for: which of them were settled by a remote consultation


def people_of(year: Year, before: People | None = None) -> People:
    """The synthetic people with the contracts and the chronic diseases that they have under this policy; diseases that only begin after a death
    do not count. One who is signed was so before the year began, on a day that does not depend on the policy.

    Args:
        before: the same in the year before, if there is one: contracts go on; who signs only now does so on the year's first day, who came in
            the place of one who died on the day of the death.
    """
    people, who, first = copy.copy(year.people), year.residents, int(year.world.calendar.edges[0])
    if before is None:
        since = first - stream(year.seed, "signed").integers(1, _SIGNED_BEFORE, people.count, np.int32)
    else:
        since = np.where(before.died < first, before.died, before.signed)
        since = np.where(before.signed == NOBODY, first, since)
    people.signed = np.where(who["signed"], since, NOBODY).astype(np.int32)
    people.chronic = np.where(begins(year), who["chronic"], year.people.chronic)
    return people


class Visits:
    """The visits of a year by month and institution."""

    def __init__(self, year: Year) -> None:
        self._year = year
        self._sent = np.sort(
            _person_day(year, year.sent["person"], year.sent["submitted"])[year.sent["direction"] == UPWARDS]
        )
        month = year.world.calendar.month(year.world.calendar.days)
        counted = _sorted(year.visits["day"], year.visits["site"], month, len(year.world.sites))
        self._order, self._edges = counted[0], counted[1][:: len(year.world.sites)]

    def of(self, month: int) -> Array:
        """Records of VISIT of a month."""
        found: Array = self._year.visits[self._order[self._edges[month] : self._edges[month + 1]]]
        return found

    def settled(self, rows: Array, month: int) -> Array:
        """Which visits a hospital's help from a distance kept in primary care: at each institution as many as the twin counted, of those with
        something serious, and of them such that led to no referral."""
        year, ground = self._year, self._year.ground
        primary = ~ground.site["hospital"] & ground.site["inside"]
        can = (
            (diseases().serious[rows["code"]] > 0)
            & (rows["kind"] == OUT)
            & (rows["arrival"] != DOWN)
            & primary[rows["site"]]
        )
        which = np.flatnonzero(can)
        site, referred = rows["site"][which], _person_day(year, rows["person"][which], rows["day"][which])
        order = np.lexsort((_chances(year.seed, rows["number"][which]), np.isin(referred, self._sent), site))
        which, site = which[order], site[order]
        rank = np.arange(len(site)) - np.searchsorted(site, site)
        found = np.zeros(len(rows), np.bool_)
        found[which[rank < year.state.remote[site, month]]] = True
        return found


def cases_of(rows: Array, calendar: Calendar) -> Cases:
    """Visits as the synthetic facts hold them."""
    fields = {name: rows[name] for name in ("person", "code", "site", "kind", "arrival", "stay", "left")}
    return made(Cases, day=rows["day"] + calendar.edges[0], moved=0, **fields)


def sent_of(year: Year, month: int) -> tuple[Sent, Array]:
    """The referrals of a month in the order of their days, and which had a place in hand. The twin knows no urgency: it is drawn."""
    calendar, rows = year.world.calendar, year.sent
    first, last = (calendar.edges[[month, month + 1]] - calendar.edges[0]).tolist()
    which = np.flatnonzero((rows["submitted"] >= first) & (rows["submitted"] < last))
    rows = rows[which[np.argsort(rows["submitted"][which], kind="stable")]]
    serious = (rows["direction"] == UPWARDS) & ~rows["stable"]
    drawn = stream(year.seed, "urgency", month).random(len(rows)) < _URGENT
    arrived = np.where(rows["arrived"] < 0, NOBODY, rows["arrived"] + calendar.edges[0])
    fields = {
        name: rows[name] for name in ("person", "direction", "source", "target", "code", "stable", "state")
    }
    urgency = (serious & drawn) | (rows["direction"] == ACROSS)
    sent = made(
        Sent, submitted=rows["submitted"] + calendar.edges[0], arrived=arrived, urgency=urgency, **fields
    )
    return sent, rows["place"] >= 0


def chronic_visit_months(year: Year, before: Array) -> Array:
    """(persons, months + 2): in which months somebody was seen in primary care for a chronic disease, the two before the year first; ``before``
    holds the day on which each was last seen before it."""
    calendar, rows = year.world.calendar, year.visits
    months = len(calendar.months)
    seen = np.zeros((len(year.residents), months + 2), np.bool_)
    seen[:, 1], seen[:, 0] = before > -31, (before <= -31) & (before > -62)
    inside = ~year.ground.site["hospital"] & year.ground.site["inside"]
    which = (rows["kind"] == OUT) & inside[rows["site"]] & (diseases().chronic[rows["code"]] >= 0)
    seen[rows["person"][which], calendar.month(rows["day"][which] + calendar.edges[0]) + 2] = True
    return seen


def own_way(rows: Array) -> Array:
    """Outpatients who came by themselves."""
    found: Array = (rows["kind"] == OUT) & (rows["arrival"] == SELF)
    return found


def _person_day(year: Year, person: Array, day: Array) -> Array:
    found: Array = person.astype(np.int64) * (year.days + 1) + day
    return found


@njit(cache=True)
def _chances(seed: int, numbers: Array) -> Array:
    found = np.empty(len(numbers))
    for i in range(len(numbers)):
        found[i] = luck(seed, numbers[i], _CHOSEN)
    return found


@njit(cache=True)
def _sorted(days: Array, sites: Array, month: Array, many: int) -> tuple[Array, Array]:
    """The order of visits by month and site, those of one pair as they were noted, and where each pair begins."""
    starts = np.zeros((month[-1] + 1) * many + 1, np.int64)
    for i in range(len(days)):
        starts[month[days[i]] * many + sites[i] + 1] += 1
    starts = np.cumsum(starts)
    at, order = starts.copy(), np.empty(len(days), np.int32)
    for i in range(len(days)):
        pair = month[days[i]] * many + sites[i]
        order[at[pair]] = i
        at[pair] += 1
    return order, starts
