"""What the registers of a demonstration hold: departments, equipment and people of an institution.

Nothing here is real, and nothing is drawn by chance: every figure is a hash of what it is about, so that a
demonstration is the same on every machine. The amounts are ours (演示数据), plausible for the size and kind of
an institution and uneven on purpose; no text asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from math import gcd

from .facts import CENTRES, PRIMARY, Category

GENERAL_PRACTICE = "02"
_NOT_A_DEPARTMENT = frozenset({"其他", "其它", "其他业务科室"})
_TCM = "50."

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常普起"
)
# A person's name says that there is no such person.
MARKS = ("演示", "示例", "样例", "模拟", "虚拟", "范例")
_NAMES = len(SURNAMES) * len(MARKS)
_STEPS = tuple(n for n in range(len(SURNAMES) + 3, 2 * len(SURNAMES)) if gcd(n, _NAMES) == 1)


@dataclass(frozen=True, slots=True)
class Place:
    """An institution as far as its registers follow from it; ``since`` is its first day on record,
    ``specialties`` are the licensed codes."""

    code: str
    category: Category
    level: int
    beds: int
    specialties: tuple[str, ...]
    since: date

    @property
    def hospital(self) -> bool:
        """Neither a primary institution nor one of public health."""
        return self.category not in PRIMARY and self.category is not Category.PUBLIC_HEALTH


@dataclass(frozen=True, slots=True)
class Unit:
    """A department."""

    name: str
    specialty: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up, with the scope of practice ("" where none is stated)."""

    name: str
    title: str
    scope: str


def fraction(*about: object) -> float:
    """A number from 0 up to (not including) 1 that looks like chance and is always the same for ``about``."""
    digest = sha256("/".join(str(part) for part in about).encode()).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)


def between(low: int, high: int, *about: object) -> int:
    """A whole number from ``low`` to ``high``, both included."""
    return low + int(fraction(*about) * (high - low + 1))


def department_name(code: str, specialty: str) -> str:
    """What a department that works under a specialty is called: 心血管内科专业 → 心血管内科, 50.01 → 中医内科."""
    short = specialty.removesuffix("专业").removesuffix("学")
    called = short if short.endswith("科") else f"{short}科"
    return f"中医{called}" if code.startswith(_TCM) else called


def departments(place: Place, names: Mapping[str, str]) -> tuple[Unit, ...]:
    """Departments under the licensed specialties; of hospitals those that specialise stand for the whole
    (03.04 for 03), unless there are too few of them."""
    listed = [code for code in sorted(place.specialties) if names.get(code, "") and not _unnamed(names[code])]
    parents = {code.rpartition(".")[0] for code in listed}
    wanted = _how_many(place)
    # A department of general practice first: who works as a general practitioner belongs somewhere.
    first = [code for code in listed if code == GENERAL_PRACTICE]
    rest = [code for code in listed if code not in parents and code != GENERAL_PRACTICE]
    rest.sort(key=lambda code: ("." in code and place.level < 2, fraction(place.code, "department", code)))
    whole = [code for code in listed if code in parents]
    chosen = [*first, *rest, *whole][:wanted]
    units = {department_name(code, names[code]): code for code in sorted(chosen)}
    return tuple(Unit(name, code) for name, code in units.items())


def _unnamed(specialty: str) -> bool:
    return specialty.removesuffix("专业") in _NOT_A_DEPARTMENT


def _how_many(place: Place) -> int:
    if place.category is Category.VILLAGE_CLINIC:
        return 1
    if place.category in CENTRES:
        return between(3, 5, place.code, "departments")
    if not place.hospital:
        return between(1, 2, place.code, "departments")
    low, high = ((8, 12), (8, 12), (10, 19), (18, 25))[place.level]
    return between(low, high, place.code, "departments")


# For hundred beds of a hospital, by level; what comes to less than half a machine is left out.
_PER_HUNDRED_BEDS: Mapping[int, Mapping[str, float]] = {
    3: {
        "ct": 0.2,
        "mri": 0.13,
        "dr": 0.3,
        "dsa": 0.1,
        "ultrasound": 1.2,
        "ecg": 1.6,
        "biochemistry": 0.2,
        "endoscope": 0.8,
        "ventilator": 3.1,
        "haemodialysis": 2.2,
        "linear_accelerator": 0.06,
        "ambulance": 0.3,
    },
    2: {
        "ct": 0.5,
        "mri": 0.25,
        "dr": 0.8,
        "dsa": 0.16,
        "ultrasound": 1.7,
        "ecg": 2.2,
        "biochemistry": 0.6,
        "endoscope": 1.1,
        "ventilator": 2.3,
        "haemodialysis": 3.4,
        "ambulance": 1.0,
    },
    1: {"dr": 0.6, "ultrasound": 0.9, "ecg": 2.0, "biochemistry": 0.7, "ambulance": 0.4},
}
# What a hospital of one kind has no use for.
_GENERAL_ONLY = frozenset({"dsa", "haemodialysis", "linear_accelerator"})
_QUIET = frozenset({*_GENERAL_ONLY, "mri", "ventilator", "endoscope", "ambulance"})
_LACKS: Mapping[Category, frozenset[str]] = {
    Category.TCM: frozenset({"linear_accelerator"}),
    Category.MATERNAL_CHILD: _GENERAL_ONLY,
    Category.PSYCHIATRIC: _QUIET,
    Category.REHABILITATION: _QUIET,
    Category.NURSING: _QUIET | {"biochemistry"},
}
# At least and at most, of those that are no hospitals.
_SMALL: Mapping[Category, Mapping[str, tuple[int, int]]] = {
    Category.TOWNSHIP_CENTRE: {
        "dr": (1, 1),
        "ultrasound": (1, 2),
        "ecg": (1, 3),
        "biochemistry": (1, 1),
        "ambulance": (0, 1),
    },
    Category.COMMUNITY_CENTRE: {"dr": (0, 1), "ultrasound": (1, 2), "ecg": (1, 3), "biochemistry": (0, 1)},
    Category.COMMUNITY_STATION: {"ecg": (0, 1)},
    Category.VILLAGE_CLINIC: {"ecg": (-1, 1)},
    Category.CLINIC: {"ecg": (0, 1), "ultrasound": (0, 1)},
    Category.PUBLIC_HEALTH: {"dr": (0, 1), "biochemistry": (1, 2)},
}


def equipment(place: Place) -> tuple[tuple[str, int], ...]:
    """Kinds of equipment with their counts."""
    if not place.hospital:
        counts = {
            kind: between(low, high, place.code, kind) for kind, (low, high) in _SMALL[place.category].items()
        }
    else:
        lacking = _LACKS.get(place.category, frozenset())
        counts = {
            kind: round(rate * place.beds / 100 * (0.7 + 0.6 * fraction(place.code, kind)))
            for kind, rate in _PER_HUNDRED_BEDS[max(1, place.level)].items()
            if kind not in lacking
        }
    return tuple((kind, count) for kind, count in counts.items() if count > 0)


_SENIOR, _VICE, _ATTENDING, _RESIDENT = "主任医师", "副主任医师", "主治医师", "住院医师"
ASSISTANT, VILLAGE = "执业助理医师", "乡村医生"
EXPERTS = frozenset({_SENIOR, _VICE})
# Titles with their shares in hundred, by what the institution is.
_OF_LEVEL_3 = ((_SENIOR, 14), (_VICE, 25), (_ATTENDING, 35), (_RESIDENT, 26))
_OF_LEVEL_2 = ((_SENIOR, 6), (_VICE, 19), (_ATTENDING, 40), (_RESIDENT, 35))
_OF_PRIMARY = ((_VICE, 8), (_ATTENDING, 38), (_RESIDENT, 37), (ASSISTANT, 17))
_OF_VILLAGES = ((VILLAGE, 75), (ASSISTANT, 25))


def staff(place: Place, units: Sequence[Unit]) -> tuple[Person, ...]:
    """The people of an institution. Hospitals have general practitioners only where they have a department
    for them (CX-37); village doctors have no scope of practice on record."""
    codes = [unit.specialty for unit in units]
    size = _size(place)
    titles = _titles(place)
    names = _names(place, size)
    generalists = _generalists(place, size)
    others = [code for code in codes if code != GENERAL_PRACTICE] or codes
    people = []
    for n in range(size):
        if place.category is Category.VILLAGE_CLINIC or not codes:
            scope = ""
        elif n < generalists and GENERAL_PRACTICE in codes:
            scope = GENERAL_PRACTICE
        else:
            scope = others[n % len(others)]
        people.append(Person(names[n], _title(titles, fraction(place.code, "title", n)), scope))
    return tuple(people)


def _size(place: Place) -> int:
    """How many people: by beds in hospitals, few elsewhere."""
    if place.category in CENTRES:
        return between(4, 12, place.code, "staff")
    if place.hospital:
        rate = (0.07, 0.07, 0.07, 0.035)[place.level]
        counted = round(place.beds * rate * (0.7 + 0.6 * fraction(place.code, "staff")))
        return max(6, min(counted, 100 + between(-9, 9, place.code, "most")))
    return between(1, 2 if place.category is Category.VILLAGE_CLINIC else 4, place.code, "staff")


def _generalists(place: Place, size: int) -> int:
    """General practitioners: the backbone of primary care, a few in hospitals, here and there nobody yet."""
    if place.category in CENTRES:
        some = between(1, max(1, size // 2), place.code, "general")
        return 0 if fraction(place.code, "nobody") < 0.08 else some
    return between(1, 4, place.code, "general") if place.hospital else between(1, 2, place.code, "general")


def _titles(place: Place) -> Sequence[tuple[str, int]]:
    if place.category is Category.VILLAGE_CLINIC:
        return _OF_VILLAGES
    if not place.hospital:
        return _OF_PRIMARY
    return _OF_LEVEL_3 if place.level >= 3 else _OF_LEVEL_2


def _title(shares: Sequence[tuple[str, int]], drawn: float) -> str:
    reached = 0
    for title, share in shares:
        reached += share
        if drawn * 100 < reached:
            return title
    return shares[-1][0]


def _names(place: Place, size: int) -> list[str]:
    """Different names within an institution: a walk through all of them in a step that meets each once."""
    start = between(0, _NAMES - 1, place.code, "names")
    step = _STEPS[between(0, len(_STEPS) - 1, place.code, "step")]
    walk = ((start + n * step) % _NAMES for n in range(size))
    return [SURNAMES[n % len(SURNAMES)] + MARKS[n // len(SURNAMES)] for n in walk]


@dataclass(frozen=True, slots=True)
class Kept:
    """When a register was last kept: nothing in it began after ``last``, and somebody said so if ``reported``."""

    last: date
    reported: bool


def kept(place: Place, register: str, on: date) -> Kept:
    """Most registers are a few weeks or months old on ``on``, some far too old, some were never confirmed."""
    drawn = fraction(place.code, register, "age")
    low, high = (3, 150) if drawn < 0.6 else (160, 420) if drawn < 0.85 else (421, 1200)
    last = on - timedelta(days=between(low, high, place.code, register, "days"))
    return Kept(max(last, place.since), drawn < 0.93)


def began(place: Place, last: date, *about: object) -> date:
    """A day between the institution's first and ``last``; in three of ten cases the first itself."""
    if fraction(place.code, "from the first", *about) < 0.3:
        return place.since
    days = (last - place.since).days
    return place.since + timedelta(days=between(0, max(0, days), place.code, "began", *about))


def belongs(scope: str, units: Iterable[Unit]) -> bool:
    """Whether a specialist of ``scope`` finds a department of the same first-level specialty among ``units``.
    General practitioners are not lent out: they are what the receiving side has itself."""
    field = scope.partition(".")[0]
    return field != GENERAL_PRACTICE and any(field == unit.specialty.partition(".")[0] for unit in units)


def sent(
    sender: str, receiver: str, agreement: str, experts: Iterable[str], taken: Iterable[str]
) -> tuple[str, ...]:
    """Which of the sender's ``experts`` practise at the receiver as well, by code: none, one or two of those
    who do not practise elsewhere already (``taken``)."""
    free = sorted(set(experts) - set(taken), key=lambda code: fraction(agreement, receiver, code))
    return tuple(sorted(free[: between(0, 2, agreement, sender, receiver)]))
