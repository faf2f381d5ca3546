"""All fact tables of a made-up period of a region, chunk of months by chunk of months."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import writing

from . import assumptions as given
from .around import Bookings, recognition, referrals, remote
from .cases import Cases
from .columns import Array, Calendar, Piece
from .deaths import mortality
from .demand import Demand
from .institutions import Institutions
from .money import funds, surveys
from .people import People
from .planted import Planted, Truth
from .profile import Profile
from .registers import Register, contract_counts, contracts
from .staff import Staff, support
from .stocks import Heads, agreements, capabilities, consortia, grids, milestones
from .visits import SLICE, Books, slices, visits
from .world import World
from .writing import Drafts, in_memory

FIRST_YEAR = 2024
_FROM_VISITS = frozenset(
    {"visits", "bookings", "quotas", "remote", "recognition", "patients", "funds", "institutions"}
)
_LEAST = 200  # visits a year: fewer people than that fill no region


class Generation:
    """One made-up period. ``truth`` says what is hidden in it, once everything has been taken out."""

    def __init__(
        self,
        profile: Profile,
        years: int,
        rows: int,
        seed: int,
        first_year: int,
        planted: Sequence[Planted],
        only: Collection[str] | None,
    ) -> None:
        if years < 1 or rows < _LEAST * years:
            raise ValueError(f"{rows} visits in {years} years: at least {_LEAST} a year are needed")
        unknown = set(only or ()) - facts().keys()
        if unknown:
            raise KeyError(f"no such facts: {sorted(unknown)}")
        self.wanted: Collection[str] = facts().keys() if only is None else only
        self.world = World(profile, Calendar(first_year, years), seed, planted)
        self.truth: Truth = self.world.truth
        self.people = People(self.world, max(round(rows / years / given.VISITS_PER_HEAD), 20))
        self.truth.people = self.people.count
        self.demand = Demand(self.world, self.people, rows)
        self.staff = Staff(self.world, rows)
        self.institutions = Institutions(self.world, self.people, rows)
        self.register = Register(self.world, self.people) if "patients" in self.wanted else None

    @cached_property
    def heads(self) -> Heads:
        """People by group, counted once."""
        return Heads(self.world, self.people)

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Months that are made together: as many as make a slice, at least one."""
        first, months = 0, len(self.world.calendar.months)
        while first < months:
            last = first + 1
            while last < months and self.demand.expected(first, last + 1) < SLICE:
                last += 1
            yield first, last
            first = last

    def pieces(self, first: int, last: int) -> Iterator[Piece]:
        """The rows of the wanted facts in the months from ``first`` up to ``last``; chunks are asked for in order."""
        for piece in self._all(first, last):
            if piece.fact in self.wanted and piece.rows:
                self.truth.rows[piece.fact] = self.truth.rows.get(piece.fact, 0) + piece.rows
                yield piece

    def _all(self, first: int, last: int) -> Iterator[Piece]:
        world, people = self.world, self.people
        books = Books(world, first, last)
        cases, sent = self.demand.chunk(first, last)
        yield referrals(world, people, sent, first)
        del sent
        if not _FROM_VISITS.isdisjoint(self.wanted):
            yield from self._of_visits(cases, books, first, last)
        del cases
        if "funds" in self.wanted:
            yield from funds(world, books, contract_counts(world, people, first, last), last)
        if "contracts" in self.wanted:
            yield from contracts(world, people, first, last)
        yield from self._stocks(books, first, last)

    def _of_visits(self, cases: Cases, books: Books, first: int, last: int) -> Iterator[Piece]:
        world, people, wanted = self.world, self.people, self.wanted
        bookings = Bookings(world, people, first, last)
        monthly = self.register.opened(first, last) if self.register else None
        for part in slices(world, people, cases, first):
            books.take(world, people, part)
            if monthly:
                monthly.take(part)
            if not {"bookings", "quotas"}.isdisjoint(wanted):
                yield bookings.take(part)
            if "visits" in wanted:
                yield visits(world, people, part, first)
            if "remote" in wanted:
                yield remote(world, part, first)
            if "recognition" in wanted:
                yield recognition(world, people, part, first)
        if "quotas" in wanted:
            yield from bookings.quotas()
        if monthly:
            yield from monthly.patients()

    def _stocks(self, books: Books, first: int, last: int) -> Iterator[Piece]:
        world, people, staff = self.world, self.people, self.staff
        paid: Array = np.zeros(books.cost.shape, np.int64)
        if not {"staff", "institutions"}.isdisjoint(self.wanted):
            for piece, cost in staff.rows(first, last):
                paid += cost
                yield piece
        makers: dict[str, Callable[[], Piece]] = {
            "population": lambda: self.heads.population(first, last),
            "consortia": lambda: consortia(world, first, last),
            "institutions": lambda: self.institutions.piece(books, paid, first, last),
            "capabilities": lambda: capabilities(world, staff, first, last),
            "agreements": lambda: agreements(world, first, last),
            "grids": lambda: grids(world, first, last),
            "milestones": lambda: milestones(world, first, last),
            "support": lambda: support(world, staff, first, last),
            "mortality": lambda: mortality(world, people, first, last),
            "surveys": lambda: surveys(world, people, first, last),
        }
        for fact, make in makers.items():
            if fact in self.wanted:
                yield make()


def synth(
    root: Path,
    profile: Profile,
    years: int,
    rows: int,
    seed: int,
    *,
    first_year: int = FIRST_YEAR,
    planted: Sequence[Planted] = (),
    only: Collection[str] | None = None,
    at: datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Truth:
    """Fill a store with synthetic facts of a region; the same arguments make the same files.

    Nobody and nothing of it exists: keys of cases and persons begin with ``SYN``, every batch is marked synthetic.

    Args:
        root: folder of a ``store.Store``. One batch a fact table is taken; a month is written as it is made.
        rows: about how many visits in all years together (within a few per cent); people follow from them.
        only: the fact tables to write; all if not said.
        at: when it counts as having come; now if not said.
        progress: told the month (YYYYMM) up to which everything is made.

    Raises:
        ValueError: a region without hospital or people, too few rows, an unknown consortium.
        Refused: the store already holds these very facts, real ones, or locked months (``store.writing``).
    """
    generation = Generation(profile, years, rows, seed, first_year, planted, only)
    named = f"{profile!r} {years} {rows} {seed} {first_year} {planted!r}"
    with writing(root, profile.region) as writer:
        drafts = Drafts(writer, generation.world.calendar.months)
        for first, last in generation.chunks():
            for piece in generation.pieces(first, last):
                drafts.write(piece)
            drafts.close_months()
            if progress is not None:
                progress(generation.world.calendar.months[last - 1])
        drafts.commit(named, at or datetime.now(UTC))
    return generation.truth


def tables(
    profile: Profile,
    years: int,
    rows: int,
    seed: int,
    *,
    first_year: int = FIRST_YEAR,
    planted: Sequence[Planted] = (),
    only: Collection[str] | None = None,
) -> tuple[dict[str, pa.Table], Truth]:
    """The same in memory: Arrow tables with ``region`` and ``month`` (YYYYMM) beside their columns; for small regions.

    Raises:
        ValueError: as ``synth``.
    """
    generation = Generation(profile, years, rows, seed, first_year, planted, only)
    every = (piece for first, last in generation.chunks() for piece in generation.pieces(first, last))
    return in_memory(every, generation.world.calendar.months, profile.region), generation.truth
