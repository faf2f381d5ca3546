"""``tiercare twin`` as somebody without a server uses it: levers, checks, runs; bad input ends with code 2 and the way on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from tiercare.cli.main import app
from tiercare.cli.twin_shown import MARK, amount
from tiercare.engines.measures.store import Store
from tiercare.engines.policy.load import own_folder
from tiercare.engines.twin.levers import LEVERS
from tiercare.engines.twin.outcomes import OUTCOMES

WIDE = {"COLUMNS": "220"}
SMALL = "pack: cn\nregion: invented\nresidents: 2000\n"


def twin(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["twin", *(str(each) for each in arguments)], env=WIDE)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL + "changes: {reserve_share: 0.4}\n", "utf-8")
    return path


def test_levers_are_listed_with_their_range_and_in_a_pack_with_their_clause() -> None:
    plain = twin("levers")
    assert plain.exit_code == 0
    for name, lever in LEVERS.items():
        assert name in plain.stdout and lever.name.zh in plain.stdout
    assert "TY-91" not in plain.stdout
    inside = twin("levers", "--pack", "taiyuan", "--on", "2025-01-01")
    assert inside.exit_code == 0 and "TY-91" in inside.stdout and "平台缺省 ours" in inside.stdout
    told: dict[str, Any] = json.loads(
        twin("levers", "--pack", "taiyuan", "--on", "2025-01-01", "--json").stdout
    )["levers"]
    assert set(told) == set(LEVERS)
    assert told["reserve_share"]["clause"] == "TY-91" and told["reserve_share"]["ours"] is False
    assert told["secondments"]["ours"] is True and told["secondments"]["why"]["zh"]
    assert told["payment_mode"]["value"] in told["payment_mode"]["words"]


def test_the_day_decides_what_a_pack_sets() -> None:
    def signed(day: str) -> Any:
        found = twin("levers", "--pack", "xinhui", "--on", day, "--json")
        return json.loads(found.stdout)["levers"]["signing_coverage"]["clause"]

    assert [signed("2017-12-31"), signed("2021-01-01")] == ["XH-37", "XH-05"]


def test_no_pack_of_that_name(scenario: Path) -> None:
    wrong = twin("levers", "--pack", "nowhere")
    assert wrong.exit_code == 2 and "taiyuan" in wrong.stderr


def test_a_scenario_is_checked_and_what_it_changes_is_shown(scenario: Path) -> None:
    found = twin("check", scenario)
    assert found.exit_code == 0 and "模拟" in found.stdout
    assert "reserve_share" in found.stdout and "→ 0.4" in found.stdout
    told = json.loads(twin("check", scenario, "--json").stdout)
    assert told["simulated"] is True and told["region"] == "invented"
    assert told["changes"] == {"reserve_share": 0.4} and told["levers"]["reserve_share"] == 0.4


@pytest.mark.parametrize("command", ["check", "run"])
def test_every_fault_is_told_in_both_languages_and_the_code_is_two(tmp_path: Path, command: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("pack: wuhu\nyears: 200\nchanges:\n  reserve: 0.2\n", "utf-8")
    found = twin(command, path)
    assert found.exit_code == 2 and found.stdout == ""
    for said in ("bad.yaml:2 [years]", "bad.yaml:4 [changes.reserve]", "reserve_share", "2 problem"):
        assert said in found.stderr
    assert "一次模拟正好一年" in found.stderr and "A run is one year" in found.stderr


def test_a_pack_without_a_region_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "cn.yaml"
    path.write_text("pack: cn\n", "utf-8")
    found = twin("check", path)
    assert found.exit_code == 2 and "region: invented" in found.stderr


def test_a_region_of_a_pack_that_lost_its_hospitals_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "packs" / "xinhui"
    shutil.copytree(own_folder() / "xinhui", folder)
    for name in ("areas", "consortia", "institutions"):
        path = folder / "region" / f"{name}.yaml"
        key = "grids" if name == "areas" else name
        head, found, _ = path.read_text("utf-8").partition(f"\n{key}:")
        assert found
        path.write_text(f"{head}\n{key}: []\n", "utf-8")
    scenario = tmp_path / "x.yaml"
    scenario.write_text("pack: xinhui\n", "utf-8")
    refused = twin("check", scenario, "--packs", folder.parent)
    assert refused.exit_code == 2 and "没有医院" in refused.stderr and "hospital" in refused.stderr


def test_an_altered_pack_is_what_is_played(tmp_path: Path, scenario: Path) -> None:
    folder = tmp_path / "packs" / "taiyuan"
    shutil.copytree(own_folder() / "taiyuan", folder)
    (folder / "twin.yaml").write_text(
        "levers: {reserve_share: [{ours: 0.77, why: {zh: 试, en: try}}]}\n", "utf-8"
    )
    found = twin("levers", "--pack", "taiyuan", "--on", "2025-01-01", "--packs", folder.parent, "--json")
    assert json.loads(found.stdout)["levers"]["reserve_share"]["value"] == 0.77
    (folder / "twin.yaml").write_text("levers:\n  reserve: [{ours: 1}]\n", "utf-8")
    wrong = twin("levers", "--pack", "taiyuan", "--packs", folder.parent)
    assert wrong.exit_code == 2 and "taiyuan/twin.yaml:2 [levers.reserve]" in wrong.stderr


def test_a_run_shows_every_outcome_with_its_definition_and_its_mark(scenario: Path) -> None:
    shown = twin("run", scenario, "--seed", "3")
    assert shown.exit_code == 0, shown.output
    assert MARK in shown.stdout and "模拟情景" in shown.stdout
    for key, measure in OUTCOMES.items():
        assert key in shown.stdout and measure.name.zh in shown.stdout
    first, again, other = (twin("run", scenario, "--seed", seed, "--json").stdout for seed in ("3", "3", "4"))
    assert first == again != other
    told = json.loads(first)
    assert told["simulated"] is True and told["scenario"]["simulated"] is True and told["seed"] == 3
    assert set(told["outcomes"]) == set(OUTCOMES)
    for key, row in told["outcomes"].items():
        assert row["definition"]["zh"] == OUTCOMES[key].definition.zh
        assert row["value"] is None or row["unit"] != "share" or 0 <= row["value"] <= 1
    assert told["outcomes"]["visits_primary"]["value"] > 0


def test_two_scenarios_are_compared_and_drawn(tmp_path: Path, scenario: Path) -> None:
    base, plot = tmp_path / "base.yaml", tmp_path / "plot.svg"
    base.write_text(SMALL, "utf-8")
    shown = twin("compare", base, scenario, "--seeds", "2", "--processes", "1", "--plot", plot)
    assert shown.exit_code == 0, shown.output
    assert MARK in shown.stdout and "reserve_share" in shown.stdout and str(plot) in shown.stdout
    picture = ElementTree.fromstring(plot.read_text("utf-8"))
    texts = [each.text for each in picture.iter() if each.text]
    assert any("居民均为虚构" in each for each in texts)
    assert OUTCOMES["primary_first"].name.zh in texts
    told = json.loads(twin("compare", base, scenario, "--seeds", "2", "--processes", "1", "--json").stdout)
    assert told["simulated"] is True and set(told["outcomes"]) == set(OUTCOMES) and told["seeds"] == [1, 2]
    assert set(told["differs"]) == {"reserve_share"}
    row = told["outcomes"]["visits_primary"]
    assert row["interval"][0] <= row["difference"] <= row["interval"][1]
    assert 10 < told["compared"] <= len(OUTCOMES) and f"{told['compared']} 项一起判断" in shown.stdout
    assert all(each["p"] <= each["p_among_all"] <= 1 for each in told["outcomes"].values())


def test_a_policy_differs_from_itself_by_nothing(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text(SMALL, "utf-8")
    told = json.loads(
        twin("compare", base, base, "--seeds", "2", "--processes", "1", "--json", "--fixed").stdout
    )
    assert told["differs"] == {} and told["losers"] == []
    for row in told["outcomes"].values():
        assert row["verdict"] == "same" or row["difference"] is None


def test_what_cannot_be_compared_is_refused_before_anything_is_played(tmp_path: Path, scenario: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(SMALL.replace("2000", "3000"), "utf-8")
    found = twin("compare", scenario, other, "--seeds", "2")
    assert found.exit_code == 2 and "[residents]" in found.stderr
    alone = twin("compare", scenario, scenario, "--seeds", "1")
    assert alone.exit_code == 2 and "[seeds]" in alone.stderr


def test_swings_of_assumptions_are_shown_and_told(scenario: Path) -> None:
    few = ("--seeds", "2", "--processes", "1", "--assumption", "habit_share")
    shown = twin("sensitivity", scenario, *few, "--outcome", "primary_first")
    assert shown.exit_code == 0, shown.output
    assert MARK in shown.stdout and "habit_share" in shown.stdout and "primary_share" not in shown.stdout
    told = json.loads(twin("sensitivity", scenario, *few, "--json").stdout)
    assert told["simulated"] is True and told["assumptions"] == ["habit_share"]
    [swing] = told["outcomes"]["primary_first"]["swings"]
    assert swing["swing"] == pytest.approx(swing["high"] - swing["low"]) and swing["swing"] < 0
    wrong = twin("sensitivity", scenario, "--seeds", "2", "--processes", "1", "--assumption", "habits")
    assert wrong.exit_code == 2 and "[names]" in wrong.stderr
    nowhere = twin("sensitivity", scenario, "--outcome", "primary_firsts")
    assert nowhere.exit_code == 2 and "primary_first" in nowhere.stderr


def test_a_fit_is_a_scenario_that_can_be_run(tmp_path: Path, scenario: Path) -> None:
    out = tmp_path / "fit.yaml"
    shown = twin("calibrate", scenario, "--seeds", "1", "--processes", "1", "--out", out)
    assert shown.exit_code == 0, shown.output
    assert MARK in shown.stdout and str(out) in shown.stdout
    told = json.loads(twin("check", out, "--json").stdout)
    assert told["changes"] == {"reserve_share": 0.4} and told["assumptions"]
    assert told["name"]["zh"].endswith("（校准）")
    assert twin("run", out).exit_code == 0


def test_simulated_facts_are_marked_and_never_mixed(tmp_path: Path, scenario: Path) -> None:
    scenario.write_text(SMALL.replace("2000", "300"), "utf-8")
    folder = tmp_path / "facts"
    shown = twin("run", scenario, "--facts", folder)
    assert shown.exit_code == 0, shown.output
    with Store(folder) as store:
        assert store.synthetic and store.months("visits")
    again = twin("run", scenario, "--facts", folder)
    assert again.exit_code == 2 and "[--facts]" in again.stderr and again.stdout == ""


@pytest.mark.parametrize(
    ("value", "unit", "plain", "difference"),
    [
        (0.6596, "share", "65.96 %", "+65.96 个百分点"),
        (-0.000032, "share", "-0.0032 %", "-0.0032 个百分点"),
        (-1e-12, "count", "0.00", "+0.00"),
        (238.4, "count", "238", "+238.40"),
        (0.0149, "days", "0.015 天", "+0.015 天"),
        (1297.5, "yuan", "1,298 元", "+1,297.50 元"),
        (float("nan"), "yuan", "—", "—"),
    ],
)
def test_a_small_difference_is_never_shown_as_none(
    value: float, unit: str, plain: str, difference: str
) -> None:
    assert (amount(value, unit), amount(value, unit, signed=True)) == (plain, difference)
