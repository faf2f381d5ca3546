"""Which share of each indicator's rows waits in quarantine: how much a value may still move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any as Expr

import ibis

from tiercare.engines.measures.cells import derived_in
from tiercare.engines.measures.derived import derived
from tiercare.engines.measures.indicators import Aggregate, Indicator, Part
from tiercare.engines.measures.on_ibis import on_ibis
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Fact, facts
from tiercare.engines.measures.store import Batch, Store


@dataclass(frozen=True, slots=True)
class Touched:
    """An indicator over a period.

    Attributes:
        counted: rows in the store that count in its numerator or denominator, added up over its parts.
        waiting: rows in quarantine that count there, or might: what their conditions ask for could not be read.
    """

    indicator: str
    counted: int
    waiting: int

    @property
    def share(self) -> Fraction | None:
        """Of all rows that count or might, how many wait; ``None`` where there are neither."""
        both = self.counted + self.waiting
        return Fraction(self.waiting, both) if both else None


def touched(
    store: Store, indicators: Sequence[Indicator], span: Span, *, batches: Sequence[str] = ()
) -> list[Touched]:
    """How much of each indicator waits in quarantine.

    Rows of a month that a later batch replaced, and of an input that came again, no longer wait. Rows whose month could not be read count as if
    they were of ``span``, as long as their batch still has a month in it, or never had any.

    Args:
        batches: ids of the batches to look at; all if none is named. The rows counted are always those of the store.
    """
    parts = dict.fromkeys(part for each in indicators for part in each.parts)
    by_fact: dict[str, list[Part]] = {}
    for part in parts:
        by_fact.setdefault(part.fact, []).append(part)
    counts: dict[Part, tuple[int, int]] = {}
    for fact, mine in by_fact.items():
        rows = store.table(fact)
        kept = _counted(store, rows.filter(rows.month.between(span.first, span.last)), mine, unread=False)
        waiting = [0] * len(mine)
        for bad in _quarantined(store, facts()[fact], span, batches):
            waiting = [a + b for a, b in zip(waiting, _counted(store, bad, mine, unread=True), strict=True)]
        counts |= {part: (k, w) for part, k, w in zip(mine, kept, waiting, strict=True)}
    known = {each.id: each for each in indicators}
    return [_touched(each.id, [counts[part] for part in _parts(each, known)]) for each in indicators]


def _parts(indicator: Indicator, known: Mapping[str, Indicator]) -> Iterable[Part]:
    """What an indicator counts, by itself or through those that it is made of."""
    of = (part for each in indicator.of if each in known for part in _parts(known[each], known))
    return dict.fromkeys([*indicator.parts, *of])


def _touched(name: str, counts: Sequence[tuple[int, int]]) -> Touched:
    return Touched(name, sum(counted for counted, _ in counts), sum(waiting for _, waiting in counts))


def _counted(store: Store, rows: Expr, parts: Sequence[Part], *, unread: bool) -> list[int]:
    """Rows that count in each part; ``unread`` says whether an open condition counts.

    What comes from a person's earlier rows is not computed here: it is open, for the rows taken as for those that wait.
    """
    earlier = derived(parts[0].fact)
    rows = rows.mutate(
        **{name: ibis.null(ibis.dtype(each.column.type.arrow)) for name, each in earlier.items()}
    )
    asked = {
        f"a{at}": rows.count(where=_where(part.aggregate, rows, unread or bool(derived_in(part))))
        for at, part in enumerate(parts)
    }
    (found,) = store.run(rows.aggregate(**asked))
    return [found[name] for name in asked]


def _where(aggregate: Aggregate, rows: Expr, unread: bool) -> Expr:
    """Whether a row counts; an open condition counts as ``unread`` says."""
    holds = (
        ibis.literal(True) if aggregate.where is None else on_ibis(aggregate.where, rows).fill_null(unread)
    )
    return holds if aggregate.what is None or unread else holds & on_ibis(aggregate.what, rows).notnull()


def _quarantined(store: Store, fact: Fact, span: Span, only: Sequence[str]) -> Iterator[Expr]:
    """The rows that wait, as far as they could be read, a table for each batch."""
    for region in store.regions:
        manifest = store.manifest(region)
        for batch in manifest.batches:
            if batch.fact != fact.name or not batch.quarantine or (only and batch.id not in only):
                continue
            if manifest.came_again(batch):
                continue
            bad, gone = _of_batch(store, fact, batch), manifest.superseded(batch)
            there = bad.month.between(span.first, span.last) & ~bad.month.isin(sorted(gone))
            if not batch.months or any(month in span for month in set(batch.months) - gone):
                there = there | bad.month.isnull()
            yield bad.filter(there)


def _of_batch(store: Store, fact: Fact, batch: Batch) -> Expr:
    rows = store.file(store.root / batch.quarantine)
    read: Mapping[str, Expr] = {
        name: rows["read"][name]
        if name in rows["read"].type().names
        else ibis.null(ibis.dtype(column.type.arrow))
        for name, column in fact.columns.items()
    }
    return rows.select(**read, month=rows.month)
