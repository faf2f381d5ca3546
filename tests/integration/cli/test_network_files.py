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
    assert first_commands[0].emptied_within(20), first_commands[0].processes()
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
