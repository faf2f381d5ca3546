"""What is written comes back, means nothing to run, and is the same bytes each time."""

from __future__ import annotations

import io
import string
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.sheets import Cell, Table, as_date, read, write_csv, write_xlsx

HEADER = ("编码", "名称", "备注")
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "　=1",
    "\n=1",
    "'=1",
    "''-2",
]
ENCODINGS = ("utf-8-sig", "gb18030")


def knows(texts: Sequence[str]) -> bool:
    return "编码" in texts


def table(rows: Sequence[Sequence[Cell]], **more: object) -> Table:
    return Table("机构", HEADER, rows, **more)


def back(content: bytes) -> list[tuple[Cell, ...]]:
    (only,) = read(content, "机构", is_header=knows).sheets
    assert only.header == HEADER
    return [line.cells for line in only.lines]


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


# XML and CSV cannot hold these, `writing` says what becomes of them; tested by example below
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd\ufffe\uffff"), max_size=30
).filter(lambda text: text.isprintable() or set(text) <= set(string.printable) - set("\r\x0b\x0c"))
keys = st.integers(-(10**15) + 1, 10**15 - 1)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(keys, texts, st.one_of(texts, st.dates())), max_size=8), st.sampled_from(ENCODINGS))
def test_csv_comes_back(rows: list[tuple[int, str, str | date]], encoding: str) -> None:
    found = back(write_csv(table(rows), encoding))
    assert found == [(str(key), name.strip() or None, str(last).strip() or None) for key, name, last in rows]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(keys, texts, st.one_of(texts, st.dates(), keys, st.booleans(), st.none())), max_size=8)
)
def test_xlsx_comes_back(rows: list[tuple[int, str, Cell]]) -> None:
    expected = [
        (key, name.strip() or None, (str(last).strip() or None) if isinstance(last, str | date) else last)
        for key, name, last in rows
    ]
    assert back(write_xlsx([table(rows)])) == expected


@settings(deadline=None)
@given(st.lists(st.dates(), min_size=1, max_size=5))
def test_days_come_back_as_the_same_days(days: list[date]) -> None:
    rows = [(1, "x", day) for day in days]
    for content in (write_xlsx([table(rows)]), *(write_csv(table(rows), encoding) for encoding in ENCODINGS)):
        assert [as_date(cells[2]) for cells in back(content)] == days


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_is_written_so_that_a_program_would_run_it(text: str) -> None:
    rows = [("1", text, "甲")]
    for encoding in ENCODINGS:
        content = write_csv(table(rows), encoding)
        assert content.decode(encoding).splitlines()[1].removeprefix("1,").removeprefix('"').startswith("'")
        assert back(content)[0][1] == text.strip()
    content = write_xlsx([table(rows)])
    assert "<f" not in part(content, "xl/worksheets/sheet1.xml")
    assert "'" in part(content, "xl/sharedStrings.xml")
    assert back(content)[0][1] == text.strip()


def test_negative_numbers_stay_numbers() -> None:
    assert write_csv(table([(-5, -0.5, 3.0)]), "utf-8-sig").splitlines()[1] == b"-5,-0.5,3"
    assert back(write_xlsx([table([(-5, -0.5, 3.0)])])) == [(-5, -0.5, 3)]


def test_headers_and_choices_are_made_harmless_too() -> None:
    content = write_xlsx(
        [Table("=机构", ["编码", "=1+1"], [], choices={"=1+1": ["=2", "b"]}, notes={"编码": "=3"})]
    )
    assert all("<f>" not in part(content, f"xl/worksheets/sheet{n}.xml") for n in (1, 2))
    assert "'=1+1" in part(content, "xl/sharedStrings.xml") and "'=2" in part(content, "xl/sharedStrings.xml")
    (only,) = read(content, "x", is_header=knows).sheets
    assert only.header == ("编码", "=1+1")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_text_cannot_be_split_into_a_formula_under_another_delimiter(delimiter: str) -> None:
    line = (
        write_csv(table([("1", f"甲{delimiter}=1+1", None)]), "utf-8-sig").decode("utf-8-sig").splitlines()[1]
    )
    assert line == f'1,"甲{delimiter}=1+1",'


def test_what_a_cell_cannot_hold_is_replaced_by_the_rule() -> None:
    rows = [
        ("a\x00b", "c\x1fd\r\ne\rf", "g\ud800\uffff"),
        (float("nan"), float("inf"), 10**15),
        ("1", "长" * 40_000, ""),
    ]
    expected = [
        ("a\ufffdb", "c\ufffdd\ne\nf", "g\ufffd\ufffd"),
        (None, None, str(10**15)),
        ("1", "长" * 32_766 + "…", None),
    ]
    for content in (write_xlsx([table(rows)]), *(write_csv(table(rows), encoding) for encoding in ENCODINGS)):
        assert back(content) == expected


def test_the_same_rows_give_the_same_bytes() -> None:
    def full() -> bytes:
        rows = [("1", "甲", date(2019, 7, 1)), ("2", "乙", None)]
        return write_xlsx(
            [table(rows, notes={"名称": "填全称"}, choices={"备注": ["是", "否"]}), table(rows)]
        )

    assert full() == full()
    assert "2000-01-01" in part(full(), "docProps/core.xml")


def test_a_template_shows_its_notes_lists_and_a_frozen_header() -> None:
    many = [f"第{n}类，甲" for n in range(200)]
    content = write_xlsx([table([], notes={"名称": "填全称"}, choices={"备注": many}, widths=[9, 30, 12])])
    sheet = part(content, "xl/worksheets/sheet1.xml")
    assert 'state="frozen"' in sheet and 'ySplit="1"' in sheet
    assert 'sqref="C2:C1048576"' in sheet and "lists!$A$1:$A$200" in sheet
    assert "填全称" in part(content, "xl/comments1.xml")
    assert 'sheetId="2" state="veryHidden"' in part(content, "xl/workbook.xml")
    found = read(content, "模板.xlsx", is_header=knows)
    assert [only.name for only in found.sheets] == ["机构"] and found.problems == ()


def test_names_of_sheets_are_made_to_fit() -> None:
    names = ["机构", "机构", "a/b:c", "", "lists", "长" * 40, "长" * 40]
    content = write_xlsx([Table(name, HEADER, [("1", "甲", None)]) for name in names])
    found = [only.name for only in read(content, "x", is_header=knows).sheets]
    assert found[:5] == ["机构", "机构 (2)", "a_b_c", "Sheet", "lists (2)"]
    assert len(set(found)) == 7 and max(map(len, found)) <= 31


def test_no_table_is_no_workbook() -> None:
    with pytest.raises(ValueError, match="table"):
        write_xlsx([])
