"""``tiercare facts`` and ``tiercare evaluate`` as a commission with extracts and no server uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tiercare.cli.main import app

EXTRACT = """就诊编号,患者,类型,就诊日期,入院日期,机构,层级,机构区划,居住区划,中医,急危重症,疑难,来源,总费用,基金支付,个人负担
V1,P1,门诊,2025/2/30,,H1,三级,340202,340202001,否,否,否,自行,100,60,40
V2,P1,门诊,2025-02-03,,H1,三级,340202,340202001,否,否,否,自行,"1,200.50",700,500.50
V3,P2,住院,2025-02-13,2025-02-10,H1,三级,340202,340202001,否,是,否,上转,5000,3000,2000
V4,P2,门诊,2025-02-14,,T1,基层,340202,340202001,是,否,否,自行,30,20,10
"""
MAPPING = """
fact: visits
region: "3402"
version: 1
source: 测试
columns: {就诊编号: visit, 患者: person, 类型: kind, 就诊日期: date, 入院日期: admitted, 机构: institution, 层级: tier, 机构区划: place,
  居住区划: home, 中医: tcm, 急危重症: critical, 疑难: difficult, 来源: arrival, 总费用: cost, 基金支付: fund, 个人负担: own}
units: {cost: yuan, fund: yuan, own: yuan}
words:
  kind: {门诊: outpatient, 住院: inpatient}
  tier: {三级: tertiary, 基层: primary}
  arrival: {自行: self, 上转: referred_up}
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env={"COLUMNS": "200"})


@pytest.fixture
def extract(tmp_path: Path) -> tuple[Path, Path, Path]:
    """An extract, its mapping, an empty store."""
    file, mapping = tmp_path / "门诊.csv", tmp_path / "m.yaml"
    file.write_text(EXTRACT, "gb18030")
    mapping.write_text(MAPPING, "utf-8")
    return file, mapping, tmp_path / "facts"


def test_an_extract_is_tried_taken_and_counted(extract: tuple[Path, Path, Path]) -> None:
    file, mapping, facts = extract
    tried = run("facts", "check", file, "-m", mapping, "--facts", facts)
    assert tried.exit_code == 1, "a row would wait"
    assert "2025/2/30" in tried.stdout and "待核 1" in tried.stdout
    taken = run("facts", "import", file, "-m", mapping, "--facts", facts)
    assert taken.exit_code == 0 and "收下 3" in taken.stdout
    again = run("facts", "import", file, "-m", mapping, "--facts", facts)
    assert again.exit_code == 1 and "没有重复入库" in again.stderr

    found = run(
        "evaluate", "--pack", "wuhu", "--facts", facts, "--indicator", "primary_visit_share", "--json"
    )
    said = json.loads(found.stdout)
    share = said["indicators"]["primary_visit_share"]
    assert said["synthetic"] is False
    assert share["definition"]["zh"].startswith("基层") and share["text"]["numerator"]
    whole = next(v for v in share["values"] if v["level"] == "region")
    assert (whole["numerator"], whole["denominator"], whole["value"]) == ("1", "2", 0.5)
    shown = run("evaluate", "--pack", "wuhu", "--facts", facts, "--indicator", "primary_visit_share").stdout
    assert "50 %" in shown and "模拟" not in shown

    out = facts.parent / "v.csv"
    assert run("facts", "export", "visits", "-o", out, "--period", "2025", "--facts", facts).exit_code == 0
    assert "1200.5" in out.read_text("utf-8-sig")


def test_a_made_up_region_says_so_and_every_number_opens(tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    made = run("facts", "synth", "--region", "wuhu", "--years", "1", "--rows", "30000", "--facts", facts)
    assert made.exit_code == 0 and "不是真实数据" in made.stdout
    first = run("evaluate", "--pack", "wuhu", "--facts", facts, "--json")
    said: dict[str, Any] = json.loads(first.stdout)
    assert said["synthetic"] is True
    for each in said["indicators"].values():
        assert (
            each["definition"]["zh"]
            and each["definition"]["en"]
            and (each["text"]["numerator"] or each["values"])
        )
    assert {each["met"] for each in said["targets"]} >= {"not_met", "no_data", "not_computable"}
    card = next(each for each in said["scorecards"] if each["id"] == "wuhu_yearly")
    assert card["ours"] and sum(float(line["weight"]) for line in card["region"]["lines"]) == 100
    assert [each["place"] for each in card["ranks"] if each["place"]], "consortia in order"
    again = run("evaluate", "--pack", "wuhu", "--facts", facts)
    assert said["digest"] in again.stdout.replace("\n", ""), "the same facts and book, from what was kept"
    assert "模拟生成" in again.stdout and card["name"]["zh"] in again.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("evaluate", "--pack", "nowhere"), "没有政策包“nowhere”"),
        (("evaluate", "--pack", "wuhu", "--period", "2025-13"), "“2025-13”不是年、季或月"),
        (("evaluate", "--pack", "wuhu"), "还没有就诊数据"),
        (("evaluate", "--pack", "wuhu", "--indicator", "primary_visit_shar"), "primary_visit_share"),
        (("evaluate", "--pack", "wuhu", "--engine", "abacus"), "还没有就诊数据"),
        (("facts", "synth", "--region", "cn"), "没有机构和区划"),
        (("facts", "export", "visit", "-o", "x.csv", "--period", "2025"), "没有“visit”这张表"),
        (("facts", "export", "visits", "-o", "x.doc", "--period", "2025"), "不认识“x.doc”的后缀"),
    ],
)
def test_what_cannot_be_is_said_with_the_way_on(
    arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    found = run(*arguments, "--facts", tmp_path / "facts")
    assert found.exit_code == 1 and told in found.stderr
