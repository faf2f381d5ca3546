"""Extracts as people send them: each fault is found, named with its place and a way on, and touches no other row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pyarrow import parquet

from tiercare.engines.measures.importing import read_report
from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.store import Format, Mode, Store, export, read, writing
from tiercare.kernel.refusal import Refused

from .extracts import (
    ORDER,
    ORDERS,
    PEOPLE,
    QUOTAS,
    SEEN,
    STAY,
    VISITS,
    codes,
    contents,
    finding,
    known,
    people,
    reserves,
    taken,
    written,
)
from .made import NOW, REGION, put


def test_every_fault_of_a_row_is_named_and_the_other_rows_are_taken(tmp_path: Path) -> None:
    odd: list[dict[str, str]] = [
        {},  # row 2 is as it should be
        {"date": "2025/2/30"},
        {"cost": "1,234.50"},
        {"cost": "-5", "own": "0", "fund": "0"},
        {"fund": "9000"},
        {"kind": "门诊大厅"},
        {"home": ""},
        {"place": "芜湖"},
        {"admitted": "2025-03-09", "days": ""},
        {"days": "40"},
        {"date": "2025-07-02", "admitted": "2025-07-01", "days": "1"},
        {"date": "1890-01-05", "admitted": ""},
        {"tcm": "大概"},
        {"cost": "1,23"},
        {"days": "3.5"},
        {"institution": "H9"},
        {"institution": "X9", "place": "310101"},
        {"admitted": ""},
        {"person": "1.23E+17"},
        {"admitted": "昨天"},
    ]
    rows = [{"visit": f"V{at}", **STAY, **row} for at, row in enumerate(odd)]
    rows += [{**rows[0]}, {**STAY, "visit": "W"}, {**STAY, "visit": "W", "cost": "99999"}]
    report = taken(written(tmp_path / "门诊.csv", rows), tmp_path / "s", VISITS, institutions={"H1"})
    assert codes(report) == {
        "no_day@date": (3,),
        "thousands@cost": (4,),
        "negative@cost": (5,),
        "shares@cost": (6,),
        "unknown_word@kind": (7,),
        "empty@home": (8,),
        "no_division@place": (9,),
        "before@date": (10,),
        "days@days": (11,),
        "future@date": (12,),
        "too_early@date": (13,),
        "no_admission@admitted": (13, 19),
        "no_flag@tcm": (14,),
        "no_number@cost": (15,),
        "not_whole@days": (16,),
        "unknown_institution@institution": (17,),
        "digits_lost@person": (20,),
        "no_date@admitted": (21,),
        "copy@": (22,),
        "same_key@visit": (23, 24),
    }
    kept = {each["visit"]: each for each in contents(tmp_path / "s", "visits")}
    assert set(kept) == {"V0", "V2", "V4", "V9", "V16", "V17"}
    assert kept["V2"]["cost"] == 123450
    assert (report.came, report.kept, report.quarantined, report.suspected) == (23, 6, 17, 3)
    wrong = finding(report, "no_day")
    assert (wrong.rows, wrong.places, wrong.values, wrong.header) == (1, (3,), ("2025/2/30",), "date")
    assert wrong.sentence() == "“date”里的日期不存在，如 2025/2/30。"
    assert wrong.fix.en.startswith("Correct it")


def test_the_report_counts_by_month_and_column_and_is_kept_beside_the_quarantine(tmp_path: Path) -> None:
    file = people(
        tmp_path / "x.csv",
        "340202,permanent,202501,10",
        "340203,permanent,202502,",
        "340204,permanent,202502,-1",
        "340205,permanent,2025-02,30",
        "340206,permanent,二月,30",
    )
    report = taken(file, tmp_path / "s")
    assert [(each.month, each.came, each.kept, each.quarantined) for each in report.counts] == [
        (None, 1, 0, 1),
        (202501, 1, 1, 0),
        (202502, 3, 1, 2),
    ]
    assert [(each.month, each.rows, each.filled) for each in report.filled if each.column == "persons"] == [
        (None, 1, 1),
        (202501, 1, 1),
        (202502, 3, 2),
    ]
    (batch,) = read(tmp_path / "s", REGION).batches
    assert (batch.arrived.rows_in, batch.rows_kept, batch.arrived.rows_quarantined) == (5, 2, 3)
    assert batch.id == report.batch
    assert replace(read_report(tmp_path / "s" / batch.report), batch=batch.id) == report
    waiting = parquet.read_table(tmp_path / "s" / batch.quarantine).to_pylist()
    assert [(each["row"], each["faults"], each["came"]) for each in waiting] == [
        (3, "empty@persons;", ["340203", "permanent", "202502", ""]),
        (4, "negative@persons;", ["340204", "permanent", "202502", "-1"]),
        (6, "no_month@month;", ["340206", "permanent", "二月", "30"]),
    ]
    assert waiting[1]["read"]["persons"] == -1
    assert waiting[0]["names"] == ["division", "group", "month", "persons"]


def test_a_dry_run_tells_and_leaves_nothing(tmp_path: Path) -> None:
    file = people(tmp_path / "x.csv", "340202,permanent,202501,10")
    report = taken(file, tmp_path / "s", take=False)
    assert (report.kept, report.batch) == (1, "")
    assert read(tmp_path / "s", REGION).batches == ()
    assert not list((tmp_path / "s").rglob("*.parquet"))


def test_a_batch_of_a_locked_month_waits_whole_and_is_on_record(tmp_path: Path) -> None:
    with writing(tmp_path / "s", REGION) as writer:
        writer.lock(Span(202501, 202503), at=NOW, by="卫健委")
    file = people(
        tmp_path / "x.csv", "340202,permanent,202503,1", "340202,permanent,202504,2", "340203,urban,202504,x"
    )
    report = taken(file, tmp_path / "s")
    assert (report.refused, report.kept, report.quarantined) == ("month_locked", 0, 3)
    assert codes(report) == {"batch_refused@": (3, 4), "month_locked@": (2,), "no_number@persons": (4,)}
    assert contents(tmp_path / "s", "population") == []
    (batch,) = read(tmp_path / "s", REGION).batches
    assert (batch.refused, batch.arrived.rows_quarantined) == ("month_locked", 3)
    with writing(tmp_path / "s", REGION) as writer:
        writer.lift(Span(202501, 202503), at=NOW, by="卫健委", why="更正")
    assert taken(file, tmp_path / "s").kept == 2  # it was not taken before, so it may come again


def test_what_was_put_aside_is_taken_when_the_mapping_knows_better(tmp_path: Path) -> None:
    file = people(tmp_path / "x.csv", "340202,常住,202501,1", "340203,permanent,202501,2")
    knowing = replace(PEOPLE, words={"group": {"常住": "permanent"}}, version=2)
    assert taken(file, tmp_path / "s").kept == 1
    (again,) = known(file, tmp_path / "s")
    assert again.sentence().startswith("同样内容的文件已在 2025-07-01")
    assert "替换" in again.way_on()
    assert taken(file, tmp_path / "s", knowing, mode=Mode.REPLACE).kept == 2
    assert sorted(each["persons"] for each in contents(tmp_path / "s", "population")) == [1, 2]
    known(
        file, tmp_path / "s", knowing, mode=Mode.REPLACE
    )  # nothing waits any more, and nothing would change


def test_keys_that_are_in_the_store_come_again_only_by_replacing_their_month(tmp_path: Path) -> None:
    key = {"institution": "H1", "division": "340202", "resource": "slot", "used": 1}
    days = [{**key, "date": date(2025, month, 1)} for month in (3, 4)]
    put(tmp_path / "s", "quotas", {202503: days[:1], 202504: days[1:]})
    again = reserves(tmp_path / "b.csv", {"date": "2025-03-01", "used": "2"}, {"date": "2025-03-02"})
    report = taken(again, tmp_path / "s", QUOTAS, take=False)
    assert codes(report) == {"in_store@institution": (2,)}
    report = taken(again, tmp_path / "s", QUOTAS, mode=Mode.REPLACE)
    assert (report.kept, report.findings) == (2, ())
    used = {each["date"]: each["used"] for each in contents(tmp_path / "s", "quotas")}
    assert used == {date(2025, 3, 1): 2, date(2025, 3, 2): 1, date(2025, 4, 1): 1}


def test_the_dead_have_no_visits_whichever_batch_comes_first(tmp_path: Path) -> None:
    def visit(name: str, person: str, day: str, discharge: str = "home") -> dict[str, str]:
        empty = {"kind": "outpatient", "admitted": "", "days": ""}
        return {"visit": name, **STAY, **empty, "person": person, "date": day, "discharge": discharge}

    there = [("S1", "P1", date(2025, 5, 1), "home"), ("S2", "P2", date(2025, 5, 2), "died")]
    put(tmp_path / "s", "visits", {202505: [dict(zip(SEEN, each, strict=True)) for each in there]})
    rows = [
        visit("A", "P1", "2025-03-05"),
        visit("B", "P1", "2025-03-07", "died"),  # the store holds a later visit
        visit("C", "P1", "2025-03-09"),  # after the death in this file
        visit("D", "P2", "2025-05-02"),
        visit("E", "P2", "2025-06-01"),  # after the death in the store
    ]
    report = taken(written(tmp_path / "a.csv", rows), tmp_path / "s", VISITS)
    assert codes(report) == {"after_death@person": (4, 6), "died_before@discharge": (3,)}


def test_a_month_in_another_unit_is_suspected(tmp_path: Path) -> None:
    rows = [
        {"order": f"O{month}{n}", **ORDER, "date": f"2025-0{month}-20", "saved": saved}
        for month, saved in ((1, "90"), (2, "110"), (3, "9800"))
        for n in range(2)
    ]
    report = taken(written(tmp_path / "x.csv", rows), tmp_path / "s", ORDERS, take=False)
    (found,) = report.findings
    assert (found.code, found.column, found.months, found.rows) == ("units", "saved", (202503,), 2)
    assert report.kept == 6


def test_made_up_rows_stay_made_up_on_their_way_through_a_file(tmp_path: Path) -> None:
    row = {"division": "340202", "group": "permanent", "persons": 1}
    put(tmp_path / "a", "population", {202501: [row]}, synthetic=True)
    with Store(tmp_path / "a", memory="200MB", threads=1) as store:
        export(store, "population", span("2025"), tmp_path / "x.csv", Format.CSV)
    assert taken(tmp_path / "x.csv", tmp_path / "s").synthetic
    assert read(tmp_path / "s", REGION).synthetic
    put(tmp_path / "real", "population", {202502: [row]})
    with pytest.raises(Refused, match="facts_mixed"):
        taken(tmp_path / "x.csv", tmp_path / "real", take=False)
