"""Tells by its content what a file is, and has it read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from tiercare.kernel.text import Text

from .delimited import read_delimited
from .legacy import read_legacy
from .model import LIMIT_BYTES, Book, Unreadable
from .scan import not_a_table
from .workbook import read_workbook

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = {
    b"%PDF": Text("PDF 文件", "a PDF file"),
    b"\x89PNG": Text("图片", "a picture"),
    b"\xff\xd8\xff": Text("图片", "a picture"),
    b"GIF8": Text("图片", "a picture"),
    b"Rar!": Text("压缩包（rar）", "a rar archive"),
    b"7z\xbc\xaf": Text("压缩包（7z）", "a 7z archive"),
    b"\x1f\x8b": Text("压缩包（gz）", "a gz archive"),
    b"{\\rtf": Text("RTF 文档", "an RTF document"),
}


def read(content: bytes, name: str, *, is_header: Callable[[Sequence[str]], bool]) -> Book:
    """Read a table that somebody uploaded: .xlsx, .xls, or text with delimiters. The name is not trusted.

    ``is_header`` is asked for each of the first 10 non-empty rows of a sheet (texts normalised) until it says
    yes; it must not depend on being asked once. Nothing a file holds can raise anything but ``Unreadable``.

    Raises:
        Unreadable: the file as a whole cannot be used; ``refusal`` says why and what to do.
    """
    if len(content) > LIMIT_BYTES:
        raise _too_large(len(content))
    if content.startswith(_ZIP):
        book = read_workbook(content, is_header)
    elif content.startswith(_OLE):
        book = read_legacy(content, is_header)
    else:
        for magic, kind in _OTHERS.items():
            if content.startswith(magic):
                raise not_a_table(kind)
        book = read_delimited(content, PurePath(name).stem or "CSV", is_header)
    if all(not sheet.header_at and all(problem.note for problem in sheet.problems) for sheet in book.sheets):
        raise Unreadable(
            "sheets_empty",
            Text("文件是空的。", "The file is empty."),
            Text(
                "请下载模板，填写表头和数据后再上传。",
                "Download the template, fill in the header and the data, and upload it.",
            ),
        )
    return book


def _too_large(size: int) -> Unreadable:
    return Unreadable(
        "sheets_too_large",
        Text("文件有 {size} MB，超过上限 {limit} MB。", "The file has {size} MB; the limit is {limit} MB."),
        Text(
            "请按县区或机构拆成几个文件，各留一行表头，去掉图片，逐个上传；CSV 另存为 .xlsx 通常小很多。",
            "Split it by county or institution, each file with the header row and without pictures, and upload "
            "them one by one; a CSV saved as .xlsx is often much smaller.",
        ),
        size=-(-size // (1024 * 1024)),
        limit=LIMIT_BYTES // (1024 * 1024),
    )
