"""One indicator looked at closely: its number and counts, how it went on, place by place with rank and funnel, what clauses ask
of it, and the doubts about the data behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.engines.measures.cells import by_of
from tiercare.engines.measures.chance import Law
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import Funnel, Rank, funnel, law_of, value_ranks
from tiercare.engines.measures.scoring.inputs import CUT, ENOUGH, in_funnel, middle_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import is_within
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .book import NO_SUCH_INDICATOR, book_of
from .matters import area_of
from .runs import Kept, newest_runs
from .values import Number, Stood, Which, read_numbers, read_standings

FUNNEL = "funnel_per_mille"
_DOUBTS = """
SELECT name, content::text FROM evaluation_finding
WHERE run_id = %(run)s AND kind = 'honesty' AND indicator = %(indicator)s AND span = %(span)s ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: a period of the run (its newest year if empty), somebody (the region if empty), and by which level
    the places below are listed."""

    span: str = ""
    level: Level = Level.REGION
    key: str = ""
    by: Level = Level.DIVISION


@dataclass(frozen=True, slots=True)
class Place:
    """A place with its value, that of the same period a year before, its rank and where it lies in the funnel."""

    now: Number
    before: Number | None
    rank: Rank | None
    funnel: Funnel | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something odd about the data behind a number, as it was kept."""

    name: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Looked:
    """An indicator of a run.

    Attributes:
        versions: every definition, the oldest first; the last one is what the run used.
        series: of whoever is looked at, over every period of the run.
        centre: the region's value of the period, the middle of the funnel.
        whole: whether all places are seen; only then is anybody ranked.
    """

    run: Kept
    asked: Asked
    versions: Sequence[Indicator]
    now: Number | None
    before: Number | None
    centre: Number | None
    series: Sequence[Number]
    places: Sequence[Place]
    standings: Sequence[Stood]
    doubts: Sequence[Doubt]
    whole: bool
    law: Law | None

    @property
    def indicator(self) -> Indicator:
        """The definition that the number of the period was computed by; the newest where there is no number."""
        used = self.centre.version if self.centre is not None else None
        return next((each for each in self.versions if each.version == used), self.versions[-1])


def newest_run(actor: Actor, pack: str) -> Kept | None:
    """The newest run of a pack, if there is any that the actor sees.

    Raises:
        Refused: if the actor sees no indicators.
    """
    return next(iter(newest_runs(actor, pack)), None)


def span_of(run: Kept, wanted: str) -> str:
    """The period that is asked for, or the newest year of the run.

    Raises:
        Refused: if the run has no such period.
    """
    if not wanted:
        return run.shown_first
    if wanted not in run.spans:
        raise Refused(NO_SUCH_SPAN)
    return wanted


def looked(actor: Actor, run: Kept, indicator: str, asked: Asked) -> Looked:
    """An indicator of a run, as the actor may see it.

    Raises:
        Refused: if the actor sees no indicators, or the pack has none of this id, or the run no such period.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    book = book_of(run.pack)
    versions = book.indicators.get(indicator)
    if not versions:
        raise Refused(NO_SUCH_INDICATOR)
    now = span_of(run, asked.span)
    key = run.region if asked.level is Level.REGION or not asked.key else asked.key
    before = str(span(now).a_year_before())
    with scoped(actor, area=area_of(actor)):
        own = read_numbers(run.id, Which({indicator}, {asked.level.value}, None, {key}))
        around = read_numbers(
            run.id, Which({indicator}, {Level.REGION.value, asked.by.value}, {now, before}, None)
        )
        # A clause that names the indicator and gives no number has a demand of no indicator; it is shown here all the same.
        standings = [
            each
            for each in read_standings(run.id, {indicator, ""})
            if each.indicator or each.clause in versions[-1].clauses
        ]
        doubts = [
            Doubt(each["name"], json.loads(each["content"]))
            for each in rows(_DOUBTS, run=run.id, indicator=indicator, span=now)
        ]
    of = {each.span: each for each in own}
    centre = next((each for each in around if each.level == Level.REGION and each.span == now), None)
    whole = sees_all(actor, run)
    law = law_of(versions[-1])
    there = [each for each in around if each.level == asked.by and each.level != Level.REGION]
    return Looked(
        run,
        Asked(now, asked.level, key, asked.by),
        versions,
        of.get(now),
        of.get(before),
        centre,
        own,
        _places(there, now, versions[-1], centre, _alpha(book), law, whole=whole),
        standings,
        doubts,
        whole,
        law,
    )


def sees_all(actor: Actor, run: Kept) -> bool:
    """Whether the actor sees every place of the region: only then can anybody be ranked."""
    area = area_of(actor)
    return actor.is_system or (area != "" and is_within(run.region, area))


def _alpha(book: Book) -> Fraction | None:
    given = book.given.get(FUNNEL)
    return Fraction(given.value, 1000) if given is not None and isinstance(given.value, int) else None


def _places(
    found: Sequence[Number],
    now: str,
    indicator: Indicator,
    centre: Number | None,
    alpha: Fraction | None,
    law: Law | None,
    *,
    whole: bool,
) -> list[Place]:
    mine = [each for each in found if each.span == now]
    earlier = {each.key: each for each in found if each.span != now}
    values = [value_of(each) for each in mine]
    ranks = {each.key: each for each in value_ranks(values, indicator)} if whole else {}
    drawn = {each.key: each for each in _drawn(values, indicator, centre, alpha, law)}
    places = [Place(each, earlier.get(each.key), ranks.get(each.key), drawn.get(each.key)) for each in mine]
    order = {key: at for at, key in enumerate(ranks)}
    return sorted(places, key=lambda each: (order.get(each.now.key, 0), each.now.key))


def _drawn(
    values: Sequence[Value],
    indicator: Indicator,
    centre: Number | None,
    alpha: Fraction | None,
    law: Law | None,
) -> Sequence[Funnel]:
    if law is None or alpha is None or centre is None:
        return ()
    middle = value_of(centre)
    able = [each for each in values if in_funnel(law, each, middle)]
    if not able or not middle.denominator:
        return ()
    cut = CUT if len(able) >= ENOUGH else None
    return funnel(able, middle_of(middle), law, alpha, per=indicator.per, cut=cut)


def levels_of(book: Book, indicator: Indicator) -> list[Level]:
    """The levels below the region to which all rows of an indicator are given, the largest first."""
    parts = [part for name in indicator.of for part in book.indicators[name][-1].parts] or list(
        indicator.parts
    )
    below = (Level.DIVISION, Level.CONSORTIUM, Level.INSTITUTION)
    return [each for each in below if all(each in by_of(part) for part in parts)]


def value_of(number: Number) -> Value:
    """A kept number as the engine takes it; twelve decimals are what was kept."""
    return Value(
        number.indicator,
        number.version,
        span(number.span),
        Level(number.level),
        number.key,
        None if number.numerator is None else Fraction(number.numerator),
        None if number.denominator is None else Fraction(number.denominator),
        None if number.value is None else Fraction(number.value),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator in the book: its definition, the region's number of the period and of a year before, and its demands."""

    indicator: Indicator
    now: Number | None
    before: Number | None
    standings: Sequence[Stood]


def lines(actor: Actor, pack: str, run: Kept | None, wanted: str) -> list[Line]:
    """The book of a pack with the region's numbers of a run, in the order of the files.

    Raises:
        Refused: if the actor sees no indicators, there is no such pack, or the run has no such period.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    book = book_of(pack)
    if run is None:
        return [Line(versions[-1], None, None, ()) for versions in book.indicators.values()]
    now = span_of(run, wanted)
    before = str(span(now).a_year_before())
    with scoped(actor, area=area_of(actor)):
        found = read_numbers(run.id, Which(None, {Level.REGION.value}, {now, before}, {run.region}))
        stood = read_standings(run.id)
    numbers = {(each.indicator, each.span): each for each in found}
    demands: dict[str, list[Stood]] = {}
    for each in stood:
        demands.setdefault(each.indicator, []).append(each)
    return [
        Line(versions[-1], numbers.get((key, now)), numbers.get((key, before)), demands.get(key, ()))
        for key, versions in book.indicators.items()
    ]


@dataclass(frozen=True, slots=True)
class Moved:
    """An indicator of which a clause asks that it rise or fall: place by place, with the year before."""

    indicator: Indicator
    stood: Stood
    region: tuple[Number | None, Number | None]
    places: Mapping[str, tuple[Number | None, Number | None]]


def moved(actor: Actor, run: Kept, wanted: str, by: Level) -> list[Moved]:
    """What clauses ask to rise or to fall, for the region and for each place of a level.

    Raises:
        Refused: if the actor sees no indicators, or the run has no such period.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    book = book_of(run.pack)
    now = span_of(run, wanted)
    before = str(span(now).a_year_before())
    asked = {each.indicator for each in book.targets if each.op in {"up", "down"} and each.indicator}
    with scoped(actor, area=area_of(actor)):
        found = read_numbers(run.id, Which(asked, {Level.REGION.value, by.value}, {now, before}))
        stood = [each for each in read_standings(run.id, asked) if each.op in {"up", "down"}]
    numbers = {(each.indicator, each.level, each.key, each.span): each for each in found}
    keys: dict[str, set[str]] = {}
    for each in found:
        if each.level == by.value and by is not Level.REGION:
            keys.setdefault(each.indicator, set()).add(each.key)

    def pair(indicator: str, level: Level, key: str) -> tuple[Number | None, Number | None]:
        return (
            numbers.get((indicator, level.value, key, now)),
            numbers.get((indicator, level.value, key, before)),
        )

    return [
        Moved(
            book.indicators[each.indicator][-1],
            each,
            pair(each.indicator, Level.REGION, run.region),
            {key: pair(each.indicator, by, key) for key in sorted(keys.get(each.indicator, ()))},
        )
        for each in stood
        if each.span == now
    ]


NO_SUCH_SPAN = Refusal(
    code="evaluation.no_such_span",
    message=Text("这次计算里没有这个时间段。", "The run has no such period."),
    instead=Text("请从“时间”里选一个。", "Choose one of its periods."),
    at="span",
    status=422,
)
