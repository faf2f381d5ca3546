"""The levels of agreement, field by field, from the strongest to none: once for DuckDB, once in Python.

A test holds that both say the same. A field that one side lacks says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from .features import Features, Name

# Ours. Dates nearer than this are often one birthday, once by the moon and once by the sun (20 to 50 days apart).
CALENDARS_APART = 60
# Ours. The same day of another year: nominal ages (虚岁) shift by one or two.
YEARS_APART = 2
# Ours. So far into a name a slip is looked for; the names of one person in a thousand are longer.
PLACES = 8
# Levels at which the given name sounds different: twins share all the rest. And those at which it does so a
# little: parents and children share all but the birth date.
_GIVEN_DIFFERS = frozenset({"name.one_character", "name.surname", "name.other"})
_GIVEN_RESEMBLES = frozenset({"name.sound", "name.alike", "name.part", "name.given"})


@dataclass(frozen=True, slots=True)
class Level:
    """key: as in reasons. sql: the condition on _l and _r. common: the column whose commonness counts."""

    key: str
    sql: str
    common: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field: the column that is null where the field is unknown, its levels, and the same in Python.

    The last level is what is left. ``level`` gives the key, or None where a side lacks the field. graded: each
    level agrees more than the next, so none may weigh less (name levels are rather different ways to err).
    """

    field: str
    column: str
    levels: tuple[Level, ...]
    level: Callable[[Features, Features], str | None]
    graded: bool = True


def relatives(levels: Collection[str]) -> bool:
    """Whether a pair of these levels may as well be two of one family, whatever the sum says: a clerk looks."""
    resembling = "birth.other" in levels and not _GIVEN_RESEMBLES.isdisjoint(levels)
    return resembling or not _GIVEN_DIFFERS.isdisjoint(levels)


def _name(a: Features, b: Features) -> str | None:
    return name_level(a.name, b.name) if a.name and b.name else None


def name_level(a: Name, b: Name) -> str:
    """The level of two names."""
    return next((key for key, holds in _NAME_LEVELS if holds(a, b)), "name.other")


def _one_surname(a: Name, b: Name) -> bool:
    return a.surname == b.surname != ""


def _one_other(a: str, b: str) -> bool:
    one_long = len(a) == len(b) > 2
    return one_long and any(a[:n] == b[:n] and a[n + 1 :] == b[n + 1 :] for n in range(PLACES))


def _one_missing(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    one_longer = len(long) - 1 == len(short) > 1
    return one_longer and any(long[:n] + long[n + 1 :] == short for n in range(PLACES))


_NAME_LEVELS: tuple[tuple[str, Callable[[Name, Name], bool]], ...] = (
    ("name.same", lambda a, b: a.folded == b.folded),
    ("name.swapped", lambda a, b: a.ordered == b.ordered),
    ("name.sound", lambda a, b: a.sound == b.sound or not set(a.readings).isdisjoint(b.readings)),
    ("name.alike", lambda a, b: a.alike == b.alike),
    ("name.one_character", lambda a, b: _one_surname(a, b) and _one_other(a.folded, b.folded)),
    ("name.part", lambda a, b: _one_surname(a, b) and _one_missing(a.folded, b.folded)),
    ("name.given", lambda a, b: a.given == b.given and " " in a.given),
    ("name.surname", _one_surname),
)


def _birth(a: Features, b: Features) -> str | None:
    return birth_level(a.birth, b.birth) if a.birth and b.birth else None


def birth_level(a: str, b: str) -> str:
    """The level of two birth dates, each YYYYMMDD."""
    if a == b:
        return "birth.same"
    if a[:4] + a[6:] + a[4:6] == b:
        return "birth.swapped"
    if _digit(a, b):
        return "birth.digit"
    apart = abs((date.fromisoformat(a) - date.fromisoformat(b)).days)
    same_day = a[4:] == b[4:] and abs(int(a[:4]) - int(b[:4])) <= YEARS_APART
    year_only = a[:4] == b[:4] and "0101" in (a[4:], b[4:])
    return "birth.near" if apart <= CALENDARS_APART or same_day or year_only else "birth.other"


def _digit(a: str, b: str) -> bool:
    """One digit differs, or two neighbours have changed places."""
    places = [n for n in range(8) if a[n] != b[n]]
    if len(places) == 2 and places[1] == places[0] + 1:
        return a[places[0]] == b[places[1]] and a[places[1]] == b[places[0]]
    return len(places) == 1


def _sex(a: Features, b: Features) -> str | None:
    if not (a.sex and b.sex):
        return None
    return "sex.same" if a.sex == b.sex else "sex.other"


def _phone(a: Features, b: Features) -> str | None:
    if not (a.phone and b.phone):
        return None
    return "phone.same" if a.phone == b.phone else "phone.other"


def _address(a: Features, b: Features) -> str | None:
    if not (a.county and b.county):
        return None
    if a.county != b.county:
        return "address.other"
    if a.home and a.home == b.home and a.township == b.township:
        return "address.same"
    if a.village and a.village == b.village:
        return "address.village"
    return "address.township" if a.township and a.township == b.township else "address.county"


_SURNAME = "surname_l = surname_r"
# DuckDB's edit distances count bytes, of which a character has three: slips are spelled out place by place.
_ONE_OTHER = " or ".join(
    f"(substr(folded_l, 1, {n}) = substr(folded_r, 1, {n}) and substr(folded_l, {n + 2}) = substr(folded_r, {n + 2}))"
    for n in range(PLACES)
)


def _lacks(short: str, long: str) -> str:
    without = (f"substr({long}, 1, {n}) || substr({long}, {n + 2}) = {short}" for n in range(PLACES))
    return f"(length({long}) = length({short}) + 1 and ({' or '.join(without)}))"


_ONE_MISSING = f"({_lacks('folded_l', 'folded_r')} or {_lacks('folded_r', 'folded_l')})"
_BIRTH_DAYS = f"abs(born_l - born_r) <= {CALENDARS_APART}"
_BIRTH_YEARS = (
    f"(substr(birth_l, 5) = substr(birth_r, 5) and abs(year(born_l) - year(born_r)) <= {YEARS_APART})"
)
_BIRTH_YEAR_ONLY = (
    "(year(born_l) = year(born_r) and (substr(birth_l, 5) = '0101' or substr(birth_r, 5) = '0101'))"
)

COMPARISONS = (
    Comparison(
        "name",
        "folded",
        (
            Level("name.same", "folded_l = folded_r", "folded_term"),
            Level("name.swapped", "ordered_l = ordered_r", "ordered_term"),
            Level("name.sound", "sound_l = sound_r or list_has_any(readings_l, readings_r)", "sound_term"),
            Level("name.alike", "alike_l = alike_r", "alike_term"),
            Level(
                "name.one_character",
                f"{_SURNAME} and length(folded_l) = length(folded_r) and length(folded_l) > 2 and ({_ONE_OTHER})",
            ),
            Level(
                "name.part",
                f"{_SURNAME} and least(length(folded_l), length(folded_r)) > 1 and {_ONE_MISSING}",
            ),
            Level("name.given", "given_l = given_r and contains(given_l, ' ')"),
            Level("name.surname", _SURNAME),
            Level("name.other", "else"),
        ),
        _name,
        graded=False,
    ),
    Comparison(
        "birth",
        "birth",
        (
            Level("birth.same", "birth_l = birth_r", "birth"),
            Level(
                "birth.swapped",
                "substr(birth_l, 1, 4) || substr(birth_l, 7) || substr(birth_l, 5, 2) = birth_r",
            ),
            Level("birth.digit", "damerau_levenshtein(birth_l, birth_r) = 1"),
            Level("birth.near", f"{_BIRTH_DAYS} or {_BIRTH_YEARS} or {_BIRTH_YEAR_ONLY}"),
            Level("birth.other", "else"),
        ),
        _birth,
    ),
    Comparison(
        "sex",
        "sex",
        (Level("sex.same", "sex_l = sex_r"), Level("sex.other", "else")),
        _sex,
    ),
    Comparison(
        "phone",
        "phone",
        (Level("phone.same", "phone_l = phone_r", "phone"), Level("phone.other", "else")),
        _phone,
    ),
    Comparison(
        "address",
        "county",
        (
            Level("address.same", "home_l = home_r and township_l = township_r"),
            Level("address.village", "village_l = village_r"),
            Level("address.township", "township_l = township_r"),
            Level("address.county", "county_l = county_r"),
            Level("address.other", "else"),
        ),
        _address,
    ),
)
