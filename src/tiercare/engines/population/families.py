"""Puts the people of one place together into households: couples by age, children with parents, elders with sons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from .model import (
    DAUGHTER,
    FEMALE,
    GRANDCHILD,
    HEAD,
    MALE,
    NOT_RELATED,
    OTHER_RELATIVE,
    PARENT,
    SON,
    SPOUSE,
)

ADULT: Final = 18
MARRIAGE: Final = 20

# Whose surname somebody has: a line of the household, or one of their own.
FATHERS: Final = 1
MOTHERS: Final = 2
OWN: Final = 0

# Shares are ours, set so that household sizes come out as in the census of 2020 (see data/README.md).
_MARRIED = {  # by sex: (from age, share living with a spouse)
    FEMALE: ((20, 0.15), (25, 0.58), (30, 0.82), (40, 0.86), (65, 0.76), (70, 0.67), (75, 0.52), (80, 0.28)),
    MALE: ((20, 0.07), (25, 0.44), (30, 0.75), (40, 0.84), (50, 0.87), (70, 0.8), (80, 0.62)),
}
_WITH_PARENTS = ((20, 0.55), (30, 0.4), (45, 0.15), (60, 0.0))
_LONE_PARENTS = (25, 60)  # ages
_LONE_PARENT = 0.3  # of single people of the age of parents, may have children with them
_LEFT_UNTIL = 15
_LEFT_BEHIND = 0.06  # of children younger than that, live with grandparents
_MOST_CHILDREN = 4
_ELDER = 65
_ELDER_ALONE_JOINS = 0.6
_ELDER_COUPLE_JOINS = 0.15
_FLATS_UNTIL = 40
_SHARED_FLAT = 0.06
_WIFE_IS_HEAD = 0.14
_MOTHERS_NAME = 0.04
_WIDEST_COUPLE = 18  # years


class Placed(NamedTuple):
    """Somebody with a place in a household."""

    relation: str
    sex: str
    age: int
    line: int


Person = tuple[str, int]  # sex, age in years


@dataclass(slots=True)
class _Home:
    """A household while it fills: a couple, or one person in front."""

    husband: int | None
    wife: int | None
    children: list[Person] = field(default_factory=list)
    grandchildren: list[Person] = field(default_factory=list)
    elders: list[Person] = field(default_factory=list)
    others: list[Person] = field(default_factory=list)
    fellows: list[Person] = field(default_factory=list)

    @property
    def front(self) -> Person:
        """The wife, or who is there alone."""
        if self.wife is not None:
            return FEMALE, self.wife
        assert self.husband is not None
        return MALE, self.husband

    @property
    def is_lone(self) -> bool:
        alone = self.husband is None or self.wife is None
        return alone and not (
            self.children or self.grandchildren or self.elders or self.others or self.fellows
        )


def households(rng: Random, people: Sequence[Person]) -> Iterator[list[Placed]]:
    """Everybody of ``people`` in exactly one household, the head first; in no order.

    A minor is head only of a place without any adult.
    """
    homes = _Settling(rng, people).homes
    rng.shuffle(homes)
    for home in homes:
        yield _listed(home, rng)


class _Settling:
    """One place while its people find their households."""

    def __init__(self, rng: Random, people: Sequence[Person]) -> None:
        self._rng = rng
        self._random = rng.random
        self.homes: list[_Home] = []
        self._parents: dict[int, list[_Home]] = {}  # by the age of the wife or of the lone parent
        single, young = self._marry(people)
        self._settle_singles(single, young)
        self._settle_young(young)
        self._move_elder_couples()
        self._share_flats()

    def _marry(self, people: Sequence[Person]) -> tuple[list[Person], list[Person]]:
        """Opens the households of couples, who are paired by age; returns the single and the too young."""
        single: list[Person] = []
        young: list[Person] = []
        sides: dict[str, list[int]] = {MALE: [], FEMALE: []}
        for person in people:
            sex, age = person
            if age < MARRIAGE:
                young.append(person)
            elif self._random() < _share(_MARRIED[sex], age):
                sides[sex].append(age)
            else:
                single.append(person)
        couples = min(map(len, sides.values()))
        for sex, ages in sides.items():
            self._rng.shuffle(ages)
            single += [(sex, age) for age in ages[couples:]]
        for husband, wife in zip(sorted(sides[MALE][:couples]), sorted(sides[FEMALE][:couples]), strict=True):
            if abs(husband - wife) > _WIDEST_COUPLE:
                single += [(MALE, husband), (FEMALE, wife)]
            else:
                self._open(_Home(husband, wife), parents=True)
        return single, young

    def _settle_singles(self, single: list[Person], young: list[Person]) -> None:
        """Some live with their parents (and join ``young``), some have children, some elders move in with theirs."""
        rest: list[Person] = []
        for person in single:
            age = person[1]
            if self._random() < _share(_WITH_PARENTS, age):
                young.append(person)
            elif _LONE_PARENTS[0] <= age < _LONE_PARENTS[1] and self._random() < _LONE_PARENT:
                self._open(_alone(person), parents=True)
            else:
                rest.append(person)
        for person in rest:
            age = person[1]
            joins = age >= _ELDER and self._random() < _ELDER_ALONE_JOINS
            home = self._near(age - 21 - int(self._random() * 12), within=5) if joins else None
            if home is not None and not home.elders:
                home.elders.append(person)
            else:
                self._open(_alone(person))

    def _settle_young(self, young: list[Person]) -> None:
        for person in sorted(young, key=lambda one: -one[1]):
            age = person[1]
            if age < _LEFT_UNTIL and self._random() < _LEFT_BEHIND:
                home = self._near(age + 46 + int(self._random() * 16), within=8)
                if home is not None:
                    home.grandchildren.append(person)
                    continue
            home = self._near(age + 20 + int((self._random() + self._random()) * 8), within=7)
            if home is not None and len(home.children) < _MOST_CHILDREN:
                home.children.append(person)
            elif age >= ADULT or not self.homes:
                self._open(_alone(person))
            else:
                self._rng.choice(self.homes).others.append(person)

    def _move_elder_couples(self) -> None:
        moved: set[int] = set()
        for home in self.homes:
            if (
                home.husband is None
                or home.wife is None
                or home.wife < _ELDER
                or self._random() >= _ELDER_COUPLE_JOINS
            ):
                continue
            if home.children or home.grandchildren or home.elders or home.others:
                continue
            child = self._near(home.wife - 22 - int(self._random() * 8), within=5)
            if child is not None and child is not home and not child.elders and id(child) not in moved:
                child.elders += [(MALE, home.husband), (FEMALE, home.wife)]
                moved.add(id(home))
        self.homes = [home for home in self.homes if id(home) not in moved]

    def _share_flats(self) -> None:
        """Some who are young and alone share a flat with another."""
        host: _Home | None = None
        kept: list[_Home] = []
        for home in self.homes:
            shares = home.is_lone and ADULT <= home.front[1] < _FLATS_UNTIL and self._random() < _SHARED_FLAT
            if shares and host is not None:
                host.fellows.append(home.front)
                host = None
                continue
            kept.append(home)
            host = home if shares else host
        self.homes = kept

    def _open(self, home: _Home, *, parents: bool = False) -> None:
        self.homes.append(home)
        if parents:
            self._parents.setdefault(home.front[1], []).append(home)

    def _near(self, age: int, *, within: int) -> _Home | None:
        """A household of possible parents of about ``age``."""
        for off in range(within + 1):
            for there in (age + off, age - off):
                homes = self._parents.get(there)
                if homes:
                    return homes[int(self._random() * len(homes))]
        return None


def _alone(person: Person) -> _Home:
    sex, age = person
    return _Home(age, None) if sex == MALE else _Home(None, age)


def _listed(home: _Home, rng: Random) -> list[Placed]:
    """The household in the order of a register: head, spouse, children, grandchildren, parents, others."""
    husband = Placed(HEAD, MALE, home.husband, FATHERS) if home.husband is not None else None
    wife = Placed(HEAD, FEMALE, home.wife, MOTHERS) if home.wife is not None else None
    heads = [each for each in (husband, wife) if each is not None]
    if len(heads) == 2:
        if rng.random() < _WIFE_IS_HEAD:
            heads.reverse()
        heads[1] = heads[1]._replace(relation=SPOUSE)
    line = MOTHERS if home.children and rng.random() < _MOTHERS_NAME else FATHERS
    heirs = FATHERS if home.husband is not None else MOTHERS
    return [
        *heads,
        *[Placed(SON if sex == MALE else DAUGHTER, sex, age, line) for sex, age in home.children],
        *[Placed(GRANDCHILD, sex, age, heirs) for sex, age in home.grandchildren],
        *[Placed(PARENT, sex, age, heirs if sex == MALE else OWN) for sex, age in home.elders],
        *[Placed(OTHER_RELATIVE, sex, age, OWN) for sex, age in home.others],
        *[Placed(NOT_RELATED, sex, age, OWN) for sex, age in home.fellows],
    ]


def _share(steps: tuple[tuple[int, float], ...], age: int) -> float:
    """The share of the last step that begins at or below ``age``."""
    return next((share for start, share in reversed(steps) if start <= age), 0.0)
