"""Who goes where with what, month by month, and who is sent up and down."""

from __future__ import annotations

import numpy as np

from . import assumptions as given
from .cases import (
    AGAINST,
    CANCELLED,
    CLOSED,
    COMMUNITY,
    DEAD,
    DIED,
    DOWN,
    HOME,
    NO_SHOW,
    OPEN,
    OTHERWISE,
    RETURNED,
    SELF,
    TRANSFER,
    UP,
    URGENT,
    WITHDRAWN,
    Cases,
    Sent,
    joined,
    made,
    none,
    those,
)
from .columns import Array, pick, stream
from .diseases import diseases
from .people import DIES_THERE, People, as_of
from .planted import Impossible
from .world import EMERGENCY, INPATIENT, NOBODY, OUTPATIENT, World

_BLOCK = 1 << 20  # rows drawn at once
_LATEST = 20  # days until somebody sent arrives
_NOT_ARRIVED = np.array([RETURNED, WITHDRAWN, NO_SHOW, CANCELLED])


class Demand:
    """Draws a chunk of months after the other; what is still to come of earlier ones is carried."""

    def __init__(self, world: World, people: People, rows: int) -> None:
        self.world, self.people = world, people
        self.ill = diseases()
        cal = world.calendar
        month = cal.month(cal.days)
        weekday = np.array(given.WEEKDAYS)[cal.weekday]
        by_month = np.bincount(month, weekday)
        grown = (1 + given.GROWTH) ** (month / 12)
        weight = weekday / by_month[month] * np.array(given.SEASON)[month % 12] * grown * cal.lengths[month]
        self._edges: Array = np.concatenate([[0.0], np.cumsum(weight / weight.sum() * rows)])
        self._carried = none(Cases)
        self._hospitals: Array = np.flatnonzero(~world.site_primary & world.site_inside)
        self._pulls = [world.sites[i].pull for i in self._hospitals]

    def expected(self, first: int, last: int) -> float:
        """About how many visits the months from ``first`` up to ``last`` have."""
        begin, end = self.world.calendar.edges[[first, last]] - self.world.calendar.edges[0]
        return float(self._edges[end] - self._edges[begin])

    def chunk(self, first: int, last: int) -> tuple[Cases, Sent]:
        """Visits with their day in the months from ``first`` up to ``last``, by month, institution and day; and referrals."""
        rng = stream(self.world.seed, "demand", first)
        todo = round(self.expected(first, last) * (1 - given.ADDED))
        parts = []
        while todo > 0:
            parts.append(self._drawn(rng, min(todo, _BLOCK), first, last))
            todo -= _BLOCK
        base = self._alive(joined(Cases, [self._dying(rng, first, last), *parts, self._carried]))
        del parts
        follow, sent_up = self._sent_up(rng, base)
        cases, later = self._split(joined(Cases, [base, follow]), last)
        cases = self._apart(self._alive(cases))
        self._leaving(rng, cases)
        back, sent_down = self._sent_down(rng, cases)
        back, still_later = self._split(back, last)
        self._carried = joined(Cases, [later, still_later])
        cases = joined(Cases, [cases, back])
        self._crowded(rng, cases)
        for number, (siphon, _, _) in enumerate(self.world.siphons, 1):
            self.world.truth.count(siphon, int((cases.moved == number).sum()))
        sent = joined(Sent, [sent_up, sent_down, self._across(rng, cases)])
        return self._sorted(cases), self._settled(rng, sent)

    # --- people who come by themselves

    def _drawn(self, rng: np.random.Generator, count: int, first: int, last: int) -> Cases:
        people, ill = self.people, self.ill
        day, month = self._days(rng, count, first, last)
        place = pick(rng, people.size, count)
        nth = rng.random(count) ** given.FREQUENT * people.size[place]
        person = (people.start[place] + nth.astype(np.int64)).astype(np.int32)
        gone = np.flatnonzero(people.died[person] < day)  # a neighbour comes instead
        other = rng.random(len(gone)) * people.size[place[gone]]
        person[gone] = people.start[place[gone]] + other.astype(np.int64)
        winter = np.isin(month % 12 + 1, given.WINTER).astype(np.int64)
        code = ill.draw(rng, people.chronic[person], people.age[person], winter)
        luck = rng.random(count, np.float32)
        urgent = luck < ill.emergency[code]
        kind = np.where(
            urgent,
            EMERGENCY,
            np.where(luck < ill.emergency[code] + ill.stay[code] * given.STAYS, INPATIENT, OUTPATIENT),
        )
        sort = self._class(kind, code)
        site = self.world.choice.draw(rng, place * len(given.LAYERS) + sort)
        site = np.where(site < 0, people.usual[person], site)
        moved = self._drawn_off(rng, site, sort, place, month)
        by_ambulance = (kind == EMERGENCY) | ((kind == INPATIENT) & (rng.random(count, np.float32) < 0.25))
        return made(
            Cases, person=person, day=day, code=code, site=site, kind=kind, moved=moved, left=-1,
            arrival=np.where(by_ambulance, URGENT, SELF), stay=self._stays(rng, kind, code),
        )  # fmt: skip

    def _days(self, rng: np.random.Generator, count: int, first: int, last: int) -> tuple[Array, Array]:
        cal = self.world.calendar
        begin, end = cal.edges[[first, last]] - cal.edges[0]
        low, high = self._edges[begin], self._edges[end]
        at = np.searchsorted(self._edges, low + rng.random(count) * (high - low), side="right") - 1
        day = cal.days[np.clip(at, begin, end - 1)]
        return day, cal.month(day)

    def _class(self, kind: Array, code: Array) -> Array:
        serious = self.ill.serious[code] > 0
        stay = np.where(serious, given.SERIOUS_STAY, given.STAY)
        seen = np.where(
            serious, given.SERIOUS, np.where(self.ill.chronic[code] >= 0, given.CHRONIC_VISIT, given.MINOR)
        )
        return np.where(kind == INPATIENT, stay, np.where(kind == EMERGENCY, given.EMERGENCY, seen))

    def _stays(self, rng: np.random.Generator, kind: Array, code: Array) -> Array:
        """Days of each stay, 0 for what is none."""
        stay = np.zeros(len(kind), np.int16)
        which = np.flatnonzero(kind == INPATIENT)
        serious = (self.ill.serious[code[which]] > 0).astype(np.int64)
        days = np.array(given.STAY_DAYS)[serious] * rng.lognormal(0, given.STAY_SPREAD, len(which))
        days = np.clip(np.rint(days), 1, given.STAY_MOST)
        short = self.ill.day_case[code[which]] & (rng.random(len(which)) < given.DAY_CASE)
        stay[which] = np.where(short, 1, days)
        return stay

    def _drawn_off(
        self, rng: np.random.Generator, site: Array, sort: Array, place: Array, month: Array
    ) -> Array:
        """The siphons: stable patients of members' primary care go to the lead. Changes ``site``."""
        world = self.world
        moved = np.zeros(len(site), np.int8)
        for number, (siphon, group, since) in enumerate(world.siphons, 1):
            stable = (sort == given.MINOR) | (sort == given.CHRONIC_VISIT)
            theirs = (
                (world.place_group[place] == group)
                & (world.site_group[site] == group)
                & world.site_primary[site]
            )
            which = stable & theirs & (month >= since)
            which &= rng.random(len(site), np.float32) < siphon.strength
            site[which] = world.lead[group]
            moved[which] = number
        return moved

    def _dying(self, rng: np.random.Generator, first: int, last: int) -> Cases:
        """Last stays of those who die in hospital. They come first, so that no other stay takes their place."""
        people, cal = self.people, self.world.calendar
        soon = (people.died >= cal.edges[first]) & (people.died < cal.edges[last]) & as_of(people, DIES_THERE)
        person = np.flatnonzero(soon)
        home = people.home[person].astype(np.int64)
        code = self.ill.draw(rng, people.chronic[person], people.age[person], np.zeros(len(person), np.int64))
        kind = np.full(len(person), INPATIENT)
        site = self.world.choice.draw(rng, home * len(given.LAYERS) + given.SERIOUS_STAY)
        site = np.where(site < 0, people.usual[person], site)
        stay = self._stays(rng, kind, code)
        died = people.died[person]
        return made(
            Cases,
            person=person,
            day=died,
            code=code,
            site=site,
            kind=kind,
            arrival=URGENT,
            stay=stay,
            left=DIED,
            moved=0,
        )

    # --- people who are sent

    def _sent_up(self, rng: np.random.Generator, cases: Cases) -> tuple[Cases, Sent]:
        world, ill = self.world, self.ill
        sort = self._class(cases.kind, cases.code)
        chance = np.array(given.REFERRED_UP)[sort] * (cases.arrival != DOWN)
        can = world.site_primary & world.site_inside & ~world.site_idle
        which = np.flatnonzero(can[cases.site] & (rng.random(len(sort), np.float32) < chance))
        source, code = those(cases, which).site, cases.code[which]
        other = self._hospitals[pick(rng, self._pulls, len(which))]
        target = np.where(rng.random(len(which)) < given.TO_LEAD, world.site_up[source], other)
        submitted = cases.day[which]
        arrived = self._arrivals(rng, submitted, cases.person[which])
        serious = ill.serious[code] > 0
        kind = np.where(serious & (rng.random(len(which)) < given.ADMITTED), INPATIENT, OUTPATIENT)
        stay = self._stays(rng, kind, code)
        urgent = cases.kind[which] == EMERGENCY
        sent = made(
            Sent, person=cases.person[which], direction=0, source=source, target=target, submitted=submitted,
            arrived=arrived, code=code, urgency=np.where(urgent, 2, serious & (rng.random(len(which)) < 0.3)),
            stable=~serious & ~urgent, state=OPEN,
        )  # fmt: skip
        follow = made(
            Cases, person=sent.person, day=arrived + stay, code=code, site=target, kind=kind, arrival=UP, stay=stay,
            left=-1, moved=0,
        )  # fmt: skip
        return those(follow, arrived != NOBODY), sent

    def _sent_down(self, rng: np.random.Generator, cases: Cases) -> tuple[Cases, Sent]:
        which = np.flatnonzero(cases.left == COMMUNITY)
        person = cases.person[which]
        target = self.world.place_centre[self.people.home[person]]
        arrived = self._arrivals(rng, cases.day[which], person)
        sent = made(
            Sent, person=person, direction=1, source=cases.site[which], target=target, submitted=cases.day[which],
            arrived=arrived, code=cases.code[which], urgency=0, stable=1, state=OPEN,
        )  # fmt: skip
        back = made(
            Cases, person=person, day=arrived, code=sent.code, site=target, kind=OUTPATIENT, arrival=DOWN, stay=0,
            left=-1, moved=0,
        )  # fmt: skip
        return those(back, arrived != NOBODY), sent

    def _across(self, rng: np.random.Generator, cases: Cases) -> Sent:
        """From hospital to hospital: those discharged for transfer."""
        inside = self.world.site_inside[cases.site]
        which = np.flatnonzero((cases.left == TRANSFER) & inside)
        target = self._hospitals[pick(rng, self._pulls, len(which))]
        kept = target != cases.site[which]
        which, target = which[kept], target[kept]
        day = cases.day[which]
        return made(
            Sent, person=cases.person[which], direction=2, source=cases.site[which], target=target, submitted=day,
            arrived=day, code=cases.code[which], urgency=1, stable=0, state=OPEN,
        )  # fmt: skip

    def _arrivals(self, rng: np.random.Generator, submitted: Array, person: Array) -> Array:
        """Day on which somebody sent arrives; NOBODY if they do not, or die before."""
        arrived = submitted + np.minimum(rng.geometric(given.LATER, len(submitted)), _LATEST)
        comes = (rng.random(len(submitted)) < given.ARRIVES) & (arrived <= self.people.died[person])
        return np.where(comes, arrived, NOBODY).astype(np.int32)

    def _settled(self, rng: np.random.Generator, sent: Sent) -> Sent:
        """How referrals stand at the end of all months; in the order of their days."""
        end = self.world.calendar.edges[-1]
        gone = sent.arrived == NOBODY
        open_ = ~gone & (sent.arrived >= end)
        dead = gone & (self.people.died[sent.person] <= sent.submitted + _LATEST)
        why = _NOT_ARRIVED[pick(rng, given.STATES, len(gone))]
        state = np.where(open_, OPEN, np.where(dead, DEAD, np.where(gone, why, CLOSED)))
        sent.state = state.astype(np.int8)
        sent.arrived = np.where(open_, NOBODY, sent.arrived).astype(np.int32)
        return those(sent, np.argsort(sent.submitted, kind="stable"))

    # --- what cannot be

    def _split(self, cases: Cases, last: int) -> tuple[Cases, Cases]:
        """Those of this chunk, and those to come."""
        later = cases.day >= self.world.calendar.edges[last]
        return those(cases, ~later), those(cases, later)

    def _alive(self, cases: Cases) -> Cases:
        return those(cases, cases.day <= self.people.died[cases.person])

    def _apart(self, cases: Cases) -> Cases:
        """No two stays of one person overlap: they begin later, and what has no day left is an outpatient visit."""
        cases = joined(Cases, [cases])
        stays = np.flatnonzero(cases.kind == INPATIENT)
        order = stays[np.lexsort((cases.day[stays], cases.person[stays]))]
        person, day = cases.person[order], cases.day[order]
        same = np.concatenate([[False], person[1:] == person[:-1]]) if len(order) else np.zeros(0, np.bool_)
        before = np.where(same, np.concatenate([day[:1], day[:-1]]), self.people.last_out[person])
        stay = np.minimum(cases.stay[order], day - before - 1)
        self.people.last_out[person] = day
        cases.stay[order] = np.maximum(stay, 0)
        cases.kind[order[stay < 1]] = OUTPATIENT
        cases.left[order[stay < 1]] = -1
        return cases

    def _leaving(self, rng: np.random.Generator, cases: Cases) -> None:
        """How each stay ends."""
        world = self.world
        stays = np.flatnonzero((cases.kind == INPATIENT) & (cases.left != DIED))
        site, luck = cases.site[stays], rng.random(len(stays))
        home = self.people.home[cases.person[stays]]
        centre = world.place_centre[home]
        down = np.where(
            ~world.site_primary[site] & world.site_inside[site] & world.place_inside[home],
            given.SENT_DOWN,
            0.0,
        )
        down = np.where(world.site_idle[centre] | (centre == site), 0.0, down)
        month = world.calendar.month(cases.day[stays])
        for siphon, group, since in world.siphons:
            down = np.where(
                (site == world.lead[group]) & (month >= since), down * (1 - siphon.strength), down
            )
        edges = np.cumsum([np.zeros(len(stays)) + each for each in
                           (down, given.TRANSFERRED, given.AGAINST_ADVICE, given.DISCHARGED_OTHERWISE)], axis=0)  # fmt: skip
        ends = np.array([COMMUNITY, TRANSFER, AGAINST, OTHERWISE, HOME])
        cases.left[stays] = ends[(luck >= edges).sum(axis=0)]

    def _crowded(self, rng: np.random.Generator, cases: Cases) -> None:
        """Impossible days: outpatients of a month are dated to its tenth day. Those who did not live to see it are not."""
        cal = self.world.calendar
        for planted, site in self.world.at_sites:
            if isinstance(planted, Impossible):
                which = np.flatnonzero(
                    (cases.site == site) & (cases.kind == OUTPATIENT) & (cases.arrival == SELF)
                )
                tenth = cal.edges[cal.month(cases.day[which])] + 9
                which = which[
                    (rng.random(len(which)) < planted.share)
                    & (self.people.died[cases.person[which]] >= tenth)
                ]
                cases.day[which] = cal.edges[cal.month(cases.day[which])] + 9
                self.world.truth.count(planted, len(which))

    def _sorted(self, cases: Cases) -> Cases:
        cal = self.world.calendar
        month = cal.month(cases.day)
        inside = cases.day - cal.edges[month]
        key = (
            (month.astype(np.int64) << 52)
            | (cases.site.astype(np.int64) << 36)
            | (inside.astype(np.int64) << 31)
        )
        key |= np.arange(len(key))
        key.sort()
        return those(cases, key & ((1 << 31) - 1))
