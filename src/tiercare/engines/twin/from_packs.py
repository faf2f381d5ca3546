"""Levers from packs: ``twin.yaml`` says which parameter of which clause sets a lever; values are resolved for a region on a day.

The rows of a lever are tried in turn, a region's own before those of the packs that it extends. A row whose parameter is not in force, whose
target lies ahead (``by``) or for which the text gives no number leaves it to the next, and is remembered: it says what a policy wants and does not
say how much. Where no row answers, the value is ours and marked so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tiercare.engines.payment import Benefits, load_benefits
from tiercare.engines.policy import (
    Clause,
    Document,
    PackErrors,
    PackSet,
    Parameter,
    ParameterProblem,
    Problem,
    Value,
    parameter,
)
from tiercare.engines.policy.reader import Source, read
from tiercare.engines.policy.schema import ParameterName, Shape, Words, check
from tiercare.kernel.text import Text

from .levers import LEVERS, Levers
from .values import Misfit, Setting, changed, nearest, setting

FILE = "twin.yaml"
_SILENT = Text("没有文件写明，取平台缺省", "No text says it; the platform's default")


class RowShape(Shape):
    """One place from which a lever may take its value: a clause's parameter, the benefits, or ours with a reason (``why``; beside
    ``parameter`` it says that the clause carries a number of ours)."""

    parameter: ParameterName | None = None
    by: ParameterName | None = None
    take: Literal["lowest", "highest"] | None = None
    words: dict[str, bool | int | float | str] | None = None
    benefits: Literal["deductible"] | None = None
    ours: bool | int | float | str | None = None
    why: Words | None = None


class TwinShape(Shape):
    """``twin.yaml``."""

    levers: dict[str, Annotated[list[RowShape], Field(min_length=1)]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a lever's value comes from.

    Attributes:
        clause, document, parameter: that set it; all empty where the benefits or we do.
        source: the sentence of the benefits that sets it.
        why: of a value of ours; beside a clause, the clause carries our number because its text sets none.
        silent: clauses that ask for it without a number, or that do not hold yet on the day.
    """

    clause: Clause | None = None
    document: Document | None = None
    parameter: Parameter | None = None
    source: Text | None = None
    why: Text | None = None
    silent: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """True if no text sets the value."""
        return self.why is not None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The levers as a pack sets them on a day, each with its origin."""

    pack: str
    on: date
    levers: Levers
    origins: Mapping[str, Origin] = field(default_factory=dict)


def levers_of(packs: PackSet, pack: str, *, on: date) -> Resolved:
    """The levers that hold where the pack is in force on that day.

    Raises:
        PackErrors: a ``twin.yaml`` cannot be used: file, line, key, and how to mend it.
        KeyError: there is no such pack.
    """
    rows = load_rows(packs, pack)
    deductible = _deductible(benefits_of(packs, pack), on)
    settings: dict[str, Setting] = {}
    origins: dict[str, Origin] = {}
    for name in LEVERS:
        origins[name] = Origin(why=_SILENT)
        silent: list[str] = []
        for row in rows.get(name, ()):
            found = _from(packs, pack, name, row, on, deductible)
            if found is not None:
                settings[name], origin = found
                origins[name] = replace(origin, silent=tuple(silent))
                break
            if row.parameter:
                silent.append(row.parameter.partition(".")[0])
    return Resolved(pack, on, changed(Levers(), settings), origins)


def benefits_of(packs: PackSet, pack: str) -> Benefits:
    """What the pack and those that it extends write down about reimbursement.

    Raises:
        PackErrors: if it cannot be used.
    """
    return load_benefits(Path(each.folder) for each in packs.chain(pack))


def load_rows(packs: PackSet, pack: str) -> dict[str, tuple[RowShape, ...]]:
    """The rows of every lever, the most local first; a pack without the file adds none.

    Raises:
        PackErrors: with every problem found.
    """
    held: dict[str, tuple[RowShape, ...]] = {}
    found: list[Problem] = []
    for each in packs.chain(pack):
        path = Path(each.folder) / FILE
        if not path.is_file():
            continue
        file, problems = read(path, f"{path.parent.name}/{FILE}")
        shape, wrong = (None, []) if problems else check(TwinShape, file)
        found += [*problems, *wrong]
        if shape is not None:
            found += _faults(shape, file, packs, each.id)
            held |= {name: (*rows, *held.get(name, ())) for name, rows in shape.levers.items()}
    if found:
        raise PackErrors(found)
    return held


def _from(
    packs: PackSet, pack: str, name: str, row: RowShape, on: date, deductible: tuple[bool, Text] | None
) -> tuple[Setting, Origin] | None:
    """What a row gives on that day, if anything."""
    if row.benefits:
        return (deductible[0], Origin(source=deductible[1])) if deductible else None
    if row.parameter is None:
        ours = setting(name, row.ours)
        return None if isinstance(ours, Misfit) else (ours, Origin(why=row.why.text if row.why else _SILENT))
    try:
        answer = parameter(packs, row.parameter, pack, on=on)
        ahead = row.by is not None and not _reached(parameter(packs, row.by, pack, on=on).value, on)
    except ParameterProblem:
        return None  # not in force on that day
    value = None if ahead or answer.value is None else setting(name, _taken(answer.value, row))
    if value is None or isinstance(value, Misfit):
        return None
    return value, Origin(
        answer.clause, answer.document, answer.parameter, why=row.why.text if row.why else None
    )


def _deductible(benefits: Benefits, on: date) -> tuple[bool, Text] | None:
    """Whether the deductible of a referred stay counts on, and who says so; the last row is the most local."""
    rows = [each for each in benefits.continuity if on in each.period]
    return (rows[-1].continuous, rows[-1].source) if rows else None


def _reached(when: Value, on: date) -> bool:
    """Whether a target's year has begun or its day has come."""
    return on >= when if isinstance(when, date) else isinstance(when, int) and on.year >= when


def _taken(value: Value, row: RowShape) -> object:
    """A parameter's value as the lever takes it: a word translated, one end of a range."""
    parts = value if isinstance(value, tuple) else (value,)
    if row.words is not None:
        return next((row.words[str(part)] for part in parts if str(part) in row.words), None)
    numbers = [part for part in parts if isinstance(part, int | float)]
    if row.take is not None and numbers:
        return min(numbers) if row.take == "lowest" else max(numbers)
    return value


def _faults(shape: TwinShape, file: Source, packs: PackSet, pack: str) -> Iterator[Problem]:
    """What the shape cannot say: levers and parameters that there are none of, rows that say two things or nothing, values that no lever takes."""
    for name, rows in shape.levers.items():
        if name not in LEVERS:
            near = "、".join(nearest(name, LEVERS)) or "、".join(LEVERS)
            message = Text(f"没有杠杆“{name}”。", f"There is no lever “{name}”.")
            fix = Text(f"请检查拼写：{near}。", f"Check the spelling: {near}.")
            yield Problem(file.file, file.line(("levers", name)), f"levers.{name}", message, fix)
            continue
        for at, row in enumerate(rows):
            for part, message, fix in _row_faults(name, row, packs, pack):
                place: tuple[str | int, ...] = ("levers", name, at, part)
                yield Problem(file.file, file.line(place), ".".join(map(str, place)), message, fix)


def _row_faults(name: str, row: RowShape, packs: PackSet, pack: str) -> Iterator[tuple[str, Text, Text]]:
    said = [part for part in ("parameter", "benefits", "ours") if getattr(row, part) is not None]
    if len(said) != 1:
        yield (
            said[1] if said else "parameter",
            Text(
                "每一行写一个来源：parameter、benefits 或 ours。",
                "A row has one source: parameter, benefits or ours.",
            ),
            Text("请拆成两行，或补上来源。", "Make it two rows, or name the source."),
        )
        return
    if row.ours is not None:
        yield from _ours_faults(name, row)
    if row.benefits and name != "continuous_deductible":
        yield (
            "benefits",
            Text(f"待遇标准不能决定“{name}”。", f"Benefits say nothing of “{name}”."),
            Text("benefits 只用于 continuous_deductible。", "Use benefits for continuous_deductible only."),
        )
    for part in ("parameter", "by"):
        asked = getattr(row, part)
        if asked and not packs.parameters_for(pack, asked):
            yield (
                part,
                Text(f"这里的条款没有参数“{asked}”。", f"No clause here has the parameter “{asked}”."),
                Text(
                    f"用 tiercare policy parameter {asked.partition('.')[2]} --region {pack} 查找。",
                    f"Look for it: tiercare policy parameter {asked.partition('.')[2]} --region {pack}.",
                ),
            )
    if row.parameter:
        yield from _value_faults(name, row, packs, pack)


def _ours_faults(name: str, row: RowShape) -> Iterator[tuple[str, Text, Text]]:
    ours = setting(name, row.ours)
    if isinstance(ours, Misfit):
        yield "ours", ours.message, ours.instead
    if row.why is None:
        message = Text("平台缺省没有写理由。", "A value of ours has no reason.")
        yield "ours", message, Text("请补上 why（zh、en）。", "Add why (zh, en).")


def _value_faults(name: str, row: RowShape, packs: PackSet, pack: str) -> Iterator[tuple[str, Text, Text]]:
    """Values that the lever cannot take, of whatever day; one for which the text gives no number is none."""
    for word, meant in (row.words or {}).items():
        misfit = setting(name, meant)
        if isinstance(misfit, Misfit):
            yield (
                "words",
                misfit.message,
                Text(f"{word}：{misfit.instead.zh}", f"{word}: {misfit.instead.en}"),
            )
    for held in packs.parameters_for(pack, row.parameter or ""):
        taken = None if held.value is None else _taken(held.value, row)
        if held.value is not None and row.words is not None and taken is None:
            message = Text(
                f"{held.name} 的值“{held.value}”没有对应的词。",
                f"{held.name} is “{held.value}”, for which there is no word.",
            )
            yield "words", message, Text("请在 words 中写明它指什么。", "Say in words what it means.")
        elif taken is not None and row.words is None and isinstance(misfit := setting(name, taken), Misfit):
            message = Text(f"{held.name}：{misfit.message.zh}", f"{held.name}: {misfit.message.en}")
            fix = Text(
                f"{misfit.instead.zh}文字请用 words，区间请用 take。",
                f"{misfit.instead.en} Use words for text and take for a range.",
            )
            yield "parameter", message, fix
    for held in packs.parameters_for(pack, row.by or ""):
        if isinstance(held.value, bool) or not isinstance(held.value, int | date):
            message = Text(f"{held.name} 不是年份，也不是日期。", f"{held.name} is neither a year nor a day.")
            yield "by", message, Text("by 请写年份或期限的参数。", "Let by name a year or a deadline.")
