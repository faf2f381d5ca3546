"""How old data are, and what is missing: months, institutions that fell silent, columns that an indicator asks and that are empty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from tiercare.kernel.text import Text

from ..derived import names
from ..evaluate import Tables
from ..indicators import Indicator
from ..periods import Span
from ..schema import facts
from .findings import Finding, Kind, percent, said
from .rows import institution_of, sample, within

OLD = Text(
    "{fact}最新的数据是{month}的，距今{age}个月（一般在{late}个月内报齐）。请看报送是否中断；下面的数字说的是当时。",
    "The newest rows of “{fact}” are of {month}, {age} months ago (usually they are here within {late}). See whether "
    "sending has stopped; the numbers are those of that time.",
)
NO_ROWS = Text("{fact}还没有任何数据。", "There are no rows of “{fact}” at all.")
MONTHS = Text(
    "{fact}在{span}里缺{n}个月：{months}。合计会偏低，请补报或在口径里说明。",
    "“{fact}” lacks {n} months of {span}: {months}. Sums come out too low: have them sent, or say so beside the number.",
)
SILENT = Text(
    "{n}家机构之前{before}个月都有{fact}数据，{month}一行也没有：{some}。请问一声是停诊还是没有报送。",
    "{n} institutions sent “{fact}” in the {before} months before and not one row in {month}: {some}. Ask whether they were "
    "closed or did not send.",
)
EMPTY = Text(
    "{fact}的“{column}”有{share}没有填（{rows}行中的{empty}行）；{n}家机构高于{limit}：{some}。"
    "有的行本来就没有这一项；请先看这几家是不是没有采集。",
    "“{column}” of “{fact}” is empty in {share} ({empty} of {rows} rows); {n} institutions are above {limit}: {some}. Some rows "
    "have no such thing by nature; see first whether these institutions record it at all.",
)
_SHOWN = 5


def age(tables: Tables, fact: str, *, today: date, late: int) -> Finding | None:
    """Whether the newest month of a fact ended more than ``late`` months ago."""
    present = tables.months(fact)
    title = facts()[fact].title
    if not present:
        return Finding(Kind.OLD, fact, "", (), 0, (), float("inf"), None, said(NO_ROWS, {"fact": title}))
    newest = max(present)
    months = (today.year - newest // 100) * 12 + today.month - newest % 100
    late += 12 if facts()[fact].yearly else 0
    if months <= late:
        return None
    fields = {"fact": title, "month": _month(newest), "age": months, "late": late}
    return Finding(Kind.OLD, fact, "", (), 0, (), float(months), None, said(OLD, fields))


def unfilled_months(tables: Tables, fact: str, span: Span) -> Finding | None:
    """Months of ``span`` without a row."""
    present = set(tables.months(fact))
    due = facts()[fact].due
    missing = [month for month in span.months() if due(month) and month not in present]
    if not missing:
        return None
    shown = {
        "fact": facts()[fact].title,
        "span": span,
        "n": len(missing),
        "months": _several(map(_month, missing)),
    }
    share = len(missing) / span.length
    return Finding(Kind.MONTHS, fact, "", (), 0, (), share, None, said(MONTHS, shown))


def silent(tables: Tables, fact: str, month: Span, *, before: int) -> Finding | None:
    """Institutions that sent rows in each of the ``before`` months before and none in ``month``."""
    column = institution_of(facts()[fact])
    if column is None or not (set(tables.months(fact)) & set(month.months())):
        return None
    past = Span(month.moved(-before).first, month.moved(-1).last)
    rows = within(tables, fact, Span(past.first, month.last))
    found = rows.group_by(institution=rows[column], month=rows.month).aggregate(n=rows.count())
    sent: dict[str, dict[int, int]] = defaultdict(dict)
    for row in tables.run(found):
        sent[row["institution"]][row["month"]] = row["n"]
    quiet = sorted(
        key
        for key, months in sent.items()
        if key is not None and month.first not in months and all(each in months for each in past.months())
    )
    if not quiet:
        return None
    fields = {
        "n": len(quiet),
        "before": before,
        "fact": facts()[fact].title,
        "month": _month(month.first),
        "some": _several(quiet),
    }
    usual = sum(sum(sent[key].values()) for key in quiet) / before
    return Finding(
        Kind.SILENT,
        fact,
        "",
        tuple(quiet),
        round(usual),
        (),
        len(quiet) / len(sent),
        None,
        said(SILENT, fields),
    )


def optional_columns(indicator: Indicator) -> Mapping[str, tuple[str, ...]]:
    """Of each fact the columns that the indicator asks and that may be empty."""
    optional = {
        fact: tuple(sorted(name for name in columns if facts()[fact].columns[name].optional))
        for fact, columns in columns_asked(indicator).items()
    }
    return {fact: columns for fact, columns in optional.items() if columns}


def columns_asked(indicator: Indicator) -> Mapping[str, frozenset[str]]:
    """Of each fact the columns that the indicator asks; those that say whose a row is are among them."""
    found: dict[str, set[str]] = defaultdict(set)
    for part in indicator.parts:
        fact = facts()[part.fact]
        asked = {
            *names(part.aggregate.what),
            *names(part.aggregate.where),
            *fact.by[part.attribution].values(),
        }
        found[part.fact] |= asked & fact.columns.keys()
    return {fact: frozenset(columns) for fact, columns in found.items()}


def empty(
    tables: Tables, fact: str, columns: Iterable[str], span: Span, *, limit: float, least: int
) -> Iterator[Finding]:
    """Columns with institutions that leave more than ``limit`` of their rows empty, while there are ``least`` rows to tell."""
    mine, who = tuple(columns), institution_of(facts()[fact])
    rows = within(tables, fact, span)
    filled = {f"filled{at}": rows[column].count() for at, column in enumerate(mine)}
    grouped = rows.group_by(institution=rows[who]) if who else rows
    found = list(tables.run(grouped.aggregate(rows=rows.count(), **filled)))
    for at, column in enumerate(mine):
        counted = {row.get("institution"): (row["rows"] - row[f"filled{at}"], row["rows"]) for row in found}
        worst = sorted(
            str(key or "")
            for key, (gone, of) in counted.items()
            if of >= least and gone > limit * of and (key is not None or not who)
        )
        if worst:
            yield _empty(tables, fact, column, rows, counted, worst, limit, who)


def _empty(
    tables: Tables,
    fact: str,
    column: str,
    rows: Any,
    counted: Mapping[Any, tuple[int, int]],
    worst: list[str],
    limit: float,
    who: str | None,
) -> Finding:
    gone, of = (sum(pair[at] for pair in counted.values()) for at in (0, 1))
    fields = {
        "fact": facts()[fact].title,
        "column": column,
        "share": percent(gone / of),
        "rows": of,
        "empty": gone,
        "n": len(worst) if who else 0,
        "limit": percent(limit),
        "some": _several(worst),
    }
    behind = rows.filter(rows[column].isnull())
    behind = behind.filter(behind[who].isin(worst)) if who else behind
    return Finding(
        Kind.EMPTY,
        fact,
        column,
        tuple(worst) if who else (),
        gone,
        sample(tables, fact, behind),
        gone / of,
        None,
        said(EMPTY, fields),
    )


def _month(month: int) -> str:
    return f"{month // 100}-{month % 100:02}"


def _several(names: Iterable[str]) -> str:
    every = list(names)
    return "、".join(every[:_SHOWN]) + (" …" if len(every) > _SHOWN else "")
