"""What goes to a lead and what stays, the same on DuckDB and row by row; and the cases behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tiercare.engines.measures.periods import span
from tiercare.engines.measures.signals import (
    Counts,
    Flow,
    Land,
    LandLimits,
    Member,
    behind,
    gather,
    judge_land,
    members,
    resources,
)
from tiercare.engines.measures.signals.by_hand import gather_by_hand

from .drawn_rows import drawn
from .frames import REGION, Frames, Row, filled

MONTHS = (202411, 202412, 202501)
COMMON = ["I10", "E11"]
SPANS = [span("2024-12"), span("2025-01")]


@pytest.mark.parametrize("seed", range(4))
def test_flows_are_the_same_on_duckdb_and_by_hand(seed: int) -> None:
    rows = drawn(seed, 300, MONTHS, ("visits", "referrals", "staff", "support", "funds", "institutions"))
    if seed == 3:
        rows["support"] = rows["referrals"] = []
    found = gather(Frames(rows), SPANS, region=REGION, common=COMMON)
    assert found == gather_by_hand(rows, SPANS, region=REGION, common=COMMON)
    assert {each.flow for each in found} == set(Flow) - (
        {Flow.POSTINGS, Flow.REFERRALS} if seed == 3 else set()
    )


def visit(key: str, role: str, arrival: str = "self", **more: Any) -> Row:
    given = {
        "kind": "outpatient",
        "date": date(2025, 1, 6),
        "role": role,
        "arrival": arrival,
        "diagnosis": "I10.x05",
    }
    return filled(
        "visits",
        **{"visit": key, "consortium": "A", "home_consortium": "A", "home": "340202001", **given, **more},
    )


def staff(person: str, role: str, month: int) -> Row:
    return filled("staff", person=person, consortium="A", role=role, institution=role, month=month)


def test_flows_worked_out_by_hand() -> None:
    """Two of seven visits are drawn; one physician of two moves up."""
    rows: dict[str, list[Row]] = {
        "visits": [
            visit("v1", "lead"),
            visit("v2", "lead"),
            visit("v3", "lead", "referred_up"),
            visit("v4", "lead", critical=True),
            visit("v5", "lead", diagnosis="S72"),
            visit("v6", "member"),
            visit("v7", "lead", home_consortium="B"),
        ],
        "staff": [
            staff("甲", "member", 202412),
            staff("甲", "lead", 202501),
            staff("乙", "member", 202412),
            staff("乙", "member", 202501),
            staff("丙", "lead", 202412),
        ],
    }
    tables = Frames(rows)
    assert gather(tables, SPANS, region=REGION, common=COMMON) == [
        Counts(Flow.PATIENTS, "A", 202501, 2, 1),
        Counts(Flow.STAFF, "A", 202412, 0, 2),
        Counts(Flow.STAFF, "A", 202501, 1, 1),
    ]
    cases = behind(tables, "A", Flow.PATIENTS, SPANS, region=REGION, common=COMMON)
    assert (cases.cases, cases.keys) == (2, ("v1", "v2"))
    moved = behind(tables, "A", Flow.STAFF, SPANS, region=REGION, common=COMMON, most=1)
    assert (moved.cases, moved.keys) == (1, ("甲",))


def test_every_flow_has_cases_behind_it() -> None:
    rows: dict[str, list[Row]] = {
        "visits": [visit("stay", "lead", kind="inpatient")],
        "support": [
            filled(
                "support",
                act="a1",
                consortium="A",
                direction="down",
                receiver_division="340202",
                days=3,
                month=202501,
            )
        ],
        "funds": [filled("funds", institution="H", insured="340202", fund=500, month=202501)],
        "institutions": [filled("institutions", institution="H", consortium="A", role="lead", month=202501)],
    }
    for flow, key in ((Flow.REFERRALS, "stay"), (Flow.POSTINGS, "a1"), (Flow.MONEY, "H")):
        cases = behind(Frames(rows), "A", flow, SPANS, region=REGION, common=COMMON)
        assert (cases.cases, cases.keys) == (1, (key,))


def _members_by_hand(rows: Mapping[str, list[Row]]) -> list[Member]:
    inside = {
        fact: [row for row in several if row["month"] in span("2025-01")] for fact, several in rows.items()
    }
    inside["institutions"] = [row for row in inside["institutions"] if row["division"].startswith(REGION)]
    found = []
    for key in {
        (row["consortium"], row["institution"])
        for row in inside["institutions"]
        if row["role"] not in {None, "lead"} and row["consortium"]
    }:
        consortium, institution = key
        months = [
            r
            for r in inside["institutions"]
            if (r["consortium"], r["institution"]) == key and r["role"] not in {None, "lead"}
        ]
        referrals = [
            r for r in inside["referrals"] if r["sender_consortium"] == r["receiver_consortium"] == consortium
        ]
        remote = [
            r for r in inside["remote"] if r["sender_consortium"] == r["receiver_consortium"] == consortium
        ]
        support = [r for r in inside["support"] if r["consortium"] == consortium and r["direction"] == "down"]
        found.append(
            Member(
                consortium,
                institution,
                len(months),
                sum((r["sender"] == institution) + (r["receiver"] == institution) for r in referrals),
                sum(r["sender"] == institution for r in remote),
                sum(r["days"] for r in support if r["receiver"] == institution),
            )
        )
    return sorted(found)


@pytest.mark.parametrize("seed", range(3))
def test_members_are_the_same_on_duckdb_and_by_hand(seed: int) -> None:
    rows = drawn(seed, 40, MONTHS[2:], ("institutions", "referrals", "remote", "support"))
    found = members(Frames(rows), span("2025-01"), region=REGION)
    assert found == _members_by_hand(rows) and any(not each.idle for each in found)


def idle(consortium: str, number: int, *, months: int = 12) -> list[Member]:
    return [Member(consortium, f"{consortium}{at}", months, 0, 0, 0) for at in range(number)]


def busy(consortium: str, number: int) -> list[Member]:
    return [Member(consortium, f"{consortium}x{at}", 12, 3, 1, 10) for at in range(number)]


def lands(everybody: list[Member], limits: LandLimits | None = None) -> dict[str, Land]:
    return {each.consortium: each for each in judge_land(everybody, institutions=100, limits=limits)}


def test_a_consortium_of_names_only_is_found_and_the_members_named() -> None:
    found = lands([*idle("A", 18), *busy("A", 2), *idle("B", 2), *busy("B", 10), *busy("C", 12)])
    assert [key for key, each in found.items() if each.found] == ["A"]
    assert found["A"].idle == tuple(sorted(f"A{at}" for at in range(18))) and "18家没有" in found["A"].text.zh


def test_new_few_or_everywhere_idle_members_are_no_land_grab() -> None:
    """New ones get time; four are too few to say; and where nobody's data are there, nobody stands out."""
    assert not any(
        each.found for each in lands([*idle("A", 18, months=3), *busy("A", 2), *busy("B", 12)]).values()
    )
    assert not any(each.found for each in lands([*idle("A", 4), *busy("B", 12)]).values())
    assert not any(each.found for each in lands([*idle("A", 9), *idle("B", 9), *idle("C", 9)]).values())


def test_a_limit_of_the_pack_is_a_limit() -> None:
    everybody = [*busy("A", 20), *busy("B", 5)]
    assert not lands(everybody)["A"].large
    assert lands(everybody, LandLimits(most_members=19))["A"].large
    large = lands(everybody, LandLimits(most_share=Fraction(1, 10)))
    assert large["A"].large and not large["B"].large and "20%" in large["A"].text.zh


def test_beds_and_the_private_share() -> None:
    """A has 80 of 100 beds; one of two visits was private, then one of four."""
    site = {"role": "member", "beds": 80, "public": True}
    rows: dict[str, list[Row]] = {
        "institutions": [
            filled("institutions", institution=key, month=month, **more)
            for month in (202412, 202501)
            for key, more in (("H", {**site, "consortium": "A"}), ("P", {"beds": 20, "public": False}))
        ],
        "visits": [
            filled("visits", visit=f"{at}", institution=key, date=day)
            for at, (key, day) in enumerate(
                [(key, date(2024, 12, 2)) for key in "HP"] + [(key, date(2025, 1, 2)) for key in "HHHP"]
            )
        ],
    }
    found = resources(Frames(rows), past=span("2024-12"), now=span("2025-01"))
    assert (found.beds, found.all_beds, found.private) == ({"A": 80}, 100, ((1, 2), (1, 4)))
    assert len(found.alerts(most_beds=Fraction(1, 2), least_private=Fraction(3, 4))) == 2
    assert not found.alerts(most_beds=Fraction(4, 5), least_private=Fraction(1, 2)) + found.alerts(
        most_beds=None, least_private=None
    )
