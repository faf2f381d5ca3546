"""What synthetic facts hide is found in them: siphoning, members by name only, rounding, readings pushed over a limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import ibis

from tiercare.engines.measures.derived import columns_of
from tiercare.engines.measures.expressions import condition
from tiercare.engines.measures.honesty import (
    Edge,
    Heap,
    empty,
    heaping,
    overlapping,
    overworked,
    piling,
    silent,
)
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.signals import Flow, behind, gather, judge, judge_land, members
from tiercare.engines.measures.synth import Heaping, LandGrab, PileUp, Planted, Profile, Siphon, tables

from .frames import connection
from .test_signals import LIMITS

PAST, NOW, DECEMBER = span("2024"), span("2025"), span("2025-12")
COMMON = ["I10", "E11", "J06", "I25", "J44", "K29"]
HYPERTENSION = condition("disease == hypertension", columns_of(facts()["patients"]), {})
HEAP = Heap("patients", "value", HYPERTENSION, 1, 175, 100, 0.01)
EDGE = Edge("patients", "value", HYPERTENSION, 140, 10, True, 60, 1.3, 0.01)


class Made:
    """The ``Tables`` over synthetic facts in memory."""

    def __init__(self, made: Mapping[str, Any]) -> None:
        self.made = made
        self._tables = {name: ibis.memtable(table) for name, table in made.items()}

    def table(self, fact: str) -> Any:
        return self._tables[fact]

    def months(self, fact: str) -> Sequence[int]:
        return sorted(self.made[fact]["month"].unique().to_pylist()) if fact in self.made else []

    def run(self, expression: Any) -> Iterable[Mapping[str, Any]]:
        return connection().to_pyarrow(expression).to_pylist()


@cache
def made(planted: bool) -> tuple[Profile, Made]:
    profile = Profile.invented(1, counties=6)
    siphon, grab = profile.groups[1].key, profile.groups[4].key
    hidden: list[Planted] = [Siphon(siphon, 202501, 0.4), LandGrab(grab, 20)] if planted else []
    needed = {"visits", "staff", "funds", "referrals", "support", "institutions", "remote"}
    rows, _ = tables(profile, years=2, rows=300_000, seed=1, planted=hidden, only=needed)
    return profile, Made(rows)


def test_a_planted_siphon_is_found_with_its_cases() -> None:
    profile, facts_made = made(True)
    region = profile.region[:4]
    pattern = judge(
        gather(facts_made, [PAST, NOW], region=region, common=COMMON), past=PAST, now=NOW, limits=LIMITS
    )
    assert [each.consortium for each in pattern.found] == [profile.groups[1].key]
    cases = behind(
        facts_made, profile.groups[1].key, Flow.PATIENTS, [PAST, NOW], region=region, common=COMMON
    )
    drawn = next(each for each in pattern.found[0].flows if each.flow is Flow.PATIENTS)
    assert (
        cases.cases == drawn.up[1]
        and len(cases.keys) == 50
        and all(key.startswith("SYN") for key in cases.keys)
    )


def test_members_by_name_only_are_found() -> None:
    profile, facts_made = made(True)
    found = [
        each
        for each in judge_land(
            members(facts_made, NOW, region=profile.region[:4]), institutions=len(profile.sites)
        )
        if each.found
    ]
    assert [each.consortium for each in found] == [profile.groups[4].key] and len(found[0].idle) >= 18


def test_where_nothing_is_planted_nothing_is_found() -> None:
    profile, facts_made = made(False)
    counts = gather(facts_made, [PAST, NOW], region=profile.region[:4], common=COMMON)
    assert not judge(counts, past=PAST, now=NOW, limits=LIMITS).found
    assert not [
        each
        for each in judge_land(
            members(facts_made, NOW, region=profile.region[:4]), institutions=len(profile.sites)
        )
        if each.found
    ]
    assert overlapping(facts_made, NOW) is None
    assert not overworked(facts_made, NOW, most=200, professions=["physician", "village_doctor"])


def test_rounded_and_pushed_readings_are_found_where_they_were_planted() -> None:
    profile = Profile.invented(0, counties=2, townships=2)
    first, second = sorted(
        site.key for site in profile.sites if site.category in {"TOWNSHIP_CENTRE", "COMMUNITY_CENTRE"}
    )[:2]
    rows, _ = tables(
        profile, years=1, rows=400_000, seed=3, planted=[Heaping(first), PileUp(second)], only={"patients"}
    )
    facts_made = Made(rows)
    month = span(str(max(facts_made.months("patients")))[:4] + "-12")
    assert [each.institutions for each in heaping(facts_made, HEAP, month)] == [(first,)]
    assert [each.institutions for each in piling(facts_made, EDGE, month)] == [(second,)]


class OnSpark:
    """Tables without rows that only write down what would be run."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def table(self, fact: str) -> Any:
        types = {column.name: str(ibis.dtype(column.type.arrow)) for column in facts()[fact].columns.values()}
        return ibis.table({**types, "region": "string", "month": "int64"}, name=fact)

    def months(self, fact: str) -> Sequence[int]:
        return (*PAST.months(), *NOW.months())

    def run(self, expression: Any) -> Iterable[Mapping[str, Any]]:
        self.statements.append(str(ibis.to_sql(expression, dialect="pyspark")))
        return (
            [{"n": 0, "a": 0, "b": 0, "who": 0}]
            if "n" in expression.columns and len(expression.columns) <= 2
            else []
        )


def test_everything_can_be_said_to_spark() -> None:
    spark = OnSpark()
    gather(spark, [PAST, NOW], region="3402", common=COMMON)
    members(spark, NOW, region="3402")
    for flow in Flow:
        behind(spark, "A", flow, [PAST, NOW], region="3402", common=COMMON)
    heaping(spark, HEAP, NOW)
    piling(spark, EDGE, NOW)
    silent(spark, "visits", DECEMBER, before=2)
    list(empty(spark, "visits", ("diagnosis",), NOW, limit=0.1, least=1))
    overworked(spark, NOW, most=1, professions=["physician"])
    overlapping(spark, NOW)
    assert len(spark.statements) >= 20 and all("SELECT" in each for each in spark.statements)
