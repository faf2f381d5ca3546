"""What is old, missing, rounded, pushed over a limit or impossible in the data: found with its rows, on DuckDB as row by row."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from tiercare.engines.measures.derived import columns_of
from tiercare.engines.measures.expressions import condition
from tiercare.engines.measures.honesty import (
    Checks,
    Edge,
    Finding,
    Heap,
    Kind,
    age,
    empty,
    heaping,
    look,
    optional_columns,
    overlapping,
    overworked,
    piling,
    silent,
    unfilled_months,
)
from tiercare.engines.measures.honesty.digits import judge_digits
from tiercare.engines.measures.honesty.piling import judge_windows
from tiercare.engines.measures.indicators import Part, aggregate
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Attribution, facts

from .drawn_rows import drawn
from .frames import Frames, Row, filled
from .test_scoring import indicator

MONTHS = (202411, 202412, 202501)
JANUARY = span("2025-01")
BLAMING = re.compile("造假|虚报|弄虚|作弊|fraud|fake|falsif|cheat")


def of(kind: Kind, found: Finding | None) -> Finding:
    """The finding, of this kind and in words that blame nobody."""
    assert found is not None and found.kind is kind
    assert not BLAMING.search(found.text.zh + found.text.en) and "{" not in found.text.zh + found.text.en
    return found


def stays(*dates: tuple[str, date, date]) -> list[Row]:
    return [
        filled(
            "visits",
            visit=f"v{at}",
            person=person,
            kind="inpatient",
            admitted=since,
            date=until,
            institution="H",
        )
        for at, (person, since, until) in enumerate(dates)
    ]


def day(number: int) -> date:
    return date(2025, 1, number)


# --- age and completeness


def test_data_that_are_late_say_from_when_they_are() -> None:
    tables = Frames({"staff": [filled("staff", month=202411)]})
    found = of(Kind.OLD, age(tables, "staff", today=date(2025, 3, 10), late=3))
    assert found.strength == 4 and "2024-11" in found.text.zh
    assert age(tables, "staff", today=date(2025, 2, 28), late=3) is None
    assert of(Kind.OLD, age(Frames({}), "staff", today=date(2025, 3, 10), late=3)).strength == float("inf")


def test_months_without_rows_are_named() -> None:
    tables = Frames({"staff": [filled("staff", month=month) for month in (202410, 202412)]})
    found = of(Kind.MONTHS, unfilled_months(tables, "staff", span("2024Q4")))
    assert "2024-11" in found.text.zh and found.strength == pytest.approx(1 / 3)
    assert unfilled_months(tables, "staff", span("2024-12")) is None


def test_who_fell_silent_is_named_and_who_comes_and_goes_is_not() -> None:
    sent = {"A": MONTHS, "B": MONTHS[:2], "C": MONTHS[:1], "D": MONTHS[1:]}
    tables = Frames(
        {
            "staff": [
                filled("staff", institution=key, month=month)
                for key, months in sent.items()
                for month in months
            ]
        }
    )
    found = of(Kind.SILENT, silent(tables, "staff", JANUARY, before=2))
    assert found.institutions == ("B",) and found.rows == 1 and found.strength == 1 / 4
    assert silent(tables, "staff", span("2025-02"), before=2) is None, "nobody has sent February yet"


def test_the_optional_columns_of_an_indicator_are_those_it_asks() -> None:
    fact = facts()["visits"]
    limit = condition("kind == inpatient and begins(diagnosis, 'I10')", columns_of(fact), {})
    part = Part("visits", Attribution.RESIDENCE, aggregate("sum(days)", fact, columns_of(fact), {}, limit))
    assert optional_columns(replace(indicator("x"), numerator=(part,))) == {
        "visits": ("days", "diagnosis", "home_consortium")
    }


@pytest.mark.parametrize("seed", range(3))
def test_empty_columns_are_counted_as_by_hand(seed: int) -> None:
    rows = drawn(seed, 120, MONTHS, ("visits",))
    found = {
        each.column: of(Kind.EMPTY, each)
        for each in empty(Frames(rows), "visits", ("diagnosis", "days"), JANUARY, limit=0.14, least=5)
    }
    inside = [row for row in rows["visits"] if row["month"] == 202501]
    for column in ("diagnosis", "days"):
        counts = Counter(row["institution"] for row in inside)
        gone = Counter(row["institution"] for row in inside if row[column] is None)
        worst = tuple(sorted(key for key, n in counts.items() if n >= 5 and gone[key] > 0.14 * n))
        assert (column in found) is bool(worst)
        if worst:
            assert found[column].institutions == worst and found[column].rows == sum(gone.values())
            keys = sorted(
                row["visit"] for row in inside if row[column] is None and row["institution"] in worst
            )
            assert list(found[column].keys) == keys[:20]


# --- digits

HEAP = Heap(
    "patients",
    "value",
    condition("disease == hypertension", columns_of(facts()["patients"]), {}),
    1,
    175,
    100,
    0.01,
)


def readings(key: str, values: list[int]) -> list[Row]:
    return [
        filled(
            "patients", person=f"{key}{at}", disease="hypertension", institution=key, value=each, month=202501
        )
        for at, each in enumerate(values)
    ]


def test_rounded_readings_are_found_and_honest_or_even_ones_are_not() -> None:
    draw = Random(1)
    true = [round(draw.gauss(138, 15)) for _ in range(400)]
    tables = Frames(
        {
            "patients": [
                *readings("整", [round(each / 10) * 10 if draw.random() < 0.7 else each for each in true]),
                *readings("真", true),
                *readings("偶", [each // 2 * 2 for each in true]),
                *readings("少", [130, 140, 150]),
            ]
        }
    )
    (found,) = heaping(tables, HEAP, JANUARY)
    assert of(Kind.HEAPING, found).institutions == ("整",) and found.rows == 400 and found.keys
    by_hand = 500 * sum(row["value"] % 5 == 0 for row in tables.rows["patients"][:400]) / 400
    assert found.strength == pytest.approx(by_hand) and found.chance is not None and found.chance < 1e-9


def test_the_index_worked_out_by_hand() -> None:
    """100 values: 40 end in 0, 20 in 5, 5 each in the rest: 60 % instead of 20 %, index 300; χ² = (30² + 10² + 8·5²)/10 = 120."""
    digits = {0: 40, 5: 20, **dict.fromkeys((1, 2, 3, 4, 6, 7, 8, 9), 5)}
    ((index, chance),) = judge_digits({"H": digits}, HEAP).values()
    assert index == 300 and chance == pytest.approx(1.4e-21, rel=0.1)
    assert not judge_digits({"H": {digit: n // 2 for digit, n in digits.items()}}, HEAP), (
        "48 values are too few"
    )


def test_costs_are_looked_at_in_whole_yuan() -> None:
    """Fen end in 00 by nature; of 120 costs of 1.00 to 120.00 yuan every tenth ends in 0: nothing is rounded."""
    rows = [
        filled("visits", visit=f"{at}", institution="H", date=day(3), cost=at * 100) for at in range(1, 121)
    ]
    assert not heaping(Frames({"visits": rows}), Heap("visits", "cost", None, 100, 175, 100, 0.01), JANUARY)
    assert heaping(Frames({"visits": rows}), Heap("visits", "cost", None, 1, 175, 100, 0.01), JANUARY)


# --- piling

EDGE = Edge("patients", "value", None, 140, 10, True, 60, 1.3, 0.01)


def test_readings_written_down_as_just_controlled_are_found() -> None:
    draw = Random(2)
    true = [round(draw.gauss(138, 13)) for _ in range(600)]
    pushed = [139 if 140 <= each < 146 and draw.random() < 0.8 else each for each in true]
    tables = Frames({"patients": [*readings("推", pushed), *readings("真", true)]})
    (found,) = piling(tables, EDGE, JANUARY)
    assert of(Kind.PILING, found).institutions == ("推",) and found.strength > 1.3
    assert found.rows == sum(130 <= each < 140 for each in pushed) and len(found.keys) == 20


def test_a_slope_is_no_pile() -> None:
    """Windows 400, 300, 200, 100 fall evenly: (400−100)/3 = 100 more are due on the good side, and that is what there is."""
    assert not judge_windows({"H": (400, 300, 200, 100)}, EDGE)
    pile = judge_windows({"H": (300, 400, 100, 200)}, EDGE)["H"]
    assert pile.due == pytest.approx((500 + 100 / 3) / 2) and pile.chance < 1e-6
    above = Edge("surveys", "score", None, 60, 5, False, 60, 1.3, 0.01)
    assert judge_windows({"H": (200, 100, 400, 300)}, above)["H"].good == 400


def test_of_many_honest_institutions_hardly_one_is_found() -> None:
    draw = Random(3)
    windows: dict[str, tuple[int, int, int, int]] = {}
    for nth in range(300):
        counts = Counter(min(max((round(draw.gauss(136, 13)) - 120) // 10, -1), 4) for _ in range(200))
        windows[f"{nth}"] = (counts[0], counts[1], counts[2], counts[3])
    assert len(judge_windows(windows, EDGE)) <= 2


# --- schedules


@pytest.mark.parametrize("seed", range(3))
def test_overworked_days_and_overlapping_stays_are_those_counted_by_hand(seed: int) -> None:
    rows = drawn(seed, 150, MONTHS, ("visits", "staff"))
    tables, year = Frames(rows), span("2025-01")
    found = overworked(tables, year, most=1, professions=["physician"])
    assert _summed(found) == _overworked_by_hand(rows, 1)
    crowd = overlapping(tables, year)
    keys = sorted(key for key in _overlapping_by_hand(rows["visits"]))
    assert (crowd.rows if crowd else 0) == len(keys)
    assert sorted(crowd.keys if crowd else ()) == sorted(keys[:20])


def _summed(found: list[Finding]) -> dict[tuple[Kind, str], int]:
    sums: Counter[tuple[Kind, str]] = Counter()
    for each in found:
        sums[of(each.kind, each).kind, each.institutions[0]] += each.rows
    return dict(sums)


def _overworked_by_hand(rows: dict[str, list[Row]], most: int) -> dict[tuple[Kind, str], int]:
    physicians: dict[str, set[str]] = defaultdict(set)
    for row in rows["staff"]:
        if row["month"] == 202501:
            physicians[row["institution"]] |= {row["person"]} if row["profession"] == "physician" else set()
    days = Counter(
        (row["institution"], row["date"])
        for row in rows["visits"]
        if row["month"] == 202501 and row["kind"] != "inpatient"
    )
    sums: Counter[tuple[Kind, str]] = Counter()
    for (key, _), visits in days.items():
        if key in physicians and visits > most * len(physicians[key]):
            sums[Kind.OVERWORKED if physicians[key] else Kind.NOBODY, key] += visits
    return dict(sums)


def _overlapping_by_hand(visits: list[dict[str, Any]]) -> list[str]:
    mine = [
        row for row in visits if row["month"] == 202501 and row["kind"] == "inpatient" and row["admitted"]
    ]
    mine = sorted(mine, key=lambda row: (row["admitted"], row["date"], row["visit"]))
    return [
        row["visit"]
        for at, row in enumerate(mine)
        if any(other["person"] == row["person"] and other["date"] > row["admitted"] for other in mine[:at])
    ]


def test_two_beds_at_once_and_a_transfer_on_the_same_day() -> None:
    found = of(
        Kind.OVERLAPPING,
        overlapping(
            Frames(
                {
                    "visits": stays(
                        ("甲", day(1), day(9)),
                        ("甲", day(4), day(6)),  # inside the first
                        ("甲", day(9), day(12)),  # begins as the first ends
                        ("乙", day(2), day(5)),
                        ("丙", day(5), day(5)),
                    )
                }
            ),
            JANUARY,
        ),
    )
    assert found.keys == ("v1",) and found.rows == 1
    assert (
        overlapping(Frames({"visits": stays(("甲", day(1), day(3)), ("甲", day(3), day(5)))}), JANUARY)
        is None
    )


def test_a_day_no_physician_can_work_names_the_day() -> None:
    """Two physicians, at most 80 each: 161 on one day are too many, 160 are not."""

    def seen(number: int, on: date) -> list[Row]:
        return [filled("visits", visit=f"{on}-{at:03}", institution="H", date=on) for at in range(number)]

    staff = [
        filled("staff", institution="H", person=key, profession="physician", month=202501) for key in "ab"
    ]
    tables = Frames({"visits": [*seen(161, day(6)), *seen(160, day(7))], "staff": staff})
    (found,) = overworked(tables, JANUARY, most=80, professions=["physician", "village_doctor"])
    assert (
        of(Kind.OVERWORKED, found).rows == 161
        and "2025-01-06" in found.text.zh
        and found.keys[0] == "2025-01-06-000"
    )
    assert found.strength == pytest.approx(161 / 160)
    (nobody,) = overworked(tables, JANUARY, most=80, professions=["village_doctor"])
    assert of(Kind.NOBODY, nobody).rows == 321
    assert (
        overworked(Frames({"visits": seen(500, day(6))}), JANUARY, most=80, professions=["physician"]) == []
    )


def test_nothing_is_found_where_nothing_is() -> None:
    tables = Frames({})
    assert overlapping(tables, JANUARY) is None and not overworked(
        tables, JANUARY, most=1, professions=["physician"]
    )
    assert not heaping(tables, HEAP, JANUARY) and not piling(tables, EDGE, JANUARY)
    assert not list(empty(tables, "visits", ("diagnosis",), JANUARY, limit=0.1, least=1))
    assert silent(tables, "visits", JANUARY, before=1) is None


# --- beside an indicator


def test_each_indicator_gets_what_concerns_its_columns() -> None:
    """Rounded readings stand beside the share controlled, whose flag comes of them, and not beside the share managed."""
    values = [120 + 10 * (at % 4) for at in range(200)]
    tables = Frames({"patients": [{**row, "institution": "H"} for row in readings("H", values)]})
    heap = Heap("patients", "value", None, 1, 175, 100, 0.01, concerns=("controlled",))

    def share(name: str, take: str) -> Any:
        fact = facts()["patients"]
        part = Part("patients", Attribution.CONTRACT, aggregate(take, fact, fact.columns, {}, None))
        return replace(indicator(name), numerator=(part,))

    asked = [share("controlled", "count(controlled)"), share("managed", "count(managed)")]
    found = look(tables, asked, span("2025"), today=day(20), checks=Checks(heaps=(heap,)))
    assert [each.kind for each in found["controlled"]] == [Kind.MONTHS, Kind.EMPTY, Kind.HEAPING]
    assert [each.kind for each in found["managed"]] == [Kind.MONTHS, Kind.EMPTY]
    assert found["managed"][1].column == "consortium", "which nobody filled in"


def test_an_indicator_over_a_table_that_nobody_sent_says_so() -> None:
    fact = facts()["visits"]
    part = Part("visits", Attribution.VISITED, aggregate("count(tcm)", fact, fact.columns, {}, None))
    found = look(Frames({}), [replace(indicator("tcm"), numerator=(part,))], JANUARY, today=day(20))
    assert [each.kind for each in found["tcm"]] == [Kind.OLD, Kind.MONTHS]
