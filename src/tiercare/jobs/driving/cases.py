"""What patients of a drive come with: the words that stand in a request, and where it is looked after. Made up, after common complaints."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tiercare.apps.capacity.rules.demonstration import MARK


@dataclass(frozen=True, slots=True)
class Case:
    """A complaint: diagnosis (ICD-10) with its name, the words, the specialty; the demonstration's pools in which it is looked after, the
    best first, and those of the examinations that go with it. ``women``: only they have it, which the twin does not look at."""

    code: str
    problem: str
    complaint: str
    specialty: str
    pools: tuple[str, ...]
    exams: tuple[str, ...]
    women: bool

    def pool_at(self, offered: Collection[str]) -> str:
        """The best of its pools that is offered there; the best of all where none is."""
        return next((each for each in self.pools if each in offered), self.pools[0])


@cache
def cases() -> Mapping[str, Case]:
    """All of them by their code: those of the twin (``synth/data/diseases.csv``), and a few more."""
    text = files(__package__).joinpath("data", "cases.csv").read_text(encoding="utf-8")
    return {row["code"]: _case(row) for row in csv.DictReader(text.splitlines())}


def _case(row: Mapping[str, str]) -> Case:
    return Case(
        row["code"],
        row["problem"],
        row["complaint"],
        row["specialty"],
        tuple(MARK + each for each in row["pools"].split()),
        tuple(MARK + each for each in row["exams"].split()),
        row["women"] == "1",
    )
