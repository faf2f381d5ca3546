"""Reading ``scorecards/*.yaml`` of a pack and of those it extends; a card of the more local pack takes the place of the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tiercare.engines.policy import PackSet
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import ClauseId, ParameterName, Shape, Words, check
from tiercare.kernel.text import Text

from ..chance import Law
from ..load import Book
from ..schema import Level
from ..shapes import Key
from ..targets import Target
from .model import HUNDRED, Curve, Measure, Panel, Scorecard

FOLDER = "scorecards"
Number = int | float | ParameterName  # a name is looked up in the clauses
ConsortiumKind = Annotated[str, Field(pattern=r"^[A-Z][A-Z_]+$")]  # as the registers write it


class MeasureShape(Shape):
    """A line: ``zero`` and ``full`` (or the target's number), or ``curve`` with its knots; without ``indicator`` the target's."""

    indicator: Key | None = None
    weight: Number = 0
    target: Key | None = None
    zero: Number | None = None
    full: Number | None = None
    curve: list[Annotated[list[Number], Field(min_length=2, max_length=2)]] = Field(default_factory=list)
    law: Literal["binomial", "poisson"] | None = None
    public: bool = False


class PanelShape(Shape):
    """Lines under a heading."""

    id: Key
    name: Words
    marked: bool = False
    measures: list[MeasureShape] = Field(default_factory=list)


class CardShape(Shape):
    """A file of ``scorecards``; ``listed_in``: the parameter of a clause that lists the panels there must be; ``focus_in``:
    the one that lists those which come first."""

    id: Key
    version: Annotated[int, Field(ge=1)]
    name: Words
    source: Words
    clauses: list[ClauseId] = Field(default_factory=list)
    ours: bool = False
    covered: Number
    alpha: Number
    level: Literal["consortium", "division"] = "consortium"
    kinds: list[ConsortiumKind] = Field(default_factory=list)
    listed_in: ParameterName | None = None
    focus_in: ParameterName | None = None
    panels: Annotated[list[PanelShape], Field(min_length=1)]


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    source: Source
    shape: CardShape
    parameter: Callable[[str], object]


class _Wrong(Exception):
    """A fault at a place of the file."""

    def __init__(self, place: Place, message: Text, fix: Text) -> None:
        super().__init__(message.en)
        self.place, self.message, self.fix = place, message, fix


def load_scorecards(packs: PackSet, pack_id: str, book: Book) -> Mapping[str, Scorecard]:
    """The scorecards of a region by id.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    targets = {target.id: target for target in book.targets}
    cards: dict[str, Scorecard] = {}
    problems: list[Problem] = []
    for pack in packs.chain(pack_id):
        for path in sorted((Path(pack.folder) / FOLDER).glob("*.yaml")):
            source, found = read(path, f"{pack.id}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if found else check(CardShape, source)
            problems += [*found, *wrong]
            if shape is not None:
                card, faults = _card(_File(source, shape, _parameters(packs)), book, targets)
                problems += [_problem(source, fault) for fault in faults]
                if card is not None:
                    cards[card.id] = card
    if problems:
        raise PackErrors(problems)
    return cards


def read_card(content: object, packs: PackSet, book: Book, *, named: str) -> Scorecard:
    """A scorecard that a region defines for itself, in the shape of a pack's file.

    Args:
        named: what messages call it.

    Raises:
        PackErrors: with every problem found; ``key`` is the place, such as ``panels.0.measures.1.weight``.
    """
    source = Source(named, content, {(): 1})
    shape, problems = check(CardShape, source)
    targets = {target.id: target for target in book.targets}
    card, faults = _card(_File(source, shape, _parameters(packs)), book, targets) if shape else (None, [])
    if card is None:
        raise PackErrors([*problems, *(_problem(source, fault) for fault in faults)])
    return card


def _parameters(packs: PackSet) -> Callable[[str], object]:
    def parameter(name: str) -> object:
        found = packs.parameters.get(name)
        return found[-1].value if found else None

    return parameter


def _problem(source: Source, wrong: _Wrong) -> Problem:
    return Problem(
        source.file, source.line(wrong.place), ".".join(map(str, wrong.place)), wrong.message, wrong.fix
    )


def _card(file: _File, book: Book, targets: Mapping[str, Target]) -> tuple[Scorecard | None, list[_Wrong]]:
    shape = file.shape
    faults: list[_Wrong] = []
    focus = _listed(file, shape.focus_in)
    panels = []
    for at, panel in enumerate(shape.panels):
        lines = []
        for line, measure in enumerate(panel.measures):
            try:
                lines.append(_measure(file, measure, ("panels", at, "measures", line), book, targets))
            except _Wrong as wrong:
                faults.append(wrong)
        panels.append(Panel(panel.id, panel.name.text, panel.marked, tuple(lines), panel.id in focus))
    try:
        covered, alpha = (
            _share(file, value, key) for key, value in (("covered", shape.covered), ("alpha", shape.alpha))
        )
    except _Wrong as wrong:
        return None, [*faults, wrong]
    card = Scorecard(
        shape.id,
        shape.version,
        shape.name.text,
        shape.source.text,
        tuple(shape.clauses),
        shape.ours,
        covered,
        alpha,
        tuple(panels),
        Level(shape.level),
        tuple(shape.kinds),
    )
    if not faults:
        faults += [*_whole(card), *_as_listed(file, card), *_focused(file, card)]
    return (None if faults else card), faults


def _whole(card: Scorecard) -> list[_Wrong]:
    """Weights that do not make a hundred, and lines or panels that stand twice."""
    faults = []
    if card.weight not in {0, HUNDRED}:
        has = float(card.weight)
        faults.append(
            _Wrong(
                ("panels",),
                Text(f"权重合计是{has:g}，不是100。", f"The weights add up to {has:g}, not to 100."),
                Text(
                    "请改到合计100；只对照目标、不打分的，权重都写0。",
                    "Make them 100, or all 0 for a card that gives no score.",
                ),
            )
        )
    seen: set[tuple[str, str]] = set()
    for at, panel in enumerate(card.panels):
        for line, measure in enumerate(panel.measures):
            name = (measure.indicator, measure.target.id if measure.target else "")
            if name in seen:
                faults.append(
                    _Wrong(
                        ("panels", at, "measures", line, "indicator"),
                        Text(f"“{measure.indicator}”写了两次。", f"“{measure.indicator}” stands twice."),
                        Text("请只保留一处，否则它会算两次。", "Keep one of them, or it counts twice."),
                    )
                )
            seen.add(name)
    return faults


def _as_listed(file: _File, card: Scorecard) -> list[_Wrong]:
    """Panels that the clause does not name, and those that it names and that are not there."""
    name, listed = file.shape.listed_in, _listed(file, file.shape.listed_in)
    if name is None or (listed and listed == [panel.id for panel in card.panels]):
        return []
    words = "、".join(listed) or "—"
    return [
        _Wrong(
            ("panels",),
            Text(f"条款（{name}）列的是：{words}。", f"The clause ({name}) lists: {words}."),
            Text("请按条款的顺序，一项一栏。", "One panel for each, in the clause's order."),
        )
    ]


def _listed(file: _File, name: str | None) -> list[str]:
    """What the parameter of a clause lists; nothing where it is none."""
    found = file.parameter(name) if name else None
    return [str(each) for each in found] if isinstance(found, list | tuple) else []


def _focused(file: _File, card: Scorecard) -> list[_Wrong]:
    """Panels that a clause names as the chief focus and that do not come first."""
    listed = _listed(file, file.shape.focus_in)
    if file.shape.focus_in is None or (
        listed and listed == [panel.id for panel in card.panels][: len(listed)]
    ):
        return []
    words = "、".join(listed) or "—"
    return [
        _Wrong(
            ("panels",),
            Text(
                f"条款（{file.shape.focus_in}）的重点是：{words}。",
                f"The clause ({file.shape.focus_in}) has as its chief focus: {words}.",
            ),
            Text("请把重点各栏放在最前面。", "Put these panels first, in its order."),
        )
    ]


def _measure(
    file: _File, shape: MeasureShape, place: Place, book: Book, targets: Mapping[str, Target]
) -> Measure:
    target = _target(shape, place, targets)
    name = shape.indicator or (target.indicator if target else "")
    if name not in book.indicators and (target is None or name):
        raise _unknown("指标", "indicator", name, (*place, "indicator"), book.indicators)
    if target is not None and target.indicator != name:
        raise _Wrong(
            (*place, "target"),
            Text(
                f"目标“{target.id}”说的是“{target.indicator}”。",
                f"Target “{target.id}” is about “{target.indicator}”.",
            ),
            Text("请写同一个指标的目标。", "Name a target of the same indicator."),
        )
    weight = _number(file, shape.weight, (*place, "weight"))
    if weight < 0:
        raise _Wrong((*place, "weight"), Text("权重不能是负数。", "A weight is not negative."), _NUMBER)
    curve = _curve(file, shape, place, target) if weight else None
    return Measure(name, weight, curve, target, Law(shape.law) if shape.law else None, shape.public)


def _target(shape: MeasureShape, place: Place, targets: Mapping[str, Target]) -> Target | None:
    if shape.target is None:
        return None
    if shape.target not in targets:
        raise _unknown("目标", "target", shape.target, (*place, "target"), targets)
    return targets[shape.target]


def _curve(file: _File, shape: MeasureShape, place: Place, target: Target | None) -> Curve:
    """The knots as written, or a line from ``zero`` to ``full``; without ``full`` to where the target is met."""
    if shape.curve:
        knots = [
            (_number(file, a, (*place, "curve", at)), _number(file, b, (*place, "curve", at)))
            for at, (a, b) in enumerate(shape.curve)
        ]
        if (
            len(knots) < 2
            or any(b <= a for (a, _), (b, _) in pairwise(knots))
            or any(not 0 <= s <= 1 for _, s in knots)
        ):
            raise _Wrong(
                (*place, "curve"),
                Text(
                    "曲线要有两个以上的点，值从小到大，份额从0到1。",
                    "A curve has two points or more, values ascending, shares from 0 to 1.",
                ),
                Text(
                    "例：[[0.5, 0], [0.65, 1]]；同一个值上不能跳。",
                    "Such as [[0.5, 0], [0.65, 1]]; it may not jump at a value.",
                ),
            )
        return Curve(tuple(knots))
    full = None if shape.full is None else _number(file, shape.full, (*place, "full"))
    if full is None and target is not None and target.limit is not None:
        full = target.limit - (target.tolerance if target.op == "~=" else 0)
    if shape.zero is None or full is None:
        raise _Wrong(
            place,
            Text(
                "打分的指标要写从哪里起得分（zero）、到哪里满分（full 或目标值）。",
                "A weighed line says where it earns nothing (zero) and everything (full, or its target).",
            ),
            Text("请补上，或把权重写成0。", "Add them, or make the weight 0."),
        )
    zero = _number(file, shape.zero, (*place, "zero"))
    if zero == full:
        raise _Wrong(
            (*place, "zero"),
            Text(
                "零分和满分在同一个值上，差一点点就差全部。",
                "Nothing and everything at the same value: a hair's breadth would decide all.",
            ),
            Text("请把 zero 写得离目标远一些。", "Move zero away from the target."),
        )
    return Curve.between(zero, full)


_NUMBER = Text(
    "请写数，或条款的参数名，如 XH-115.primary_visit_share。",
    "Write a number, or a clause's parameter such as XH-115.primary_visit_share.",
)


def _share(file: _File, value: Number, key: str) -> Fraction:
    number = _number(file, value, (key,))
    if not 0 < number <= 1:
        raise _Wrong((key,), Text("要写0到1之间的数。", "This is a number from 0 to 1."), _NUMBER)
    return number


def _number(file: _File, value: Number, place: Place) -> Fraction:
    found = file.parameter(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise _Wrong(place, Text(f"条款里没有数“{value}”。", f"No clause gives a number “{value}”."), _NUMBER)
    return Fraction(str(found))


def _unknown(zh: str, en: str, name: str, place: Place, known: Mapping[str, object]) -> _Wrong:
    near = get_close_matches(name, known, 1)
    return _Wrong(
        place,
        Text(f"没有{zh}“{name}”。", f"There is no {en} “{name}”."),
        Text(f"是不是“{near[0]}”？", f"Did you mean “{near[0]}”?")
        if near
        else Text("请对照指标册。", "Look it up in the book of indicators."),
    )
