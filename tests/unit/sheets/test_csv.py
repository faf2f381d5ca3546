"""CSV as programs in China write it: encodings, delimiters, quotes, and what is told when it does not work."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

import pytest

from tiercare.engines.sheets import LIMIT_BYTES, LIMIT_ROWS, Book, Sheet, Unreadable, read

HEADER = ("编码", "名称", "备注")
ROWS = "编码,名称,备注\r\n340201,弋江区医院,甲\r\n340202,镜湖区医院,\r\n"


def knows(texts: Sequence[str]) -> bool:
    return "编码" in texts


def book(content: bytes, name: str = "机构.csv") -> Book:
    return read(content, name, is_header=knows)


def sheet(text: str, encoding: str = "utf-8") -> Sheet:
    (only,) = book(text.encode(encoding)).sheets
    return only


def refused(content: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        book(content)
    assert caught.value.refusal.way_on("zh") and caught.value.refusal.way_on("en")
    return caught.value


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (codecs.BOM_UTF8 + ROWS.encode(), "utf-8-sig"),
        (ROWS.encode(), "utf-8"),
        (ROWS.encode("gb18030"), "gb18030"),
        (codecs.BOM_UTF16_LE + ROWS.replace(",", "\t").encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + ROWS.replace(",", "\t").encode("utf-16-be"), "utf-16"),
    ],
)
def test_each_encoding_gives_the_same_lines(content: bytes, encoding: str) -> None:
    found = book(content)
    (only,) = found.sheets
    assert (found.kind, found.encoding, only.name) == ("csv", encoding, "机构")
    assert (only.header_at, only.header) == (1, HEADER)
    assert [(line.number, line.cells) for line in only.lines] == [
        (2, ("340201", "弋江区医院", "甲")),
        (3, ("340202", "镜湖区医院", None)),
    ]
    assert only.problems == ()


def test_rare_characters_of_gb18030_survive() -> None:
    assert sheet("编码,名称\n1,㙍𠮷镇卫生院\n", "gb18030").lines[0].cells == ("1", "㙍𠮷镇卫生院")


def test_bytes_of_no_encoding_are_named_with_their_place() -> None:
    good = "编码,名称\n340201,甲\n".encode("gb18030")
    error = refused(good + b"340202,\xff\xff\n")
    assert error.refusal.code == "sheets_encoding"
    assert error.refusal.fields["line"] == 3
    assert error.refusal.fields["byte"] == len(good) + len(b"340202,") + 1
    assert "第 3 行" in error.refusal.sentence("zh")


def test_the_place_counts_from_the_start_of_the_file_with_a_mark_too() -> None:
    fields = refused(codecs.BOM_UTF8 + b"a\n\xff").refusal.fields
    assert (fields["byte"], fields["line"]) == (6, 2)


def test_utf16_cut_in_half_is_refused() -> None:
    assert refused((codecs.BOM_UTF16_LE + ROWS.encode("utf-16-le"))[:-1]).refusal.code == "sheets_encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_of_the_header(delimiter: str) -> None:
    # every data line holds more commas than its own delimiter
    text = (
        f'机构登记表\n编码{delimiter}名称{delimiter}备注\n1{delimiter}"甲,乙,丙,丁"{delimiter}"a,b,c,d,e"\n'
    )
    only = sheet(text)
    assert only.header == HEADER
    assert only.lines[0].cells == ("1", "甲,乙,丙,丁", "a,b,c,d,e")


def test_a_single_column_needs_no_delimiter() -> None:
    assert [line.cells for line in sheet("编码\n1\n2\n").lines] == [("1",), ("2",)]


def test_the_header_may_stand_in_row_3_and_in_full_width_forms() -> None:
    only = read(
        "统计表,,\n\n　ＣＯＤＥ ,名称\n１２　,ｘ\n".encode(), "a.csv", is_header=lambda t: "CODE" in t
    ).sheets[0]
    assert (only.header_at, only.header) == (3, ("CODE", "名称"))
    assert only.lines[0].number == 4
    assert only.lines[0].cells == ("１２", "ｘ")  # cells keep their form; `normalised` is the caller's choice


def test_without_a_header_there_are_no_lines_but_a_problem() -> None:
    only = sheet("a,b\n" * 20)
    assert (only.header_at, only.lines) == (0, ())
    (problem,) = only.problems
    assert problem.row is None and "没有找到表头" in problem.message.zh and not problem.note


def test_a_header_below_the_tenth_row_is_not_looked_for() -> None:
    assert sheet("x\n" * 9 + "编码\n1\n").header_at == 10
    assert sheet("x\n" * 10 + "编码\n1\n").header_at == 0


def test_a_record_has_the_number_of_its_first_line() -> None:
    only = sheet('编码,名称\n1,"第一行\r\n第二行\r第三行"\n2,乙\n\n3,丙\n')
    assert [(line.number, line.cells[0]) for line in only.lines] == [(2, "1"), (5, "2"), (7, "3")]
    assert only.lines[0].cells[1] == "第一行\n第二行\n第三行"


@pytest.mark.parametrize("tail", ["", "\n", "\nmore\n" * 5, "x" * 200_000])
def test_an_open_quote_is_named_with_its_line(tail: str) -> None:
    error = refused(f'编码,名称\n1,甲\n2,"乙{tail}'.encode())
    assert error.refusal.code == "sheets_open_quote"
    assert error.refusal.fields["line"] == 3


def test_a_quote_that_is_closed_at_the_very_end_is_none() -> None:
    assert sheet('编码,名称\n1,"乙"').lines[0].cells == ("1", "乙")
    assert sheet('编码,名称\nend,3"').lines[0].cells == ("end", '3"')
    assert sheet("编码\nend\nend").lines[1].cells == ("end",)


def test_nul_bytes_are_problems_of_their_cells() -> None:
    only = sheet("编码,名称\n1,甲\x00乙\n2,丙\n")
    (problem,) = only.problems
    assert (problem.row, problem.column) == (2, "名称")
    assert only.doubtful == {2}
    assert not any("\0" in str(cell) for line in only.lines for cell in line.cells)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" , ,\r\n", codecs.BOM_UTF16_LE])
def test_an_empty_file_says_so(content: bytes) -> None:
    assert refused(content).refusal.code == "sheets_empty"


def test_headers_only_is_a_table_without_lines() -> None:
    only = sheet("编码,名称\n")
    assert (only.header, only.lines) == (("编码", "名称"), ())
    assert [problem.note for problem in only.problems] == [True]


def test_short_rows_are_filled_up_and_long_ones_told() -> None:
    only = sheet("编码,名称,备注\n1\n2,甲,乙,丙,丁\n3,甲,乙,,\n")
    assert [line.cells for line in only.lines] == [("1", None, None), ("2", "甲", "乙"), ("3", "甲", "乙")]
    assert [(p.row, p.column, p.value) for p in only.problems] == [(3, "D", "丙"), (3, "E", "丁")]
    assert only.doubtful == {3}


def test_a_name_twice_in_the_header_is_told() -> None:
    only = sheet("编码,名称,编 码,编码\n1,2,3,4\n")
    (problem,) = only.problems
    assert problem.value == "编码" and "A 列和 D 列" in problem.message.zh


def test_the_apostrophe_that_makes_a_formula_harmless_goes_off_again_and_no_other() -> None:
    only = sheet("编码,名称,备注\n'=1+1,'甲,''@x\n'　＝1,-5,''\n")
    assert [line.cells for line in only.lines] == [("=1+1", "'甲", "'@x"), ("＝1", "-5", "''")]


def test_more_rows_than_allowed_are_refused_with_the_way_to_split() -> None:
    error = refused(b"\xe7\xbc\x96\xe7\xa0\x81\n" + b"1\n" * LIMIT_ROWS)
    assert error.refusal.code == "sheets_too_many_rows"
    assert "拆成" in error.refusal.way_on("zh")


def test_a_file_past_the_limit_is_refused_unread() -> None:
    error = refused(b"x" * (LIMIT_BYTES + 1))
    assert error.refusal.code == "sheets_too_large"
    assert "51 MB" in error.refusal.sentence("zh") and "拆成" in error.refusal.way_on("zh")


@pytest.mark.parametrize(
    "content",
    [
        *(b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n", b"Rar!\x1a\x07", b"<html><table></table></html>"),
        b" <?xml version='1.0'?><Workbook/>",
    ],
)
def test_other_kinds_of_file_are_called_by_name(content: bytes) -> None:
    assert refused(content).refusal.code == "sheets_not_a_table"
