"""Reading the tables of a pack and of those it extends: ``guidelines/facts.yaml`` and one file a disease."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Problem, read
from tiercare.engines.policy.reader import Source as File
from tiercare.engines.policy.schema import Shape, Words, check
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .expressions import Expression, NotAnExpression, parse
from .model import (
    Confidence,
    Direction,
    Fact,
    Grade,
    Guidelines,
    Interval,
    Kind,
    Row,
    Source,
    Step,
    Table,
    Urgency,
)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
RowId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)+$")]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class FactShape(Shape):
    """A fact."""

    id: Name
    kind: Literal["number", "flag", "choice"]
    name: Words
    unit: str = ""
    low: float | int | None = None
    high: float | int | None = None
    choices: dict[str, Words] | None = None
    group: str = ""


class FactsShape(Shape):
    """``guidelines/facts.yaml``."""

    facts: list[FactShape]


class SourceShape(Shape):
    """Where rows come from."""

    id: Name
    name: Words


class StepShape(Shape):
    """A value of a grade."""

    value: str
    name: Words
    when: Condition


class GradeShape(Shape):
    """A derived fact."""

    id: Name
    name: Words
    steps: list[StepShape] = Field(default_factory=list)
    count: list[Condition] = Field(default_factory=list)


class RowShape(Shape):
    """A criterion."""

    id: RowId
    direction: Literal["up", "down"]
    tiers: list[Annotated[int, Field(ge=0, le=3)]]
    to: Annotated[int, Field(ge=0, le=3)]
    urgency: Literal["emergency", "urgent", "routine"]
    when: Condition
    says: Words
    source: Name
    confidence: Literal["seen", "high", "medium", "ours"]
    since: date
    until: date | None = None
    able: str = ""


class IntervalShape(Shape):
    """How long until the next contact."""

    days: Annotated[int, Field(gt=0, le=730)]
    when: Condition
    says: Words
    source: Name
    confidence: Literal["seen", "high", "medium", "ours"]


class TableShape(Shape):
    """``guidelines/<disease>.yaml``. A pack that extends another replaces rows by their id and drops those it names."""

    disease: Name
    name: Words
    icd10: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]\d{2}$")]] = Field(default_factory=list)
    sources: list[SourceShape] = Field(default_factory=list)
    grades: list[GradeShape] = Field(default_factory=list)
    rows: list[RowShape] = Field(default_factory=list)
    intervals: list[IntervalShape] = Field(default_factory=list)
    drop: list[RowId] = Field(default_factory=list)


def load_guidelines(folders: Iterable[Path]) -> Guidelines:
    """Read the tables of packs, the one that is extended first; a folder without ``guidelines`` adds nothing.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    reading = _Reading()
    for folder in folders:
        reading.pack(folder)
    if reading.problems:
        raise PackErrors(reading.problems)
    return Guidelines(reading.facts, reading.tables, reading.digest.hexdigest())


class _Reading:
    """What has been read so far; problems collect."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.facts: dict[str, Fact] = {}
        self.tables: dict[str, Table] = {}
        self.digest = hashlib.sha256()
        self.file = File("", None, {})

    def pack(self, folder: Path) -> None:
        """Add a pack's facts, then its tables."""
        names = sorted(
            (folder / "guidelines").glob("*.yaml"), key=lambda path: (path.stem != "facts", path.stem)
        )
        for path in names:
            self.file, problems = read(path, f"{folder.name}/guidelines/{path.name}")
            self.digest.update(path.read_bytes())
            if not problems and path.stem == "facts":
                facts, problems = check(FactsShape, self.file)
                self.facts |= {each.id: _fact(each) for each in facts.facts} if facts else {}
            elif not problems and not self.problems:  # without its facts, every condition would be reproached
                table, problems = check(TableShape, self.file)
                if table is not None:
                    self.tables[table.disease] = self._table(table, self.tables.get(table.disease))
            self.problems += problems

    def _table(self, shape: TableShape, inherited: Table | None) -> Table:
        sources = {each.id: Source(each.id, each.name.text) for each in shape.sources}
        sources |= {each.source.id: each.source for each in inherited.rows} if inherited else {}
        grades = {each.id: each for each in inherited.grades} if inherited else {}
        for at, grade in enumerate(shape.grades):
            grades[grade.id] = self._grade(grade, ("grades", at), grades)
        rows = {each.id: each for each in inherited.rows if each.id not in shape.drop} if inherited else {}
        for at, row in enumerate(shape.rows):
            rows[row.id] = self._row(shape.disease, row, ("rows", at), sources, grades)
        intervals = [
            self._interval(each, ("intervals", at), sources, grades)
            for at, each in enumerate(shape.intervals)
        ]
        self._unknown_drops(shape, inherited)
        return Table(
            shape.disease,
            shape.name.text,
            tuple(shape.icd10) or (inherited.icd10 if inherited else ()),
            tuple(grades.values()),
            tuple(rows.values()),
            tuple(intervals) or (inherited.intervals if inherited else ()),
        )

    def _grade(self, shape: GradeShape, at: tuple[str, int], before: Mapping[str, Grade]) -> Grade:
        if bool(shape.steps) == bool(shape.count):
            self._wrong(at, Text("写 steps 或 count 之一。", "Give steps or count, one of them."))
        steps = tuple(
            Step(each.value, each.name.text, self._when(each.when, (*at, "steps", n, "when"), before))
            for n, each in enumerate(shape.steps)
        )
        counted = tuple(self._when(each, (*at, "count", n), before) for n, each in enumerate(shape.count))
        return Grade(shape.id, shape.name.text, steps, counted)

    def _row(
        self,
        disease: str,
        shape: RowShape,
        at: tuple[str, int],
        sources: Mapping[str, Source],
        grades: Mapping[str, Grade],
    ) -> Row:
        if shape.until is not None and shape.until <= shape.since:
            self._wrong((*at, "until"), Text("截止日须晚于起始日。", "It ends after it starts."))
        return Row(
            id=shape.id,
            disease=disease,
            direction=Direction(shape.direction),
            tiers=tuple(shape.tiers),
            to=shape.to,
            urgency=Urgency[shape.urgency.upper()],
            when=self._when(shape.when, (*at, "when"), grades),
            says=shape.says.text,
            source=self._source(shape.source, at, sources),
            confidence=Confidence(shape.confidence),
            period=Period(shape.since, shape.until if shape.until and shape.until > shape.since else None),
            able=shape.able,
        )

    def _interval(
        self,
        shape: IntervalShape,
        at: tuple[str, int],
        sources: Mapping[str, Source],
        grades: Mapping[str, Grade],
    ) -> Interval:
        return Interval(
            shape.days,
            self._when(shape.when, (*at, "when"), grades),
            shape.says.text,
            self._source(shape.source, at, sources),
            Confidence(shape.confidence),
        )

    def _source(self, name: str, at: tuple[str, int], sources: Mapping[str, Source]) -> Source:
        if name not in sources:
            self._wrong((*at, "source"), Text(f"没有来源“{name}”。", f"There is no source {name!r}."))
            return Source(name, Text(name, name))
        return sources[name]

    def _when(self, text: str, at: tuple[str | int, ...], grades: Mapping[str, Grade]) -> Expression:
        try:
            expression = parse(text)
        except NotAnExpression as error:
            self._wrong(at, Text(f"条件“{text}”读不懂：{error}。", f"The condition “{text}”: {error}."))
            return parse("unreadable")
        for name in sorted(expression.names - set(self.facts) - set(grades)):
            self._wrong(at, Text(f"指标目录中没有“{name}”。", f"There is no fact {name!r}."))
        return expression

    def _unknown_drops(self, shape: TableShape, inherited: Table | None) -> None:
        known = {each.id for each in inherited.rows} if inherited else set()
        for at, row in enumerate(shape.drop):
            if row not in known:
                self._wrong(
                    ("drop", at),
                    Text(
                        f"上级政策包中没有“{row}”这一条。", f"The pack that is extended has no row {row!r}."
                    ),
                )

    def _wrong(self, at: tuple[str | int, ...], message: Text) -> None:
        fix = Text("请对照同目录的其他条目更正。", "Correct it after the other entries of the folder.")
        key = ".".join(map(str, at))
        self.problems.append(Problem(self.file.file, self.file.line(at), key, message, fix))


def _fact(shape: FactShape) -> Fact:
    return Fact(
        id=shape.id,
        kind=Kind(shape.kind),
        name=shape.name.text,
        unit=shape.unit,
        low=shape.low,
        high=shape.high,
        choices={code: words.text for code, words in shape.choices.items()} if shape.choices else None,
        group=shape.group,
    )
