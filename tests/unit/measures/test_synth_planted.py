"""What is planted in synthetic facts is there, where and when it was planted, and nowhere else."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb
import pytest

from tiercare.engines.measures.synth import (
    Heaping,
    Impossible,
    LandGrab,
    PileUp,
    Planted,
    Profile,
    Siphon,
    Truth,
    tables,
)

PROFILE = Profile.invented(5, 3)
GROUP = PROFILE.groups[1]
OTHER = PROFILE.groups[2]


@cache
def made(*planted: Planted) -> tuple[Any, Truth]:
    """Two years with what is planted, in DuckDB."""
    found, truth = tables(PROFILE, 2, 80_000, 11, planted=planted)
    connection = duckdb.connect()
    for name, table in found.items():
        connection.register(name, table)
    return connection, truth


def rows(query: str, *planted: Planted) -> list[tuple[Any, ...]]:
    """Of the facts with what is planted."""
    found: list[tuple[Any, ...]] = made(*planted)[0].sql(query).fetchall()
    return found


SIPHON = Siphon(GROUP.key, 202501, 0.5)


def lead_share(consortium: str, lead: str, year: int, *planted: Planted) -> float:
    """Of the outpatients with common and chronic diseases who live in a consortium's area and stay in it: seen at the lead.

    By hand: all outpatient rows of these people for what is not serious, at the lead or at its members' primary care.
    """
    query = f"""
        SELECT count(*) FILTER (institution = '{lead}') / count(*) FROM visits
        WHERE home_consortium = '{consortium}' AND kind = 'outpatient' AND arrival = 'self' AND month // 100 = {year}
          AND (institution = '{lead}' OR (tier = 'primary' AND consortium = '{consortium}'))
          AND diagnosis IN ('I10', 'E11.9', 'J06.9', 'J20.9', 'K29.5', 'M54.5')
    """
    return float(rows(query, *planted)[0][0])


def test_a_siphon_draws_stable_patients_to_the_lead_from_its_month_on() -> None:
    before, after = (lead_share(GROUP.key, GROUP.lead, year, SIPHON) for year in (2024, 2025))
    # half of the members' patients go to the lead: 1 - share falls to half of what it was
    assert 1 - after == pytest.approx((1 - before) * 0.5, abs=0.035)


def test_others_draw_nobody() -> None:
    for group, planted in ((OTHER, (SIPHON,)), (GROUP, ())):
        before, after = (lead_share(group.key, group.lead, year, *planted) for year in (2024, 2025))
        assert after == pytest.approx(before, abs=0.03)


def test_a_siphon_draws_staff() -> None:
    query = """
        WITH moves AS (
            SELECT person, first(institution ORDER BY month) AS a, last(institution ORDER BY month) AS b,
                   last(consortium ORDER BY month) AS consortium
            FROM staff GROUP BY person)
        SELECT consortium, count(*) FROM moves JOIN consortia c USING (consortium)
        WHERE a <> b AND b = c.lead AND c.month = 202401 GROUP BY consortium
    """
    moved, quiet = dict(rows(query, SIPHON)), dict(rows(query))
    assert moved[GROUP.key] >= quiet.get(GROUP.key, 0) + 2
    assert moved.get(OTHER.key, 0) == quiet.get(OTHER.key, 0)


def test_money_follows_the_patients_and_fewer_are_sent_down() -> None:
    share = f"""
        SELECT year, sum(fund) FILTER (institution = '{GROUP.lead}') / sum(fund) FROM (
            SELECT month // 100 AS year, f.* FROM funds f JOIN institutions i USING (institution, month)
            WHERE i.consortium = '{GROUP.key}' AND service = 'outpatient') GROUP BY year ORDER BY year
    """
    (_, before), (_, after) = rows(share, SIPHON)
    (_, calm), (_, still) = rows(share)
    assert after > before + 0.05
    assert still == pytest.approx(calm, abs=0.05)
    strong = Siphon(GROUP.key, 202401, 0.9)
    down = f"SELECT count(*) FROM referrals WHERE direction = 'down' AND sender = '{GROUP.lead}'"
    assert rows(down, strong)[0][0] < rows(down)[0][0] / 2
    posted = f"SELECT count(*) FROM support WHERE consortium = '{GROUP.key}' AND month > 202500"
    assert rows(posted, SIPHON)[0][0] < rows(posted)[0][0]


def test_the_truth_counts_what_was_moved() -> None:
    truth = made(SIPHON)[1]
    assert truth.concerned[SIPHON] == (GROUP.lead,)
    gained = f"SELECT count(*) FROM visits WHERE month > 202500 AND institution = '{GROUP.lead}'"
    more = rows(gained, SIPHON)[0][0] - rows(gained)[0][0]
    assert truth.planted[SIPHON] == pytest.approx(more, rel=0.1)
    assert made()[1].planted == {}


def test_a_siphon_of_no_strength_changes_nothing() -> None:
    nothing = Siphon(GROUP.key, 202501, 0.0)
    assert made(nothing)[1].planted == {nothing: 0}
    assert rows("SELECT count(DISTINCT person) FROM staff", nothing) == rows(
        "SELECT count(DISTINCT person) FROM staff"
    )


def test_a_land_grab_takes_members_and_does_nothing_for_them() -> None:
    grab = LandGrab(GROUP.key, 12)
    truth = made(grab)[1]
    taken = truth.concerned[grab]
    assert len(taken) == truth.planted[grab] == 12
    names = ", ".join(f"'{each}'" for each in taken)
    loose = (
        "SELECT count(DISTINCT institution) FROM institutions WHERE role = 'collaborator' AND NOT tight "
        f"AND consortium = '{GROUP.key}' AND institution IN ({names})"
    )
    assert rows(loose, grab) == [(12,)]
    for fact, columns in (
        ("remote", ("sender",)),
        ("support", ("sender", "receiver")),
        ("referrals", ("sender", "receiver")),
    ):
        served = " OR ".join(f"{column} IN ({names})" for column in columns)
        assert rows(f"SELECT count(*) FROM {fact} WHERE {served}", grab) == [(0,)], fact
        assert rows(f"SELECT count(*) FROM {fact} WHERE {served}")[0][0] > 0, fact
    assert rows(f"SELECT count(*) FROM visits WHERE institution IN ({names})", grab)[0][0] > 100
    with pytest.raises(ValueError, match="no such consortium"):
        tables(PROFILE, 1, 1000, 1, planted=[LandGrab("nobody")])


BUSY = next(site for site in PROFILE.sites if site.category in {"TOWNSHIP_CENTRE", "COMMUNITY_CENTRE"})


def test_heaped_readings_and_costs_end_in_nought() -> None:
    heaping = Heaping(BUSY.key, 0.8)
    value = (
        f"SELECT avg((value % 10 = 0)::INT), count(value) FROM patients WHERE institution {{}} '{BUSY.key}'"
    )
    heaped, count = rows(value.format("="), heaping)[0]
    usual, _ = rows(value.format("<>"), heaping)[0]
    assert count > 100
    assert heaped == pytest.approx(0.8 + 0.2 * 0.1, abs=0.06)
    assert usual == pytest.approx(0.1, abs=0.02)
    cost = f"SELECT avg((cost % 1000 = 0)::INT) FROM visits WHERE institution {{}} '{BUSY.key}'"
    assert rows(cost.format("="), heaping)[0][0] > 0.7
    assert rows(cost.format("<>"), heaping)[0][0] < 0.01
    assert made(heaping)[1].planted[heaping] > count * 0.7


def test_readings_pile_up_where_they_just_count_as_controlled() -> None:
    pile = PileUp(BUSY.key, 0.8, 6)
    near = f"""
        SELECT count(*) FILTER (value BETWEEN 134 AND 139) / count(*) FILTER (value BETWEEN 140 AND 145)
        FROM patients WHERE disease = 'hypertension' AND institution {{}} '{BUSY.key}'
    """
    assert rows(near.format("="), pile)[0][0] > 3
    assert rows(near.format("<>"), pile)[0][0] == pytest.approx(1, abs=0.4)
    assert made(pile)[1].planted[pile] > 10


def test_an_impossible_day_holds_more_than_its_physicians_can_see() -> None:
    site = GROUP.lead
    crowded = Impossible(site, 0.5)
    most = f"""
        SELECT max(n) / any_value(d) FROM
          (SELECT date, count(*) AS n FROM visits WHERE kind = 'outpatient' AND institution = '{site}' GROUP BY 1),
          (SELECT count(*) AS d FROM staff WHERE profession = 'physician' AND institution = '{site}' AND month = 202501)
    """
    assert rows(most, crowded)[0][0] > 4 * rows(most)[0][0]
    assert rows(most)[0][0] < 25


def test_many_small_regions_are_made_quickly_and_differ() -> None:
    """A thousand of these take seconds; here there are twenty."""
    wanted = {"visits", "staff", "funds", "referrals"}
    seen = [tables(Profile.invented(seed, 3), 2, 3_000, seed, only=wanted)[0] for seed in range(20)]
    assert all(each.keys() == wanted for each in seen)
    assert len({each["visits"]["cost"].to_numpy().sum() for each in seen}) == 20
    assert len({each["visits"].num_rows for each in seen}) > 10
