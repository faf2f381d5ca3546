"""Reading ``indicators/*.yaml`` of a pack and of those it extends; what is more local takes the place of the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from tiercare.engines.policy import PackSet, Parameter
from tiercare.engines.policy.load import PackErrors
from tiercare.engines.policy.reader import Place, Problem, Source, read
from tiercare.engines.policy.schema import check
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .derived import columns_of
from .expressions import Given, Meaningless, condition
from .indicators import Direction, Form, Indicator, Part, aggregate
from .periods import Span
from .schema import Attribution, facts
from .shapes import FileShape, GivenShape, IndicatorShape, PartShape, Side, TargetShape
from .targets import Target
from .units import UNITS

FOLDER = "indicators"


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """The indicators of a region.

    Attributes:
        indicators: by id, every version, the oldest first.
        given: what definitions ask for by name, with where it comes from.
    """

    indicators: Mapping[str, tuple[Indicator, ...]]
    targets: tuple[Target, ...]
    given: Mapping[str, GivenShape]

    def on(self, day: date) -> tuple[Indicator, ...]:
        """The indicators in force on a day, in the order of the files."""
        return tuple(
            version for versions in self.indicators.values() for version in versions if day in version.period
        )


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    pack: str
    source: Source
    shape: FileShape


def load_book(packs: PackSet, pack_id: str) -> Book:
    """The book of a pack and of those it extends.

    Raises:
        PackErrors: with every problem found: file, line, key, and how to mend it.
    """
    files, problems = _files((pack.id, Path(pack.folder)) for pack in packs.chain(pack_id))
    given = {name: shape for file in files for name, shape in file.shape.given.items()}
    plain: Given = {name: shape.value for name, shape in given.items()}
    indicators: dict[str, dict[int, Indicator]] = {}
    targets: dict[str, Target] = {}
    for file in files:
        mine: dict[str, dict[int, Indicator]] = {}
        for at, shape in enumerate(file.shape.indicators):
            made = _indicator(shape, file, at, plain, packs, problems)
            if made is not None:
                mine.setdefault(shape.id, {})[shape.version] = made
        indicators |= mine
        for at, asked in enumerate(file.shape.targets):
            target = _target(asked, file, at, packs, plain, indicators, problems)
            if target is not None:
                targets[target.id] = target
    problems += _made_of_nothing(files, indicators)
    if problems:
        raise PackErrors(problems)
    return Book(
        {key: tuple(versions[each] for each in sorted(versions)) for key, versions in indicators.items()},
        tuple(targets.values()),
        given,
    )


def _made_of_nothing(
    files: Iterable[_File], indicators: Mapping[str, Mapping[int, Indicator]]
) -> list[Problem]:
    """Quotients and changes of what is not there, or is made of others itself."""
    return [
        _problem(
            file,
            ("indicators", at),
            _Wrong("of", Text(f"没有可用的指标“{name}”。", f"“{name}” is no indicator to be used here.")),
        )
        for file in files
        for at, shape in enumerate(file.shape.indicators)
        for name in shape.of
        if any(each.of for each in indicators.get(name, {}).values()) or name not in indicators
    ]


def _files(folders: Iterable[tuple[str, Path]]) -> tuple[list[_File], list[Problem]]:
    files: list[_File] = []
    problems: list[Problem] = []
    for pack, folder in folders:
        for path in sorted((folder / FOLDER).glob("*.yaml")):
            source, found = read(path, f"{pack}/{FOLDER}/{path.name}")
            shape, wrong = (None, []) if found else check(FileShape, source)
            problems += [*found, *wrong]
            if shape is not None:
                files.append(_File(pack, source, shape))
    return files, problems


class _Wrong(Exception):
    """A fault at a place of a file."""

    def __init__(self, key: str, message: Text) -> None:
        super().__init__(message.en)
        self.key, self.message = key, message


def _problem(file: _File, place: Place, wrong: _Wrong) -> Problem:
    at = (*place, wrong.key)
    fix = Text("请对照其他条目更正。", "Correct it after the other entries.")
    return Problem(file.source.file, file.source.line(at), ".".join(map(str, at)), wrong.message, fix)


def _indicator(
    shape: IndicatorShape, file: _File, at: int, given: Given, packs: PackSet, problems: list[Problem]
) -> Indicator | None:
    try:
        above = _side(shape, shape.numerator, given, "numerator")
        below = _side(shape, shape.denominator, given, "denominator")
        _complete(shape, above, below)
        per = _per(shape.per, packs)
    except _Wrong as wrong:
        problems.append(_problem(file, ("indicators", at), wrong))
        return None
    return Indicator(
        id=shape.id,
        version=shape.version,
        name=shape.name.text,
        says=shape.says.text,
        source=shape.source.text,
        clauses=tuple(shape.clauses),
        numerator=above,
        denominator=below,
        form=Form(shape.form),
        unit=UNITS[shape.unit],
        per=per,
        direction=Direction(shape.direction),
        small=shape.small,
        ours=shape.ours,
        period=Period(shape.since or date.min, shape.until),
        text={"numerator": _text(shape, shape.numerator), "denominator": _text(shape, shape.denominator)},
        of=tuple(shape.of),
    )


def _parts(side: Side | None) -> list[PartShape]:
    several = side if isinstance(side, list) else [] if side is None else [side]
    return [each if isinstance(each, PartShape) else PartShape(take=each) for each in several]


_MADE_OF = {"quotient": 2, "change": 1, "probability": 8}


def _complete(shape: IndicatorShape, above: tuple[Part, ...], below: tuple[Part, ...]) -> None:
    if len(shape.of) != _MADE_OF.get(shape.form, 0):
        raise _Wrong(
            "of",
            Text(
                "商要写两个指标，变化要写一个，过早死亡概率要写八个年龄组，其他形式不写。",
                "A quotient is of two indicators, a change of one, a probability of eight bands of age.",
            ),
        )
    if not above and not shape.of:
        raise _Wrong("numerator", Text("要有分子。", "There is no numerator."))
    if not below and shape.form not in {"number", "growth", *_MADE_OF}:
        raise _Wrong("denominator", Text("这种形式要有分母。", "This form needs a denominator."))


def _per(per: int | str, packs: PackSet) -> int:
    """The number itself, or that of a clause."""
    if isinstance(per, int):
        return per
    named = _named(per, "per", packs)
    if named is None or not isinstance(named.value, int):
        raise _Wrong("per", Text("这个参数不是整数。", "This parameter is no whole number."))
    return named.value


def _side(shape: IndicatorShape, side: Side | None, given: Given, key: str) -> tuple[Part, ...]:
    return tuple(_part(shape, each, given, key) for each in _parts(side))


def _part(shape: IndicatorShape, part: PartShape, given: Given, key: str) -> Part:
    fact = facts().get(part.fact or shape.fact)
    if fact is None:
        raise _Wrong(
            key if part.fact else "fact",
            Text(
                f"没有“{part.fact or shape.fact}”这张表。", f"There is no table “{part.fact or shape.fact}”."
            ),
        )
    attribution = Attribution(part.attribution or shape.attribution)
    if attribution not in fact.by:
        ways = "、".join(fact.by)
        raise _Wrong(
            key, Text(f"{fact.name}只能按{ways}归属。", f"{fact.name} belongs to places by {ways} only.")
        )
    columns = columns_of(fact)
    # The condition of the indicator is about its own table; a part of another table brings its own.
    limit = part.where if part.where is not None else shape.where if part.fact in {None, shape.fact} else None
    try:
        where = condition(limit, columns, given) if limit else None
        return Part(fact.name, attribution, aggregate(part.take, fact, columns, given, where), part.through)
    except Meaningless as error:
        raise _Wrong(
            key, Text(f"“{part.take}”读不懂：{error}", f"“{part.take}” means nothing: {error}")
        ) from None


def _text(shape: IndicatorShape, side: Side | None) -> tuple[str, ...]:
    """A side as it was written, with what it takes over from the indicator: for the book and the digest."""
    said = []
    for part in _parts(side):
        own = part.fact in {None, shape.fact}
        where = part.where if part.where is not None else shape.where if own else None
        words = f"{part.fact or shape.fact}[{part.attribution or shape.attribution}].{part.take}"
        said.append(words + (f" where {where}" if where else "") + (" through" if part.through else ""))
    return tuple(said)


def _target(
    shape: TargetShape,
    file: _File,
    at: int,
    packs: PackSet,
    given: Given,
    indicators: Mapping[str, Mapping[int, Indicator]],
    problems: list[Problem],
) -> Target | None:
    try:
        made = _demand(shape, file.pack, packs, given, indicators)
    except _Wrong as wrong:
        problems.append(_problem(file, ("targets", at), wrong))
        return None
    return made


def _demand(
    shape: TargetShape,
    pack: str,
    packs: PackSet,
    given: Given,
    indicators: Mapping[str, Mapping[int, Indicator]],
) -> Target:
    reason = shape.not_computable.text if shape.not_computable else None
    if shape.indicator is None and reason is None:
        raise _Wrong(
            "indicator",
            Text("没有指标就要写明为什么算不出。", "Without an indicator, say why nothing computes it."),
        )
    if shape.indicator is not None and shape.indicator not in indicators:
        raise _Wrong(
            "indicator", Text(f"没有指标“{shape.indicator}”。", f"There is no indicator “{shape.indicator}”.")
        )
    direction = (
        next(iter(indicators[shape.indicator].values())).direction if shape.indicator else Direction.NONE
    )
    asked = _named(shape.parameter, "parameter", packs)
    op, limit, upper = _limit(asked, direction, whole=shape.whole)
    tolerance = given.get(shape.about or "", 0)
    if op == "~=" and not shape.about:
        raise _Wrong(
            "about", Text("“左右”“基本”要指明容差。", "“About” and “basically” name their tolerance.")
        )
    return Target(
        id=shape.id,
        clause=shape.clause,
        indicator=shape.indicator or "",
        op=op,
        limit=limit,
        upper=upper,
        direction=direction,
        tolerance=Fraction(tolerance, 100) if isinstance(tolerance, int) else Fraction(0),
        span=_span(_named(shape.when, "when", packs), shape.at_once),
        reason=reason,
        note=shape.note.text if shape.note else None,
        pack=pack,
    )


def _limit(
    asked: Parameter | None, direction: Direction, *, whole: bool
) -> tuple[str, Fraction | None, Fraction | None]:
    """How a target compares, and with what: a number, a range, or as many as a list names."""
    if asked is None:
        return ("=", Fraction(1), None) if whole else (direction.value, None, None)
    value = asked.value
    op, limit, upper = "", None, None
    if asked.type == "list" and isinstance(value, list | tuple):
        op, limit = ">=", Fraction(len(value))
    elif asked.type == "range" and isinstance(value, list | tuple):
        op, limit, upper = "in", Fraction(str(value[0])), Fraction(str(value[1]))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        op, limit = asked.op, Fraction(str(value))
    return op, limit, upper


def _named(name: str | None, key: str, packs: PackSet) -> Parameter | None:
    if name is None:
        return None
    found = packs.parameters.get(name)
    if not found:
        raise _Wrong(key, Text(f"条款里没有“{name}”。", f"No clause has “{name}”."))
    return found[-1]


def _span(when: Parameter | None, at_once: bool) -> Span | None:
    """The year a target is for, or the month of its deadline where it is judged as things stand then."""
    if when is None:
        return None
    if isinstance(when.value, date):
        month = when.value.year * 100 + when.value.month
        return Span(month, month) if at_once else Span(when.value.year * 100 + 1, month)
    year = int(str(when.value)) * 100
    return Span(year + 12, year + 12) if at_once else Span(year + 1, year + 12)
