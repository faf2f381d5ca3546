"""A simulated year as fact tables: what was played and nothing else, in the declared words, the same for a seed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.schema import Type, facts
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.synth import Place, Profile, Site
from tiercare.engines.twin.acting import IN, OUT
from tiercare.engines.twin.facts import tables, write_facts
from tiercare.engines.twin.levers import ROUTINE_WEEKS, Levers, PaymentMode
from tiercare.engines.twin.outcomes import outcomes as outcomes_of
from tiercare.engines.twin.state import OFFERED, RESERVED, TAKEN, USED
from tiercare.kernel.refusal import Refused

from .fact_tables import AT, POLICY, REGION, connected, database, made, one, places, played, seen, year

# What the twin does not play must not depend on the policy either.
DRAWN = {"consortia", "capabilities", "staff", "support", "surveys", "mortality", "agreements", "grids", "milestones", "population"}  # fmt: skip

# --- every table


@pytest.mark.parametrize("fact", facts())
def test_a_table_has_its_columns_keys_words_and_months(fact: str) -> None:
    table, shape = made()[fact], facts()[fact]
    assert table.column_names == [*shape.columns, "region", "month"] and table.num_rows > 0
    key = ", ".join(f'"{each}"' for each in shape.unique)
    assert one(f"SELECT count(*) - count(DISTINCT ({key})) FROM {fact}") == 0
    for column in shape.columns.values():
        values = table[column.name].combine_chunks()
        assert column.optional or values.null_count == 0, column.name
        values = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
        assert values.type == column.type.arrow or values.null_count == len(values), column.name
        found = set(values.drop_null().unique().to_pylist())
        assert not column.words or found <= set(column.words), column.name
        if column.type in {Type.COUNT, Type.YUAN, Type.MINUTES}:
            assert min(found, default=0) >= 0, column.name
    months = {12} if shape.yearly else set(range(1, 13))
    assert {each - 202500 for each in table["month"].to_pylist()} == months
    if shape.dated:
        assert one(f"SELECT count(*) FROM {fact} WHERE year({shape.dated}) * 100 + month({shape.dated}) <> month") == 0  # fmt: skip


def test_everything_made_up_is_marked(tmp_path: Path) -> None:
    for fact in facts().values():
        for name in {
            "visit",
            "person",
            "referral",
            "booking",
            "service",
            "order",
            "act",
            "answer",
        } & fact.columns.keys():
            if fact.columns[name].type is Type.KEY:
                assert one(f"SELECT count(*) FROM {fact.name} WHERE NOT starts_with(\"{name}\", 'SYN')") == 0
    write_facts(played(Levers(), residents=400), tmp_path, at=AT)
    with Store(tmp_path) as store:
        assert store.synthetic
        (said,) = {batch.arrived.source for batch in store.manifest(REGION).batches}
        assert "推演" in said and "模拟数据" in said and "400" in said


# --- what was played


def test_visits_are_those_that_were_played() -> None:
    rows = year().visits
    assert one("SELECT count(*), sum(cost), sum(fund), sum(own) FROM visits") == (
        len(rows), rows["cost"].sum(), rows["fund"].sum(), rows["cost"].sum() - rows["fund"].sum(),
    )  # fmt: skip
    keys = [site.key for site in year().world.sites]
    counted = dict(database().sql("SELECT institution, count(*) FROM visits GROUP BY 1").fetchall())
    sites, many = np.unique(rows["site"], return_counts=True)
    assert counted == {keys[site]: n for site, n in zip(sites, many, strict=True)}
    stays = rows[rows["kind"] == IN]
    known = stays[stays["arrival"] < 3]  # not by ambulance
    assert one("SELECT count(wait_days), sum(wait_days) FROM visits") == (len(known), known["wait"].sum())
    assert one("SELECT sum(days) FROM visits") == np.maximum(stays["stay"], 1).sum()
    for month in range(1, 13):
        begin, end = year().world.calendar.edges[[month - 1, month]] - year().world.calendar.edges[0]
        inside = (rows["day"] >= begin) & (rows["day"] < end)
        assert (
            one(f"SELECT sum(cost) FROM visits WHERE month = {202500 + month}") == rows["cost"][inside].sum()
        )


def test_the_fund_pays_what_the_visits_say_and_earns_what_is_meant_for_them() -> None:
    by = "insured, institution, CASE kind WHEN 'inpatient' THEN 'inpatient' ELSE 'outpatient' END AS service, month"
    visits = f"SELECT {by}, sum(cost), sum(fund), sum(own) FROM visits WHERE insured IS NOT NULL GROUP BY ALL"
    paid = "FROM funds WHERE service IN ('outpatient', 'inpatient')"
    funds = f"SELECT insured, institution, service, month, sum(cost), sum(fund), sum(own) {paid} GROUP BY ALL"
    assert one(f"SELECT count(*) FROM (({visits}) EXCEPT ({funds}))") == 0
    assert one(f"SELECT count(*) FROM (({funds}) EXCEPT ({visits}))") == 0
    insured = int((year().people.insured >= 0).sum())
    surplus = float(one(f"SELECT sum(income) - sum(fund) {paid}")) / 100 / insured
    assert surplus == pytest.approx(outcomes_of(year())["fund_surplus"], abs=0.01)
    assert one("SELECT sum(income) - sum(fund) FROM funds WHERE service IN ('drugstore', 'contract')") == 0


def test_referrals_are_those_that_were_sent() -> None:
    sent = year().sent
    for n, direction in enumerate(("up", "down", "lateral")):
        mine = sent[sent["direction"] == n]
        assert len(mine) > 0
        assert one(f"SELECT count(*), count(arrived), count(*) FILTER (place_kept) FROM referrals WHERE direction = '{direction}'") == (
            len(mine), (mine["arrived"] >= 0).sum(), (mine["place"] >= 0).sum(),
        )  # fmt: skip
    came = "referrals r WHERE r.arrived IS NOT NULL AND direction <> 'lateral'"
    there = "SELECT 1 FROM visits v WHERE v.person = r.person AND v.institution = r.receiver AND v.date = r.arrived"
    assert one(f"SELECT count(*) FROM {came} AND NOT EXISTS ({there})") == 0
    assert one("SELECT count(*) FROM referrals WHERE accepted < submitted OR arrived < accepted") == 0


def test_bookings_are_the_places_that_were_taken() -> None:
    of = year()
    hospital = of.ground.site["hospital"] & of.ground.site["inside"]
    taken = places(of)
    assert one("SELECT count(*), count(*) FILTER (reserved) FROM bookings") == (taken[TAKEN], taken[USED])
    said = "SELECT sum(offered), sum(reserved), sum(used) FROM quotas WHERE resource = 'slot'"
    assert one(said) == (taken[OFFERED], taken[RESERVED], taken[USED])
    used = "SELECT institution, date, count(*) AS n FROM bookings WHERE reserved GROUP BY ALL"
    joined = f"quotas q LEFT JOIN ({used}) b USING (institution, date)"
    assert one(f"SELECT count(*) FROM {joined} WHERE resource = 'slot' AND q.used <> coalesce(n, 0)") == 0
    assert one("SELECT count(*) FROM quotas WHERE used + released > reserved OR reserved > offered") == 0
    assert one("SELECT count(*) FROM quotas WHERE resource = 'slot' AND used + released <> reserved") == 0
    attended = "SELECT 1 FROM visits v WHERE v.person = b.person AND v.institution = b.institution AND v.date = b.date AND kind = 'outpatient'"
    assert one(f"SELECT count(*) FROM bookings b WHERE state = 'attended' AND NOT EXISTS ({attended})") == 0
    outpatients = seen((OUT,))
    hospitals = int(hospital[outpatients["site"]].sum())
    assert one("SELECT count(*) FROM bookings WHERE state = 'attended'") == hospitals
    missed, died = one(
        "SELECT count(*) FILTER (state = 'missed'), count(*) FILTER (lead_days > 60) FROM bookings"
    )
    assert missed > 0 and died == 0


def test_waits_of_referrals_are_the_days_booked_ahead() -> None:
    sent = year().sent
    mine = sent[(sent["direction"] == 0) & (sent["place"] >= 0) & (sent["place"] < year().days)]
    found = one("SELECT count(*), sum(lead_days) FROM bookings WHERE channel = 'referral'")
    assert found == (len(mine), (mine["place"] - mine["submitted"]).sum())


def test_beds_and_lines_are_those_of_the_year() -> None:
    of = year()
    hospital = of.ground.site["hospital"] & of.ground.site["inside"]
    assert one("SELECT sum(bed_days_used) FROM institutions") == of.state.bed_days[hospital].sum()
    assert one("SELECT count(bed_days_used) FROM institutions WHERE tier = 'primary'") == 0
    assert one("SELECT count(*) FROM institutions WHERE bed_days_used > bed_days_open") == 0
    can = of.ground.site["remote"].sum()
    assert (
        one("SELECT count(*) FROM institutions WHERE tier = 'primary' AND telemedicine AND month = 202503")
        == can
    )
    assert (
        one("SELECT count(*) FROM remote WHERE kind = 'consultation' AND done") == of.state.remote.sum() > 0
    )
    equipped = "SELECT institution FROM institutions WHERE telemedicine"
    assert one(f"SELECT count(*) FROM remote WHERE sender NOT IN ({equipped})") == 0
    income = "SELECT institution, month, sum(cost) AS cost FROM visits GROUP BY ALL"
    joined = f"institutions LEFT JOIN ({income}) USING (institution, month)"
    assert one(f"SELECT count(*) FROM {joined} WHERE medical_income <> coalesce(cost, 0)") == 0


def test_contracts_are_those_of_the_policy() -> None:
    who = year().residents
    alive = who["died"] >= year().days
    assert one("SELECT count(*) FROM contracts WHERE month = 202512") == (who["signed"] & alive).sum()
    assert (
        one("SELECT count(*) FROM contracts WHERE signed >= DATE '2025-01-01' OR delivered > promised") == 0
    )
    signed = set(year().people.names(np.flatnonzero(who["signed"])).to_pylist())
    seen_signed = database().sql("SELECT DISTINCT person FROM visits WHERE contract IS NOT NULL").fetchall()
    seen_ = {row[0] for row in database().sql("SELECT DISTINCT person FROM visits").fetchall()}
    assert {row[0] for row in seen_signed} == signed & seen_


def test_chronic_patients_end_as_they_were_played_and_their_readings_agree() -> None:
    names = year().people.names(np.arange(year().people.count)).to_pylist()
    controlled = dict(zip(names, year().residents["controlled"].tolist(), strict=True))
    december = "FROM patients WHERE month = 202512 AND managed AND disease IN ('hypertension', 'copd')"
    rows = database().sql(f"SELECT person, controlled {december}").fetchall()
    assert len(rows) > 200 and {said for _, said in rows} == {True, False}
    assert all(said == controlled[person] for person, said in rows)
    limit = "CASE disease WHEN 'hypertension' THEN 140 ELSE 70 END"
    assert (
        one(f"SELECT count(*) FROM patients WHERE value IS NOT NULL AND controlled <> (value < {limit})") == 0
    )
    # Nobody has a reading pushed over the limit: as many stand just below it as just above.
    near = (f"count(*) FILTER (value BETWEEN {low} AND {low + 3})" for low in (136, 140))
    below, above = one(f"SELECT {', '.join(near)} FROM patients WHERE disease = 'hypertension'")
    assert 0.8 < below / above < 1.25
    known = (
        "SELECT 1 FROM patients p WHERE p.person = v.person AND p.disease = 'diabetes' AND p.month = v.month"
    )
    visits = f"SELECT sum(cost) FROM visits v WHERE diagnosis LIKE 'E11%' AND EXISTS ({known})"
    assert one("SELECT sum(cost) FROM patients WHERE disease = 'diabetes'") == one(visits)


def test_people_fall_ill_in_the_month_in_which_they_do() -> None:
    who = year().residents
    begun = (who["onset"] > 0) & (who["onset"] < year().days) & (who["died"] >= year().days)
    bit = 1  # diabetes
    new = int((begun & ((who["chronic"] >> bit & 1) > 0)).sum())
    counted = "SELECT sum(persons) FILTER (month = 202512) - sum(persons) FILTER (month = 202501) FROM population WHERE \"group\" = 'diabetes'"
    died = (year().people.died < year().world.calendar.edges[-1]) & (
        year().people.died >= year().world.calendar.edges[1]
    )
    gone = int((died & year().people.inside() & ((year().people.chronic >> bit & 1) > 0)).sum())
    assert new > 5
    assert one(counted) == pytest.approx(
        new - gone, abs=5
    )  # those of January, and those who come from elsewhere
    early = "SELECT count(*) FROM patients WHERE disease = 'diabetes' AND month = 202501"
    late = "SELECT count(DISTINCT person) FROM patients WHERE disease = 'diabetes'"
    assert one(late) > one(early)


# --- the same again, and what another policy changes


def digests(root: Path) -> dict[str, str]:
    files = sorted(root.glob("*/region=*/month=*/*.parquet"))
    return {str(each.relative_to(root)): hashlib.sha256(each.read_bytes()).hexdigest() for each in files}


def test_the_same_seed_makes_the_same_files_and_another_others(tmp_path: Path) -> None:
    found, again = (played(POLICY, 3, 1_200) for _ in range(2))
    rows = write_facts(found, tmp_path / "a", at=AT)
    write_facts(again, tmp_path / "b", at=AT)
    first = digests(tmp_path / "a")
    assert first == digests(tmp_path / "b") and len(first) > 200
    with pytest.raises(Refused):
        write_facts(again, tmp_path / "a", at=AT)
    here, other = tables(found), tables(played(POLICY, 4, 1_200))
    assert {fact: table.num_rows for fact, table in here.items()} == rows
    assert not any(here[fact].equals(other[fact]) for fact in ("visits", "bookings", "contracts", "staff"))


def test_another_policy_changes_what_it_should_and_nothing_else() -> None:
    plain, kept = (tables(played(replace(POLICY, reserve_share=share))) for share in (0.0, 0.3))
    for fact in DRAWN | {"contracts"}:
        assert plain[fact].equals(kept[fact]), fact
    for fact in ("visits", "bookings", "quotas", "referrals", "funds"):
        assert not plain[fact].equals(kept[fact]), fact
    for found, reserved in ((plain, False), (kept, True)):
        slots = "SELECT sum(reserved) > 0, sum(used) > 0 FROM quotas WHERE resource = 'slot'"
        assert one(slots, connected(found)) == (reserved, reserved)
    signed = tables(played(replace(POLICY, signing_coverage=0.6)))
    assert signed["contracts"].num_rows > plain["contracts"].num_rows
    for fact in DRAWN:
        assert plain[fact].equals(signed[fact]), fact


@pytest.mark.parametrize("mode", PaymentMode)
def test_the_mode_of_payment_is_in_the_books_of_hospitals(mode: PaymentMode) -> None:
    found = connected(tables(played(Levers(payment_mode=mode), residents=1_500)))
    stays = found.sql(
        "SELECT DISTINCT mode FROM funds WHERE service = 'inpatient' AND tier <> 'primary'"
    ).fetchall()
    words = {PaymentMode.GLOBAL_BUDGET: "global", PaymentMode.CAPITATION_PACKAGE: "capitation"}
    assert stays == [(words.get(mode, mode.value),)]


def tiny() -> Profile:
    """One township, a clinic, a hospital and no consortium."""
    sites = (
        Site("H", "110101", "GENERAL", "secondary"),
        Site("K", "110101001001", "VILLAGE_CLINIC", "primary"),
    )
    away = (Site("SYN-OUT", "999801001", "GENERAL", "tertiary", "A"),)
    return Profile("110101", (Place("110101001", 1.0),), sites, (), away)


def some_levers() -> st.SearchStrategy[Levers]:
    named = dict.fromkeys(
        ("reserve_share", "bed_reserve_share", "signing_coverage", "telemedicine_coverage"),
        st.floats(0, 0.9),
    )
    return st.builds(
        Levers, **named, release_hours=st.integers(0, 336), secondments=st.floats(0, 20), payment_mode=st.sampled_from(PaymentMode),
        prescription_weeks=st.integers(ROUTINE_WEEKS, 12), continuous_deductible=st.booleans(),
    )  # fmt: skip


@given(some_levers(), st.integers(0, 10**6), st.integers(30, 900), st.booleans())
@settings(max_examples=12, deadline=None, phases=[Phase.generate])
def test_whatever_the_policy_the_tables_agree(
    levers: Levers, seed: int, residents: int, smallest: bool
) -> None:
    of = played(levers, seed, residents, tiny() if smallest else None)
    found = connected(tables(of))
    paid = one("SELECT coalesce(sum(fund), 0) FROM funds WHERE service IN ('outpatient', 'inpatient')", found)
    assert one("SELECT count(*), sum(fund) FROM visits", found) == (len(of.visits), paid)
    assert one("SELECT count(*) FILTER (reserved), count(*) FROM bookings", found) == tuple(
        places(of)[[USED, TAKEN]]
    )
    assert (
        one("SELECT count(*) FROM quotas WHERE used + released > reserved OR reserved > offered", found) == 0
    )
    for fact in ("referrals", "remote"):
        if fact in made():
            many = len(of.sent) if fact == "referrals" else int(of.state.remote.sum())
            where = "" if fact == "referrals" else " WHERE kind = 'consultation'"
            assert many == 0 or one(f"SELECT count(*) FROM {fact}{where}", found) == many
