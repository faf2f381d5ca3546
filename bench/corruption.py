"""Labelled duplicates for measuring linkage: people, the same people written down again, and who is who.

The people are those of ``tiercare.engines.population``, with twins added: twins share all but the given name, and
nobody may take them for one person. What desks do to a record is assumed (the shares below are ours).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
from opencc import OpenCC
from pyarrow import parquet

from tiercare.engines import naming
from tiercare.engines.linkage import Person
from tiercare.engines.linkage.sounds import coarse
from tiercare.engines.population import Household, Member, Village, generate

TWIN_BIRTHS = 0.012  # of births; half of the pairs share the first character of the given name
_CHILDREN = frozenset({"2", "3", "4"})  # GB/T 4761: sons, daughters, grandchildren
_COUNTIES = tuple(f"3402{n:02d}" for n in (2, 3, 6, 7, 9, 10, 12, 23, 25, 81))
_TOWNSHIPS, _VILLAGES = 12, 12  # in each county, in each township
_LAST_DAY = date(2026, 6, 30)
_FIRST_OF_JANUARY = 0.02  # birthdays nobody knew better
_TRIES = 20  # to draw another homophone than the character itself


@dataclass(frozen=True)
class Labelled:
    """Records in the order of a register, and for each the number of the person it is about."""

    records: Sequence[Person]
    persons: Sequence[int]

    def true_pairs(self) -> set[tuple[str, str]]:
        """Every pair of ids of one person, in the order of the register."""
        groups: dict[int, list[str]] = defaultdict(list)
        for record, person in zip(self.records, self.persons, strict=True):
            groups[person].append(record.id)
        return {(a, b) for ids in groups.values() for n, a in enumerate(ids) for b in ids[n + 1 :]}

    def table(self) -> pa.Table:
        """The records as ``propose`` takes them."""
        rows = self.records
        return pa.table(
            {
                "id": [row.id for row in rows],
                "name": [row.name for row in rows],
                "sex": [row.sex for row in rows],
                "birth_date": pa.array([row.birth_date for row in rows], pa.date32()),
                "phone_hash": [row.phone_hash for row in rows],
                "address_code": [row.address_code for row in rows],
                "address_text": [row.address_text for row in rows],
            }
        )


def labelled(count: int, seed: int, *, again: float = 0.1) -> Labelled:
    """A register of ``count`` records, of which the share ``again`` are persons written down once more."""
    chance = random.Random(seed)
    originals = people(chance, count - round(count * again), seed)
    desk = Desk(chance, originals)
    records = [(person, number) for number, person in enumerate(originals)]
    while len(records) < count:  # most once, some twice and more, as it comes
        number = chance.randrange(len(originals))
        records.append((desk.write(originals[number]), number))
    chance.shuffle(records)
    return Labelled(
        [replace(person, id=f"r{row:07d}") for row, (person, _) in enumerate(records)],
        [number for _, number in records],
    )


def save(found: Labelled, folder: Path) -> Path:
    """The records as Parquet in ``folder``."""
    path = folder / "register.parquet"
    parquet.write_table(found.table(), path)
    return path


# --- people who live together


def people(chance: random.Random, count: int, seed: int) -> list[Person]:
    """``count`` persons, household by household, twins among the children."""
    villages = [
        Village(f"{county}{100 + township:03d}{200 + village:03d}", f"示例{village}村", urban=township < 3)
        for county in _COUNTIES
        for township in range(_TOWNSHIPS)
        for village in range(_VILLAGES)
    ]
    found: list[Person] = []
    given = ["小明"]
    for household in generate(seed=seed, villages=villages, people=count, on=_LAST_DAY):
        for member in household.members:
            person = _person(household, member, chance)
            found.append(person)
            if member.relation in _CHILDREN and naming.is_han(member.name[0]):
                if chance.random() < TWIN_BIRTHS:
                    found.append(_twin(person, chance.choice(given), chance))
                given = [*given[-200:], naming.split(member.name)[1]]
    return found[:count]


def _person(household: Household, member: Member, chance: random.Random) -> Person:
    born = member.birth_date
    return Person(
        id="",
        name=member.name,
        sex=member.sex,
        birth_date=born.replace(month=1, day=1) if chance.random() < _FIRST_OF_JANUARY else born,
        phone_hash=blake2b(member.phone.encode(), digest_size=12).hexdigest() if member.phone else None,
        address_code=household.division_code,
        address_text=household.address,
    )


def _twin(person: Person, given: str, chance: random.Random) -> Person:
    """A twin beside a child: another given name, half of the time with the same first character."""
    surname, own = naming.split(person.name)
    other = own[0] + given[-1] if len(own) > 1 and chance.random() < 0.5 else given
    return replace(person, name=surname + other, sex=chance.choice("12"))


# --- written down again

# Shares are ours: a bad desk. Nearly half of the names, one birth date in eight, a third of the phones and a
# quarter of the homes differ from what the other desk has.
_NAMES = {
    "as it is": 0.55,
    "homophone": 0.17,
    "variant": 0.12,
    "swapped": 0.08,
    "misheard": 0.05,
    "dropped": 0.01,
    "mistyped": 0.01,
    "other surname": 0.01,
}
_BIRTHS = {
    "as it is": 0.88,
    "digit": 0.05,
    "swapped": 0.02,
    "year": 0.015,
    "calendar": 0.015,
    "none": 0.01,
    "first": 0.01,
}
_PHONES = {"as it is": 0.68, "none": 0.16, "new": 0.16}
_HOMES = {"as it is": 0.68, "in the county": 0.16, "elsewhere": 0.08, "no text": 0.08}
_SEXES = {"as it is": 0.985, "none": 0.01, "other": 0.005}


def severity() -> str:
    """How much differs between two records of one person, for the reader of a figure."""
    fates = {"name": _NAMES, "birth date": _BIRTHS, "phone": _PHONES, "home": _HOMES}
    return ", ".join(f"{what} {1 - shares['as it is']:.0%}" for what, shares in fates.items())


class Choice:
    """Draws by weight, quickly."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.values, self.bounds = list(weights), list(accumulate(weights.values()))

    def draw(self, chance: random.Random) -> str:
        """One of the values."""
        return chance.choices(self.values, cum_weights=self.bounds)[0]


@dataclass
class Desk:
    """Writes persons down again, each field with the errors that desks make. Knows what names are made of."""

    chance: random.Random
    people: Sequence[Person]
    fates: Mapping[str, Choice] = field(
        default_factory=lambda: {
            "name": Choice(_NAMES),
            "birth": Choice(_BIRTHS),
            "phone": Choice(_PHONES),
            "home": Choice(_HOMES),
            "sex": Choice(_SEXES),
        }
    )

    def write(self, person: Person) -> Person:
        """The same person as another desk has it."""
        code, text = self._home(person)
        phone = self.fates["phone"].draw(self.chance)
        sex = self.fates["sex"].draw(self.chance)
        return replace(
            person,
            name=self._name(person.name),
            sex=person.sex
            if sex == "as it is"
            else None
            if sex == "none"
            else {"1": "2", "2": "1"}[person.sex or "1"],
            birth_date=self._birth(person.birth_date) if person.birth_date else None,
            phone_hash=(
                person.phone_hash
                if phone == "as it is"
                else f"{self.chance.getrandbits(96):024x}"
                if phone == "new"
                else None
            ),
            address_code=code,
            address_text=text,
        )

    def _home(self, person: Person) -> tuple[str | None, str | None]:
        """Where the person lives now: still there, or where somebody else lives, who is never far to seek."""
        fate = self.fates["home"].draw(self.chance)
        if fate in ("as it is", "no text"):
            return person.address_code, person.address_text if fate == "as it is" else None
        for _ in range(_TRIES * 5):
            other = self.chance.choice(self.people)
            if fate == "elsewhere" or (other.address_code or "")[:6] == (person.address_code or "")[:6]:
                break
        return other.address_code, other.address_text

    def _name(self, name: str) -> str:
        chance, fate = self.chance, self.fates["name"].draw(self.chance)
        last = len(name) - 1
        place = chance.randint(1, last) if last else 0
        match fate:
            case "homophone":
                name = _put(name, place, self._heard(name[place], misheard=False))
            case "misheard":
                name = _put(name, place, self._heard(name[place], misheard=True))
            case "variant":
                name = _traditional().convert(name)
            case "swapped":
                name = _swapped(name)
            case "dropped" if len(name) > 2:
                name = _put(name, place, "")
            case "other surname":  # of the other parent
                name = chance.choice(self.people).name[0] + name[1:]
            case "mistyped":
                name = _put(name, place, self._characters.draw(chance))
        return name

    def _heard(self, character: str, *, misheard: bool) -> str:
        """Another character of the same sound or, misheard, of one taken for it; itself if there is none.

        Any of the readings that a name can have: 乐 is written for 月 as well as for 勒.
        """
        sound = self.chance.choice(naming.readings(character) or (character,))
        exact, roughly = self._by_sound
        found = roughly.get(coarse(sound)) if misheard else exact.get(sound)
        for _ in range(_TRIES if found else 0):
            assert found
            if (other := found.draw(self.chance)) != character:
                return other
        return character

    @cached_property
    def _counts(self) -> Counter[str]:
        """Characters of given names and how often they are borne: a homophone is rather a common one."""
        return Counter(c for person in self.people for c in person.name[1:] if naming.is_han(c))

    @cached_property
    def _characters(self) -> Choice:
        return Choice(self._counts)

    @cached_property
    def _by_sound(self) -> tuple[dict[str, Choice], dict[str, Choice]]:
        exact: dict[str, Counter[str]] = defaultdict(Counter)
        roughly: dict[str, Counter[str]] = defaultdict(Counter)
        for character, count in self._counts.items():
            for sound in naming.readings(character):
                exact[sound][character] += count
                roughly[coarse(sound)][character] += count
        return ({s: Choice(c) for s, c in exact.items()}, {s: Choice(c) for s, c in roughly.items()})

    def _birth(self, born: date) -> date | None:
        again: date | None = born
        sign = self.chance.choice((-1, 1))
        match self.fates["birth"].draw(self.chance):
            case "none":
                again = None
            case "swapped":
                again = _day(born.year, born.day, born.month) or born
            case "digit":
                again = self._digit(born)
            case "year":
                again = _day(born.year + sign, born.month, born.day) or born
            case "calendar":
                again = born + timedelta(days=sign * self.chance.randint(20, 50))
            case "first":
                again = born.replace(month=1, day=1)
        return again

    def _digit(self, born: date) -> date:
        """One digit mistyped, such that a calendar still has the day."""
        while True:
            written = born.strftime("%Y%m%d")
            wrong = _put(written, self.chance.randrange(2, 8), self.chance.choice("0123456789"))
            found = _day(int(wrong[:4]), int(wrong[4:6]), int(wrong[6:]))
            if found and found != born:
                return found


def _swapped(name: str) -> str:
    """The given name first; the parts of a parted name the other way round."""
    if "·" in name or " " in name:
        mark = "·" if "·" in name else " "
        return mark.join(reversed(name.split(mark)))
    surname, given = naming.split(name)
    return given + surname


def _put(text: str, place: int, character: str) -> str:
    return text[:place] + character + text[place + 1 :]


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
