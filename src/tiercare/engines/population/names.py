"""Names as their bearers' parents gave them: surnames by share, given names by decade, other ways of other nations."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .draws import Deck, ranked, rows_of
from .model import FEMALE, MALE

_LATIN_GIVEN = (
    "Anna",
    "David",
    "Elena",
    "James",
    "Jean-Pierre",
    "John",
    "José",
    "Maria",
    "Minh",
    "Olga",
    "Sara",
    "Yuki",
)
_LATIN_FAMILY = (
    "Brown",
    "García",
    "Ivanova",
    "Kim",
    "Müller",
    "Nguyễn",
    "O'Neil",
    "Sato",
    "Silva",
    "Smith",
    "Tan",
)


@dataclass(frozen=True, slots=True)
class _Cohort:
    single: float
    popular: float
    names: Deck[str]
    singles: Deck[str]
    first: Deck[str]
    second: Deck[str]


@dataclass(frozen=True, slots=True)
class _Custom:
    joint: str
    share: float
    first: Deck[str]
    last: Deck[str] | None


class Names:
    """All names of one generation."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        rows = rows_of("surnames.csv")
        self._surnames = Deck(rng, [row["surname"] for row in rows], [float(row["percent"]) for row in rows])
        self._cohorts: dict[str, dict[int, _Cohort]] = {MALE: {}, FEMALE: {}}
        for row in rows_of("given.csv"):
            self._cohorts[row["sex"]][int(row["from_year"])] = _cohort(rng, row)
        self._customs = {(row["nation"], row["sex"]): _custom(rng, row) for row in rows_of("parted.csv")}

    def surname(self) -> str:
        """A surname."""
        return self._surnames.draw()

    def given(self, sex: str, year: int) -> str:
        """A given name of somebody born in ``year``."""
        cohorts = self._cohorts[sex]
        cohort = cohorts[year // 10 * 10 if year >= 1940 else 1900] if year < 2030 else cohorts[2020]
        chance = self._rng.random()
        if chance < cohort.single:
            return cohort.singles.draw()
        if chance < cohort.single + cohort.popular:
            return cohort.names.draw()
        return cohort.first.draw() + cohort.second.draw()

    def whole(self, surname: str, sex: str, year: int, nation: str) -> str:
        """The whole name: surname and given name, unless the nation has ways of its own."""
        custom = self._customs.get((nation, sex))
        if custom is None or self._rng.random() >= custom.share:
            return surname + self.given(sex, year)
        first = custom.first.draw()
        return first if custom.last is None else first + custom.joint + custom.last.draw()

    def latin(self) -> str:
        """A name as passports have it, family name first."""
        return f"{self._rng.choice(_LATIN_FAMILY)} {self._rng.choice(_LATIN_GIVEN)}"


def _cohort(rng: Random, row: dict[str, str]) -> _Cohort:
    return _Cohort(
        single=float(row["single"]),
        popular=float(row["popular"]),
        names=ranked(rng, row["names"].split()),
        singles=ranked(rng, row["singles"].split()),
        first=ranked(rng, row["first"]),
        second=ranked(rng, row["second"]),
    )


def _custom(rng: Random, row: dict[str, str]) -> _Custom:
    return _Custom(
        joint="·" if row["form"] == "parted" else "",
        share=float(row["share"]),
        first=ranked(rng, row["first"].split()),
        last=ranked(rng, row["last"].split()) if row["last"] else None,
    )
