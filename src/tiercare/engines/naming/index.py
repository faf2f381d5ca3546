"""What the index holds for a name, and what to look up for what a clerk typed: search is equality of tokens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice, product
from typing import Final

from .reading import Reading, pieces, read, split
from .spelling import DOT, HAN_RUN, MAX_CHARACTERS, fold, segments, without_parting
from .syllables import longest_spelled

MAX_TOKENS: Final = 24  # ours: rows of the token table for one name, whatever was entered as a name
MAX_ALTERNATIVES: Final = 8  # ours: look-ups for one thing typed

_TYPED_AT_MOST = 6 * MAX_CHARACTERS  # the longest syllables (zhuang) of the longest name
_WHOLE_RUNS_UP_TO = 4  # names longer than that are held by their beginnings and ends, not by every run
_U_FOR_YU = re.compile("(?<=[ln])(?:yu|u)(?!an|[on])")  # 吕 typed lyu (passport) or lu (printed) for lv
_DIGRAPH = re.compile("([zcs])h")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look up: a name is found if ALL tokens of ANY alternative are among its tokens.

    Nearly every alternative is a single token; where it has several, the rarest comes first. Without alternatives
    nothing is found.
    """

    any_of: tuple[tuple[str, ...], ...] = ()

    @property
    def single(self) -> tuple[str, ...]:
        """The alternatives of one token, for ``token = ANY(…)``."""
        return tuple(tokens[0] for tokens in self.any_of if len(tokens) == 1)

    @property
    def several(self) -> tuple[tuple[str, ...], ...]:
        """The alternatives of more than one token."""
        return tuple(tokens for tokens in self.any_of if len(tokens) > 1)

    def finds(self, held: Collection[str]) -> bool:
        """Whether a name for which the index holds these tokens is found."""
        return any(all(token in held for token in tokens) for tokens in self.any_of)


def tokens(name: str) -> frozenset[str]:
    """The tokens of ``name``: at most ``MAX_TOKENS``, for three characters read in one way at most ten.

    Written: the folded name, surname, given name, runs of two and more characters (of names longer than four their
    beginnings and ends; of names in parts each part, and the whole without 间隔号). Spoken, for each reading: whole,
    surname with first given character, given name, surname, initials. ü is held as v only.
    """
    folded = fold(name)
    if not folded:
        return frozenset()
    every = _of_ordinary(folded) if HAN_RUN.fullmatch(folded) else _of_parts(folded)
    found = dict.fromkeys(unicodedata.normalize("NFC", token) for token in every if token)
    if len(found) <= MAX_TOKENS:
        return frozenset(found)
    return frozenset(islice(found, MAX_TOKENS))


def query(text: str) -> Query:
    """What to look up for ``text``: characters, pinyin, initials or a mixture (王xm), blanks and dots as they come."""
    folded = fold(text)
    parts = pieces(folded)
    if not parts or len(folded) > _TYPED_AT_MOST:
        return Query()
    han = [HAN_RUN.fullmatch(part) is not None for part in parts]
    if all(han):
        found = _asked_in_characters(folded)
    elif not any(han):
        found = _asked_in_letters(parts)
    else:
        found = _asked_in_both(parts)
    return Query(tuple(islice(dict.fromkeys(found), MAX_ALTERNATIVES)))


# --- what the index holds


def _of_ordinary(han: str) -> list[str]:
    surname, given = split(han)
    found = [han, given]
    spoken = read(han)
    if surname:
        found.append(surname)
    for reading in spoken:
        found += _spoken(reading)
    return found + _runs(han)


def _spoken(reading: Reading) -> list[str]:
    if not reading.surname:
        return [reading.whole]
    surname, given = "".join(reading.surname), "".join(reading.given)
    return [surname + given, reading.initials, given, surname + reading.given[0], surname]


def _runs(han: str) -> list[str]:
    length = len(han)
    if length > _WHOLE_RUNS_UP_TO:
        return [part for size in range(2, length) for part in (han[:size], han[-size:])]
    return [han[at:end] for at in range(length) for end in range(at + 2, length + 1)]


def _of_parts(folded: str) -> list[str]:
    parts = pieces(folded)
    whole = "".join(parts)
    found = [folded, whole, without_parting(folded)]
    for reading in read(folded):
        found += [reading.whole, reading.initials] if len(reading.initials) > 1 else [reading.whole]
    found += [part for part in parts if len(part) > 1 or HAN_RUN.match(part)]
    for part in parts:
        if HAN_RUN.match(part):
            found += [reading.whole for reading in read(part)]
    return found


# --- what was asked for


def _asked_in_characters(folded: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [(without_parting(folded),)]
    if DOT in folded:
        found.append(tuple(sorted(segments(folded), key=len, reverse=True)))
    return found


def _asked_in_letters(parts: list[str]) -> list[tuple[str, ...]]:
    orders = [parts] if len(parts) == 1 else [parts, [parts[-1], *parts[:-1]], [*parts[1:], parts[0]]]
    found: list[tuple[str, ...]] = []
    for order in orders:
        found += [(way,) for way in _ways_typed("".join(order))]
    for way in _ways_typed("".join(parts)):
        found += _shortened(way)
    return found


def _asked_in_both(parts: list[str]) -> list[tuple[str, ...]]:
    """王xm, 王 xiaoming: the characters as they stand, and the whole as if it had been typed in letters."""
    han = [part for part in parts if HAN_RUN.match(part)]
    found: list[tuple[str, ...]] = [("".join(parts),)]
    choices = [_letters_for(part) if HAN_RUN.match(part) else [part] for part in parts]
    for choice in islice(product(*choices), MAX_ALTERNATIVES):
        found += [(way, *han) for way in _ways_typed("".join(choice))]
    return found


def _letters_for(han: str) -> list[str]:
    readings = read(han)
    return list(
        dict.fromkeys([reading.initials for reading in readings] + [reading.whole for reading in readings])
    )


def _ways_typed(letters: str) -> Iterable[str]:
    """The letters as they stand, and with v where u may stand for ü."""
    yield letters
    if _U_FOR_YU.search(letters):
        yield _U_FOR_YU.sub("v", letters)


def _shortened(letters: str) -> list[tuple[str, ...]]:
    """wangxm, wangxiaom: the initials of the whole, and what was spelled out. zhxm: initials with h after z, c, s."""
    if not letters.isascii() or not letters.isalpha():
        return []
    plain = _DIGRAPH.sub(r"\1", letters)
    spelled, ways = longest_spelled(letters)
    if not spelled:
        return [(plain,)] if plain != letters else []
    rest = letters[len(spelled) :]
    if not rest:
        return []
    rests = dict.fromkeys([rest, _DIGRAPH.sub(r"\1", rest)])
    return [("".join(syllable[0] for syllable in way) + tail, spelled) for way in ways for tail in rests]
