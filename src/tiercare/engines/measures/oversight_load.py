"""Reading ``oversight/*.yaml`` of a pack and of those it extends; what a more local pack says under the same id takes its place.

Where a text names no number of days, no severity and no limit, the file says so and marks it as ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import check
from tiercare.kernel.text import Text

from .claim_rules import Check, ClaimRule
from .oversight import (
    AlertRule,
    Answer,
    Department,
    Field,
    Goal,
    Item,
    Mode,
    Oversight,
    Severity,
    Template,
    Topic,
)
from .oversight_shapes import (
    AlertShape,
    ClaimShape,
    DepartmentShape,
    FileShape,
    GoalShape,
    InspectionShape,
    NumberShape,
    ReportShape,
)

FOLDER = "oversight"


class _Wrong(Exception):
    """A fault at a place of the file."""

    def __init__(self, place: Place, message: Text, fix: Text) -> None:
        super().__init__(message.en)
        self.place, self.message, self.fix = place, message, fix


def load_oversight(packs: PackSet, pack_id: str, *, indicators: Iterable[str] | None = None) -> Oversight:
    """What supervision does in a region; with ``indicators`` also every name of one is looked up.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    known = None if indicators is None else frozenset(indicators)
    kept: dict[str, dict[str, Any]] = {each.name: {} for each in fields(Oversight)}
    quality: list[str] = []
    problems: list[Problem] = []
    for pack in packs.chain(pack_id):
        for path in sorted((Path(pack.folder) / FOLDER).glob("*.yaml")):
            source, found = read(path, f"{pack.id}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if found else check(FileShape, source)
            problems += [*found, *wrong]
            if shape is None:
                continue
            faults = _File(source, packs, known, problems)
            faults.take(kept, shape)
            quality += [each for each in shape.quality if each not in quality]
    if not problems:
        problems += _unknown_templates(kept)
    if problems:
        raise PackErrors(problems)
    return Oversight(
        **{name: rows for name, rows in kept.items() if name != "quality"}, quality=tuple(quality)
    )


def _unknown_templates(kept: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    return [
        Problem(
            FOLDER,
            1,
            f"alerts.{rule.id}.template",
            Text(f"没有检查模板“{rule.template}”。", f"There is no template “{rule.template}”."),
            Text("请写 inspections 里有的 id。", "Name the id of one of inspections."),
        )
        for rule in kept["alerts"].values()
        if rule.template and rule.template not in kept["inspections"]
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    source: Source
    packs: PackSet
    indicators: frozenset[str] | None
    problems: list[Problem]

    def take(self, kept: dict[str, dict[str, Any]], shape: FileShape) -> None:
        """Everything of the file; what is wrong is noted and left out."""
        sorts: tuple[tuple[str, Sequence[Any], Callable[[Any, Place], Any]], ...] = (
            ("severities", shape.severities, lambda s, _: Severity(s.id, s.name.text, s.days, s.file)),
            ("inspections", shape.inspections, self._template),
            ("goals", shape.goals, self._goal),
            ("reports", shape.reports, self._topic),
            ("alerts", shape.alerts, self._alert),
            ("departments", shape.departments, self._department),
            ("claims", shape.claims, self._claim),
        )
        for name, rows, make in sorts:
            seen: set[str] = set()
            for at, each in enumerate(rows):
                try:
                    if each.id in seen:
                        raise _Wrong((name, at, "id"), _twice(each.id), _ONCE)
                    seen.add(each.id)
                    kept[name][each.id] = self._made(make, each, (name, at))
                except _Wrong as wrong:
                    self._note(wrong)
        for at, name in enumerate(shape.quality):
            try:
                self._indicator(name, ("quality", at))
            except _Wrong as wrong:
                self._note(wrong)

    def _note(self, wrong: _Wrong) -> None:
        key = ".".join(map(str, wrong.place))
        self.problems.append(
            Problem(self.source.file, self.source.line(wrong.place), key, wrong.message, wrong.fix)
        )

    def _made(self, make: Callable[[Any, Place], Any], shape: Any, place: Place) -> Any:
        for at, clause in enumerate(getattr(shape, "clauses", ())):
            if clause not in self.packs.clause:
                raise _Wrong(
                    (*place, "clauses", at),
                    Text(f"没有条款 {clause}。", f"There is no clause {clause}."),
                    Text("请核对条款编号。", "Check the clause's number."),
                )
        return make(shape, place)

    def _template(self, shape: InspectionShape, place: Place) -> Template:
        items = tuple(Item(each.id, each.party, each.name.text, each.goal) for each in shape.items)
        if len({each.id for each in items}) < len(items):
            raise _Wrong((*place, "items"), _twice(shape.id), _ONCE)
        modes = tuple(Mode(each) for each in shape.modes)
        self._as_listed(shape.listed_in, [each.value for each in modes], (*place, "modes"))
        return Template(
            shape.id,
            shape.name.text,
            tuple(shape.clauses),
            modes,
            tuple(shape.subjects),
            shape.days,
            shape.every,
            shape.by_lead,
            items,
        )

    def _goal(self, shape: GoalShape, place: Place) -> Goal:
        if bool(shape.indicator) == bool(shape.unit):
            raise _Wrong(
                (*place, "indicator"),
                Text(
                    "写一个指标（indicator），或写单位（unit），两者选一。",
                    "Name an indicator or a unit, one of the two.",
                ),
                Text("有指标的，单位由指标册给出。", "An indicator has its unit in the book."),
            )
        if shape.indicator:
            self._indicator(shape.indicator, (*place, "indicator"))
        return Goal(
            shape.id,
            shape.name.text,
            tuple(shape.clauses),
            shape.owner,
            shape.indicator or "",
            shape.unit.text if shape.unit else Text("", ""),
            shape.op,
            None if shape.target is None else self._number(shape.target, (*place, "target")),
            shape.steady,
            shape.interval,
            shape.year,
            shape.due,
        )

    def _topic(self, shape: ReportShape, place: Place) -> Topic:
        until = self._value(shape.until, (*place, "until")) if shape.until else None
        if until is not None and not isinstance(until, date):
            raise _Wrong(
                (*place, "until"), _NO_DAY, Text("请指向日期参数。", "Name a parameter that is a day.")
            )
        sheet = tuple(
            Field(
                each.id,
                each.name.text,
                tuple(Answer(one.id, one.name.text, one.score) for one in each.answers),
                each.type,
                each.optional,
            )
            for each in shape.sheet
        )
        owed = [each.id for each in shape.sheet if not each.optional]
        self._as_listed(shape.listed_in, owed, (*place, "sheet"))
        return Topic(
            shape.id,
            shape.name.text,
            shape.says.text,
            tuple(shape.clauses),
            shape.by,
            shape.per,
            shape.days,
            until,
            shape.file,
            sheet,
        )

    def _alert(self, shape: AlertShape, place: Place) -> AlertRule:
        for at, name in enumerate(shape.indicators):
            self._indicator(name, (*place, "indicators", at))
        return AlertRule(
            shape.id,
            shape.name.text,
            tuple(shape.clauses),
            shape.signal,
            shape.days,
            shape.template,
            shape.account,
            tuple(shape.indicators),
            self._number(shape.width, (*place, "width")),
            shape.least,
        )

    def _department(self, shape: DepartmentShape, place: Place) -> Department:
        if shape.listed_in:
            self._value(shape.listed_in, (*place, "listed_in"))
        return Department(
            shape.id,
            shape.name.text,
            tuple(shape.bodies),
            tuple(each.text for each in shape.duties),
            tuple(shape.clauses),
            tuple(shape.roles),
            shape.claims,
            shape.listed_in or "",
        )

    def _claim(self, shape: ClaimShape, place: Place) -> ClaimRule:
        return ClaimRule(
            shape.id,
            shape.name.text,
            shape.says.text,
            tuple(shape.clauses),
            Check(shape.check),
            int(self._number(shape.days, (*place, "days"))),
            int(self._number(shape.yuan, (*place, "yuan"))),
        )

    def _indicator(self, name: str, place: Place) -> None:
        if self.indicators is not None and name not in self.indicators:
            raise _Wrong(
                place,
                Text(f"没有指标“{name}”。", f"There is no indicator “{name}”."),
                Text("请对照指标册。", "Look it up in the book of indicators."),
            )

    def _as_listed(self, name: str | None, written: Sequence[str], place: Place) -> None:
        """What is written is what the clause's parameter ``name`` lists, if there is one."""
        listed = self._value(name, (*place[:-1], "listed_in")) if name else None
        if listed is not None and list(written) != listed:
            words = "、".join(map(str, listed))
            raise _Wrong(
                place,
                Text(f"条款列的是：{words}。", f"The clause lists: {words}."),
                Text("请按条款写全，次序相同。", "Write them all in the clause's order."),
            )

    def _value(self, name: str, place: Place) -> Any:
        found = self.packs.parameters.get(name)
        if not found:
            raise _Wrong(
                place,
                Text(f"条款里没有参数“{name}”。", f"No clause has a parameter “{name}”."),
                Text("请写如 WH-54.modes。", "Write it like WH-54.modes."),
            )
        value = found[-1].value
        return list(value) if isinstance(value, list | tuple) else value

    def _number(self, shape: NumberShape, place: Place) -> Decimal:
        value = self._value(shape, place) if isinstance(shape, str) else shape
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _Wrong(
                place,
                Text(f"“{shape}”不是数。", f"“{shape}” is no number."),
                Text("请写数，或指向一个数的参数。", "Write a number or name a parameter that is one."),
            )
        return Decimal(str(value))


_NO_DAY = Text("参数不是日期。", "The parameter is no day.")
_ONCE = Text("同一个文件里每个 id 只写一次。", "Every id stands once in a file.")


def _twice(name: str) -> Text:
    return Text(f"“{name}”写了两次。", f"“{name}” stands twice.")
