"""Households of made-up people, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from .addresses import Addresses
from .ages import Ages
from .draws import Chance, Deck, rows_of
from .families import FATHERS, MOTHERS, OWN, Placed, households
from .health import BEREAVED, POOR_RURAL, POOR_URBAN, Health
from .model import CENSUS_DAY, HAN_NATION, HEAD, SPOUSE, Household, Member, Village
from .names import Names
from .papers import Papers

USUAL_URBAN: Final = 3_500  # people of a place whose population is not told; ours, only to weigh places
USUAL_RURAL: Final = 1_600
_AT_ONCE = 3_000  # people who find their families among each other

# Shares are ours. Documents of people who are no citizens of the mainland, of those who live alone.
_FROM_ELSEWHERE = 0.006
_KINDS = {
    "hk_macao_permit": 40,
    "taiwan_permit": 15,
    "hmt_resident": 20,
    "passport": 20,
    "foreign_resident": 5,
}
_FOREIGN = frozenset({"passport", "foreign_resident"})
_WITHOUT_PAPERS = 0.004
_BY_MOTHER_DAYS, _CERTIFICATE_DAYS, _STILL_CERTIFICATE = 30, 365, 0.4
_SPOUSE_OF_SAME_NATION = 0.9
# from age: share with a phone of their own, share reached by the head's phone
_PHONES = (
    (0, 0.0, 0.75),
    (10, 0.25, 0.55),
    (15, 0.8, 0.15),
    (20, 0.97, 0.0),
    (65, 0.75, 0.15),
    (80, 0.4, 0.35),
)
_BEREAVED_FROM = 49  # years of the wife


def generate(
    *,
    seed: int,
    villages: Sequence[Village],
    people: int,
    on: date = CENSUS_DAY,
    nations: Mapping[str, float] | None = None,
) -> Iterator[Household]:
    """Exactly ``people`` synthetic residents of ``villages``, in households; the same for the same arguments.

    Nobody of them exists: whoever stores them marks them (and the database) as synthetic. ``on`` is the day on which
    the ages of the census hold; nobody is born later. ``nations`` are shares by GB/T 3304 code (0 to 1, the rest is
    Han), as in the whole country if not given. Places come county by county, in the order in which their counties
    first appear, each with people in proportion to its population (but for the last household, which stays together).

    Raises:
        ValueError: for a negative number of people, no place to put them, a code without 12 digits, or shares of
            nations that make more than one.
    """
    _check(villages, people, nations or {})
    return _World(Chance(seed), on, nations).populate(villages, people)


class _World:
    """Everything that draws, for one generation."""

    def __init__(self, rng: Random, on: date, nations: Mapping[str, float] | None) -> None:
        self._rng = rng
        self._random = rng.random
        self._ages = Ages(rng, on)
        self._names = Names(rng)
        self._papers = Papers(rng)
        self._health = Health(rng)
        self._addresses = Addresses(rng)
        self._nations = _nations(rng, nations)
        self._kinds = Deck(rng, list(_KINDS), list(_KINDS.values()))

    def populate(self, villages: Sequence[Village], people: int) -> Iterator[Household]:
        places = _Places(villages, people)
        for size in _batches(people):
            crowd = [self._ages.person() for _ in range(size)]
            for placed in households(self._rng, crowd):
                village = places.take(len(placed))
                if places.left_county is not None:
                    self._papers.close_area(places.left_county)
                address = self._addresses.address(village)
                yield Household(village.code12, address, tuple(self._family(village, placed)))

    def _family(self, village: Village, placed: list[Placed]) -> Iterator[Member]:
        """The members one by one: what children take from their parents has been drawn when they come."""
        draw = self._random
        nation = self._nations.draw()
        surnames: dict[int, str] = {}
        poor = draw() < (POOR_URBAN if village.urban else POOR_RURAL)
        bereaved = (
            len(placed) == 2
            and placed[1].relation == SPOUSE
            and min(placed[0].age, placed[1].age) >= _BEREAVED_FROM
        )
        bereaved = bereaved and draw() < BEREAVED
        elsewhere = self._kinds.draw() if len(placed) == 1 and draw() < _FROM_ELSEWHERE else None
        phone_of_head: str | None = None
        mother = _Mother()
        for one in placed:
            born = self._ages.birth_date(one.age)
            age = self._ages.age(born)
            own = nation if one.line == FATHERS or draw() < _SPOUSE_OF_SAME_NATION else self._nations.draw()
            kind, number = self._document(village, one, born, elsewhere, mother)
            if one.line == MOTHERS and one.relation in (HEAD, SPOUSE) and kind == "id_card":
                mother.number = number
            phone = self._phone(age, phone_of_head)
            if one.relation == HEAD:
                phone_of_head = phone
            yield Member(
                name=self._name(one, surnames, born.year, own, kind),
                sex=one.sex,
                birth_date=born,
                relation=one.relation,
                phone=phone,
                identity_kind=kind,
                identity_number=number,
                nation=None if kind in _FOREIGN else own,
                groups=self._health.groups(one.sex, age, poor=poor, bereaved=bereaved),
            )

    def _name(self, one: Placed, surnames: dict[int, str], year: int, nation: str, kind: str) -> str:
        if kind in _FOREIGN:
            return self._names.latin()
        surname = surnames.get(one.line) or self._names.surname()
        if one.line != OWN:
            surnames[one.line] = surname
        return self._names.whole(surname, one.sex, year, nation)

    def _document(
        self, village: Village, one: Placed, born: date, elsewhere: str | None, mother: _Mother
    ) -> tuple[str, str | None]:
        """Kind and number of the document somebody shows."""
        days, chance = self._ages.days(born), self._random()
        if elsewhere is not None:
            number = self._papers.other(elsewhere, born, one.sex)
            return (elsewhere, number) if number is not None else ("none", None)
        if days < _BY_MOTHER_DAYS:
            number = mother.newborn()
            return ("by_mother", number) if number is not None else ("none", None)
        if days < _CERTIFICATE_DAYS and chance < _STILL_CERTIFICATE:
            return "birth_certificate", self._papers.other("birth_certificate", born, one.sex)
        number = (
            None if chance > 1 - _WITHOUT_PAPERS else self._papers.id_card(village.code12[:6], born, one.sex)
        )
        return ("id_card", number) if number is not None else ("none", None)

    def _phone(self, age: int, of_head: str | None) -> str | None:
        chance = self._random()
        own, shared = next((own, shared) for start, own, shared in reversed(_PHONES) if start <= age)
        if chance < own:
            return self._papers.phone()
        return of_head if chance < own + shared else None


@dataclass(slots=True)
class _Mother:
    """The number newborns go by, and how many of this household already do."""

    number: str | None = None
    newborns: int = 0

    def newborn(self) -> str | None:
        """Her number and which child it is; None if she shows no identity card."""
        self.newborns += 1
        return f"{self.number}-{self.newborns}" if self.number is not None else None


class _Places:
    """Fills places one after the other, county by county in the order of their first appearance."""

    def __init__(self, villages: Sequence[Village], people: int) -> None:
        counties: dict[str, list[tuple[Village, int]]] = {}
        for village, count in zip(villages, _allot(villages, people), strict=True):
            if count:
                counties.setdefault(village.code12[:6], []).append((village, count))
        self._queue = iter([place for places in counties.values() for place in places])
        self._village: Village | None = None
        self._room = 0
        self.left_county: str | None = None

    def take(self, size: int) -> Village:
        """The place of a household of ``size``; the last household of a place may spill over its share."""
        self.left_county = None
        before = self._village
        while self._village is None or self._room <= 0:
            self._village, count = next(self._queue)
            self._room += count
        if before is not None and before.code12[:6] != self._village.code12[:6]:
            self.left_county = before.code12[:6]
        self._room -= size
        return self._village


def _batches(people: int) -> Iterator[int]:
    """Sizes of about ``_AT_ONCE`` that make ``people`` together, none much smaller than the others."""
    batches = -(-people // _AT_ONCE)
    for at in range(batches):
        yield people * (at + 1) // batches - people * at // batches


def _check(villages: Sequence[Village], people: int, nations: Mapping[str, float]) -> None:
    if people < 0 or (people and not villages):
        raise ValueError("people need a number of 0 or more and at least one place")
    if any(len(village.code12) != 12 or not village.code12.isdigit() for village in villages):
        raise ValueError("a place is told by its statistical code of 12 digits")
    if any(share < 0 for share in nations.values()) or sum(nations.values()) > 1 + 1e-9:
        raise ValueError("shares of nations lie between 0 and 1 and make at most 1 together")


def _nations(rng: Random, shares: Mapping[str, float] | None) -> Deck[str]:
    if shares is None:
        rows = rows_of("nations.csv")
        return Deck(rng, [row["nation"] for row in rows], [float(row["percent"]) for row in rows])
    others = {nation: share for nation, share in shares.items() if nation != HAN_NATION}
    return Deck(rng, [HAN_NATION, *others], [max(0.0, 1 - sum(others.values())), *others.values()])


def _allot(villages: Sequence[Village], people: int) -> list[int]:
    """People for each place in proportion to its weight, the largest remainders rounded up; the sum is exact."""
    weights = [
        (USUAL_URBAN if village.urban else USUAL_RURAL) if village.population is None else village.population
        for village in villages
    ]
    whole = sum(weights) or 1
    if not any(weights):
        weights, whole = [1] * len(villages), len(villages)
    counts = [people * weight // whole for weight in weights]
    by_remainder = sorted(range(len(villages)), key=lambda at: -(people * weights[at] % whole))
    for at in by_remainder[: people - sum(counts)]:
        counts[at] += 1
    return counts
