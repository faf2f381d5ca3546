"""Files that mean harm or are broken: nothing but ``Unreadable`` comes out, and nothing is read first."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tiercare.engines.sheets import LIMIT_ROWS, Book, Table, Unreadable, read, write_csv, write_xlsx
from tiercare.engines.sheets.model import LIMIT_INFLATED

SHEET = "xl/worksheets/sheet1.xml"
GOOD = write_xlsx(
    [Table("机构", ["编码", "名称"], [(n, f"院{n}") for n in range(20)], notes={"编码": "六位"})]
)
CSVS = [
    write_csv(Table("t", ["编码", "名称"], [("1", 'a"b\n'), ("2", "乙")]), code)
    for code in ("utf-8-sig", "gb18030")
]


def knows(texts: Sequence[str]) -> bool:
    return "编码" in texts


def attempt(content: bytes) -> Book | Unreadable:
    try:
        return read(content, "a.xlsx", is_header=knows)
    except Unreadable as error:
        assert error.refusal.sentence("zh") and error.refusal.sentence("en")
        assert error.refusal.way_on("zh") and error.refusal.way_on("en")
        return error


def code(content: bytes) -> str:
    found = attempt(content)
    assert isinstance(found, Unreadable)
    return found.refusal.code


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_part(name: str, edit: Callable[[bytes], bytes]) -> bytes:
    parts = parts_of(GOOD)
    return packed({**parts, name: edit(parts[name])})


@pytest.mark.parametrize(
    ("parts", "called"),
    [
        ({"机构.csv": b"1,2"}, "压缩包"),
        ({"word/document.xml": b"<w/>"}, "Word"),
        ({"ppt/presentation.xml": b"<p/>"}, "PPT"),
        ({"xl/workbook.bin": b""}, "xlsb"),
        ({"content.xml": b"<o/>"}, "OpenDocument"),
        ({}, "压缩包"),
    ],
)
def test_other_archives_are_called_by_name(parts: dict[str, bytes], called: str) -> None:
    found = attempt(packed(parts))
    assert isinstance(found, Unreadable) and found.refusal.code == "sheets_not_a_table"
    assert called in found.refusal.sentence("zh") and "xlsx" in found.refusal.way_on("zh")


def test_bombs_are_refused_by_what_they_declare() -> None:
    zeros = bytes(LIMIT_INFLATED // 4)
    assert code(packed({**parts_of(GOOD), "xl/media/a.png": zeros})) == "sheets_bomb"


def test_a_bomb_that_lies_about_its_size_is_not_unpacked() -> None:
    bomb = with_part(SHEET, lambda data: data.replace(b"</sheetData>", b" " * 20_000_000 + b"</sheetData>"))
    size = len(parts_of(bomb)[SHEET]).to_bytes(4, "little")
    assert bomb.count(size) == 2
    assert code(bomb.replace(size, (5000).to_bytes(4, "little"))) == "sheets_damaged"


@pytest.mark.parametrize(
    "name", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"]
)
def test_no_part_may_declare_entities(name: str) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    assert code(with_part(name, lambda data: data.replace(b"?>", b"?>" + laughs, 1))) == "sheets_damaged"
    assert code(with_part(name, lambda data: data.decode().encode("utf-16"))) == "sheets_damaged"


@pytest.mark.parametrize(
    "far", [b'r="XFD1048576"', b"r='XFD1048576'", b'x="1" r="XFD1048576"', b'r="xfd1048576"']
)
def test_a_single_far_cell_does_not_take_all_memory(far: bytes) -> None:
    content = with_part(SHEET, lambda data: data.replace(b'r="B21"', far))
    found = attempt(content)
    assert isinstance(found, Unreadable) and found.refusal.code == "sheets_too_wide"
    assert "XFD1048576" in found.refusal.sentence("zh") and "Ctrl+End" in found.refusal.way_on("zh")


@pytest.mark.parametrize("reference", [b"AAAAAAAA1", b"A99999999999", b"1A", b"", b"B0"])
def test_references_that_no_sheet_has_are_damage(reference: bytes) -> None:
    assert (
        code(with_part(SHEET, lambda data: data.replace(b'r="B21"', b'r="%s"' % reference)))
        == "sheets_damaged"
    )


def test_rows_that_only_follow_each_other_are_counted_too() -> None:
    rows = b"".join(b"<row><c><v>%d</v></c></row>" % (n * 7919) for n in range(LIMIT_ROWS))
    content = with_part(SHEET, lambda data: data.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert code(content) == "sheets_too_many_rows"


def test_more_rows_than_allowed_are_refused_before_reading() -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n * 7919) for n in range(22, LIMIT_ROWS + 24)
    )
    content = with_part(SHEET, lambda data: data.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert code(content) == "sheets_too_many_rows"


def test_a_string_that_is_not_there_and_a_part_that_is_missing_are_damage() -> None:
    assert code(with_part(SHEET, lambda data: data.replace(b"<v>1</v>", b"<v>999</v>"))) == "sheets_damaged"
    parts = parts_of(GOOD)
    del parts["xl/_rels/workbook.xml.rels"]
    assert code(packed(parts)) == "sheets_damaged"


def test_a_merged_range_as_large_as_a_sheet_is_told_for_the_rows_there_are() -> None:
    merge = b'<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    found = attempt(with_part(SHEET, lambda data: data.replace(b"</sheetData>", b"</sheetData>" + merge)))
    assert isinstance(found, Book)
    assert found.sheets[0].doubtful == set(range(2, 22))


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=400))
@example(b"PK\x03\x04")
@example(b"PK\x05\x06" + bytes(18))
@example(b"\xff\xfe\x00\xd8")
@example(b"\x00" * 100)
def test_random_bytes(content: bytes) -> None:
    attempt(content)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([GOOD, *CSVS]), st.data())
def test_files_with_flipped_and_missing_bytes(content: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(1, 255)), max_size=4))
    broken = bytearray(content)
    for at, flip in places:
        broken[at] ^= flip
    attempt(bytes(broken[: data.draw(st.integers(0, len(content)))]))
    attempt(bytes(broken))


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(
        [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
    ),
    st.data(),
)
def test_parts_with_flipped_and_moved_bytes_in_a_sound_archive(name: str, data: st.DataObject) -> None:
    def edit(part: bytes) -> bytes:
        broken = bytearray(part)
        for _ in range(data.draw(st.integers(1, 5))):
            at = data.draw(st.integers(0, len(broken) - 1))
            if data.draw(st.booleans()):
                broken[at] = data.draw(st.sampled_from(b"0189<>/\"'= :ARcrvfte\x80\xff"))
            else:
                until = data.draw(st.integers(at, min(len(broken), at + 60)))
                broken[at:at] = broken[at:until] * data.draw(st.integers(0, 3))
        return bytes(broken)

    attempt(with_part(name, edit))
