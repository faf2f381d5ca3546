"""What only several rows together show: duplicates, institutions that nobody knows, visits of the dead, units that changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from statistics import median_low
from typing import Any as Expr

import ibis

from tiercare.engines.measures.schema import Attribution, Fact, Level, Type
from tiercare.engines.measures.store import Store

from .faults import token
from .mapping import MONTH
from .rows import ROW_NUMBER, WAITS

TOLD = "told"
APART = 30  # medians of a month so many times those of the others: between fen and yuan lie 100, and months differ
LIKE = 3  # months of the store that a single month is held against


def accused(rows: Expr, fact: Fact, region: str, store: Store, institutions: Collection[str] | None) -> Expr:
    """Rows of ``rows`` (as ``judged_alone`` gives them) that others show to be wrong: number and token, one each.

    Args:
        institutions: keys that are known; ``None`` if nobody has said.
    """
    good = rows.filter(~rows[WAITS])
    found = list(_duplicates(good, fact))
    if institutions is not None:
        found += _unknown_institutions(good, fact, region, institutions)
    if {"person", "discharge", "admitted"} <= fact.columns.keys():
        found += _dead(good, fact, store)
    return ibis.union(*found) if len(found) > 1 else found[0]


def _told(rows: Expr, code: str, column: str = "") -> Expr:
    return rows.select(ROW_NUMBER, **{TOLD: ibis.literal(token(code, column))})


def _duplicates(good: Expr, fact: Fact) -> Iterator[Expr]:
    """Of equal rows the first is taken; of rows that share the key and differ, none."""
    key = list(fact.unique)
    counted = good.group_by(key).aggregate(_n=good.count(), _first=good[ROW_NUMBER].min())
    often = counted.filter(counted["_n"] > 1)
    # Joined on columns renamed, so that none of ours (one is called ``from``) meets its own name.
    often = often.rename({f"_k{at}": name for at, name in enumerate(key)})
    rows = good.join(often, [good[name] == often[f"_k{at}"] for at, name in enumerate(key)])
    content = ibis.struct({name: rows[name] for name in fact.columns}).hash()
    rows = rows.mutate(_content=content)
    kinds = rows.group_by(key).aggregate(_kinds=rows["_content"].nunique(), _at=rows["_first"].min())
    differing = kinds.filter(kinds["_kinds"] > 1).select("_at")
    same = rows["_first"].isin(differing["_at"])
    yield _told(rows.filter(same), "same_key", fact.key[0])
    yield _told(rows.filter(~same & (rows[ROW_NUMBER] != rows["_first"])), "copy")


def in_store(rows: Expr, fact: Fact, region: str, store: Store, without: Sequence[int]) -> Expr:
    """Rows whose key the store holds already, in other months than ``without``."""
    good = rows.filter(~rows[WAITS])
    there = store.table(fact.name)
    there = there.filter((there.region == region) & ~there.month.isin(list(without)))
    there = there.select(**{f"_k{at}": there[name] for at, name in enumerate(fact.unique)})
    met = good.semi_join(there, [good[name] == there[f"_k{at}"] for at, name in enumerate(fact.unique)])
    return _told(met, "in_store", fact.key[0])


def _unknown_institutions(good: Expr, fact: Fact, region: str, known: Collection[str]) -> Iterator[Expr]:
    """Institutions within the region that are on no list; those elsewhere are not ours to know."""
    for attribution in (Attribution.VISITED, Attribution.CONTRACT, Attribution.SENT, Attribution.RECEIVED):
        by = fact.by.get(attribution, {})
        if fact.name == "institutions" or not {Level.DIVISION, Level.INSTITUTION} <= by.keys():
            continue
        column = by[Level.INSTITUTION]
        strange = good[column].notnull() & ~good[column].isin(sorted(known))
        yield _told(
            good.filter(strange & good[by[Level.DIVISION]].startswith(region)), "unknown_institution", column
        )


def _dead(good: Expr, fact: Fact, store: Store) -> Iterator[Expr]:
    there = store.table(fact.name)
    deaths = ibis.union(*(_deaths(each) for each in (good, there)))
    dead = deaths.group_by("_person").aggregate(_died=deaths["_died"].min())
    begun = ibis.coalesce(good.admitted, good["date"])
    met = good.join(dead, [good.person == dead["_person"], begun > dead["_died"]])
    yield _told(met, "after_death", "person")
    died = good.filter(good.discharge == "died")
    later = there.select(_person=there.person, _begun=ibis.coalesce(there.admitted, there["date"]))
    seen = died.semi_join(later, [died.person == later["_person"], died["date"] < later["_begun"]])
    yield _told(seen, "died_before", "discharge")


def _deaths(rows: Expr) -> Expr:
    dead = rows.filter(rows.discharge == "died")
    return dead.select(_person=dead.person, _died=dead["date"])


def months_apart(rows: Expr, fact: Fact, store: Store) -> list[tuple[str, int]]:
    """Columns of money and months whose median is many times that of the other months, or the reverse."""
    money = [each.name for each in fact.columns.values() if each.type is Type.YUAN]
    if not money:
        return []
    mine = _medians(rows.filter(~rows[WAITS]), money, store)
    all_months = {**_of_store(fact, money, store, mine), **mine}
    found = []
    for month, values in sorted(mine.items()):
        for name in money:
            known = {m: each[name] for m, each in all_months.items() if each[name]}
            # Of two months nothing says which is right: each is held against the other, and both are named.
            rest = [each for m, each in known.items() if m != month or len(known) > 2]
            if rest and month in known and not 1 / APART < values[name] / median_low(rest) < APART:
                found.append((name, month))
    return found


def _of_store(
    fact: Fact, money: Sequence[str], store: Store, without: Collection[int]
) -> dict[int, dict[str, float]]:
    months = [month for month in store.months(fact.name) if month not in without][-LIKE:]
    there = store.table(fact.name)
    return _medians(there.filter(there.month.isin(months)), money, store) if months else {}


def _medians(rows: Expr, money: Sequence[str], store: Store) -> dict[int, dict[str, float]]:
    """Per month the median of what is not zero."""
    middles = rows.group_by(MONTH).aggregate(
        **{name: rows[name].median(where=rows[name] > 0) for name in money}
    )
    return {row.pop(MONTH): row for row in map(dict, store.run(middles))}
