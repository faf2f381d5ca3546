"""How names are read aloud: toneless pinyin, with the other readings a surname or character can have."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice, product
from types import ModuleType
from typing import Final

from .spelling import HAN_RUN, compound_surnames, fold, rows_of, segments

MAX_READINGS: Final = 4  # ours: a name with more is searched for by its characters
_PRINTED = re.compile("(?<=[ln])v")  # ü as printed without its dots
# letters that no decomposition turns into plain ones
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name, a syllable or (in Latin letters) a word an item; ü is written v.

    ``surname`` is empty where the name has none in front (names in parts, names in other scripts).
    """

    surname: tuple[str, ...]
    given: tuple[str, ...]

    @property
    def whole(self) -> str:
        """Without blanks: wangxiaoming."""
        return "".join(self.surname) + "".join(self.given)

    @property
    def initials(self) -> str:
        """The first letter of each syllable: wxm."""
        return "".join([syllable[0] for syllable in self.surname + self.given])


def readings(name: str) -> tuple[str, ...]:
    """Toneless pinyin of the whole name without blanks, likeliest first, at most four; () where one cannot tell.

    Other readings of the surname come before other readings of the given name. A name with ü is answered both as
    it is typed (lv) and as it is printed without dots (lu).
    """
    folded = fold(name)
    found = [reading.whole for reading in read(folded)]
    printed = (
        [_PRINTED.sub("u", way) for way in found if _PRINTED.search(way)] if HAN_RUN.search(folded) else []
    )
    kept = MAX_READINGS - 1 if printed else MAX_READINGS
    return tuple(dict.fromkeys([*found[:kept], *printed]))[:MAX_READINGS]


def initials(name: str) -> tuple[str, ...]:
    """The first letters of the syllables for each reading of the name (wxm), at most four."""
    return tuple(dict.fromkeys(reading.initials for reading in read(fold(name))))


def read(folded: str) -> list[Reading]:
    """The readings of a folded name, at most ``MAX_READINGS``; none where a character's sound is unknown."""
    if HAN_RUN.fullmatch(folded):
        surname, given = split(folded)
        ways = islice(product(_ways(given), _surname_ways(surname)), MAX_READINGS)
        return [Reading(first, rest) for rest, first in ways]
    ways_of_parts = [_ways(part) for part in pieces(folded)]
    ways_of_whole = islice(product(*ways_of_parts), MAX_READINGS)
    return [Reading((), tuple(item for way in ways for item in way)) for ways in ways_of_whole if any(ways)]


def split(han: str) -> tuple[str, str]:
    """Surname and given name of an undivided name in Han characters; ('', name) for a single character."""
    if len(han) < 2:
        return "", han
    for length in (4, 2):
        if len(han) > length and han[:length] in compound_surnames():
            return han[:length], han[length:]
    return han[0], han[1:]


def pieces(folded: str) -> list[str]:
    """The segments of a folded name, divided again where Han meets another script (李peter), in plain letters."""
    found: list[str] = []
    for segment in segments(folded):
        at = 0
        for run in HAN_RUN.finditer(segment):
            found += [segment[at : run.start()], run.group()]
            at = run.end()
        found.append(segment[at:])
    return [plain for piece in found if (plain := plainly(piece))]


def plainly(text: str) -> str:
    """Latin letters without their marks and apostrophes (ü as u); everything else as it is."""
    if text.isascii() or HAN_RUN.fullmatch(text):
        return text.replace("'", "")
    apart = unicodedata.normalize("NFD", text.translate(_PLAIN))
    bare = "".join([letter for letter in apart if not "\u0300" <= letter <= "\u036f"])
    return unicodedata.normalize("NFC", bare).replace("'", "")


# --- the ways to read a part: each a tuple of syllables


def _ways(part: str) -> list[tuple[str, ...]]:
    if not part:
        return [()]
    if HAN_RUN.match(part) is None:
        return [(part,)] if part.isascii() else []
    choices = [_character(character) for character in part]
    if max(map(len, choices)) == 1 == min(map(len, choices)):
        return [tuple([choice[0] for choice in choices])]
    return list(islice(product(*choices), MAX_READINGS))


@cache
def _surname_ways(surname: str) -> list[tuple[str, ...]]:
    known = _table("surname").get(surname)
    if known is not None:
        return [tuple(way.split("'")) for way in known.split()]
    if len(surname) == 1:
        return [(way,) for way in _sound(surname)]
    return _ways(surname)


@cache
def _character(character: str) -> tuple[str, ...]:
    known = _table("given").get(character)
    return tuple(known.split()) if known is not None else _sound(character)


def _sound(character: str) -> tuple[str, ...]:
    """What pypinyin says of the character alone: phrases (重庆) say nothing about names and cost much time."""
    pinyin = _pypinyin()
    sound = pinyin.lazy_pinyin(character, style=pinyin.Style.NORMAL, v_to_u=False)[0]
    return (sound,) if sound.isascii() and sound.isalpha() else ()


@cache
def _table(where: str) -> dict[str, str]:
    return {row["text"]: row["readings"] for row in rows_of("readings.csv") if row["where"] == where}


@cache
def _pypinyin() -> ModuleType:
    """Loaded with the first name that is read: its dictionaries cost a fifth of a second, which no command that reads no
    names, and no process that the platform starts, need pay."""
    return import_module("pypinyin")
