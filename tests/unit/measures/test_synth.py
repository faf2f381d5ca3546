"""Synthetic facts: consistent with each other, in the declared words, the same for a seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.schema import Type, facts
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.synth import Group, Place, Profile, Site, Truth, synth, tables
from tiercare.kernel.refusal import Refused

AT = datetime(2026, 1, 2, tzinfo=UTC)


@cache
def made() -> tuple[Mapping[str, pa.Table], Truth]:
    """Two years of a region of four counties."""
    return tables(Profile.invented(1, 4), 2, 60_000, 7)


@cache
def database() -> Any:
    """The same in DuckDB."""
    connection = duckdb.connect()
    for name, table in made()[0].items():
        connection.register(name, table)
    return connection


def one(query: str) -> Any:
    """The only value of a query's only row; of more columns, the row."""
    row = database().sql(query).fetchall()[0]
    return row[0] if len(row) == 1 else row


def test_every_fact_table_is_there_with_its_columns() -> None:
    found, truth = made()
    assert list(found) == list(facts())
    for name, table in found.items():
        assert table.column_names == [*facts()[name].columns, "region", "month"]
        assert table.num_rows == truth.rows[name] > 0


def test_as_many_visits_as_asked_for() -> None:
    assert one("SELECT count(*) FROM visits") == pytest.approx(60_000, rel=0.02)


@pytest.mark.parametrize("fact", facts())
def test_keys_are_unique(fact: str) -> None:
    key = ", ".join(f'"{each}"' for each in facts()[fact].unique)
    assert one(f"SELECT count(*) - count(DISTINCT ({key})) FROM {fact}") == 0


@pytest.mark.parametrize("fact", facts())
def test_columns_hold_what_they_may(fact: str) -> None:
    for column in facts()[fact].columns.values():
        values = made()[0][fact][column.name]
        assert column.optional or values.null_count == 0, column.name
        kept = values.combine_chunks()
        if pa.types.is_dictionary(kept.type):
            kept = kept.dictionary_decode()
        assert kept.type == column.type.arrow or kept.null_count == len(kept), column.name
        found = set(kept.drop_null().unique().to_pylist())
        if column.words:
            assert found <= set(column.words), column.name
        if column.type is Type.DIVISION:
            assert {len(each) for each in found} <= {6, 9, 12}, column.name
        if column.type in {Type.COUNT, Type.YUAN, Type.MINUTES}:
            assert min(found, default=0) >= 0, column.name


def test_rows_are_dated_in_their_month() -> None:
    for fact in facts().values():
        if fact.dated:
            wrong = f"year({fact.dated}) * 100 + month({fact.dated}) <> month"
            assert one(f"SELECT count(*) FROM {fact.name} WHERE {wrong}") == 0, fact.name


def test_stocks_stand_every_month() -> None:
    for fact in facts().values():
        if fact.stock:
            assert one(f"SELECT count(DISTINCT month) FROM {fact.name}") == 24, fact.name


def test_the_fund_pays_what_the_visits_say() -> None:
    """By county insured, institution, class of service and month, to the fen."""
    service = "CASE kind WHEN 'inpatient' THEN 'inpatient' ELSE 'outpatient' END"
    by = "GROUP BY ALL"
    visits = (
        f"SELECT insured, institution, {service} AS service, month, sum(cost), sum(fund), sum(own) FROM visits "
        f"WHERE insured IS NOT NULL {by}"
    )
    funds = (
        "SELECT insured, institution, service, month, sum(cost), sum(fund), sum(own) FROM funds "
        f"WHERE service IN ('outpatient', 'inpatient') {by}"
    )
    assert one(f"SELECT count(*) FROM (({visits}) EXCEPT ({funds}))") == 0
    assert one(f"SELECT count(*) FROM (({funds}) EXCEPT ({visits}))") == 0
    assert one("SELECT count(*) FROM visits WHERE cost <> fund + own OR fund > 0 AND insured IS NULL") == 0


def test_institutions_account_for_their_visits() -> None:
    seen = "SELECT institution, month, sum(cost) AS cost, sum(days) AS days FROM visits GROUP BY ALL"
    joined = f"institutions i LEFT JOIN ({seen}) v USING (institution, month)"
    assert one(f"SELECT count(*) FROM {joined} WHERE medical_income <> coalesce(v.cost, 0)") == 0
    assert one(f"SELECT count(*) FROM {joined} WHERE bed_days_used <> coalesce(v.days, 0)") == 0


def test_institutions_of_other_facts_are_in_the_register() -> None:
    register = "SELECT institution, tier, consortium FROM institutions"
    for fact in ("staff", "bookings", "referrals"):
        column = "sender" if fact == "referrals" else "institution"
        assert (
            one(f"SELECT count(*) FROM {fact} WHERE {column} NOT IN (SELECT institution FROM institutions)")
            == 0
        )
    outside = "SELECT count(*) FROM visits WHERE institution NOT IN (SELECT institution FROM institutions)"
    assert one(outside + " AND place LIKE '9999%'") == 0
    assert one(outside) > 0
    visited = "SELECT institution, tier, consortium FROM visits WHERE place LIKE '9999%'"
    assert one(f"SELECT count(*) FROM ({visited} EXCEPT {register})") == 0
    assert one("SELECT count(*) FROM consortia WHERE lead NOT IN (SELECT institution FROM institutions WHERE role = 'lead')") == 0  # fmt: skip


def test_who_was_referred_and_came_was_seen_there_that_day() -> None:
    came = "referrals r WHERE state = 'closed' AND direction <> 'lateral' AND r.arrived IS NOT NULL"
    seen = (
        "SELECT 1 FROM visits v WHERE v.person = r.person AND v.institution = r.receiver AND v.arrival IN "
        "('referred_up', 'referred_down') AND r.arrived BETWEEN coalesce(v.admitted, v.date) - 60 AND v.date"
    )
    all_, missing = one(f"SELECT count(*), count(*) FILTER (NOT EXISTS ({seen})) FROM {came}")
    assert all_ > 300
    assert missing <= all_ * 0.01  # those who die in the stay they were sent for
    assert one("SELECT count(*) FROM referrals WHERE person NOT IN (SELECT person FROM visits)") == 0
    assert (
        one(
            "SELECT count(*) FROM referrals WHERE accepted < submitted OR arrived < submitted OR closed < arrived"
        )
        == 0
    )


def test_nothing_impossible_happens_to_a_patient() -> None:
    stays = (
        "SELECT admitted, lag(date) OVER (PARTITION BY person ORDER BY date) AS before FROM visits "
        "WHERE kind = 'inpatient'"
    )
    assert one(f"SELECT count(*) FROM ({stays}) WHERE admitted <= before") == 0
    assert (
        one("SELECT count(*) FROM visits WHERE kind = 'inpatient' AND days <> date - admitted OR days < 1")
        == 0
    )
    died = "SELECT person, date AS died FROM visits WHERE discharge = 'died'"
    assert one(f"SELECT count(*) FROM ({died})") > 5
    assert one(f"SELECT count(*) FROM visits JOIN ({died}) USING (person) WHERE date > died") == 0
    assert one(f"SELECT count(*) FROM contracts JOIN ({died}) USING (person) WHERE month > year(died) * 100 + month(died)") == 0  # fmt: skip


def test_reserves_used_are_the_bookings_that_used_them() -> None:
    used = "SELECT institution, resource, date, count(*) AS n FROM bookings WHERE reserved AND state <> 'cancelled' GROUP BY ALL"
    joined = f"quotas q LEFT JOIN ({used}) b USING (institution, resource, date)"
    assert one(f"SELECT count(*) FROM {joined} WHERE q.used <> coalesce(n, 0)") == 0
    assert one("SELECT count(*) FROM quotas WHERE used + released > reserved OR reserved > offered") == 0
    assert one(f"SELECT sum(n) FROM ({used})") == one("SELECT sum(used) FROM quotas")


def test_chronic_patients_cost_what_their_visits_cost() -> None:
    known = (
        "SELECT 1 FROM patients p WHERE p.person = v.person AND p.disease = 'diabetes' AND p.month = v.month"
    )
    visits = f"SELECT sum(cost) FROM visits v WHERE diagnosis LIKE 'E11%' AND EXISTS ({known})"
    assert one("SELECT sum(cost) FROM patients WHERE disease = 'diabetes'") == one(visits)


def test_signed_people_are_residents_and_signed_before() -> None:
    wrong = "signed > make_date(month // 100, month % 100, 1) + INTERVAL 1 MONTH"
    assert one(f"SELECT count(*) FROM contracts WHERE {wrong} OR delivered > promised") == 0
    residents = "SELECT division, persons FROM population WHERE \"group\" = 'permanent' AND month = 202512"
    signed = (
        "SELECT home AS division, count(*) AS n FROM contracts WHERE permanent AND month = 202512 GROUP BY 1"
    )
    assert one(f"SELECT count(*) FROM ({residents}) JOIN ({signed}) USING (division) WHERE n > persons") == 0


def test_it_looks_like_a_region() -> None:
    """Hot keys, long tails, weekends, new year, growth: what uniform rows would not show."""
    largest, middle = one(
        "SELECT max(n), median(n) FROM (SELECT count(*) AS n FROM visits WHERE place LIKE '9999%' GROUP BY institution)"
    )
    assert largest > 20 * middle
    assert (
        one("SELECT avg(cost) / median(cost) FROM visits WHERE kind = 'outpatient' AND tier = 'tertiary'")
        > 1.2
    )
    sunday, monday = one("SELECT count(*) FILTER (dayname(date) = 'Sunday'), count(*) FILTER (dayname(date) = 'Monday') FROM visits")  # fmt: skip
    assert sunday < 0.75 * monday
    assert one("SELECT count(*) FILTER (month > 202500) / count(*) FROM visits") > 0.505
    tiers = dict(
        database().sql("SELECT tier, avg(cost) FROM visits WHERE kind = 'inpatient' GROUP BY 1").fetchall()
    )
    assert tiers["primary"] < tiers["secondary"] < tiers["tertiary"]
    people = (
        "SELECT count(*) AS n, percent_rank() OVER (ORDER BY count(*) DESC) AS r FROM visits GROUP BY person"
    )
    top = one(f"SELECT sum(n) FILTER (r <= 0.1) / sum(n) FROM ({people})")
    assert 0.18 < top < 0.5


def test_cases_and_persons_are_marked_synthetic() -> None:
    """Every key that no register gives begins with SYN and says nothing about the order of persons."""
    made_here = {"visit", "person", "referral", "booking", "service", "order", "act", "answer"}
    for fact in facts().values():
        for name in made_here & fact.columns.keys():
            if fact.columns[name].type is Type.KEY:
                assert one(f"SELECT count(*) FROM {fact.name} WHERE NOT starts_with(\"{name}\", 'SYN')") == 0
    persons = [row[0] for row in database().sql("SELECT DISTINCT person FROM contracts WHERE month = 202401 LIMIT 200").fetchall()]  # fmt: skip
    assert all(re.fullmatch("SYNP[0-9A-Z]{8}", each) for each in persons)


def digests(root: Path) -> dict[str, str]:
    files = sorted(root.glob("*/region=*/month=*/*.parquet"))
    return {str(each.relative_to(root)): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


def test_the_same_seed_makes_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    profile = Profile.invented(2, 2)
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        synth(tmp_path / name, profile, 1, 4_000, seed, at=AT, only={"visits", "patients"})
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert len(first) == 24
    assert first == again
    assert not set(first.values()) & set(other.values())


def test_the_same_seed_makes_the_same_rows_of_every_table() -> None:
    found, again = (tables(Profile.invented(2, 2), 1, 4_000, 3)[0] for _ in range(2))
    assert all(found[name].equals(again[name]) for name in facts())


def test_a_store_reads_what_was_written_and_knows_it_is_synthetic(tmp_path: Path) -> None:
    profile, heard = Profile.invented(2, 2), []
    truth = synth(
        tmp_path, profile, 1, 4_000, 3, at=AT, only={"visits", "institutions"}, progress=heard.append
    )
    assert heard == [202412]
    with Store(tmp_path) as store:
        assert store.synthetic
        assert store.months("visits") == list(truth.months)
        rows = list(
            store.run(store.table("visits").group_by("month").agg(n=lambda t: t.count()).order_by("month"))
        )
        assert sum(row["n"] for row in rows) == truth.rows["visits"]
        assert store.months("staff") == []
        expected = tables(profile, 1, 4_000, 3, only={"visits"})[0]["visits"]["cost"].to_numpy().sum()
        assert (
            next(iter(store.run(store.table("visits").agg(cost=lambda t: t.cost.sum()))))["cost"] == expected
        )
    with pytest.raises(Refused):
        synth(tmp_path, profile, 1, 4_000, 3, at=AT, only={"visits", "institutions"})


def test_chunks_of_months_hang_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made month by month, nobody is in two beds and who was sent still arrives; it is not the same draw, but as many."""
    monkeypatch.setattr("tiercare.engines.measures.synth.generate.SLICE", 1)
    monkeypatch.setattr("tiercare.engines.measures.synth.visits.SLICE", 700)
    found, _ = tables(
        Profile.invented(1, 2), 1, 12_000, 7, only={"visits", "referrals", "patients", "bookings"}
    )
    connection = duckdb.connect()
    for name, table in found.items():
        connection.register(name, table)
        key = ", ".join(facts()[name].unique)
        assert connection.sql(f"SELECT count(*) - count(DISTINCT ({key})) FROM {name}").fetchall()[0] == (
            0,
        ), name
    stays = "SELECT admitted, lag(date) OVER (PARTITION BY person ORDER BY date) AS b FROM visits WHERE kind = 'inpatient'"
    assert connection.sql(f"SELECT count(*) FROM ({stays}) WHERE admitted <= b").fetchall()[0] == (0,)
    sent = "SELECT count(*) FROM referrals WHERE state = 'closed' AND direction = 'down'"
    came = "SELECT count(*) FROM visits WHERE arrival = 'referred_down'"
    (closed,), (arrived,) = connection.sql(sent).fetchall()[0], connection.sql(came).fetchall()[0]
    assert 0 <= arrived - closed <= 3  # some reports come after the end
    assert found["visits"].num_rows == pytest.approx(12_000, rel=0.04)


def small(consortium: str | None = "C") -> Profile:
    """One township, a clinic, a hospital."""
    sites = (
        Site(
            "H", "110101", "GENERAL", "secondary", consortium=consortium, role="lead" if consortium else None
        ),
        Site("K", "110101001001", "VILLAGE_CLINIC", "primary"),
    )
    groups = (Group("C", "county_community", True, "110101", "H", 2, date(2019, 1, 1)),) if consortium else ()
    return Profile("110101", (Place("110101001", 1.0, consortium=consortium),), sites, groups)


@given(st.integers(0, 10**6), st.integers(400, 3_000), st.integers(1, 2), st.sampled_from(["C", None]))
@settings(max_examples=8, deadline=None)
def test_the_smallest_regions_are_filled(seed: int, rows: int, years: int, consortium: str | None) -> None:
    found, truth = tables(small(consortium), years, rows, seed)
    assert truth.people >= 20
    assert found["visits"].num_rows == pytest.approx(rows, rel=0.25, abs=60)
    assert set(found["institutions"]["institution"].to_pylist()) == {"H", "K"}


def test_what_cannot_be_filled_is_refused() -> None:
    with pytest.raises(ValueError, match="hospital"):
        Profile("110101", (Place("110101001", 1.0),), (small().sites[1],), ())
    with pytest.raises(ValueError, match="unknown"):
        Profile("110101", (Place("110101001", 1.0, consortium="X"),), small().sites[:1], small().groups)
    with pytest.raises(ValueError, match="at least"):
        tables(small(), 1, 10, 1)
    with pytest.raises(KeyError, match="no such facts"):
        tables(small(), 1, 1000, 1, only={"visit"})


def test_beds_follow_the_patients_unless_they_are_registered() -> None:
    used, open_ = one(
        "SELECT sum(bed_days_used), sum(bed_days_open) FROM institutions WHERE tier <> 'primary'"
    )
    assert 0.5 < used / open_ < 1
    site = Site("H", "110101", "GENERAL", "secondary", consortium="C", role="lead", beds=77)
    profile = Profile("110101", (Place("110101001", 1470.0),), (site, small().sites[1]), small().groups)
    found, truth = tables(profile, 1, 1000, 1, only={"institutions"})
    assert truth.people == 147  # a tenth of those for whom 77 beds are registered
    assert {row["beds"] for row in found["institutions"].to_pylist() if row["institution"] == "H"} == {8}


def test_physicians_are_enough_for_a_usual_day() -> None:
    days = (
        "SELECT institution, date, count(*) AS n, any_value(month) AS month FROM visits "
        "WHERE kind <> 'inpatient' AND place LIKE '9999%' GROUP BY ALL"
    )
    doctors = "SELECT institution, month, count(*) AS d FROM staff WHERE profession IN ('physician', 'village_doctor') GROUP BY ALL"
    most = one(
        f"SELECT quantile_cont(n / d, 0.999) FROM ({days}) JOIN ({doctors}) USING (institution, month)"
    )
    assert most < 25
    assert np.isfinite(most)
