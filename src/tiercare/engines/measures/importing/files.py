"""What a file is, told by its content in one pass that never holds more than a piece of it."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tiercare.engines.sheets import Unreadable
from tiercare.engines.sheets.scan import not_a_table
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

REPLACED = "\ufffd"
_PIECE = 1 << 20
_HEAD = 1 << 16
_WORKBOOKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_PARQUET = b"PAR1"
_OTHERS = {
    (b"<html", b"<!doctype", b"<table", b"<?xml"): Text("网页或 XML 文件", "a web page or an XML file"),
    (b"{", b"[{", b"[["): Text("JSON 文件", "a JSON file"),
}
_FEW = 5  # a few lost characters are told row by row, however short the file
_RUBBISH = 0.01  # more illegible characters than this, and it is no text in any encoding


class Kind(StrEnum):
    """What kind of file."""

    TEXT = "text"
    WORKBOOK = "workbook"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Input:
    """A file that was looked at.

    Attributes:
        encoding: of a text: ``utf-8-sig``, ``utf-8``, ``gb18030`` or ``utf-16``.
        illegible: how many of its characters are none in that encoding.
    """

    path: Path
    kind: Kind
    sha256: str
    encoding: str = ""
    illegible: int = 0


def identify(path: Path) -> Input:
    """Tell what ``path`` is.

    Raises:
        Refused: it is empty, or no table.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip(b"\0 \t\r\n,;\xef\xbb\xbf"):
        raise Refused(empty_file())
    if head.startswith(_PARQUET):
        return Input(path, Kind.PARQUET, _sha256(path))
    if head.startswith(_WORKBOOKS):
        return Input(path, Kind.WORKBOOK, _sha256(path))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _text(path, ("utf-16",))
    if b"\0" in head:
        raise _binary()
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:20].lower()
    for beginnings, kind in _OTHERS.items():
        if start.startswith(beginnings):
            raise refused(not_a_table(kind))
    return _text(path, ("utf-8-sig",) if head.startswith(codecs.BOM_UTF8) else ("utf-8", "gb18030"))


def empty_file() -> Refusal:
    """The answer to a file with nothing in it."""
    return Refusal(
        "facts_file_empty",
        Text("文件是空的。", "The file is empty."),
        Text(
            "请重新导出；导出为空的，请核对时间范围和权限。",
            "Export it again; if it stays empty, check the period and your rights in the source system.",
        ),
        at="file",
        status=422,
    )


def _text(path: Path, encodings: tuple[str, ...]) -> Input:
    """The encoding in which fewest characters are illegible, the first of equals."""
    best: Input | None = None
    for encoding in encodings:
        sha256, characters, illegible = _decoded(path, encoding)
        if best is None or illegible < best.illegible:
            best = Input(path, Kind.TEXT, sha256, encoding, illegible)
        if not illegible:
            break
    assert best is not None
    if best.illegible > max(_FEW, _RUBBISH * characters):
        raise _binary()
    return best


def _decoded(path: Path, encoding: str) -> tuple[str, int, int]:
    """Digest of the bytes, how many characters they are, how many of those cannot be read."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder(encoding)("replace")
    characters = illegible = 0
    for piece in _pieces(path):
        digest.update(piece)
        text = decoder.decode(piece)
        characters += len(text)
        illegible += text.count(REPLACED)
    return digest.hexdigest(), characters, illegible + decoder.decode(b"", final=True).count(REPLACED)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _binary() -> Refused:
    return refused(not_a_table(Text("二进制文件", "a binary file")))


def refused(error: Unreadable) -> Refused:
    """What the reader of sheets says, as a refusal like all others here."""
    return Refused(error.refusal)
