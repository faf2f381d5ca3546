"""What stands beside every indicator: each table is looked at once, and each indicator gets what concerns its own columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..evaluate import Tables
from ..indicators import Indicator
from ..periods import Span
from ..schema import facts
from .completeness import age, columns_asked, empty, silent, unfilled_months
from .digits import Heap, heaping
from .findings import Finding, Kind
from .piling import Edge, piling
from .schedules import overlapping, overworked


@dataclass(frozen=True, slots=True)
class Checks:
    """From when on something is unusual. All of them are ours (定为我们的): no text gives a number; a pack may set others.

    Attributes:
        late: months within which data are usually here.
        before: who sent in so many months and not in the last one has fallen silent.
        empty: the share of an institution's rows from which on an empty column is a finding, with ``least`` rows to tell.
        patients: the most that somebody sees on a day.
        professions: who sees patients.
    """

    late: int = 2
    before: int = 3
    empty: float = 0.5
    least: int = 30
    patients: int = 120
    professions: tuple[str, ...] = ("physician", "village_doctor")
    heaps: tuple[Heap, ...] = ()
    edges: tuple[Edge, ...] = ()


def look(
    tables: Tables, indicators: Sequence[Indicator], span: Span, *, today: date, checks: Checks | None = None
) -> Mapping[str, tuple[Finding, ...]]:
    """The findings of each indicator by its id; those of a table are shared by all that count its rows."""
    checks = checks or Checks()
    asked = {each.id: columns_asked(each) for each in indicators}
    columns: dict[str, set[str]] = defaultdict(set)
    for each in asked.values():
        for fact, names in each.items():
            columns[fact] |= names
    found = {fact: _of(tables, fact, names, span, today, checks) for fact, names in sorted(columns.items())}
    return {
        name: tuple(
            finding
            for fact, names in sorted(each.items())
            for finding in found[fact]
            if _concerns(finding, names, checks)
        )
        for name, each in asked.items()
    }


def _of(
    tables: Tables, fact: str, columns: set[str], span: Span, today: date, checks: Checks
) -> tuple[Finding, ...]:
    """Everything about a table."""
    present = [month for month in tables.months(fact) if month in span]
    old = [age(tables, fact, today=today, late=checks.late)]
    if not present:
        return tuple(each for each in (*old, unfilled_months(tables, fact, span)) if each)
    several = [
        *old,
        unfilled_months(tables, fact, span),
        silent(tables, fact, Span(present[-1], present[-1]), before=checks.before),
        *empty(tables, fact, _optional(fact, columns), span, limit=checks.empty, least=checks.least),
        *(finding for heap in checks.heaps if heap.fact == fact for finding in heaping(tables, heap, span)),
        *(finding for edge in checks.edges if edge.fact == fact for finding in piling(tables, edge, span)),
    ]
    if fact == "visits":
        several += overworked(tables, span, most=checks.patients, professions=checks.professions)
        several.append(overlapping(tables, span))
    return tuple(each for each in several if each)


def _optional(fact: str, columns: set[str]) -> list[str]:
    every = facts()[fact].columns
    return sorted(name for name in columns if every[name].optional)


def _concerns(finding: Finding, columns: frozenset[str], checks: Checks) -> bool:
    """Whether a finding about a column matters to somebody who asks for ``columns``."""
    match finding.kind:
        case Kind.EMPTY:
            return finding.column in columns
        case Kind.HEAPING | Kind.PILING:
            seen: tuple[Heap | Edge, ...] = (*checks.heaps, *checks.edges)
            mine = [each for each in seen if (each.fact, each.column) == (finding.fact, finding.column)]
            return any({each.column, *each.concerns} & columns for each in mine)
    return True
