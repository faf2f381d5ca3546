"""What a file may look like: which sheet is which register, what is refused as a whole, and which rows are bad."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from tiercare.apps.network.commands.imports.staging import Source, Staged, stage
from tiercare.kernel.refusal import Refused

from .conftest import book, csv

HEADER = ("医联体编码", "机构编码", "身份", "生效日期")
ROW = ("wuhu-city-jinghu", "wuhu-fourth-hospital", "成员单位", "2019-08-01")


def staged(content: bytes, name: str = "表.xlsx", register: str = "") -> Staged:
    return stage([Source(name, content, register)])


def refused(content: bytes, name: str = "表.xlsx", register: str = "") -> dict[str, str]:
    """Codes of the refusals with sentence and way on."""
    with pytest.raises(Refused) as error:
        staged(content, name, register)
    return {r.code: f"{r.sentence()} {r.way_on()}" for r in error.value.refusals}


def test_a_sheet_is_known_by_its_name_or_by_its_header() -> None:
    for name in ("成员", "Memberships", "Sheet1"):
        found = staged(book({name: [HEADER, ROW]}))
        assert [(s.register, s.sheet, s.rows) for s in found.sheets] == [("memberships", name, 1)]
        assert found.entries[0].identity == ("wuhu-city-jinghu", "wuhu-fourth-hospital")
        assert found.entries[0].start == date(2019, 8, 1)
        assert str(found.places[found.entries[0].place]) == f"{name}!2"


def test_the_header_may_stand_in_row_three_under_a_title() -> None:
    found = staged(book({"成员": [("芜湖市成员登记表",), (), HEADER, ROW]}))
    assert [str(place) for place in found.places.values()] == ["成员!4"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_each_encoding(encoding: str) -> None:
    found = staged(csv(HEADER, ROW, encoding=encoding), "成员.csv")
    assert found.entries[0].text("role") == "MEMBER"


def test_full_width_digits_and_all_ways_to_write_a_day() -> None:
    days = ["２０１９-０８-０１", "2019/8/1", "2019年8月1日", "20190801", 43678, "43678"]
    found = staged(book({"成员": [HEADER, *((*ROW[:3], day) for day in days)]}))
    assert not found.bad
    assert {entry.start for entry in found.entries} == {date(2019, 8, 1)}


def test_a_workbook_that_counts_from_1904_means_the_same_day() -> None:
    found = staged(book({"成员": [HEADER, (*ROW[:3], 43678 - 1462), ROW]}, from_1904=True))
    assert [entry.start for entry in found.entries] == [date(2019, 8, 1)] * 2


def test_two_sheets_of_one_register_are_refused() -> None:
    said = refused(book({"成员": [HEADER, ROW], "Sheet2": [HEADER, ROW]}))
    assert "成员、Sheet2" in said["import_register_twice"]


def test_a_required_column_that_is_missing_is_named() -> None:
    said = refused(book({"成员": [HEADER[:3], ROW[:3]]}))
    assert "表头在第 1 行" in said["import_columns_missing"]
    assert "生效日期" in said["import_columns_missing"]
    assert "下载“成员”的模板" in said["import_columns_missing"]


def test_an_unknown_column_is_refused_only_if_something_stands_in_it() -> None:
    header = (*HEADER, "终止日其")
    said = refused(book({"成员": [header, (*ROW, "2020-01-01")]}))
    assert "第 E 列“终止日其”不认识" in said["import_column_unknown"]
    assert "是不是“终止日期”？" in said["import_column_unknown"]
    assert len(staged(book({"成员": [header, ROW]})).entries) == 1
    assert len(staged(book({"成员": [(*HEADER, "问题"), (*ROW, "第 2 行……")]})).entries) == 1
    assert len(staged(book({"成员": [(*HEADER, "机构名称"), (*ROW, "四院")]})).entries) == 1
    nameless = refused(book({"成员": [(*HEADER, "", "备注"), (*ROW, "x", "y")]}))
    assert "备注" in nameless["import_column_unknown"]


def test_a_column_without_a_name_that_holds_something_is_refused() -> None:
    said = refused(book({"成员": [(*HEADER[:3], "", HEADER[3]), (*ROW[:3], "x", ROW[3])]}))
    assert "第 D 列没有列名，却有内容" in said["import_column_unknown"]


def test_two_columns_of_one_meaning_are_refused() -> None:
    said = refused(book({"成员": [(*HEADER, "角色"), (*ROW, "牵头医院")]}))
    assert "C、E 列都是“身份”" in said["import_column_twice"]


def test_a_csv_that_could_be_anything_asks_which_register_it_is() -> None:
    said = refused(csv(HEADER[:3], ROW[:3]), "我的数据.csv")
    assert "最像“成员”" in said["import_register_unclear"]
    assert "生效日期" in said["import_register_unclear"]
    assert "请在“登记表”中选择" in refused(csv(("甲", "乙"), ("1", "2")), "x.csv")["import_register_unclear"]
    assert len(staged(csv(HEADER, ROW), "x.csv", "memberships").entries) == 1
    assert (
        "没有“nothing”这种登记表" in refused(csv(HEADER, ROW), "x.csv", "nothing")["import_unknown_register"]
    )


def test_a_workbook_of_other_things_is_refused_and_a_sheet_of_notes_is_left_out() -> None:
    assert "Sheet1" in refused(book({"Sheet1": [("会议", "纪要"), ("1", "2")]}))["import_nothing_recognised"]
    found = staged(book({"说明": [("请先看这里",)], "成员": [HEADER, ROW]}))
    assert len(found.entries) == 1
    assert "“说明”不是登记表" in found.notes[0].zh


def test_a_sheet_named_after_a_register_without_a_header_is_no_note() -> None:
    said = refused(book({"成员": [ROW, ROW]}))
    assert "工作表“成员”的前 10 个非空行里没有找到“成员”的列名" in said["import_no_header"]


def test_an_untouched_table_holds_no_rows() -> None:
    assert "没有数据行" in refused(book({"成员": [HEADER]}))["import_no_rows"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheets_empty"),
        (b"PK\x03\x04 this only begins like an archive", "sheets_damaged"),
        (b"%PDF-1.7", "sheets_not_a_table"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str) -> None:
    assert set(refused(content)) == {code}


def test_a_zip_that_was_renamed_is_no_workbook() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("成员.csv", "机构编码")
    assert [code for code in refused(packed.getvalue()) if code.startswith("sheets_")]


def test_bad_cells_are_told_with_place_value_reason_and_fix() -> None:
    rows = [ROW, (*ROW[:2], "临时工", "2019-13-01"), (ROW[0], "", *ROW[2:]), (*ROW[:3], "=TODAY()")]
    found = staged(book({"成员": [HEADER, *rows]}))
    assert len(found.entries) == 1
    told = {
        (str(b.place), p.column): (p.value, p.message.zh + p.fix.zh) for b in found.bad for p in b.problems
    }
    assert told["成员!3", "role"][0] == "临时工"
    assert "成员单位" in told["成员!3", "role"][1]
    assert "请写成 2019-07-01 的样子" in told["成员!3", "from"][1]
    assert "没有填写" in told["成员!4", "institution"][1]
    assert "是公式" in told["成员!5", "from"][1]
    assert found.bad[0].cells["role"] == "临时工"


def test_rows_under_a_merged_cell_are_bad() -> None:
    found = staged(book({"成员": [HEADER, ROW, ROW]}, merge="A2:A3"))
    assert not found.entries
    assert all("合并单元格 A2:A3" in bad.problems[0].message.zh for bad in found.bad)


def test_a_mended_row_stands_in_for_the_one_in_the_file() -> None:
    content = book({"成员": [HEADER, (*ROW[:2], "临时工", ROW[3])]})
    cells = dict(zip(("consortium", "institution", "role", "from"), ROW, strict=True))
    found = stage([Source("表.xlsx", content)], mended={("成员", 2): cells})
    assert [entry.text("role") for entry in found.entries] == ["MEMBER"]
    assert not found.bad


def test_several_files_are_one_set_and_places_name_the_file() -> None:
    both = stage(
        [Source("甲.csv", csv(HEADER, ROW), "memberships"), Source("乙.xlsx", book({"成员": [HEADER, ROW]}))]
    )
    assert list(both.places) == ["甲.csv 甲!2", "乙.xlsx 成员!2"]
    assert both.rows == {"memberships": 2}
