"""Days since a person's earlier row where earlier rows are many: looked up month by month instead of sorting all rows by person.

Of the parts that ask for such a column most rows are decided without it. For the others, the days on which a person had an earlier row
are the bits of one number, one for each person who had any: made in one pass, found by the person's key, read by shifting. The window
over the whole table (``Since.on_ibis``) gives the same, and is what remains for rows that are counted from before their month.
"""

from __future__ import annotations

import operator
from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from typing import Any

import ibis

from .cells import BEGINNING, Amounts, Tables, aggregated, belongs, by_of, counted_to, derived_in, rolled
from .derived import Since, certain, derived, names, reach, refuted
from .expressions import All, Field, Node, Sort
from .expressions import Any as Some
from .indicators import Part
from .on_ibis import all_bits, bit, on_ibis
from .schema import Level

_FURTHEST = 31  # days: with those of a month they are fewer than the bits of a number


def can_look_back(part: Part) -> bool:
    """Whether a part is one for this module: additive, looking a known number of days back on rows that are many."""
    used, where = _used(part), part.aggregate.where
    if not used or where is None or not part.aggregate.additive:
        return False
    limits = [reach(where, each.name) for each in used]
    near = all(limit is not None and 0 <= limit <= _FURTHEST for limit in limits)
    return near and all(each.many for each in used) and not {*names(part.aggregate.what)} & derived_in(part)


def looked_back(
    tables: Tables, parts: Sequence[Part], month: int, *, region: str, levels: Collection[Level]
) -> tuple[Amounts, int]:
    """What parts count beyond what is ``certain``, in one month; and from which month on rows were looked at for it.

    Args:
        parts: over one fact, naming the same derived columns, with any attribution.
    """
    asked = _Asked(tuple(parts), month, region, levels)
    table = tables.table(parts[0].fact)
    cells = list(tables.run(asked.cells(asked.with_days(table))))
    first = asked.since.year * 100 + asked.since.month
    if any(cell["early"] for cell in cells):
        cells += tables.run(asked.cells(asked.with_windows(table)))
        first = BEGINNING
    return rolled(cells, len(parts), [month], region)[month], first


def _used(part: Part) -> list[Since]:
    return [derived(part.fact)[name] for name in sorted(derived_in(part))]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The parts and the month."""

    parts: tuple[Part, ...]
    month: int
    region: str
    levels: Collection[Level]

    @property
    def begin(self) -> date:
        """The first day of the month."""
        return date(self.month // 100, self.month % 100, 1)

    @property
    def end(self) -> date:
        """The last day of the month."""
        return self.begin.replace(day=monthrange(self.begin.year, self.begin.month)[1])

    @property
    def since(self) -> date:
        """From which day on earlier rows matter to rows that are counted to a day of the month."""
        limits = [reach(p.aggregate.where, each.name) or 0 for p in self.parts for each in _used(p)]
        return self.begin - timedelta(days=max(limits))

    @property
    def hangs(self) -> tuple[Node, ...]:
        """The conditions that name a derived column: a row is open as long as one of them is."""
        every = (each for part in self.parts for each in _conjuncts(part.aggregate.where))
        return tuple(dict.fromkeys(each for each in every if self._hidden & {*names(each)}))

    @property
    def _hidden(self) -> frozenset[str]:
        return derived_in(self.parts[0])

    def with_days(self, table: Any) -> Any:
        """The open rows that are counted to a day of the month, with the derived columns from the days of earlier rows.

        Of those that are counted to an earlier day the column is empty, and ``early`` holds.
        """
        rows, used = self._open(table), _used(self.parts[0])
        for at, each in enumerate(used):
            rows = self._joined(rows, self._days(table, each), each, f"before{at}")
        # Without an earlier day near enough no condition holds that is not certain anyway (``reach``).
        found = [rows[f"before{at}"].fill_null(0) != 0 for at in range(len(used))]
        rows = rows.filter(reduce(operator.or_, found, rows.early))
        rows = rows.mutate(
            **{each.name: self._since(rows, each, rows[f"before{at}"]) for at, each in enumerate(used)}
        )
        # Most rows fall out here: what each part asks besides is asked of the few that are left.
        holds = [
            rows[flag] & on_ibis(each, rows).fill_null(False)
            for flag, each in zip(self._flags(), self.hangs, strict=True)
        ]
        rows = rows.filter(reduce(operator.or_, holds, rows.early))
        return rows.mutate(**{each: rows[each] & ~rows.early for each in self._flags()})

    def with_windows(self, table: Any) -> Any:
        """The open rows that are ``early``, with the derived columns from windows over their people's rows."""
        people = self._open(table)
        people = people.filter(people.early).person
        earlier = table.filter((table.month <= self.month) & table.person.isin(people))
        rows = self._open(
            earlier.mutate(**{each.name: each.on_ibis(earlier) for each in _used(self.parts[0])})
        )
        return rows.filter(rows.early)

    def _flags(self) -> list[str]:
        return [f"open{at}" for at in range(len(self.hangs))]

    def _open(self, table: Any) -> Any:
        """The rows of the month that hang on a derived column; ``open0`` … say by which condition, ``early`` from when."""
        rows = table.filter(table.month == self.month)
        used = _used(self.parts[0])
        begin, end = ibis.date(self.begin.isoformat()), ibis.date(self.end.isoformat())
        # A row that lies in a month that is not its own is left to the windows as well.
        astray = [~rows[each.then].between(begin, end) for each in used]
        hangs = zip(self._flags(), self.hangs, strict=True)
        return rows.filter(self._matters(rows)).mutate(
            early=reduce(operator.or_, astray, counted_to(rows, used) < begin),
            **{name: self._undecided(each, rows) for name, each in hangs},
        )

    def _matters(self, rows: Any) -> Any:
        """Whether a row hangs on a derived column and does all that every part of an attribution asks for besides."""
        asked = []
        for by in dict.fromkeys(part.attribution for part in self.parts):
            mine = [_conjuncts(part.aggregate.where) for part in self.parts if part.attribution == by]
            common = [each for each in mine[0] if all(each in other for other in mine)]
            plain = tuple(each for each in common if not self._hidden & {*names(each)})
            hangs = [self._undecided(each, rows) for each in self.hangs if any(each in one for one in mine)]
            asked.append(on_ibis(All(plain), rows).fill_null(False) & reduce(operator.or_, hangs))
        return reduce(operator.or_, asked)

    def _undecided(self, node: Node, rows: Any) -> Any:
        """Whether a condition neither holds for certain nor fails for certain."""
        sure = [on_ibis(each(node, self._hidden), rows).fill_null(False) for each in (certain, refuted)]
        return ~(sure[0] | sure[1])

    def _days(self, table: Any, each: Since) -> Any:
        """For each person the days with an earlier row, as bits: the last day of the month is the lowest."""
        there = table.filter(
            (table.month >= self.since.year * 100 + self.since.month)
            & (table.month <= self.month)
            & table[each.then].between(ibis.date(self.since.isoformat()), ibis.date(self.end.isoformat()))
            & on_ibis(each.condition, table).fill_null(False)
        )
        days = all_bits(bit(self._place(there, each)))
        return there.group_by(earlier_person=there.person).aggregate(earlier_days=days)

    def _place(self, rows: Any, each: Since) -> Any:
        """Days from a row to the end of the month."""
        past = rows[each.then].delta(ibis.date(self.since.isoformat()), unit="day")
        return (self.end - self.since).days - past

    def _joined(self, rows: Any, days: Any, each: Since, name: str) -> Any:
        """The rows with the days before theirs, as bits of which the day just before is the lowest."""
        rows = rows.left_join(days, rows.person == days.earlier_person)
        before = rows.earlier_days >> (self._place(rows, each) + 1).cast("int32")
        return rows.mutate(**{name: before}).drop("earlier_person", "earlier_days")

    def _since(self, rows: Any, each: Since, before: Any) -> Any:
        """Days from the last day that is a bit to the day that is counted to."""
        lowest = (before & -before).nullif(0)
        now = ibis.coalesce(*(rows[column] for column in each.now))
        return now.delta(rows[each.then], unit="day") + 1 + lowest.log2().round().cast("int64")

    def cells(self, rows: Any) -> Any:
        """As ``cells.cells_of`` over the open rows, one attribution below the other."""
        columns = {column for part in self.parts for column in by_of(part).values()}
        found = rows.group_by(["month", *sorted(columns)]).aggregate(
            early=rows.count(where=rows.early),
            **{f"a{at}": self._amount(part, rows) for at, part in enumerate(self.parts)},
        )
        ways = dict.fromkeys(part.attribution for part in self.parts)
        return ibis.union(*[self._cells(found, by) for by in ways])

    def _cells(self, found: Any, by: str) -> Any:
        """The cells of one attribution; of parts that have another nothing."""
        mine = [f"a{at}" for at, part in enumerate(self.parts) if part.attribution == by]
        one = next(part for part in self.parts if part.attribution == by)
        there = belongs(found, one, self.region)
        columns = {level: column for level, column in by_of(one).items() if level in self.levels}
        keys = {level.value: there[column] for level, column in columns.items()}
        summed = there.group_by(month=there.month, **keys).aggregate(
            **{each: there[each].sum() for each in ("early", *mine)}
        )
        whom = {
            e.value: summed[e.value] if e in columns else ibis.null("string")
            for e in Level
            if e.value != "region"
        }
        every = {f"a{at}": ibis.literal(0) for at in range(len(self.parts))}
        every |= {each: summed[each] for each in mine}
        numbers = {name: each.cast("int64") for name, each in {"early": summed.early, **every}.items()}
        return summed.select("month", **whom, **numbers)

    def _amount(self, part: Part, rows: Any) -> Any:
        """What a part counts among the rows that are open for it."""
        mine = _conjuncts(part.aggregate.where)
        flags = [
            Field(flag, Sort.TRUTH)
            for flag, each in zip(self._flags(), self.hangs, strict=True)
            if each in mine
        ]
        return aggregated(replace(part.aggregate, where=All((*mine, Some(tuple(flags))))), rows)


def _conjuncts(node: Node | None) -> tuple[Node, ...]:
    """What has to hold, one by one."""
    if isinstance(node, All):
        return tuple(dict.fromkeys(each for part in node.parts for each in _conjuncts(part)))
    return () if node is None else (node,)
