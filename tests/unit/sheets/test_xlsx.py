"""Workbooks as people make them: what is read, and what is told with its place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from tiercare.engines.sheets import Book, Sheet, as_date, read
from tiercare.engines.sheets.model import SHOWN
from tiercare.engines.sheets.scan import scan_sheet

SHEET = "xl/worksheets/sheet1.xml"
MIDNIGHT = datetime.fromisoformat("2019-07-01")  # Excel knows no time zones
HALF_PAST = datetime.fromisoformat("2019-07-01 08:30")
Fill = Callable[[xlsxwriter.Workbook, Worksheet], None]


def knows(texts: Sequence[str]) -> bool:
    return "编码" in texts


def made(fill: Fill, **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as workbook:
        fill(workbook, workbook.add_worksheet("机构"))
    return out.getvalue()


def edited(content: bytes, name: str, edit: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, edit(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


def book(content: bytes) -> Book:
    return read(content, "机构.xlsx", is_header=knows)


def first(fill: Fill) -> Sheet:
    return book(made(fill)).sheets[0]


def rows(*lines: Sequence[object]) -> Fill:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)

    return fill


def test_types_are_kept_and_whole_floats_are_whole_again() -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        rows(["编码", "床位", "率", "开业", "登记", "时刻", "在用", "名称"])(workbook, sheet)
        sheet.write_row(1, 0, [340221.0, 99, 0.25])
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_datetime(1, 3, MIDNIGHT, day)
        sheet.write_datetime(1, 4, HALF_PAST, moment)
        sheet.write_datetime(1, 5, time(8, 5), workbook.add_format({"num_format": "hh:mm"}))
        sheet.write_boolean(1, 6, True)
        sheet.write_string(1, 7, "  ０１２　甲\n")

    only = first(fill)
    (line,) = only.lines
    kinds = [type(cell) for cell in line.cells]
    assert kinds == [int, int, float, date, datetime, str, bool, str]
    assert line.cells[:3] == (340221, 99, 0.25)
    assert as_date(line.cells[3]) == date(2019, 7, 1)
    assert line.cells[4:] == (HALF_PAST, "08:05:00", True, "０１２　甲")
    assert only.problems == ()


def test_rows_and_columns_are_numbered_as_people_see_them() -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write(1, 2, "2019 年统计表")
        sheet.write_row(2, 2, ["编码", "名称"])
        sheet.write_row(3, 2, ["1", "甲"])
        sheet.write_row(6, 2, ["2", "乙"])

    only = first(fill)
    assert only.header_at == 3
    assert only.header == ("", "", "编码", "名称")
    assert [(line.number, line.cells[2:]) for line in only.lines] == [(4, ("1", "甲")), (7, ("2", "乙"))]


def test_each_row_under_a_merged_range_is_told_and_nothing_guessed() -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.merge_range("A1:C1", "登记表")
        rows([], ["编码", "名称", "县区"], *([str(n), f"院{n}", ""] for n in range(5)))(workbook, sheet)
        sheet.merge_range("C4:C6", "弋江区")

    only = first(fill)
    assert [line.cells[2] for line in only.lines] == [None, "弋江区", None, None, None]
    assert [(p.row, p.column, p.value) for p in only.problems] == [(n, "县区", "C4:C6") for n in (4, 5, 6)]
    assert "C4:C6" in only.problems[0].message.zh and "取消" in only.problems[0].fix.zh
    assert only.doubtful == {4, 5, 6}


def test_formulas_are_told_by_cell_and_counted_past_fifty() -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["编码", "名称", "床位"])
        sheet.write_formula(0, 3, '="备"&"注"', None, "备注")
        for row in range(1, SHOWN + 11):
            sheet.write_row(row, 0, [str(row), "甲"])
            sheet.write_formula(row, 2, f"=SUM(A{row}:B{row})", None, row)

    only = first(fill)
    *told, summary = only.problems
    assert len(told) == SHOWN
    assert (told[3].row, told[3].column) == (5, "床位")
    assert told[3].message.zh == "单元格 C5 是公式。" and "数值" in told[3].fix.zh
    assert summary.row is None and "10" in summary.message.zh
    assert only.doubtful == set(range(2, SHOWN + 12))
    assert only.lines[4].cells[2] == 5


def test_error_values_are_told_with_what_they_are() -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        rows(["编码", "名称"], ["1", ""], ["2", "乙"])(workbook, sheet)
        sheet.write_formula("B2", "=NA()", None, "#N/A")

    only = first(fill)
    assert [(p.row, p.column, p.value) for p in only.problems if "错误值" in p.message.zh] == [
        (2, "名称", "#N/A")
    ]
    assert only.doubtful == {2}


def test_numbers_of_more_than_fifteen_digits_have_lost_some() -> None:
    only = first(rows(["编码"], [340221199001011234], [999999999999999]))
    (problem,) = only.problems
    assert problem.row == 2 and "15 位" in problem.message.zh
    assert only.lines[1].cells == (999999999999999,)


def test_cells_beyond_the_header_are_told_by_letter() -> None:
    only = first(rows(["编码", "名称"], ["1", "甲", "", "多余"]))
    assert [(p.row, p.column, p.value) for p in only.problems] == [(2, "D", "多余")]
    assert only.lines[0].cells == ("1", "甲")


def test_hidden_sheets_are_left_out_with_a_note_and_the_rest_returned() -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        rows(["编码"], ["1"])(workbook, sheet)
        workbook.add_worksheet("旧表").hide()
        workbook.add_worksheet("程序用").very_hidden()
        rows(["编码"], ["2"])(workbook, workbook.add_worksheet("科室"))
        workbook.add_worksheet("Sheet3")

    found = book(made(fill))
    assert [sheet.name for sheet in found.sheets] == ["机构", "科室", "Sheet3"]
    assert [sheet.lines[0].cells for sheet in found.sheets[:2]] == [("1",), ("2",)]
    assert [(p.sheet, p.note) for p in found.problems] == [("旧表", True)]
    assert [problem.note for problem in found.sheets[2].problems] == [True]


def test_problems_belong_to_the_sheet_they_stand_on() -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        rows(["编码"], ["1"])(workbook, sheet)
        other = workbook.add_worksheet("科室")
        rows(["编码"], ["2"])(workbook, other)
        other.write_formula("A3", "=1+1", None, 2)

    one, two = book(made(fill)).sheets
    assert one.problems == ()
    assert [(p.sheet, p.row) for p in two.problems] == [("科室", 3)]


def test_the_workbook_says_where_its_days_begin() -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        rows(["编码", "开业", "日"])(workbook, sheet)
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, 1, MIDNIGHT, day)
        sheet.write_number(1, 2, 43647 - 1462)

    found = book(made(fill, date_1904=True))
    _, formatted, bare = found.sheets[0].lines[0].cells
    assert as_date(formatted, from_1904=found.from_1904) == date(2019, 7, 1)
    assert as_date(bare, from_1904=found.from_1904) == date(2019, 7, 1)
    assert not book(made(fill)).from_1904


def test_sheets_of_other_programs_are_read_the_same() -> None:
    """Prefixed elements, single quotes, attributes in another order, cells without a reference."""
    content = made(rows(["编码", "名称"], ["1", "甲"], ["2", "乙"]))

    def prefixed(_: bytes) -> bytes:
        return (
            b"<?xml version='1.0'?><x:worksheet xmlns:x='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
            b"<x:sheetData><x:row r='1'><x:c t='s' r='A1'><x:v>0</x:v></x:c><x:c t='s'><x:v>1</x:v></x:c></x:row>"
            b"<x:row><x:c><x:f>1+1</x:f><x:v>2</x:v></x:c><x:c t='e'><x:v>#REF!</x:v></x:c></x:row>"
            b"<x:row r='4'><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>"
        )

    only = book(edited(content, SHEET, prefixed)).sheets[0]
    assert only.header == ("编码", "名称")
    assert [(line.number, line.cells) for line in only.lines] == [(2, (2, None)), (4, (7, None))]
    assert [(p.row, p.column, p.value) for p in only.problems] == [(2, "编码", ""), (2, "名称", "#REF!")]


def test_both_ways_of_scanning_find_the_same() -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        rows(["编码", "a<f> &"], ["1", 2, "t=e"])(workbook, sheet)
        sheet.write_formula("AB7", '="<c r=""A1"">"', None, "x")
        sheet.write_formula("C9", "=1/0", None, "#DIV/0!")

    with zipfile.ZipFile(io.BytesIO(made(fill))) as archive:
        usual = archive.read(SHEET)
    scan = scan_sheet(usual)
    assert (scan.rows, scan.columns, scan.filled) == (9, 28, 4)
    assert scan.formulas == [(7, 27), (9, 2)]
    assert scan.errors == [(9, 2, "#DIV/0!")]
    assert scan_sheet(usual.replace(b'<c r="', b'<c  r="')) == scan


def test_formats_alone_do_not_make_a_sheet_large() -> None:
    """Somebody gave whole columns a border: hundreds of thousands of rows with nothing in them."""
    blank = b"".join(
        b'<row r="%d"><c r="A%d" s="1"/><c r="T%d" s="1"/></row>' % (n, n, n) for n in range(4, 400_004)
    )
    content = edited(
        made(rows(["编码"], ["1"])),
        SHEET,
        lambda data: data.replace(b"</sheetData>", blank + b"</sheetData>"),
    )
    assert [line.cells for line in book(content).sheets[0].lines] == [("1",)]
