"""Reads CSV and its kin: what programs in China write is UTF-8, GB18030, or Excel's "Unicode text" (UTF-16)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice

from tiercare.kernel.text import Text

from .assemble import Findings, IsHeader, Row, assemble, finished, header_texts
from .model import HEADER_WITHIN, LIMIT_ROWS, Book, Unreadable, too_many_rows
from .scan import not_a_table

_DELIMITERS = (",", ";", "\t", "|")
_END = "end"  # a record of our own after the last: an open quote swallows it
_MARKUP = ("<html", "<!doctype", "<table", "<?xml")


def read_delimited(content: bytes, name: str, is_header: IsHeader) -> Book:
    """Read a text file of records.

    A record that spans lines (quoted line breaks) has the number of its first physical line, which is what an
    editor shows; Excel shows another number below such a record.

    Raises:
        Unreadable: no encoding fits, a web page, a quote left open, too many rows.
    """
    text, encoding = _decoded(content)
    if text.lstrip()[:9].lower().startswith(_MARKUP):
        raise not_a_table(Text("网页或 XML 文件", "a web page or an XML file"))
    findings = Findings(name)
    sheet = assemble(_records(text, _delimiter(text, is_header)), findings, is_header)
    return Book((finished(sheet, findings),), "csv", encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: the byte order mark decides, else UTF-8 if all of it fits, else GB18030."""
    if content.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8", "gb18030"]
    furthest = -1
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError as error:
            # The codec of UTF-8 with a mark counts from after the mark.
            furthest = max(furthest, error.start + (3 if encoding == "utf-8-sig" else 0))
    raise Unreadable(
        "sheets_encoding",
        Text(
            "第 {line} 行（第 {byte} 个字节）不是 {names} 编码的文字。",
            "Line {line} (byte {byte}) is not text in {names}.",
        ),
        Text(
            "用 Excel 或 WPS 打开，另存为 .xlsx 或“CSV UTF-8”后再上传。",
            "Open it in Excel or WPS, save it as .xlsx or “CSV UTF-8”, and upload that.",
        ),
        byte=furthest + 1,
        line=content.count(b"\n", 0, furthest) + 1,
        names=" / ".join(encoding.upper() for encoding in candidates),
    )


def _delimiter(text: str, is_header: IsHeader) -> str:
    """The delimiter under which a header is found, the one with most names if several; else the most frequent."""
    best, most = ",", (False, 0)
    for delimiter in _DELIMITERS:
        rows = list(_first_rows(text, delimiter))
        if not rows:
            return delimiter  # nothing but delimiters: the file is blank
        for texts in rows:
            found = (is_header(texts), len(texts))
            if found > most:
                best, most = delimiter, found
    return best


def _first_rows(text: str, delimiter: str) -> Iterator[tuple[str, ...]]:
    rows = (header_texts(cells) for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    try:
        yield from islice(filter(None, rows), HEADER_WITHIN)
    except csv.Error:  # a field without end; told when the records are read
        return


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """All records with the number of their first line.

    Raises:
        Unreadable: a quote is never closed, or there are more than ``LIMIT_ROWS`` records.
    """
    at_end = False

    def lines() -> Iterator[str]:
        nonlocal at_end
        yield from io.StringIO(text, newline="")
        at_end = True
        yield _END

    reader = csv.reader(lines(), delimiter=delimiter)
    first, count = 1, 0
    try:
        for cells in reader:
            if at_end:
                if cells == [_END]:
                    return
                raise _open_quote(first)
            count += bool(cells)
            if count > LIMIT_ROWS:
                raise too_many_rows()
            yield first, cells
            first = reader.line_num + 1
    except csv.Error as error:  # a field of more than 131,072 characters: nobody means that
        raise _open_quote(first) from error


def _open_quote(line: int) -> Unreadable:
    return Unreadable(
        "sheets_open_quote",
        Text("第 {line} 行起有一个双引号没有闭合。", "A double quote opened in line {line} is never closed."),
        Text(
            '在该行补上缺少的双引号；文字里的双引号要写两个（""）。',
            'Add the missing double quote in that line; a double quote within text is written twice ("").',
        ),
        line=line,
    )
