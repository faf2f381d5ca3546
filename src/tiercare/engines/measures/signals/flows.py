"""What goes to a lead and what stays with its members, by consortium and month.

Five flows, each as two amounts of one month: ``up`` is drawn to the lead, ``stay`` is what it is held against. A flow draws when
``up`` grows against ``stay``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ibis

from tiercare.kernel.text import Text

from ..evaluate import Tables
from ..expressions import Begins, Field, Sort
from ..on_ibis import on_ibis
from ..periods import Span


class Flow(StrEnum):
    """What may be drawn."""

    PATIENTS = "patients"
    REFERRALS = "referrals"
    STAFF = "staff"
    POSTINGS = "postings"
    MONEY = "money"


NAMES = {
    Flow.PATIENTS: Text(
        "稳定期常见病、慢性病患者自行到牵头医院", "stable patients who go to the lead by themselves"
    ),
    Flow.REFERRALS: Text("牵头医院住院与向下转诊之比", "stays at the lead against referrals down"),
    Flow.STAFF: Text("成员单位人员调入牵头医院", "staff who move from members to the lead"),
    Flow.POSTINGS: Text(
        "成员单位人员与得到的下沉人日之比", "members' staff against days of support received"
    ),
    Flow.MONEY: Text("基金支付给牵头医院的部分", "the fund's money paid to the lead"),
}


@dataclass(frozen=True, slots=True, order=True)
class Counts:
    """A month of a flow: people, stays, moves or fen."""

    flow: Flow
    consortium: str
    month: int
    up: int
    stay: int


@dataclass(frozen=True, slots=True)
class Behind:
    """The cases behind a flow: how many, and the keys of the first."""

    flow: Flow
    cases: int
    keys: tuple[str, ...]


def gather(tables: Tables, spans: Sequence[Span], *, region: str, common: Sequence[str]) -> list[Counts]:
    """All flows of the region's consortia in the months of ``spans``; a table without rows gives no flow.

    Args:
        common: beginnings of the codes of common and chronic diseases, from the packs.
    """
    months = sorted({month for span in spans for month in span.months()})
    made: list[tuple[Flow, tuple[str, ...], Callable[[], Any]]] = [
        (Flow.PATIENTS, ("visits",), lambda: _patients(_visits(tables, months, region, common))),
        (Flow.REFERRALS, ("visits", "referrals"), lambda: _referrals(tables, months, region)),
        (Flow.STAFF, ("staff",), lambda: _staff(tables, months, region)),
        (Flow.POSTINGS, ("staff", "support"), lambda: _postings(tables, months, region)),
        (Flow.MONEY, ("funds", "institutions"), lambda: _money(tables, months, region)),
    ]
    return sorted(
        Counts(flow, row["consortium"], row["month"], int(row["up"] or 0), int(row["stay"] or 0))
        for flow, needs, expression in made
        if all(set(tables.months(fact)) & set(months) for fact in needs)
        for row in tables.run(expression())
    )


def behind(
    tables: Tables,
    consortium: str,
    flow: Flow,
    spans: Sequence[Span],
    *,
    region: str,
    common: Sequence[str],
    most: int = 50,
) -> Behind:
    """The cases of one flow of one consortium in the last of ``spans``: visits, stays, persons who moved, support, institutions paid.

    The spans before it are where a person was before.
    """
    months = spans[-1].months()
    match flow:
        case Flow.PATIENTS:
            rows = _visits(tables, months, region, common)
            found = rows.filter(rows.consortium == consortium, _drawn(rows)).select(key="visit")
        case Flow.REFERRALS:
            rows = _stays(tables, months, region)
            found = rows.filter(rows.consortium == consortium).select(key="visit")
        case Flow.STAFF:
            rows = _moves(tables, sorted({month for span in spans for month in span.months()}), region)
            here = rows.filter(rows.consortium == consortium, rows.moved, rows.month.isin(list(months)))
            found = here.select(key="person")
        case Flow.POSTINGS:
            rows = _supported(tables, months, region)
            found = rows.filter(rows.consortium == consortium).select(key="act")
        case Flow.MONEY:
            rows = _paid(tables, months, region)
            found = rows.filter(rows.consortium == consortium, rows.fund > 0).select(key="institution")
    keys = found.distinct().order_by("key")
    cases = next(iter(tables.run(keys.aggregate(n=keys.count()))))["n"]
    return Behind(flow, int(cases), tuple(row["key"] for row in tables.run(keys.limit(most))))


def _within(tables: Tables, fact: str, months: Sequence[int]) -> Any:
    rows = tables.table(fact)
    return rows.filter(rows.month.isin(list(months)))


def _own(tables: Tables, months: Sequence[int], region: str) -> Any:
    """Visits of a consortium's own residents within it."""
    rows = _within(tables, "visits", months)
    return rows.filter(
        rows.home.startswith(region), rows.home_consortium == rows.consortium, rows.role.notnull()
    )


def _visits(tables: Tables, months: Sequence[int], region: str, common: Sequence[str]) -> Any:
    """Those of them that are for a common or chronic disease, neither acute, critical nor difficult."""
    rows = _own(tables, months, region)
    disease = on_ibis(Begins(Field("diagnosis", Sort.TEXT), tuple(common)), rows)
    return rows.filter(rows.kind != "emergency", ~rows.critical, ~rows.difficult, disease)


def _drawn(rows: Any) -> Any:
    return (rows.role == "lead") & (rows.arrival == "self")


def _patients(rows: Any) -> Any:
    return rows.group_by("consortium", "month").aggregate(
        up=rows.count(where=_drawn(rows)), stay=rows.count(where=rows.role != "lead")
    )


def _stays(tables: Tables, months: Sequence[int], region: str) -> Any:
    rows = _own(tables, months, region)
    return rows.filter(rows.kind == "inpatient", rows.role == "lead")


def _referrals(tables: Tables, months: Sequence[int], region: str) -> Any:
    stays, down = _stays(tables, months, region), _within(tables, "referrals", months)
    down = down.filter(
        down.sender_division.startswith(region),
        down.direction == "down",
        down.sender_consortium == down.receiver_consortium,
    )
    return _against(
        stays.group_by("consortium", "month").aggregate(n=stays.count()),
        down.group_by(consortium=down.sender_consortium, month=down.month).aggregate(n=down.count()),
    )


def _against(up: Any, stay: Any) -> Any:
    """Two tables of (consortium, month, n) side by side, as a union, so that a month of one alone is kept."""
    both = ibis.union(
        up.select("consortium", "month", up=up.n, stay=ibis.literal(0, "int64")),
        stay.select("consortium", "month", up=ibis.literal(0, "int64"), stay=stay.n),
    )
    return both.group_by("consortium", "month").aggregate(up=both.up.sum(), stay=both.stay.sum())


def _employed(tables: Tables, months: Sequence[int], region: str) -> Any:
    rows = _within(tables, "staff", months)
    return rows.filter(rows.division.startswith(region), rows.consortium.notnull(), rows.role.notnull())


def _moves(tables: Tables, months: Sequence[int], region: str) -> Any:
    """A row a person, consortium and month: whether with members only, and whether just moved from there to the lead."""
    rows = _employed(tables, months, region)
    each = rows.group_by("person", "consortium", "month").aggregate(
        lead=(rows.role == "lead").cast("int64").max(), member=(rows.role != "lead").cast("int64").max()
    )
    below = (each.member == 1) & (each.lead == 0)
    window = ibis.window(group_by=[each.person, each.consortium], order_by=each.month)
    was = below.cast("int64").lag().over(window)
    return each.mutate(
        below=below, moved=((each.lead == 1) & (each.member == 0) & (was == 1)).fill_null(False)
    )


def _staff(tables: Tables, months: Sequence[int], region: str) -> Any:
    rows = _moves(tables, months, region)
    return rows.group_by("consortium", "month").aggregate(
        up=rows.count(where=rows.moved), stay=rows.count(where=rows.below)
    )


def _supported(tables: Tables, months: Sequence[int], region: str) -> Any:
    rows = _within(tables, "support", months)
    inside = rows.receiver_division.startswith(region)
    return rows.filter(inside, rows.consortium.notnull(), rows.direction == "down")


def _postings(tables: Tables, months: Sequence[int], region: str) -> Any:
    staff, support = _employed(tables, months, region), _supported(tables, months, region)
    staff = staff.filter(staff.role != "lead")
    return _against(
        staff.group_by("consortium", "month").aggregate(n=staff.count()),
        support.group_by("consortium", "month").aggregate(n=support.days.sum()),
    )


def _paid(tables: Tables, months: Sequence[int], region: str) -> Any:
    """What the fund paid to institutions of consortia for people insured in the region, drugstores aside."""
    funds, sites = _within(tables, "funds", months), _within(tables, "institutions", months)
    funds = funds.filter(funds.insured.startswith(region), funds.service != "drugstore")
    sites = sites.filter(sites.division.startswith(region), sites.consortium.notnull(), sites.role.notnull())
    sites = sites.select("institution", "month", "consortium", "role")
    return funds.select("institution", "month", "fund").join(sites, ["institution", "month"])


def _money(tables: Tables, months: Sequence[int], region: str) -> Any:
    rows = _paid(tables, months, region)
    lead = rows.role == "lead"
    return rows.group_by("consortium", "month").aggregate(
        up=rows.fund.sum(where=lead), stay=rows.fund.sum(where=~lead)
    )
