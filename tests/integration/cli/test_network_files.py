"""``tiercare network template | export | import | try`` as a person runs them, in a home of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tiercare.engines.policy.load import own_folder
from tiercare.engines.sheets import read
from tiercare.postgres import Cluster, find_binaries

from .conftest import Home


def answer(said: str) -> Any:
    """The JSON in what was said; what is told about the database stands before it."""
    return json.loads(said[said.index("{") :])


@pytest.fixture(scope="module", autouse=True)
def kept(first_commands: tuple[Home, object]) -> Iterator[None]:
    """The database of the home stays up between the commands of this file: starting it is not what they are about."""
    # One that a command started would count as a process of the home: ours comes after it has ended.
    assert first_commands[0].emptied_within(60), first_commands[0].processes()
    cluster = Cluster(first_commands[0].folder, binaries=find_binaries("embedded"))
    cluster.start(owned=True)
    yield
    cluster.stop()


@pytest.fixture
def joining(home: Home, tmp_path: Path) -> Path:
    """A file that gives a community a second tertiary partner, by the codes of the export."""
    code, said = home.run(
        "network", "export", "--register", "consortia", "--format", "csv", "-o", str(tmp_path / "c.csv")
    )
    assert code == 0, said
    lines = (tmp_path / "c.csv").read_text("utf-8-sig").splitlines()
    codes = {line.split(",")[2]: line.split(",")[1] for line in lines}
    parent = next(c for name, c in codes.items() if c.endswith("urban-rural-second"))
    child = next(c for name, c in codes.items() if c.endswith("community-fanchang-hospital"))
    file = tmp_path / "整体加入.csv"
    file.write_text(f"上级医联体编码,加入的医共体编码,生效日期\n{parent},{child},2019-08-01\n", "utf-8")
    return file


def test_a_template_needs_no_database(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    code, said = home.run("network", "template", "--register", "memberships", "-o", str(file))
    assert (code, said.strip()) == (0, str(file))
    book = read(file.read_bytes(), "t.xlsx", is_header=lambda texts: "操作" in texts)
    assert [sheet.name for sheet in book.sheets] == ["成员"]
    code, said = home.run("network", "template", "--register", "nothing", "-o", str(file))
    assert code == 2 and "没有“nothing”这种登记表" in said


@pytest.mark.clause("WH-27")
def test_trying_a_planted_violation_tells_exactly_that(home: Home, joining: Path) -> None:
    code, said = home.run("network", "try", str(joining), "--json")
    told = answer(said)
    assert code == 1, said
    assert "one_tertiary_partner_per_community" in {card["card"] for card in told["broken"]}
    card = next(c for c in told["broken"] if c["card"] == "one_tertiary_partner_per_community")
    assert card["clauses"] == ["WH-27"]
    assert card["findings"][0]["rows"] == ["整体加入!2"]
    assert told["rows"]["joinings"]["created"] == 1
    code, said = home.run("network", "try", str(joining))
    assert code == 1 and "WH-27" in said and "整体加入!2" in said
    assert home.run("network", "check", "--json")[0] == 0, "nothing was saved"


@pytest.mark.clause("WH-27")
def test_an_altered_pack_answers_otherwise(home: Home, joining: Path, tmp_path: Path) -> None:
    folder = tmp_path / "packs" / "wuhu"
    altered = 0
    for source in (own_folder() / "wuhu").rglob("*"):
        target = folder / source.relative_to(own_folder() / "wuhu")
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text("utf-8")
        if source.name.startswith("clauses") or source.parent.name == "clauses":
            data = yaml.safe_load(text)
            for clause in data.get("clauses", ()):
                if clause["id"] == "WH-27":
                    for parameter in clause["parameters"]:
                        if isinstance(parameter.get("value"), int):
                            parameter["value"] += 1
                            altered += 1
            text = yaml.safe_dump(data, allow_unicode=True)
        target.write_text(text, "utf-8")
    assert altered
    code, said = home.run("network", "try", str(joining), "--json", "--packs", str(folder.parent))
    told = answer(said)
    assert "one_tertiary_partner_per_community" not in {card["card"] for card in told["broken"]}, code


def test_import_of_what_a_card_forbids_takes_nothing_over(home: Home, joining: Path) -> None:
    code, said = home.run("network", "import", str(joining), "--json")
    assert code == 1 and answer(said)["taken_over"] is False
    code, said = home.run("network", "try", str(joining), "--json")
    assert answer(said)["rows"]["joinings"]["created"] == 1, "still not there"


def test_bad_rows_and_unusable_files_end_with_two(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "科室.csv"
    file.write_text("机构编码,科室名称,诊疗科目代码,生效日期\nno-such-place,甲科,03,2019-08-01\n", "utf-8")
    for command in ("try", "import"):
        code, said = home.run("network", command, str(file), "--json")
        (row,) = answer(said)["bad_rows"]
        assert (code, row["place"], row["problems"][0]["column"]) == (2, "科室!2", "institution")
        code, said = home.run("network", command, str(file))
        assert code == 2 and "科室!2 机构编码" in said
    missing = tmp_path / "没有.xlsx"
    code, said = home.run("network", "try", str(missing), "--json")
    assert code == 2 and answer(said)["errors"][0]["code"] == "import_cannot_open"
    file.write_text("甲,乙\n1,2\n", "utf-8")
    code, said = home.run("network", "import", str(file))
    assert code == 2 and "没有找到“科室”的列名" in said and "Traceback" not in said


def test_an_export_comes_back_unchanged(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "登记"
    code, said = home.run("network", "export", "--format", "csv", "--encoding", "gb18030", "-o", str(folder))
    assert code == 0, said
    files = sorted(folder.glob("*.csv"))
    assert len(files) == 10
    filled = [str(file) for file in files if file.read_bytes().count(b"\n") > 1]
    code, said = home.run("network", "import", *filled, "--json")
    told = answer(said)
    assert code == 0, said[-2000:]
    assert told["taken_over"] and not told["bad_rows"]
    assert {(c["created"], c["changed"], c["voided"]) for c in told["rows"].values()} == {(0, 0, 0)}
    before = {file.name: file.read_bytes() for file in files}
    home.run("network", "export", "--format", "csv", "--encoding", "gb18030", "-o", str(folder))
    assert {file.name: file.read_bytes() for file in files} == before


def test_grids_are_proposed_checked_and_compared(home: Home, tmp_path: Path) -> None:
    """``tiercare plan``: what it writes it takes again; a plan that somebody spoilt is named for what it breaks."""
    file = tmp_path / "plan.json"
    code, said = home.run(
        "plan", "solve", "--region", "wuhu", "--effort", "0.2", "--out", str(file), "--json"
    )
    assert code == 0, said
    found = answer(said)
    assert found["gap"] <= 0.01
    assert found["bound"] <= found["cost"] * (1 + 1e-9)
    assert found["broken"] == []
    code, said = home.run("plan", "check", str(file), "--json")
    assert (code, answer(said)["broken"]) == (0, []), "the wish about minutes is no rule"
    code, said = home.run("plan", "compare", str(file), "--json")
    assert code == 0, said
    assert answer(said)["after"]["mean"] < answer(said)["before"]["mean"]
    code, said = home.run("plan", "save", str(file), "--title", "示例：方案一", "--region", "wuhu")
    assert (code, "第 1 号方案" in said) == (0, True), said
    code, said = home.run("plan", "versions", "--region", "wuhu", "--json")
    (kept,) = answer(said)["plans"]
    assert (code, kept["number"], kept["title"]) == (0, 1, "示例：方案一")
    assert kept["cost"] == pytest.approx(found["cost"])
    plan = json.loads(file.read_text("utf-8"))
    leads = sorted(set(plan["lead_of"].values()))
    plan["lead_of"] = dict.fromkeys(plan["lead_of"], leads[0])
    spoilt = tmp_path / "spoilt.json"
    spoilt.write_text(json.dumps(plan), "utf-8")
    code, said = home.run("plan", "check", str(spoilt), "--json")
    assert code == 1
    assert any("不在它自己的网格里" in each for each in answer(said)["broken"])
    plan["lead_of"]["999999999"] = leads[0]
    spoilt.write_text(json.dumps(plan), "utf-8")
    code, said = home.run("plan", "check", str(spoilt))
    assert (code, "999999999" in said) == (2, True)
    spoilt.write_text("[]", "utf-8")
    code, said = home.run("plan", "compare", str(spoilt))
    assert (code, "不是 solve --out 写出的方案" in said) == (2, True)


def test_gaps_are_listed_and_what_ifs_tried(home: Home, tmp_path: Path) -> None:
    """``tiercare plan gaps``, with prices of one's own; a proposal for a region supposed otherwise is checked as such."""
    code, said = home.run("plan", "gaps", "--region", "wuhu", "--json")
    assert code == 0, said
    packs = answer(said)
    assert {each["standard"] for each in packs["gaps"]} >= {"beds"}
    assert all(each["ours"] for each in packs["gaps"])
    ways = tmp_path / "ways.csv"
    ways.write_text(
        "area,standard,name,gives,price,most\n,beds,租用病区,5000,1,1\n,general_practitioners,借调,900,1,1\n",
        "utf-8",
    )
    code, said = home.run("plan", "gaps", "--ways", str(ways), "--json")
    assert code == 0, said
    assert [each["price"] for each in answer(said)["gaps"]] == [1.0] * len(packs["gaps"])
    file = tmp_path / "supposed.json"
    merge = ("--merge", "芜湖县中医医院=芜湖县人民医院", "--open", "繁昌县中医医院")
    code, said = home.run("plan", "solve", *merge, "--effort", "0.1", "--out", str(file))
    assert code == 0, said
    assert "与今天相比" in said and "繁昌县中医医院" in said
    code, said = home.run("plan", "check", str(file))
    assert code in {0, 1} and "方案与地区对不上" not in said
    code, said = home.run("plan", "solve", "--close", "没有的医院")
    assert code != 0 and "这里没有“没有的医院”" in said
