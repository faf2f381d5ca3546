"""Reads .xls (Excel 97–2003, still what many offices save) in a process of its own.

The reader allocates what a file of this format declares, and a damaged file can declare anything: the child
may die of it, we may not. ``xls_child`` is that process. Formulas and error values cannot be told from values
there, which a note of the book says.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tiercare.kernel.text import Text

from .assemble import IsHeader, RawCell
from .model import LIMIT_ROWS, Book, Problem, Unreadable, damaged, too_many_rows
from .scan import Scan, not_a_table
from .workbook import Range, none_visible, sheet_of

_SECONDS = 60  # for the largest sheet of the format, 65,536 rows x 256 columns, a tenth is enough
_CHILD = Path(__file__).with_name("xls_child.py")
_FILE_PASS = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""How an encrypted workbook begins ([MS-XLS] 2.1.7.20.3): BOF, perhaps WriteProtect, FilePass."""
_NOTE = (
    Text(
        "旧格式 .xls 里看不出哪些单元格是公式或错误值。",
        "In the old format .xls formulas and error values cannot be told from values.",
    ),
    Text("最好另存为 .xlsx 后再上传。", "Better save it as .xlsx and upload that."),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the child tells of a visible sheet; rows from the first on, cells from column A on."""

    name: str
    merged: list[Range]
    rows: list[list[RawCell]]


def read_legacy(content: bytes, is_header: IsHeader) -> Book:
    """Read an .xls; refuse the other files that share its container (encrypted .xlsx, .doc, .ppt).

    Raises:
        Unreadable: encrypted, another kind of file, damaged, too many rows, or no sheet is visible.
    """
    if _names(content, "EncryptedPackage") or _FILE_PASS.search(content):
        raise _locked()
    if _names(content, "WordDocument"):
        raise not_a_table(Text("Word 文档（.doc）", "a Word document (.doc)"))
    if _names(content, "PowerPoint Document"):
        raise not_a_table(Text("PPT 演示文稿（.ppt）", "a PowerPoint presentation (.ppt)"))
    found = _in_child(content)
    if not found:
        raise none_visible()
    if sum(len(sheet.rows) for sheet in found) > LIMIT_ROWS:
        raise too_many_rows()
    sheets = tuple(
        sheet_of(sheet.name, enumerate(sheet.rows, 1), sheet.merged, Scan(), is_header) for sheet in found
    )
    return Book(sheets, "xlsx", "", (Problem("", None, "", "", *_NOTE, note=True),))


def _names(content: bytes, stream: str) -> bool:
    """Whether the container's directory names this stream."""
    return stream.encode("utf-16-le") in content


def _in_child(content: bytes) -> list[_Found]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD)],
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise damaged(".xls") from error
    if done.returncode:
        raise damaged(".xls")
    return [_Found(**sheet) for sheet in json.loads(done.stdout, object_hook=_dated)]


def _dated(value: dict[str, str]) -> object:
    if "datetime" in value:
        return datetime.fromisoformat(value["datetime"])
    return date.fromisoformat(value["date"]) if "date" in value else value


def _locked() -> Unreadable:
    return Unreadable(
        "sheets_encrypted",
        Text("文件有打开密码，无法读取。", "The file is protected by a password and cannot be read."),
        Text(
            "用 Excel 或 WPS 打开，取消密码（文件 → 信息 → 保护工作簿）后保存，再上传。",
            "Open it in Excel or WPS, remove the password (File → Info → Protect Workbook), save and upload.",
        ),
    )
