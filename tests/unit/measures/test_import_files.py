"""Files as they come: whatever the encoding, the header or the format, or refused with a way on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tiercare.engines.measures.importing import own_mapping
from tiercare.engines.measures.importing.mapping import Order
from tiercare.engines.measures.periods import span
from tiercare.engines.sheets import Table, write_xlsx
from tiercare.kernel.refusal import Refused

from .extracts import (
    ORDER,
    ORDERS,
    PEOPLE,
    QUOTAS,
    codes,
    contents,
    finding,
    refusals,
    taken,
    written,
)
from .made import REGION


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "facts_file_empty"),
        (b"\xef\xbb\xbf\r\n \n,,,\n", "facts_file_empty"),
        (b"division,group,month,persons\n", "facts_header_only"),
        (bytes(range(256)) * 40, "sheets_not_a_table"),
        (b"\x81\xff\xfe\xb0\xff" * 400, "sheets_not_a_table"),
        (b"\xef\xbb\xbf <!DOCTYPE html><p>x</p>", "sheets_not_a_table"),
        (b'[{"division": "340202"}]', "sheets_not_a_table"),
        (b"PK\x03\x04 not a workbook", "sheets_damaged"),
        (b"PAR1 not parquet", "facts_parquet_damaged"),
        (b'division,group,month,persons\n340202,"permanent,202501,1\n' + b"x" * 140_000, "facts_open_quote"),
    ],
    ids=[
        "empty",
        "blank",
        "header only",
        "binary",
        "rubbish",
        "page",
        "json",
        "zip",
        "parquet",
        "open quote",
    ],
)
def test_what_is_no_table_is_refused_with_a_way_on(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    (refused,) = refusals(tmp_path / "x.csv", tmp_path / "s")
    assert refused.code == code
    assert refused.sentence()
    assert refused.way_on("en")


def test_missing_and_renamed_columns_are_named_with_those_that_look_like_them(tmp_path: Path) -> None:
    file = written(
        tmp_path / "x.csv", [{"division": "340202", "groups": "permanent", "month": "202501", "人数": "1"}]
    )
    renamed, missing = refusals(file, tmp_path / "s")
    assert (renamed.at, missing.at) == ("group", "persons")
    assert renamed.sentence() == "文件里没有“group”这一列（对应 group）。"
    assert renamed.way_on() == "是不是改名为“groups”？请在映射文件的 columns 里改成现在的列名。"
    assert "groups" in missing.way_on()


def test_a_column_that_stands_twice_is_no_guess(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "division,group,month,persons,persons\n340202,permanent,202501,1,2", "utf-8"
    )
    (refused,) = refusals(tmp_path / "x.csv", tmp_path / "s")
    assert refused.code == "facts_column_twice"


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("gb18030", ";"), ("utf-16", "\t")],
    ids=["gb", "unicode"],
)
def test_encodings_and_separators_are_found(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [
        {
            "机构": "弋矶山医院",
            "division": "340202",
            "resource": "号源",
            "date": "２０２５年３月１日",
            "offered": "9",
        }
    ]
    file = written(tmp_path / "x.csv", rows, encoding, separator)
    mapping = replace(
        QUOTAS,
        columns={
            "institution": "机构",
            **{name: name for name in ("division", "resource", "date", "offered")},
        },
        constants={"reserved": "0", "used": "0"},
        defaults={"released": "0"},
        words={"resource": {"号源": "slot"}},
    )
    report = taken(file, tmp_path / "s", mapping)
    (row,) = contents(tmp_path / "s", "quotas")
    assert report.encoding == encoding
    assert (row["institution"], row["resource"], row["date"], row["released"]) == (
        "弋矶山医院",
        "slot",
        date(2025, 3, 1),
        0,
    )


def test_titles_above_two_rows_of_header_and_headers_repeated_below(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "芜湖市人口月报,,,\n单位：人,,,\n区划,,月份,人口\n代码,人群,,常住\n340202,permanent,202501,5\n"
        "代码,人群,,常住\n340203,permanent,202501,6,,\n340204,permanent,202501,7,多出\n\n340205,urban,202501,8\n",
        encoding="gb18030",
    )
    columns = {"division": "代码", "group": "人群", "month": "月份", "persons": "常住"}
    report = taken(tmp_path / "x.csv", tmp_path / "s", replace(PEOPLE, columns=columns))
    assert report.header_rows == 2
    assert codes(report) == {"header_again@": (6,), "beyond@": (8,)}
    assert sorted(each["persons"] for each in contents(tmp_path / "s", "population")) == [5, 6, 8]


def test_characters_that_were_lost_keep_their_row_back(tmp_path: Path) -> None:
    good = "\n".join(f"3402{n:02},permanent,202501,{n}" for n in range(40))
    (tmp_path / "x.csv").write_bytes(
        f"division,group,month,persons\n{good}\n".encode() + b"340299\xff,urban,202501,1\n"
    )
    report = taken(tmp_path / "x.csv", tmp_path / "s")
    assert finding(report, "illegible").places == (42,)
    assert report.kept == 40


def test_a_workbook_comes_with_days_numbers_and_flags_as_excel_keeps_them(tmp_path: Path) -> None:
    header = ["institution", "division", "resource", "日", "offered", "reserved", "used", "released"]
    rows = [["H1", 340202, "slot", 45717, 9, 3.0, 1, 0], ["H1", "340202", "bed", "2025/2/30", 9, 3, 1, 0]]
    (tmp_path / "x.xlsx").write_bytes(write_xlsx([Table("说明", ["读我"], []), Table("号源", header, rows)]))
    mapping = replace(QUOTAS, columns={**QUOTAS.columns, "date": "日"})
    report = taken(tmp_path / "x.xlsx", tmp_path / "s", mapping)
    assert codes(report) == {"no_day@date": (3,)}
    (row,) = contents(tmp_path / "s", "quotas")
    assert (row["date"], row["division"], row["reserved"]) == (date(2025, 3, 1), "340202", 3)


def test_a_parquet_extract_comes_with_its_own_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "division": [340202, 340203],
            "group": ["permanent", "urban"],
            "月": [202501, None],
            "persons": [1.0, 2.5],
        }
    )
    parquet.write_table(table, tmp_path / "x.parquet")
    mapping = replace(PEOPLE, columns={**PEOPLE.columns, "month": "月"}, defaults={"month": "2025-02"})
    report = taken(tmp_path / "x.parquet", tmp_path / "s", mapping)
    assert codes(report) == {"not_whole@persons": (2,)}
    (row,) = contents(tmp_path / "s", "population")
    assert (row["division"], row["persons"], row["month"]) == ("340202", 1, 202501)


def test_dates_with_the_day_first_and_money_in_other_units(tmp_path: Path) -> None:
    rows = [
        {"order": "O1", **ORDER, "date": "05/03/2025", "saved": "0.12345"},
        {"order": "O2", **ORDER, "date": "2025-04-05", "saved": "1"},
    ]
    mapping = replace(
        ORDERS, orders={"date": Order.DMY}, factors={"saved": 1_000_000}, period=span("2025-03")
    )
    report = taken(written(tmp_path / "x.csv", rows), tmp_path / "s", mapping)
    (row,) = contents(tmp_path / "s", "recognition")
    assert (row["date"], row["saved"]) == (date(2025, 3, 5), 123450)
    assert codes(report) == {"outside_period@date": (3,)}


def test_a_contract_of_somebody_in_no_key_group_is_taken(tmp_path: Path) -> None:
    """Most people are in none: an empty cell says so, an extract without the column does not say it."""
    signed = {
        "person": "P1",
        "institution": "H1",
        "home": "340202001",
        "month": "2025-03",
        "permanent": "是",
        "key_group": "是",
        "groups": "elderly|diabetes",
        "registered_poor": "否",
        "signed": "2024-05-01",
        "promised": "1",
        "delivered": "1",
    }
    nobody = {**signed, "person": "P2", "key_group": "否", "groups": " "}
    mapping = own_mapping("contracts", REGION)
    report = taken(written(tmp_path / "签约.csv", [signed, nobody]), tmp_path / "s", mapping)
    assert (report.kept, codes(report)) == (2, {})
    assert {each["person"]: each["groups"] for each in contents(tmp_path / "s", "contracts")} == {
        "P1": "elderly|diabetes",
        "P2": "",
    }
    silent = {name: value for name, value in signed.items() if name != "groups"}
    with pytest.raises(Refused, match="facts_column_missing"):
        taken(written(tmp_path / "无重点人群列.csv", [silent]), tmp_path / "t", mapping)
