"""Old .xls files and the other files in their container; read in a process that may die without us."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.sheets import Book, Unreadable, read

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512


def knows(texts: Sequence[str]) -> bool:
    return "编码" in texts


def entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    """One entry of the directory of a compound file ([MS-CFB] 2.6.1)."""
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<BBIII", kind, 1, FREE, FREE, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<H", len(text))
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def container(name: str, stream: bytes) -> bytes:
    """A compound file with one stream: header, FAT, directory, the stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    fat = [FAT, END, *range(3, count + 2), END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    directory = entry("Root Entry", 5, END, 0, child=1) + entry(name, 2, 2, len(stream))
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    return header + table + directory.ljust(SECTOR, b"\0") + stream


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def label(row: int, column: int, text: str) -> bytes:
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def number(row: int, column: int, value: float) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def xls(*cells: bytes, hidden: bool = False, before: bytes = b"") -> bytes:
    """An Excel 97 workbook with one sheet of these records ([MS-XLS] 2.1.7.20)."""
    name = "机构"
    opening = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + before
    bound = len(opening) + 4 + 8 + 2 * len(name) + 4
    sheet = record(0x0085, struct.pack("<IBBBB", bound, hidden, 0, len(name), 1) + name.encode("utf-16-le"))
    body = (
        record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + b"".join(cells) + record(0x000A)
    )
    return container("Workbook", opening + sheet + record(0x000A) + body)


GOOD = xls(
    *(label(1, 1, "编码"), label(1, 2, "名称"), number(2, 1, 340221), label(2, 2, "镜湖区医院")),
    *(number(3, 1, 340222.5), label(3, 2, "'=1"), record(0x00E5, struct.pack("<HHHHH", 1, 2, 3, 2, 2))),
)


def code(content: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(content, "机构.xls", is_header=knows)
    assert caught.value.refusal.way_on("zh")
    return caught.value.refusal.code


def test_an_old_workbook_is_read() -> None:
    found = read(GOOD, "机构.xls", is_header=knows)
    (only,) = found.sheets
    assert (only.name, only.header_at, only.header) == ("机构", 2, ("", "编码", "名称"))
    assert [(line.number, line.cells) for line in only.lines] == [
        (3, (None, 340221, "镜湖区医院")),
        (4, (None, 340222.5, "=1")),
    ]
    assert [(p.row, p.value) for p in only.problems] == [(3, "C3:C4"), (4, "C3:C4")]
    (note,) = found.problems
    assert note.note and ".xlsx" in note.fix.zh


def test_a_hidden_sheet_is_not_read() -> None:
    assert code(xls(label(0, 0, "编码"), hidden=True)) == "sheets_none_visible"


def test_a_password_is_named_for_both_formats() -> None:
    assert code(container("EncryptedPackage", b"")) == "sheets_encrypted"
    for scheme in (b"\1\0" + bytes(52), b"\0\0" + bytes(4)):  # RC4, XOR
        assert code(xls(label(0, 0, "编码"), before=record(0x002F, scheme))) == "sheets_encrypted"


@pytest.mark.parametrize("stream", ["WordDocument", "PowerPoint Document"])
def test_other_documents_are_called_by_name(stream: str) -> None:
    assert code(container(stream, b"")) == "sheets_not_a_table"


@pytest.mark.parametrize("content", [container("Other", b""), GOOD[:8], GOOD[:1500]])
def test_what_holds_no_workbook_is_damage(content: bytes) -> None:
    assert code(content) == "sheets_damaged"


def test_far_cells_kill_the_child_only() -> None:
    assert code(xls(label(0, 0, "编码"), number(65535, 65535, 1))) == "sheets_damaged"


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(8, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes(places: list[tuple[int, int]]) -> None:
    broken = bytearray(GOOD)
    for at, value in places:
        broken[at] = value
    try:
        assert isinstance(read(bytes(broken), "机构.xls", is_header=knows), Book)
    except Unreadable as error:
        assert error.refusal.sentence("zh")
