"""A scenario is taken as it was meant, or refused before anything is simulated: every fault at once, each with its line and the way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.synth import Profile
from tiercare.engines.policy import PackSet, load_packs
from tiercare.engines.twin.assumptions import all_of_them
from tiercare.engines.twin.checking import FEWEST_RESIDENTS, MOST_RESIDENTS, possible
from tiercare.engines.twin.from_packs import benefits_of, levers_of
from tiercare.engines.twin.levers import LEVERS, ROUTINE_WEEKS, PaymentMode
from tiercare.engines.twin.noticing import notices
from tiercare.engines.twin.readiness import Staged, comparable, ready, staged
from tiercare.engines.twin.scenarios import (
    Scenario,
    differences,
    located,
    read_scenario,
    scenario_from,
    written,
)
from tiercare.engines.twin.values import Misfit, nearest, setting
from tiercare.kernel.refusal import Refused

WHOLE = """name: {zh: 预留一半, en: Reserve a half}
pack: taiyuan
on: 2024-12-31
year: 2025
residents: 5000
changes:
  reserve_share: 0.5
  payment_mode: dip
assumptions:
  habit_share: 0.3
"""


@pytest.fixture(scope="module")
def packs() -> PackSet:
    return load_packs()


@pytest.fixture(scope="module")
def region() -> Profile:
    return Profile.invented(1)


def refused(text: str, packs: PackSet) -> dict[str, tuple[str | None, int]]:
    """What a file is refused for: code → place and line."""
    with pytest.raises(Refused) as caught:
        read_scenario(text.encode(), packs)
    for each in caught.value.refusals:
        for language in ("zh", "en"):
            assert each.sentence(language) and each.way_on(language)
            assert located(each, language).startswith("scenario.yaml:")
    return {each.code: (each.at, int(str(each.fields["line"]))) for each in caught.value.refusals}


def test_a_scenario_is_the_pack_on_its_day_with_the_changes(packs: PackSet) -> None:
    found = read_scenario(WHOLE.encode(), packs)
    base = levers_of(packs, "taiyuan", on=date(2024, 12, 31)).levers
    assert found.levers == replace(base, reserve_share=0.5, payment_mode=PaymentMode.DIP)
    assert (found.year, found.residents, found.invented, found.name.en) == (
        2025,
        5000,
        False,
        "Reserve a half",
    )
    assert found.assumptions["habit_share"] == 0.3
    untouched = next(name for name in all_of_them() if name != "habit_share")
    assert found.assumptions[untouched] == all_of_them()[untouched].value


def test_what_is_left_out_has_a_plain_meaning(packs: PackSet, tmp_path: Path) -> None:
    path = tmp_path / "base.yaml"
    path.write_text("pack: wuhu\nyear: 2021\n", "utf-8")
    found = read_scenario(path, packs)
    assert (found.on, found.name.zh, found.changes) == (date(2021, 1, 1), "base", {})
    assert found.levers == levers_of(packs, "wuhu", on=date(2021, 1, 1)).levers
    assert read_scenario(b"pack: wuhu\non: 2020-05-01\n", packs).year == 2020
    assert read_scenario("pack: wuhu\nname: 试一试\n".encode(), packs).name.en == "试一试"


def test_a_form_and_a_file_mean_the_same(packs: PackSet) -> None:
    content: dict[str, Any] = {
        "name": {"zh": "预留一半", "en": "Reserve a half"},
        "pack": "taiyuan", "on": "2024-12-31", "year": 2025, "residents": 5000,
        "changes": {"reserve_share": 0.5, "payment_mode": "dip"}, "assumptions": {"habit_share": 0.3},
    }  # fmt: skip
    assert scenario_from(content, packs) == read_scenario(WHOLE.encode(), packs)
    with pytest.raises(Refused) as caught:
        scenario_from(content | {"on": "soon"}, packs)
    assert caught.value.refusals[0].at == "on" and located(caught.value.refusals[0]).startswith("[on]")


def test_every_fault_is_told_at_once_with_its_line(packs: PackSet) -> None:
    text = """pack: taiyuan
on: 2024-12-31
years: 200
residents: 7
colour: red
changes:
  reserve_shar: 0.2
  bed_reserve_share: 20
  payment_mode: DRGs
  continuous_deductible: 1
  release_hours: 1.5
assumptions:
  habits: 1
  habit_share: 3
"""
    assert refused(text, packs) == {
        "scenario_years": ("years", 3),
        "scenario_residents": ("residents", 4),
        "scenario_unknown_key": ("colour", 5),
        "scenario_unknown_lever": ("changes.reserve_shar", 7),
        "scenario_lever_range": ("changes.bed_reserve_share", 8),
        "scenario_lever_word": ("changes.payment_mode", 9),
        "scenario_lever_type": ("changes.release_hours", 11),
        "scenario_unknown_assumption": ("assumptions.habits", 13),
        "scenario_assumption_range": ("assumptions.habit_share", 14),
    }


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("[1, 2]", "scenario_not_keys", None),
        ("", "scenario_not_keys", None),
        ("pack: [", "scenario_not_yaml", "YAML"),
        ("pack: wuhu\npack: wuhu", "scenario_not_yaml", "pack"),
        ("pack: wuhu\non: 2024-02-30", "scenario_not_yaml", "on"),
        ("year: 2024", "scenario_without_pack", "pack"),
        ("pack: wuhuu", "scenario_unknown_pack", "pack"),
        ("pack: {a: 1}", "scenario_unknown_pack", "pack"),
        ("pack: taiyuan\non: 2017-01-01", "scenario_before_pack", "on"),
        ("pack: taiyuan\nyear: 2017", "scenario_before_pack", "year"),
        ("pack: wuhu\non: someday", "scenario_day", "on"),
        ("pack: wuhu\nyear: 20250", "scenario_year", "year"),
        ("pack: wuhu\nresidents: 5000001", "scenario_residents", "residents"),
        ("pack: wuhu\nresidents: true", "scenario_residents", "residents"),
        ("pack: wuhu\nyears: 2", "scenario_years", "years"),
        ("pack: wuhu\nregion: mine", "scenario_region", "region"),
        ("pack: wuhu\nname: {zh: 1}", "scenario_name", "name"),
        ("pack: wuhu\nchanges: [reserve_share]", "scenario_not_keys", "changes"),
        ("pack: wuhu\nchanges: {destination: Free}", "scenario_lever_word", "changes.destination"),
        ("pack: wuhu\nchanges: {reserve_share: 1.0e+999}", "scenario_lever_type", "changes.reserve_share"),
        ("pack: wuhu\nchanges: {reserve_share: null}", "scenario_lever_type", "changes.reserve_share"),
        ("pack: wuhu\nchanges: {reserve_share: -0.1}", "scenario_lever_range", "changes.reserve_share"),
        ("pack: wuhu\nchanges: {prescription_weeks: 3}", "scenario_lever_range", "changes.prescription_weeks"),
        ("pack: wuhu\nchanges: {signing_coverage: 0.9}", "scenario_shares", "changes"),
        ("pack: wuhu\nassumptions: {slots_per_bed: 0}", "scenario_assumption_range", "assumptions.slots_per_bed"),
        ("pack: wuhu\nassumptions: {insured: 1.2}", "scenario_assumption_range", "assumptions.insured"),
        ("pack: wuhu\nassumptions: {time: much}", "scenario_assumption_type", "assumptions.time"),
        ("a: &a [x]\npack: *a", "scenario_not_readable", None),
        ("pack: " + "[" * 400, "scenario_not_readable", None),
        ("#" * 70_000, "scenario_not_readable", None),
    ],
)  # fmt: skip
def test_what_cannot_be_played_is_refused(packs: PackSet, text: str, code: str, at: str | None) -> None:
    found = refused(text, packs)
    assert found[code][0] == at and len(found) == 1


def test_weeks_that_would_change_nothing_are_refused_with_the_reason(packs: PackSet) -> None:
    """Fewer weeks than lie between two visits anyway look like a policy and are none."""
    with pytest.raises(Refused) as caught:
        read_scenario(b"pack: taiyuan\nchanges:\n  prescription_weeks: 2\n", packs)
    [refusal] = caught.value.refusals
    assert refusal.at == "changes.prescription_weeks" and int(str(refusal.fields["line"])) == 3
    assert f"every {ROUTINE_WEEKS} weeks" in refusal.way_on(
        "en"
    ) and f"每 {ROUTINE_WEEKS} 周" in refusal.way_on("zh")
    assert not isinstance(setting("prescription_weeks", ROUTINE_WEEKS), Misfit)


def test_a_misspelt_name_is_answered_with_the_nearest(packs: PackSet) -> None:
    with pytest.raises(Refused) as caught:
        read_scenario(b"pack: taiyun\nchanges: {reserve: 0.2, telemedicine: 1}", packs)
    said = {each.at: each.way_on("en") for each in caught.value.refusals}
    assert "taiyuan" in said["pack"]
    assert (
        "reserve_share" in said["changes.reserve"] and "telemedicine_coverage" in said["changes.telemedicine"]
    )
    assert nearest("zzz", LEVERS) == ()


def test_what_somebody_wrote_is_shown_as_it_is_written(packs: PackSet) -> None:
    with pytest.raises(Refused) as caught:
        read_scenario(b"pack: wuhu\nchanges: {payment_mode: '{name}', '{x}': 1}", packs)
    said = [each.sentence(language) for each in caught.value.refusals for language in ("zh", "en")]
    assert [("{name}" in each, "{x}" in each) for each in said] == [(True, False)] * 2 + [(False, True)] * 2


def lever_values() -> st.SearchStrategy[dict[str, Any]]:
    """Some levers with values that they take."""
    rows: dict[str, st.SearchStrategy[Any]] = {}
    for name, lever in LEVERS.items():
        if lever.words:
            rows[name] = st.sampled_from(lever.words)
        elif lever.unit == "flag":
            rows[name] = st.booleans()
        elif lever.unit in {"hours", "weeks"}:
            rows[name] = st.integers(int(lever.low), int(lever.high))
        else:
            rows[name] = st.floats(lever.low, lever.high)
    del rows["signing_coverage"], rows["key_signing_coverage"]  # of which one depends on the other
    return st.fixed_dictionaries({}, optional=rows)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=lever_values(),
    residents=st.integers(FEWEST_RESIDENTS, MOST_RESIDENTS),
    pack=st.sampled_from(["wuhu", "taiyuan", "xinhui", "cn"]),
    invented=st.booleans(),
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
)
def test_what_is_written_is_read_as_the_same(
    packs: PackSet, changes: Mapping[str, Any], residents: int, pack: str, invented: bool, name: str
) -> None:
    content = {"name": name, "pack": pack, "on": "2025-03-01", "residents": residents, "changes": changes}
    scenario = scenario_from(content | ({"region": "invented"} if invented else {}), packs)
    again = read_scenario(written(scenario).encode(), packs)
    assert again == scenario
    for key, value in changes.items():
        assert getattr(again.levers, key) == value
    plain = scenario_from({"pack": pack, "on": "2025-03-01"}, packs)
    assert set(differences(plain, again)) <= set(changes)


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(sorted(LEVERS)),
    value=st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=2)
    ),
)  # fmt: skip
def test_no_value_is_taken_that_a_lever_does_not_have(name: str, value: object) -> None:
    lever, found = LEVERS[name], setting(name, value)
    if isinstance(found, Misfit):
        assert found.message.zh and found.message.en and found.instead.zh and found.instead.en
    elif lever.words:
        assert found in lever.words
    elif lever.unit == "flag":
        assert found is value
    else:
        assert not isinstance(found, bool | str) and lever.low <= found <= lever.high


def test_every_assumption_may_be_set_as_it_is_written_down() -> None:
    for each in all_of_them().values():
        low, high = possible(each)
        assert low <= each.value <= high, each.name
        assert low < high, "it could not be changed at all"


def played(packs: PackSet, **changes: object) -> Scenario:
    return scenario_from({"pack": "cn", "region": "invented", "changes": changes}, packs)


def test_a_region_that_can_be_played_is_ready(packs: PackSet, region: Profile) -> None:
    ready(played(packs), region)
    assert notices(played(packs), region, benefits_of(packs, "cn")) == ()


def test_a_region_without_hospitals_room_or_primary_care_is_not(packs: PackSet, region: Profile) -> None:
    def codes(profile: Profile, **changes: object) -> set[str]:
        with pytest.raises(Refused) as caught:
            ready(played(packs, **changes), profile)
        return {each.code for each in caught.value.refusals}

    health = replace(next(s for s in region.sites if s.tier != "primary"), category="PUBLIC_HEALTH")
    primary = tuple(site for site in region.sites if site.tier == "primary")
    hospitals = tuple(site for site in region.sites if site.tier != "primary")
    alone = replace(
        region,
        sites=tuple(replace(site, consortium=None, role=None) for site in (*primary, health)),
        places=tuple(replace(place, consortium=None) for place in region.places),
        groups=(),
    )
    assert codes(alone, destination="strict") == {"scenario_no_hospital", "scenario_strict_without_lead"}
    assert codes(replace(region, sites=hospitals)) == {"scenario_no_primary"}
    empty = tuple(replace(site, beds=0) if site.tier != "primary" else site for site in region.sites)
    assert codes(replace(region, sites=empty)) == {"scenario_no_capacity"}
    some = (*empty[:-1], replace(empty[-1], beds=20))
    ready(played(packs), replace(region, sites=some))
    nobody = tuple(replace(place, people=0.0) for place in region.places)
    assert codes(replace(region, places=nobody)) == {"scenario_no_people"}


def test_shares_of_signed_people_have_to_add_up(packs: PackSet, region: Profile) -> None:
    with pytest.raises(Refused) as caught:
        ready(played(packs, signing_coverage=0.05, key_signing_coverage=1.0), region)
    [refusal] = caught.value.refusals
    assert (refusal.code, refusal.at) == ("scenario_shares", "changes.signing_coverage")
    least = float(str(refusal.fields["least"]))
    assert 0.05 < least < 1
    ready(played(packs, signing_coverage=least, key_signing_coverage=1.0), region)


def test_what_acts_less_than_it_seems_is_said(packs: PackSet, region: Profile) -> None:
    benefits = benefits_of(packs, "cn")
    [floor] = notices(played(packs, reimbursement_gap=40), region, benefits)
    assert "居民门诊3级" in floor.zh and "residents outpatient level 3" in floor.en
    assert "1级" not in floor.zh, "primary care is the step that the others are measured from"
    nothing = notices(played(packs, reserve_share=0, release_hours=48), region, benefits)
    assert [each.en for each in nothing] == ["No slots are reserved: the hours before release do nothing."]
    small = replace(region, places=region.places[:1])
    many = scenario_from({"pack": "cn", "residents": MOST_RESIDENTS}, packs)
    assert any("more than" in each.en for each in notices(many, small, benefits))


@pytest.mark.parametrize(
    ("pack", "changes", "clause"),
    [
        ("taiyuan", {"reserve_share": 0.05}, "TY-91"),
        ("taiyuan", {"reserve_share": 0.5}, None),
        ("taiyuan", {"prescription_weeks": ROUTINE_WEEKS}, "TY-73"),
        ("taiyuan", {"prescription_weeks": 10}, None),
        ("wuhu", {"destination": "strict"}, "WH-16"),
        ("wuhu", {"secondments": 5}, None),
        ("wuhu", {"release_hours": 100}, None),
    ],
)
def test_a_change_against_a_binding_clause_may_be_tried_and_is_named(
    packs: PackSet, region: Profile, pack: str, changes: dict[str, Any], clause: str | None
) -> None:
    scenario = scenario_from({"pack": pack, "on": "2025-01-01", "changes": changes}, packs)
    said = [
        each.en for each in notices(scenario, region, benefits_of(packs, pack)) if "does not keep" in each.en
    ]
    assert [clause in each for each in said if clause] == ([True] if clause else [])
    assert bool(said) == bool(clause)


def test_a_change_that_changes_nothing_is_named(packs: PackSet, region: Profile) -> None:
    own = scenario_from({"pack": "taiyuan", "on": "2025-01-01"}, packs).levers
    scenario = scenario_from(
        {"pack": "taiyuan", "on": "2025-01-01", "changes": {"reserve_share": own.reserve_share}}, packs
    )
    [said] = notices(scenario, region, benefits_of(packs, "taiyuan"))
    assert "nothing is changed" in said.en and differences(scenario, scenario) == {}


def test_a_share_that_whole_slots_cannot_hold_is_named_with_enough_residents(
    packs: PackSet, region: Profile
) -> None:
    def said(residents: int, share: float = 0.1) -> list[str]:
        content = {
            "pack": "cn",
            "region": "invented",
            "residents": residents,
            "changes": {"reserve_share": share, "release_hours": 48},
        }
        return [each.en for each in notices(scenario_from(content, packs), region, benefits_of(packs, "cn"))]

    few = next(each for each in said(2_000, 0.11) if "Too few residents" in each)
    enough = int(few.rpartition("about ")[2].partition(" ")[0].replace(",", ""))
    assert 2_000 < enough < MOST_RESIDENTS
    for times in (1, 2, 5):
        assert not [each for each in said(enough * times, 0.11) if "Too few" in each]
    assert not [each for each in said(2_000, 0.0) if "Too few" in each], (
        "nothing is reserved, nothing is lost"
    )


def test_only_policies_are_compared_never_other_people(packs: PackSet, region: Profile) -> None:
    def stage(profile: Profile = region, **content: object) -> Staged:
        return staged(scenario_from({"pack": "cn", "region": "invented", **content}, packs), profile, packs)

    comparable(stage(), stage(changes={"reserve_share": 0.4}, name="x", on="2025-06-01"))
    with pytest.raises(Refused) as caught:
        comparable(stage(), stage(Profile.invented(2), year=2024, residents=300))
    assert [each.at for each in caught.value.refusals] == ["region", "year", "residents"]
    for each in caught.value.refusals:
        assert each.sentence("zh") and each.way_on("en")
