"""Paid visits flagged by rules, counted by hand; what a rule leaves alone; and that nobody can be recognised."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tiercare.engines.measures.claim_rules import Check, ClaimRule
from tiercare.engines.measures.claims import Flagged, flagged, mark_of
from tiercare.engines.measures.periods import span
from tiercare.kernel.text import Text

from .frames import Frames, filled


def rule(check: Check, *, days: int = 0, yuan: int = 0) -> ClaimRule:
    return ClaimRule(check.value, Text("规则", "rule"), Text("", ""), ("YN-96",), check, days, yuan)


def visit(key: str, day: date, **more: Any) -> dict[str, Any]:
    """Outpatient at A in 镜湖, 100 yuan, of which the fund paid 60."""
    given = {"visit": key, "person": "P1", "kind": "outpatient", "date": day, "institution": "A"}
    given |= {"place": "340202", "insured": "340202", "diagnosis": "J06.9"}
    return filled("visits", **(given | {"cost": 10_000, "fund": 6_000, "own": 4_000} | more))


def stay(key: str, first: date, last: date, **more: Any) -> dict[str, Any]:
    """A stay at A for I10, 3,000 yuan."""
    of = {"kind": "inpatient", "admitted": first, "days": (last - first).days, "diagnosis": "I10"}
    return visit(key, last, **({**of, "cost": 300_000, "fund": 200_000, "own": 100_000} | more))


def found(
    check: Check,
    *rows: dict[str, Any],
    period: str = "2025",
    area: str = "3402",
    institution: str = "",
    most: int = 50,
    **numbers: int,
) -> Flagged:
    tables = Frames({"visits": rows})
    return flagged(
        tables, rule(check, **numbers), span(period), area=area, institution=institution, most=most
    )


def keys(of: Flagged, *rows: dict[str, Any]) -> set[str]:
    by_mark = {mark_of(row["visit"]): row["visit"] for row in rows}
    return {by_mark[each.mark] for each in of.rows}


MAY = [date(2025, 5, day) for day in range(1, 32)]


def test_the_fund_paid_more_than_it_cost() -> None:
    rows = [
        visit("more", MAY[0], cost=100, fund=101, own=0),
        visit("all", MAY[0], cost=100, fund=100, own=0),
        visit("nothing", MAY[0], cost=0, fund=0, own=0),
    ]
    of = found(Check.FUND_OVER_COST, *rows)
    assert keys(of, *rows) == {"more"} and (of.total, of.fund) == (1, 101)


def test_the_parts_do_not_add_up() -> None:
    rows = [
        visit("fits", MAY[0]),
        visit("a fen", MAY[1], own=4_001),
        visit("unpaid", MAY[2], fund=0, own=1),  # the fund has no part in it
    ]
    assert keys(found(Check.SUMS_DIFFER, *rows), *rows) == {"a fen"}


@pytest.mark.parametrize(
    ("days", "expected"), [(0, {"same day"}), (9, {"same day"}), (10, {"same day", "ten"})]
)
def test_back_within_days_for_the_same(days: int, expected: set[str]) -> None:
    """Discharged on 1 May: back the same day, after ten days, after eleven; elsewhere, and for something else."""
    rows = [
        stay("first", date(2025, 4, 25), MAY[0]),
        stay("ten", MAY[10], MAY[13]),
        stay("eleven", MAY[11], MAY[14], person="P2"),
        stay("first of P2", date(2025, 4, 25), MAY[0], person="P2"),
        stay("same day", MAY[0], MAY[0], person="P3"),
        stay("first of P3", date(2025, 4, 25), MAY[0], person="P3", visit="first of P3"),
        stay("elsewhere", MAY[3], MAY[5], person="P4", institution="B"),
        stay("first of P4", date(2025, 4, 25), MAY[0], person="P4"),
        stay("other", MAY[3], MAY[5], person="P5", diagnosis="E11.9"),
        stay("first of P5", date(2025, 4, 25), MAY[0], person="P5"),
    ]
    of = found(Check.READMITTED, *rows, days=days)
    assert keys(of, *rows) == expected


def test_the_stay_before_may_lie_before_the_period_and_counts_once() -> None:
    rows = [
        stay("december", date(2024, 12, 20), date(2024, 12, 30)),
        stay("december too", date(2024, 12, 30), date(2024, 12, 31)),
        stay("january", date(2025, 1, 3), date(2025, 1, 6)),
    ]
    of = found(Check.READMITTED, *rows, days=10)
    (row,) = of.rows
    assert (of.total, row.mark, row.other) == (1, mark_of("january"), mark_of("december"))


def test_a_short_dear_stay() -> None:
    rows = [
        stay("a day", MAY[0], MAY[1], cost=800_000),
        stay("cheaper", MAY[0], MAY[1], cost=799_999, person="P2"),
        stay("longer", MAY[0], MAY[2], cost=900_000, person="P3"),
        visit("outpatient", MAY[0], cost=900_000, fund=1, days=1),
    ]
    assert keys(found(Check.DEAR_SHORT_STAY, *rows, days=1, yuan=8000), *rows) == {"a day"}
    assert keys(found(Check.DEAR_SHORT_STAY, *rows, days=2, yuan=9000), *rows) == {"longer"}


def test_elsewhere_during_a_stay() -> None:
    """In A from 3 to 10 May."""
    rows = [
        stay("stay", MAY[2], MAY[9]),
        visit("on the day in", MAY[2], institution="B"),
        visit("meanwhile", MAY[5], institution="B"),
        visit("at home", MAY[5]),
        visit("on the day out", MAY[9], institution="B"),
        visit("another", MAY[5], institution="B", person="P2"),
        visit("emergency", MAY[5], institution="B", kind="emergency"),
    ]
    of = found(Check.ELSEWHERE_MEANWHILE, *rows)
    assert keys(of, *rows) == {"meanwhile"} and of.rows[0].other == mark_of("stay")


def test_whose_visits_are_looked_at() -> None:
    """Those that happened in the area, and those of its insured elsewhere."""
    wrong = {"own": 1}
    rows = [
        visit("here", MAY[0], **wrong),
        visit("ours elsewhere", MAY[1], place="310101", institution="B", **wrong),
        visit("theirs here", MAY[2], insured="310101", **wrong),
        visit("theirs there", MAY[3], place="310101", insured="310101", **wrong),
        visit("nobody's there", MAY[4], place="310101", insured=None, **wrong),
    ]
    assert keys(found(Check.SUMS_DIFFER, *rows), *rows) == {"here", "ours elsewhere", "theirs here"}
    assert keys(found(Check.SUMS_DIFFER, *rows, area="340203"), *rows) == set()
    assert keys(found(Check.SUMS_DIFFER, *rows, institution="B"), *rows) == {"ours elsewhere"}


def test_counts_are_of_all_and_rows_the_newest() -> None:
    rows = [visit(f"V{at}", MAY[at], own=1, institution="AB"[at % 3 == 0]) for at in range(9)]
    of = found(Check.SUMS_DIFFER, *rows, most=2)
    assert (of.total, of.fund, of.institutions) == (9, 54_000, (("A", 6), ("B", 3)))
    assert keys(of, *rows) == {"V8", "V7"}
    assert found(Check.SUMS_DIFFER, *rows, period="2024").total == 0
    assert found(Check.SUMS_DIFFER).total == 0, "no rows at all"


def test_nobody_is_named() -> None:
    of = found(Check.SUMS_DIFFER, visit("V-secret", MAY[0], person="P-secret", own=1))
    assert "secret" not in repr(of)
