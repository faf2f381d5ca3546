"""Standards of the packs beside the registers: what each hospital has of each specialty, and which gap a project takes up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.queries.means import Means, means_of
from tiercare.engines.measures.programmes import MEASURE_NAMES, Measure, Need, Standard, Works
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .matters import area_of, reads
from .oversight import Subject, roll
from .projects import works_for

_OPEN = """
SELECT m.id, m.subject_key AS key, m.payload ->> 'gap' AS gap FROM evaluation_matter m
WHERE m.kind = 'PROJECT' AND m.turn <> '' AND starts_with(m.payload ->> 'gap', %(standard)s) ORDER BY m.made_at, m.id
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a hospital has by one measure: how much, by what names where they have any, how much there must be (0: nothing is
    asked), and the open project that takes the gap up. ``asked`` is false where the measure says nothing of the specialty."""

    measure: Measure
    has: int
    names: tuple[str, ...]
    least: int
    lacking: bool
    asked: bool
    gap: str
    project: UUID | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A specialty at a hospital."""

    subject: Subject
    need: Need
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A standard with every hospital that it is about."""

    standard: Standard
    rows: Sequence[Row]

    @property
    def gaps(self) -> int:
        """How many cells lack something."""
        return sum(each.lacking for row in self.rows for each in row.cells)

    @property
    def taken(self) -> int:
        """How many of those an open project takes up."""
        return sum(each.lacking and each.project is not None for row in self.rows for each in row.cells)


def table(actor: Actor, name: str) -> Table:
    """A standard beside the register of today.

    Raises:
        Refused: if there is no such standard for the actor, or the actor has no part in supervision.
    """
    refuse(None if reads(actor) else may(actor, Right.SUPERVISION_ANSWER))
    standard, today = standard_of(works_for(actor), name), clock.today()
    found = looked_at(standard, roll(actor, on=today).filers.get(standard.of.value, ()), on=today)
    with scoped(actor, area=area_of(actor)):
        taken = {(row["key"], row["gap"]): row["id"] for row in rows(_OPEN, standard=f"{name}/")}
    return Table(
        standard,
        [
            replace(
                row,
                cells=tuple(replace(c, project=taken.get((row.subject.key, c.gap))) for c in row.cells),
            )
            for row in found
        ],
    )


def standard_of(works: Works, name: str) -> Standard:
    """The standard of that id.

    Raises:
        Refused: if there is none.
    """
    found = works.standards.get(name)
    if found is None:
        raise Refused(NO_STANDARD)
    return found


def looked_at(standard: Standard, subjects: Iterable[Subject], *, on: date) -> list[Row]:
    """What each of them has of every specialty of the standard."""
    houses = [(each, each.party.institution_id) for each in subjects]
    means = means_of([house for _, house in houses if house is not None], on=on)
    return [
        Row(each, need, tuple(_cell(standard, need, measure, means[house]) for measure in standard.columns))
        for each, house in houses
        if house is not None
        for need in standard.needs
    ]


def gap_name(standard: Standard, gap: str) -> Text:
    """A gap as people call it.

    Raises:
        KeyError: if the standard has none of that key.
    """
    _, need, measure = gap.split("/")
    known = {each.id: each.name for each in standard.needs}
    asked = MEASURE_NAMES[Measure(measure)]
    return Text(f"{known[need].zh} · {asked.zh}", f"{known[need].en} · {asked.en}")


def _cell(standard: Standard, need: Need, measure: Measure, has: Means) -> Cell:
    names: tuple[str, ...] = ()
    if measure is Measure.SPECIALTY:
        found = sum(_within(code, need) for code in has.licences)
    elif measure is Measure.TALENT:
        found = sum(people for code, people in has.staff.items() if _within(code, need))
    elif measure is Measure.EQUIPMENT:
        found = sum(has.equipment.get(kind, 0) for kind in need.kinds)
    else:
        names = tuple(name for code, name in has.alliances if _within(code, need))
        found = len(names)
    asked = bool(need.kinds) or measure is not Measure.EQUIPMENT
    least = need.least.get(measure, 0)
    # A specialty for which nothing is laid down is bare where there is nothing at all.
    lacking = asked and (found < least if need.least else not found)
    return Cell(measure, found, names, least, lacking, asked, f"{standard.id}/{need.id}/{measure.value}")


def _within(code: str, need: Need) -> bool:
    return any(code == each or code.startswith(f"{each}.") for each in need.codes)


NO_STANDARD = Refusal(
    code="evaluation.no_standard",
    message=Text("当地没有这份对照标准。", "There is no such standard here."),
    instead=Text("请从重点工作页打开。", "Open it from the page of programmes."),
    at="standard",
    status=404,
)
