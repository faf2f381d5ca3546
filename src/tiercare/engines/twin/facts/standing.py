"""How things stand at the end of each month of a simulated year: chronic patients, people by group, institutions, the fund."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pyarrow as pa

from tiercare.engines.measures.synth import assumptions as usual
from tiercare.engines.measures.synth.columns import Array, counts, stream, word
from tiercare.engines.measures.synth.institutions import Institutions
from tiercare.engines.measures.synth.money import Terms
from tiercare.engines.measures.synth.people import DISEASES, PERMANENT, People, as_of
from tiercare.engines.measures.synth.registers import Monthly, Register
from tiercare.engines.measures.synth.stocks import Heads
from tiercare.engines.measures.synth.visits import Books
from tiercare.engines.measures.synth.world import World
from tiercare.engines.twin.levers import PaymentMode
from tiercare.engines.twin.residents import EMPLOYEE, NAMED, RESIDENT, residents_of
from tiercare.engines.twin.running import Year
from tiercare.engines.twin.years import Residents, begins

from .rows import chronic_visit_months

_PLAYED = np.array([each in NAMED for each in DISEASES])
_STEPS = 4096
_EVENLY = (np.arange(_STEPS) + 0.5) / _STEPS
_NORMAL = np.array([NormalDist().inv_cdf(each) for each in _EVENLY])
_DRIFT = 0.1  # by how much somebody's rank among the readings moves from month to month
_MODES = {  # of hospitals' outpatients and stays, in the words of funds.mode
    PaymentMode.ITEM: ("item", "item"),
    PaymentMode.DRG: ("item", "drg"),
    PaymentMode.DIP: ("item", "dip"),
    PaymentMode.GLOBAL_BUDGET: ("global", "global"),
    PaymentMode.CAPITATION_PACKAGE: ("capitation", "capitation"),
}


class Patients(Register):
    """The register of chronic patients: who is known and managed is drawn; control, visits and cost are those that were played."""

    def __init__(self, year: Year, people: People, world: World) -> None:
        super().__init__(world, people)
        who = year.residents
        self.since: Array = (year.world.calendar.edges[0] + who["onset"].astype(np.int32))[self.person]
        began = residents_of(year.people, year.levers, year.given)
        self.began, self.ended = began["controlled"], who["controlled"]
        # The twin keeps how control stood in the beginning and in the end: of those who changed the month is drawn.
        self.changes: Array = stream(year.seed, "control").integers(
            1, len(year.world.calendar.months), people.count, np.int8
        )
        self.seen_in, self.gone_by = chronic_visit_months(year, began["last_seen"]), gone_by(year, world)

    def opened(self, first: int, last: int) -> Monthly:
        """What the months from ``first`` up to ``last`` will add."""
        return _Course(self, first, last)


class _Course(Monthly):
    """A chunk of months of ``Patients``."""

    register: Patients

    def seen(self, rng: np.random.Generator, month: Array, slot: Array) -> tuple[Array, Array, Array]:
        """Readings fit the control that was played: those of a month and disease are normally spread, those controlled below the limit."""
        register = self.register
        person, disease = register.person[slot], register.disease[slot]
        month = month.astype(np.int64) - register.gone_by
        late = month >= register.changes[person]
        fine = np.where(late, register.ended[person], register.began[person])
        fine = np.where(_PLAYED[disease], fine, register.luck[slot] < usual.CONTROLLED_OTHERWISE)
        times = register.seen_in[person]
        lately = np.take_along_axis(times, month[:, None] + np.arange(3), 1).any(axis=1)
        rank = 1 - np.abs(1 - np.abs(register.luck[slot] + _DRIFT * (rng.random(len(slot)) - 0.5)))
        value = np.zeros(len(slot), np.int64)
        for name, (_, spread, limit) in usual.READINGS.items():
            for at in np.unique(month):
                which = np.flatnonzero((disease == DISEASES.index(name)) & (month == at))
                value[which] = _readings(rank[which], fine[which], spread, limit)
        return value, register.managed[slot] & lately, fine


def _readings(rank: Array, fine: Array, spread: float, limit: int) -> Array:
    share = fine.mean() if len(fine) else 0.5
    middle = limit - 0.5 - spread * np.interp(share, _EVENLY, _NORMAL)
    reading = middle + spread * np.interp(
        np.where(fine, rank * share, share + rank * (1 - share)), _EVENLY, _NORMAL
    )
    whole: Array = np.where(
        fine, np.minimum(np.rint(reading), limit - 1), np.maximum(np.rint(reading), limit)
    ).astype(np.int64)
    return whole


def heads_of(year: Year, people: People, world: World) -> Heads:
    """People by group; those whose chronic disease begins in the year count from then on."""
    heads, who = Heads(world, people.lasting() if isinstance(people, Residents) else people), year.residents
    later = (who["onset"] > 0) & begins(year)
    month = world.calendar.month(year.world.calendar.edges[0] + who["onset"].astype(np.int32))
    groups = {
        each: (people.chronic >> np.uint8(DISEASES.index(each)) & np.uint8(1)) > 0
        for each in ("hypertension", "diabetes")
    }
    groups["consortium_patients"] = (world.place_group[people.home] >= 0) & as_of(people, PERMANENT)
    for group, those in groups.items():
        count = heads.count[word("population", "group", group)]
        which = np.flatnonzero(later & those)
        begun = np.bincount(
            month[which].astype(np.int64) * count.shape[1] + people.home[which], minlength=count.size
        ).reshape(count.shape)
        count -= begun.sum(axis=0) - np.cumsum(begun, axis=0)
    return heads


class Equipped(Institutions):
    """Institutions with the beds and the lines to hospitals that were played; primary care has beds on record, but the twin admits nobody there."""

    def __init__(self, year: Year, people: People, world: World, rows: int) -> None:
        super().__init__(world, people, rows)
        self._gone_by, site = gone_by(year, world), year.ground.site[: self.size]
        self._hospital = site["hospital"]
        self.beds = np.where(self._hospital, year.ground.beds[: self.size], self.beds)
        self._lines = site["remote"]
        starts = year.world.calendar.edges[:-1] - year.world.calendar.edges[0]
        self._used: Array = np.add.reduceat(year.state.bed_days[: self.size], starts, axis=1, dtype=np.int64)

    def bed_days(self, books: Books, month: Array, row: Array) -> dict[str, pa.Array]:
        """Bed-days open and used in each month; empty for primary care."""
        open_, none = self.beds[row] * self.world.calendar.lengths[month], ~self._hospital[row]
        return {
            "bed_days_open": counts(open_, none),
            "bed_days_used": counts(self._used[row, month - self._gone_by], none),
        }

    def remote(self, row: Array, sort: Array) -> Array:
        """Who can be reached from a distance: in primary care those whom policy gave a line."""
        return np.where(self._hospital[row], super().remote(row, sort), self._lines[row])


def gone_by(year: Year, world: World) -> int:
    """How many months of the years in a row lie before this one."""
    return (year.world.calendar.first_year - world.calendar.first_year) * 12


def terms_of(year: Year, world: World) -> Terms:
    """The fund's income that is meant for what is simulated, in twelve equal parts, shared out over a month's rows as they are paid; to the fen."""
    who, given, counties = year.residents, year.given, len(year.world.county_names)
    months = len(year.world.calendar.months)
    yearly = np.zeros(counties)
    for cover, name in ((RESIDENT, "resident"), (EMPLOYEE, "employee")):
        heads = np.bincount(year.people.insured[who["cover"] == cover], minlength=counties)
        yearly += heads * given[f"income_{name}"] * given["year_share"] * 100
    by_month = np.diff(np.rint(np.linspace(0, 1, months + 1)[:, None] * np.rint(yearly)), axis=0)

    before = gone_by(year, world)

    def income(month: Array, county: Array, fund: Array) -> Array:
        of = month.astype(np.int64) - before
        return _shared_out(of * counties + county, by_month[of, county], fund)

    visits, stays = (word("funds", "mode", each) for each in _MODES[year.levers.payment_mode])
    return Terms(visits, stays, income)


def _shared_out(key: Array, total: Array, fund: Array) -> Array:
    """Of each group of rows (neighbours with one key) its total, in proportion to ``fund``, whole and to the last fen."""
    if not len(key):
        return np.zeros(0)
    new = np.concatenate([[True], key[1:] != key[:-1]])
    group, starts = np.cumsum(new) - 1, np.flatnonzero(new)
    weight = np.where(np.add.reduceat(fund, starts)[group] > 0, fund, 1).astype(np.float64)
    before = np.cumsum(weight) - weight
    so_far = before + weight - before[starts][group]
    reached = np.rint(total * so_far / np.add.reduceat(weight, starts)[group])
    shares: Array = reached - np.where(new, 0.0, np.concatenate([[0.0], reached[:-1]]))
    return shares
