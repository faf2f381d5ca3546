"""Years in a row: the same people go on living, and their fact tables do not contradict each other at New Year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tiercare.engines.measures.store import Store
from tiercare.engines.measures.synth import Profile
from tiercare.engines.twin.facts import tables, write_facts
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.running import Year
from tiercare.engines.twin.years import years

from .fact_tables import AT, POLICY, benefits, connected

_RESIDENTS, _SEED = 2_000, 5
_MORE = replace(POLICY, signing_coverage=0.7)


def played(*levers: Levers, residents: int = _RESIDENTS) -> list[Year]:
    policies: Mapping[int, Levers] = dict(enumerate(levers, 2024))
    profile = Profile.invented(1, 2)
    return list(years(profile, policies, residents=residents, seed=_SEED, benefits=benefits()))


@cache
def both() -> list[Year]:
    """Two years; more people sign from the second on."""
    return played(POLICY, _MORE)


@cache
def database() -> Any:
    return connected(tables(*both()))


def column(query: str) -> list[Any]:
    return [row[0] for row in database().sql(query).fetchall()]


def rows(query: str) -> dict[Any, Any]:
    return dict(database().sql(query).fetchall())


def test_no_key_is_given_twice() -> None:
    for fact, key in (
        ("visits", "visit"),
        ("referrals", "referral"),
        ("bookings", "booking"),
        ("remote", "service"),
    ):
        (found,) = database().sql(f"SELECT count(*), count(DISTINCT {key}) FROM {fact}").fetchall()
        count, distinct = found
        assert count == distinct > 0, fact


def test_who_died_is_gone_and_somebody_else_lives_there() -> None:
    first, second = both()
    dead = np.flatnonzero(first.people.died < int(second.world.calendar.edges[0]))
    assert len(dead) > 5
    gone, come = (set(year.people.names(dead).to_pylist()) for year in both())
    assert not gone & come
    later = set(column("SELECT DISTINCT person FROM visits WHERE month >= 202501"))
    assert later & come and not later & gone
    others = np.setdiff1d(np.arange(_RESIDENTS), dead)
    assert first.people.names(others) == second.people.names(others), "all the others are who they were"


def test_a_region_neither_empties_nor_grows_old() -> None:
    for group in ("permanent", "elderly"):
        heads = rows(f"SELECT month, sum(persons) FROM population WHERE \"group\" = '{group}' GROUP BY month")
        assert len(set(heads.values())) == 1, "who dies is followed"
    signed = rows("SELECT month, count(*) FROM contracts GROUP BY month")
    assert len({signed[month] for month in range(202401, 202413)}) == 1, "coverage is the policy's all year"


def test_contracts_go_on_and_who_signs_only_now_signs_on_new_years_day() -> None:
    before = rows("SELECT person, signed::VARCHAR FROM contracts WHERE month = 202412")
    after = rows("SELECT person, signed::VARCHAR FROM contracts WHERE month = 202501")
    went_on = before.keys() & after.keys()
    assert len(went_on) > 0.95 * len(before)
    assert {each: before[each] for each in went_on} == {each: after[each] for each in went_on}
    assert {after[each] for each in after.keys() - before.keys()} == {"2025-01-01"}
    come = {each: day for each, day in before.items() if "2024-01-01" < day < "2025-01-01"}
    assert come and come.items() <= after.items(), "who came in the place of one who died signs then"
    assert len(after) > 1.3 * len(before), "the second year's policy acts"


def test_who_is_chronically_ill_stays_so_and_others_fall_ill() -> None:
    known = {
        month: set(column(f"SELECT person || disease FROM patients WHERE month = {month}"))
        for month in (202401, 202412, 202501, 202512)
    }
    alive = set(column("SELECT person FROM patients WHERE month = 202501"))
    dead = set(column("SELECT person FROM patients WHERE month = 202412")) - alive
    kept = {each for each in known[202412] if each[:12] not in dead}
    assert kept <= known[202501]
    for first, last in ((202401, 202412), (202501, 202512)):
        assert len(known[last] - known[first]) >= 5, "new ones in each year"


def test_control_goes_on_from_where_it_stood() -> None:
    first, second = both()
    assert second.given["controlled_at_first"] > first.given["controlled_at_first"]
    ill = (first.residents["chronic"] & 0b11) > 0
    assert second.given["controlled_at_first"] == pytest.approx(
        first.residents["controlled"][ill].mean(), abs=0.05
    )


def test_what_stands_does_not_move_back() -> None:
    for fact, key, held in (
        ("agreements", "agreement", "since"),
        ("capabilities", "institution || item", "since"),
        ("consortia", "consortium", "telemedicine"),
    ):
        before, after = (
            rows(f"SELECT {key}, {held}::VARCHAR FROM {fact} WHERE month = {month}")
            for month in (202412, 202501)
        )
        gained = {each for each in before if before[each] != after[each]}
        assert all((before[each], after[each]) == ("false", "true") for each in gained), fact
    posts = [
        rows(f"SELECT person, institution FROM staff WHERE month = {month}")
        for month in (202401, 202412, 202501)
    ]
    moved = {each for each in posts[0] if posts[0][each] != posts[1][each]}
    back = {each for each in moved if posts[2][each] == posts[0][each]}
    assert moved and not back


def test_people_fall_ill_anew_in_the_second_year() -> None:
    same = played(POLICY, POLICY)
    days = [
        set(zip(year.visits["person"].tolist(), year.visits["day"].tolist(), strict=True)) for year in same
    ]
    assert len(days[0] & days[1]) < 0.1 * len(days[0])
    assert len(same[1].visits) == pytest.approx(len(same[0].visits), rel=0.05)


def test_the_same_years_make_the_same_files_marked_with_where_they_come_from(tmp_path: Path) -> None:
    found = [played(POLICY, _MORE, residents=400) for _ in range(2)]
    for name, each in zip("ab", found, strict=True):
        write_facts(each, tmp_path / name, policy="wuhu", at=AT)
    files = [sorted((tmp_path / name).glob("*/region=*/month=*/*.parquet")) for name in "ab"]
    assert len(files[0]) == len(files[1]) > 300
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(*files, strict=True))
    with Store(tmp_path / "a", threads=1) as store:
        assert store.synthetic and list(store.months("visits"))[0::23] == [202401, 202512]
        (region,) = store.regions
        (said,) = store.manifest(region).senders("visits")
    assert "模拟" in said and "400" in said and str(_SEED) in said and "wuhu" in said


def test_years_follow_one_another_and_are_of_the_same_people(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="follow"):
        list(
            years(
                Profile.invented(1, 2),
                {2023: POLICY, 2025: POLICY},
                residents=400,
                seed=1,
                benefits=benefits(),
            )
        )
    first, second = both()
    for wrong in ((second, first), (first, first), (first, played(POLICY, POLICY, residents=400)[1])):
        with pytest.raises(ValueError, match="in a row"):
            write_facts(wrong, tmp_path)
