"""The rows of all fact tables of a simulated year, month by month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tiercare.engines.measures.synth import assumptions as usual
from tiercare.engines.measures.synth.around import recognition, referrals, services
from tiercare.engines.measures.synth.columns import Array, Piece, pick, stream, word
from tiercare.engines.measures.synth.deaths import mortality
from tiercare.engines.measures.synth.money import funds, surveys
from tiercare.engines.measures.synth.people import People
from tiercare.engines.measures.synth.registers import contract_counts, contracts
from tiercare.engines.measures.synth.staff import Staff, support
from tiercare.engines.measures.synth.stocks import agreements, capabilities, consortia, grids, milestones
from tiercare.engines.measures.synth.visits import SLICE, Books, Slice, visits
from tiercare.engines.measures.synth.world import World
from tiercare.engines.twin.running import Year
from tiercare.engines.twin.years import Residents

from .places import Places
from .rows import Visits, cases_of, people_of, sent_of
from .standing import Equipped, Patients, gone_by, heads_of, terms_of

_DOCTORS = [word("staff", "profession", each) for each in ("physician", "village_doctor")]
_CONSULTATION = word("remote", "kind", "consultation")


class Months:
    """What does not change from month to month of a year, and the rows of each.

    Args:
        world: that of all years in a row of which this is one; its months are those of the rows.
        before: the same of the year before, if there is one.
    """

    def __init__(self, year: Year, world: World | None = None, before: Months | None = None) -> None:
        self._year, self._world = year, world or year.world
        self._people: People = people_of(year, before._people if before else None)
        self._signers = self._people.followed() if isinstance(self._people, Residents) else self._people
        self._visits = Visits(year)
        self._places = Places(year, self._people, self._world)
        self._patients = Patients(year, self._people, self._world)
        self._heads, self._terms = heads_of(year, self._people, self._world), terms_of(year, self._world)
        # Staff and primary care's beds are sized for what people of such a number usually need, whatever the policy.
        rows = round(year.people.count * usual.VISITS_PER_HEAD * len(self._world.calendar.months) / 12)
        self._staff: Staff = before._staff if before else _staffed(self._world, rows)
        self._institutions = Equipped(year, self._people, self._world, rows)
        self._gone_by = gone_by(year, self._world)

    def pieces(self, month: int) -> Iterator[Piece]:
        """All rows of a month of the year, from 0; months are asked for in order."""
        return (piece for piece in self._all(month) if piece.rows)

    def _all(self, month: int) -> Iterator[Piece]:
        world, people, now = self._world, self._people, month + self._gone_by
        books, last = Books(world, now, now + 1), now + 1
        sent, placed = sent_of(self._year, month)
        yield referrals(world, people, sent, now, placed)
        yield from self._of_visits(books, month)
        yield self._places.bookings(month)
        yield self._places.quotas(month)
        yield from funds(world, books, contract_counts(world, self._signers, now, last), last, self._terms)
        yield from contracts(world, self._signers, now, last)
        yield from self._stocks(books, now)

    def _of_visits(self, books: Books, month: int) -> Iterator[Piece]:
        world, people, now = self._world, self._people, month + self._gone_by
        register = self._patients.opened(now, now + 1)
        rows = self._visits.of(month)
        settled = self._visits.settled(rows, month)
        for at in range(0, len(rows), SLICE):
            part = _slice(self._year, rows[at : at + SLICE], now, at)
            books.take(world, people, part)
            register.take(part)
            yield visits(world, people, part, now)
            yield self._remote(part, settled[at : at + SLICE], now)
            yield recognition(world, people, part, now)
        yield from register.patients()

    def _remote(self, part: Slice, settled: Array, month: int) -> Piece:
        """Consultations are those that were played; services that the twin does not play are drawn where there is a line to a hospital."""
        world, site = self._world, part.cases.site
        rng = stream(world.seed, f"remote{int(part.number[0])}", month)
        others = np.where(np.arange(len(usual.REMOTE_KINDS)) == _CONSULTATION, 0.0, usual.REMOTE_KINDS)
        can = self._year.ground.site["remote"] & ~world.site_idle & (world.site_group >= 0)
        drawn = rng.random(len(site)) < usual.REMOTE * others.sum() / sum(usual.REMOTE_KINDS)
        which = np.flatnonzero(settled | (can[site] & drawn))
        mine = settled[which]
        kind = np.where(mine, _CONSULTATION, pick(rng, others, len(which)))
        done = mine | (rng.random(len(which)) < usual.REMOTE_DONE)
        return services(rng, world, part, which, kind, done)

    def _stocks(self, books: Books, month: int) -> Iterator[Piece]:
        world, people, last = self._world, self._people, month + 1
        paid: Array = np.zeros(books.cost.shape, np.int64)
        for piece, cost in self._staff.rows(month, last):
            paid += cost
            yield piece
        yield self._heads.population(month, last)
        yield consortia(world, month, last)
        yield self._institutions.piece(books, paid, month, last)
        yield capabilities(world, self._staff, month, last)
        yield agreements(world, month, last)
        yield grids(world, month, last)
        yield milestones(world, month, last)
        yield support(world, self._staff, month, last)
        yield mortality(world, people, month, last)
        yield surveys(world, people, month, last)


def _staffed(world: World, rows: int) -> Staff:
    """Staff as drawn for synthetic facts; somebody who sees patients stays at every institution, or a small one would be left with nobody."""
    staff = Staff(world, rows)
    doctors = np.flatnonzero(np.isin(staff.profession, _DOCTORS))
    kept = doctors[np.unique(staff.site[doctors], return_index=True)[1]]
    staff.goes[kept] = len(world.calendar.months) + 1
    return staff


def _slice(year: Year, rows: Array, month: int, at: int) -> Slice:
    cases = cases_of(rows, year.world.calendar)
    of = np.full(len(rows), month, np.int16)
    number = np.arange(at, at + len(rows))
    return Slice(
        cases, of, number, rows["cost"].astype(np.int64), rows["fund"].astype(np.int64), rows["wait"]
    )
