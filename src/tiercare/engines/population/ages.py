"""Sexes, ages and birth dates: the pyramid of the census, and days on which registers have too many birthdays."""

from __future__ import annotations

from datetime import date
from random import Random

from .draws import Deck, rows_of
from .model import FEMALE, MALE

_GROUP = 5  # years
# Registers of older people hold 1 January and 1 October far too often. Shares are ours, for hot keys.
_HOT_BEFORE = 1975
_HOT_OLD, _HOT_YOUNG = 0.03, 0.006
_NEW_YEAR = 0.67  # of the hot days; the rest is National Day


class Ages:
    """Draws people of the pyramid as on one day."""

    def __init__(self, rng: Random, on: date) -> None:
        self._rng = rng
        self._on = on
        self._today = on.toordinal()
        people: list[tuple[str, int]] = []
        weights: list[float] = []
        for row in rows_of("pyramid.csv"):
            percent, males = float(row["percent"]), float(row["males_per_100_females"])
            for age in range(int(row["age_from"]), int(row["age_from"]) + _GROUP):
                people += [(MALE, age), (FEMALE, age)]
                weights += [percent * males / (100 + males), percent * 100 / (100 + males)]
        self._people = Deck(rng, people, weights)

    def person(self) -> tuple[str, int]:
        """Sex, and age in full years."""
        return self._people.draw()

    def birth_date(self, age: int) -> date:
        """A day on which somebody of about ``age`` was born (a hot day may make them a few months older)."""
        past = int((age + self._rng.random()) * 365.2425)
        born = date.fromordinal(self._today - past)
        chance = self._rng.random()
        threshold = _HOT_OLD if born.year < _HOT_BEFORE else _HOT_YOUNG
        if age and chance < threshold:
            return (
                born.replace(month=1, day=1) if chance < _NEW_YEAR * threshold else self._national_day(born)
            )
        return born

    def _national_day(self, born: date) -> date:
        day = born.replace(month=10, day=1)
        return day if day <= self._on else born

    def age(self, born: date) -> int:
        """Full years on the day."""
        on = self._on
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    def days(self, born: date) -> int:
        """Days since birth."""
        return self._today - born.toordinal()
