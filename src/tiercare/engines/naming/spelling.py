"""One spelling for a name, however it was typed, and what cannot be a name at all."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from opencc import OpenCC

MAX_CHARACTERS: Final = 50  # ours: the longest names in registers have some 30 characters
_MARKS_IN_A_ROW = 4  # ours: Tibetan stacks reach 4; more is a picture, not a name

DOT: Final = "·"
_DOTS = "·・•‧∙⋅◦᛫●"
_STOPS = ".。`´˙"  # what the keys beside 间隔号 give by accident
_HYPHENS = "-‐‑‒–—―−"
_APOSTROPHES = "'’‘ʼ′"
_PARTING = re.compile(rf"[\s{re.escape(_DOTS + _STOPS + _HYPHENS + _APOSTROPHES)}]+")
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\ufa0e-\ufa29\U00020000-\U0003fffd"
HAN_RUN: Final = re.compile(f"[{_HAN}]+")
PLAIN_HAN: Final = re.compile("[\u4e00-\u9fff]+")
_SCRIPTS = (
    "LATIN",
    "FULLWIDTH LATIN",
    "TIBETAN",
    "ARABIC",
    "MONGOLIAN",
    "YI ",
    "HANGUL",
    "TAI LE",
    "NEW TAI LUE",
)
_RADICALS = re.compile("[\u2e80-\u2fdf]")  # text copied from PDF files holds them instead of the characters
_TSHEG = "\u0f0b"  # between Tibetan syllables
_EMOJI = re.compile(
    "[\u203c\u2049\u20e3\u2190-\u21ff\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u3030\u303d"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def fold(name: str) -> str:
    """The one spelling by which names are compared and found; '' where nothing is left. Idempotent.

    Compatibility forms, case, traditional and variant characters, invisible characters and kinds of 间隔号 are
    made one; the order of the parts stays. Between Han characters a 间隔号 becomes '·'; a blank does too, unless the
    whole looks like an ordinary name set apart for print (王　明, 欧阳 小明), where it goes away.
    """
    if PLAIN_HAN.fullmatch(name):
        return name.translate(_SPELLINGS)
    text = name
    for _ in range(
        3
    ):  # folding case can undo composing and the other way round; twice is enough, once more to see
        before, text = text, unicodedata.normalize("NFKC", text.translate(_VISIBLE)).casefold()
        if text == before:
            break
    return _joined(unicodedata.normalize("NFC", text.translate(_SPELLINGS)))


def problem(name: str) -> str | None:
    """Why ``name`` cannot be taken as a person's name, or None.

    Codes: 'empty'; 'emoji'; 'control' (control, invisible, unpaired or direction-turning characters); 'too_long'
    (more than ``MAX_CHARACTERS``); 'not_a_name' (digits, other signs, scripts no Chinese document writes names in).
    """
    text = unicodedata.normalize("NFC", name).strip(" \u3000\xa0")
    if not text:
        return "empty"
    if _EMOJI.search(text):
        return "emoji"
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        return "control"
    if len(text) > MAX_CHARACTERS:
        return "too_long"
    return None if _reads_as_name(text) else "not_a_name"


def without_parting(folded: str) -> str:
    """A folded name in one piece: no 间隔号, blank, hyphen or apostrophe."""
    return _PARTING.sub("", folded)


def segments(folded: str) -> list[str]:
    """The parts of a folded name: between 间隔号 and, where other scripts are used, blanks and hyphens."""
    return [part for part in re.split(r"[·\s-]+", folded) if part]


def is_han(character: str) -> bool:
    """Whether the one character is Han, whichever plane it lives in (rare names need them all)."""
    return HAN_RUN.fullmatch(character) is not None


@cache
def compound_surnames() -> frozenset[str]:
    """Surnames of two and more characters (欧阳, 尉迟, 爱新觉罗)."""
    rows = rows_of("readings.csv")
    return frozenset(row["text"] for row in rows if row["where"] == "surname" and len(row["text"]) > 1)


def rows_of(file: str) -> list[dict[str, str]]:
    """The rows of one of this engine's data files."""
    text = files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


# --- one character


class _Spellings(dict[int, str]):
    """For ``str.translate``: the spelling of a character, worked out once for each character met."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _spelling(chr(code))
        return found


class _Visible(dict[int, str]):
    """For ``str.translate``: drops what cannot be seen (controls, joiners, direction marks, variant selectors)."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        unseen = unicodedata.category(character) in _UNSEEN and not character.isspace()
        selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
        found = self[code] = "" if unseen or selector else "." if character in _STOPS else character
        return found


_SPELLINGS = _Spellings()
_VISIBLE = _Visible()


def _spelling(character: str) -> str:
    """Follows conversion and variants until nothing changes, so that folding twice is folding once."""
    while True:
        known = _variants().get(character)
        if known is None:
            known = str(_simplifier().convert(character)) if is_han(character) else character
        if known == character:
            return character
        character = known


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _variants() -> dict[str, str]:
    return {row["variant"]: row["standard"] for row in rows_of("variants.csv")}


def _reads_as_name(text: str) -> bool:
    """At least one letter, nothing before it but an apostrophe ('t Hart), only characters that names have."""
    if not any(_is_letter(character) for character in text) or _kind(text.lstrip(_APOSTROPHES)) != "letter":
        return False
    marks = 0
    for character in text:
        kind = _kind(character)
        marks = marks + 1 if kind == "mark" else 0
        if kind == "other" or marks > _MARKS_IN_A_ROW:
            return False
    return True


def _kind(text: str) -> str:
    """What the first character of ``text`` is in a name: letter, mark, parting or other."""
    first = text[:1]
    if _is_letter(first):
        return "letter"
    if _PARTING.fullmatch(first) or first == _TSHEG:
        return "parting"
    return "mark" if first and unicodedata.category(first) in {"Mn", "Mc"} else "other"


def _is_letter(character: str) -> bool:
    if is_han(character) or _RADICALS.fullmatch(character) or character in _variants():
        return True
    name = unicodedata.name(character, "") if character else ""
    return name.startswith(_SCRIPTS) and unicodedata.category(character).startswith("L")


# --- between the parts


def _joined(text: str) -> str:
    """Trims, and writes each run of blanks, dots, hyphens and apostrophes in its one way."""
    pieces = [piece for piece in _PARTING.split(text) if piece]
    if not pieces:
        return ""
    ordinary = _is_ordinary(pieces)
    core = text[text.index(pieces[0]) : text.rindex(pieces[-1]) + len(pieces[-1])]

    def joint(run: re.Match[str]) -> str:
        han = is_han(core[run.start() - 1]) and is_han(core[run.end()])
        return _joint(run.group(), han=han, ordinary=ordinary)

    return _PARTING.sub(joint, core)


def _is_ordinary(pieces: list[str]) -> bool:
    """Whether the pieces are an ordinary Chinese name: up to three characters, or four with the surname apart."""
    whole = "".join(pieces)
    if HAN_RUN.fullmatch(whole) is None or len(whole) > 4:
        return False
    return len(whole) < 4 or len(pieces[0]) == 1 or pieces[0] in compound_surnames()


def _joint(run: str, *, han: bool, ordinary: bool) -> str:
    if run.isspace():
        return ("" if ordinary else DOT) if han else " "
    if han or any(mark in _DOTS for mark in run):
        return DOT
    if any(mark in _HYPHENS for mark in run):
        return "-"
    return "'" if any(mark in _APOSTROPHES for mark in run) else " "
