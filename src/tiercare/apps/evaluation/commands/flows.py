"""What a board draws besides values: how people came to which tier, referrals between tiers, and diseases side by side.

Kept with a run as findings of the kinds ``flow`` and ``volumes``: counts of rows, nobody's in particular.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tiercare.engines.measures.boards import Beside, Board
from tiercare.engines.measures.breakdown import CATEGORY, Slice, broken_down
from tiercare.engines.measures.expressions import COUNTY
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.store import Store

from ..rules.spans import Periods
from .noticed import Noticed

FLOW, VOLUMES = "flow", "volumes"
DRAWN = frozenset({FLOW, VOLUMES})
VISITS, REFERRALS = "visits", "referrals"
_Place = tuple[Level, str]
# A month's counts: (month, where, what) -> rows; `what` is arrival, tier and kind, or tiers and direction.
_Counts = Mapping[tuple[int, _Place], Counter[tuple[str, ...]]]
_WHAT = {VISITS: ("arrival", "tier", "kind"), REFERRALS: ("sender_tier", "receiver_tier", "direction")}
_WHERE = {VISITS: ("place", "consortium"), REFERRALS: ("sender_division", "sender_consortium")}


def flows(store: Store, board: Board, book: Book, periods: Periods, *, region: str) -> Iterator[Noticed]:
    """The flows of every period for the region, its counties and consortia, and the diseases of every quarter."""
    months = sorted({month for each in periods.all for month in each.months()})
    for name in (VISITS, REFERRALS):
        present = [month for month in store.months(name) if month in months]
        if present:
            yield from _by_span(name, _counted(store, name, present, region), periods.all)
    quarters = [each for each in periods.parts if each.length > 1]
    for beside in board.beside.values():
        yield from _volumes(store, book, beside, quarters, region)


def _counted(store: Store, name: str, months: Sequence[int], region: str) -> _Counts:
    division, consortium = _WHERE[name]
    rows = store.table(name)
    inside = rows.filter(rows[division].startswith(region), rows.month.isin(list(months)))
    keys = [
        inside.month.name("month"),
        inside[division].left(COUNTY).name("county"),
        inside[consortium].name("consortium"),
        *(inside[each].name(each) for each in _WHAT[name]),
    ]
    found: dict[tuple[int, _Place], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for row in store.run(inside.group_by(keys).aggregate(n=inside.count())):
        what = tuple(str(row[each]) for each in _WHAT[name])
        for place in _places(row, region):
            found[row["month"], place][what] += int(row["n"])
    return found


def _places(row: Mapping[str, Any], region: str) -> Iterable[_Place]:
    yield Level.REGION, region
    if len(row["county"]) == COUNTY and len(region) < COUNTY:
        yield Level.DIVISION, row["county"]
    if row["consortium"]:
        yield Level.CONSORTIUM, row["consortium"]


def _by_span(name: str, counted: _Counts, spans: Sequence[Span]) -> Iterator[Noticed]:
    places = sorted({place for _, place in counted})
    for span in spans:
        for level, key in places:
            together: Counter[tuple[str, ...]] = Counter()
            for month in span.months():
                together.update(counted.get((month, (level, key)), Counter()))
            if together:
                content = {"flows": [[*what, count] for what, count in sorted(together.items())]}
                yield Noticed(FLOW, name, span, level, key, content)


def _volumes(
    store: Store, book: Book, beside: Beside, spans: Sequence[Span], region: str
) -> Iterator[Noticed]:
    """Of each disease the numerator and the rest of the denominator: community centres here, hospitals there."""
    indicator = book.indicators[beside.indicator][-1]
    if not {part.fact for part in indicator.parts} <= {fact for fact in ("visits",) if store.months(fact)}:
        return
    found = {
        span: {each.key[0]: each for each in broken_down(store, indicator, span, [CATEGORY], region=region)}
        for span in spans
    }
    total = Counter[str]()
    for slices in found.values():
        total.update({code: int(each.denominator) for code, each in slices.items()})
    # The same diseases in every quarter: one that is rare in a quarter is few there, not gone.
    most = sorted(total, key=lambda code: (-total[code], code))[: beside.most]
    for span, slices in found.items():
        content = {"diseases": [[code, *_sides(slices.get(code))] for code in most]}
        yield Noticed(VOLUMES, beside.id, span, Level.REGION, region, content, indicator.id)


def _sides(found: Slice | None) -> tuple[int, int]:
    """Of the numerator, and of the rest of the denominator."""
    if found is None:
        return 0, 0
    return int(found.numerator), int(found.denominator - found.numerator)
