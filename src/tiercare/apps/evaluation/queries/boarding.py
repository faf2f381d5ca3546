"""The board of a region or of one of its consortia for a period: everything on it in one look through the wall."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network.queries.members_by_key import Member, members_by_key
from tiercare.engines.measures.boards import Against, Beside, Board, Theme, Watch
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.targets import Standing, judge
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .book import board_of, book_of, oversight_of
from .homogeneity import Ranked, ranked, value_of
from .matters import area_of
from .runs import Kept
from .values import Noted, Number, Which, read_noted, read_numbers

_CONSORTIA = """
SELECT DISTINCT key FROM evaluation_value
WHERE run_id = %(run)s AND level = 'consortium' AND indicator = ANY (%(indicators)s::text[]) ORDER BY key
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which period of the run, and of whom: the region (``consortium`` empty) or a consortium; ``map``: by which
    indicator the map is coloured."""

    span: str
    consortium: str = ""
    map: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """An indicator: its value, that of the period before, the line that it draws, what is demanded of it, and doubts."""

    indicator: Indicator
    now: Number | None
    before: Number | None
    line: tuple[Number, ...]
    demands: tuple[Standing, ...]
    doubts: tuple[Noted, ...]


@dataclass(frozen=True, slots=True)
class Fall:
    """A month in which a watched number fell against the one that it is compared with."""

    indicator: Indicator
    now: Number
    before: Number


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch with the line of each indicator (for the region) or the falls of the newest month (for institutions), and how
    many were compared."""

    watch: Watch
    indicators: Mapping[str, Indicator]
    month: str
    lines: Mapping[str, tuple[Number, ...]]
    falls: tuple[Fall, ...]
    compared: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The board. ``before`` is the period before; ``spans`` those of its lines."""

    run: Kept
    asked: Asked
    level: Level
    key: str
    before: str
    spans: tuple[str, ...]
    themes: tuple[tuple[Theme, tuple[Tile, ...]], ...]
    flows: Mapping[str, tuple[tuple[str, ...], ...]]
    beside: tuple[tuple[Beside, Indicator, tuple[Noted, ...]], ...]
    year: str
    quality: tuple[tuple[Indicator, tuple[Ranked, ...]], ...]
    watched: tuple[Watched, ...]
    map: tuple[Indicator, Mapping[str, Number]] | None
    maps: tuple[Indicator, ...]
    consortia: tuple[str, ...]
    book: Book
    board: Board


def board(actor: Actor, run: Kept, asked: Asked) -> Seen:
    """The board as the actor may see it.

    Raises:
        Refused: if the actor sees no indicators, or the run has no such period, consortium or map.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    if asked.span not in run.spans:
        raise Refused(nothing_there("span"))
    book, shown = book_of(run.pack), board_of(run.pack)
    if asked.map and asked.map not in shown.maps:
        raise Refused(nothing_there("map"))
    on = last_day(span(asked.span))
    with scoped(actor, area=area_of(actor)):
        return _Look(run, asked, book, shown, members_by_key(on=on)).all()


@dataclass(frozen=True, slots=True)
class _Look:
    run: Kept
    asked: Asked
    book: Book
    board: Board
    members: Mapping[str, Sequence[Member]]

    def all(self) -> Seen:
        found = rows(_CONSORTIA, run=self.run.id, indicators=sorted(self.board.indicators))
        consortia = tuple(row["key"] for row in found)
        if self.asked.consortium and self.asked.consortium not in consortia:
            raise Refused(nothing_there("consortium"))
        return Seen(
            run=self.run,
            asked=self.asked,
            level=self.level,
            key=self.key,
            before=str(self.period.before()),
            spans=self.line_spans,
            themes=self._themes(),
            flows=self._flows(),
            beside=self._beside(),
            year=self.year,
            quality=self._quality(),
            watched=tuple(self._watched()),
            map=self._map(),
            maps=tuple(self._newest(each) for each in self.board.maps),
            consortia=consortia,
            book=self.book,
            board=self.board,
        )

    @property
    def period(self) -> Span:
        return span(self.asked.span)

    @property
    def level(self) -> Level:
        return Level.CONSORTIUM if self.asked.consortium else Level.REGION

    @property
    def key(self) -> str:
        return self.asked.consortium or self.run.region

    @property
    def year(self) -> str:
        return str(self.period.first // 100)

    @property
    def months(self) -> list[str]:
        return [each for each in self.run.spans if span(each).length == 1]

    @property
    def line_spans(self) -> tuple[str, ...]:
        """A year is drawn by its quarters and those before, a month by months: two points are no line. Nothing of what came
        after the period."""
        length = 1 if self.period.length == 1 else 3
        last = self.period.last
        return tuple(
            each for each in self.run.spans if span(each).length == length and span(each).last <= last
        )

    def _newest(self, indicator: str) -> Indicator:
        return self.book.indicators[indicator][-1]

    def _themes(self) -> tuple[tuple[Theme, tuple[Tile, ...]], ...]:
        spans = {self.asked.span, str(self.period.before()), *self.line_spans}
        which = Which(self.board.indicators, {self.level.value}, spans, {self.key})
        found = {(each.indicator, each.span): each for each in read_numbers(self.run.id, which)}
        doubts = defaultdict(list)
        for each in read_noted(self.run.id, ["honesty"], spans={self.year}):
            doubts[each.indicator].append(each)
        return tuple(
            (theme, tuple(self._tile(each, found, doubts[each]) for each in theme.indicators))
            for theme in self.board.themes.values()
        )

    def _tile(self, name: str, found: Mapping[tuple[str, str], Number], doubts: Sequence[Noted]) -> Tile:
        indicator = self._newest(name)
        now, before = found.get((name, self.asked.span)), found.get((name, str(self.period.before())))
        demands = tuple(
            judge(target, value_of(now), value_of(before))
            for target in self.book.targets
            if target.indicator == name
        )
        line = tuple(found[name, each] for each in self.line_spans if (name, each) in found)
        return Tile(indicator, now, before, line, demands, tuple(doubts))

    def _flows(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        found = read_noted(
            self.run.id, ["flow"], spans={self.asked.span}, level=self.level.value, key=self.key
        )
        return {each.name: tuple(tuple(line) for line in each.content["flows"]) for each in found}

    def _beside(self) -> tuple[tuple[Beside, Indicator, tuple[Noted, ...]], ...]:
        found = defaultdict(list)
        for each in read_noted(self.run.id, ["volumes"]) if self.board.beside else ():
            if span(each.span).last <= self.period.last:
                found[each.name].append(each)
        return tuple(
            (each, self._newest(each.indicator), tuple(sorted(found[each.id], key=lambda n: n.span)))
            for each in self.board.beside.values()
        )

    def _quality(self) -> tuple[tuple[Indicator, tuple[Ranked, ...]], ...]:
        """Consortia by each indicator of quality over the year, and how far their members are apart (NHC-14)."""
        names = [each for each in oversight_of(self.run.pack).quality if each in self.book.indicators]
        levels = {Level.CONSORTIUM.value, Level.INSTITUTION.value}
        found: dict[str, list[Number]] = defaultdict(list)
        for each in read_numbers(self.run.id, Which(names, levels, {self.year})) if names else ():
            found[each.indicator].append(each)
        tables = ((self._newest(name), found[name]) for name in names)
        return tuple(
            (indicator, places)
            for indicator, numbers in tables
            if (places := ranked(numbers, indicator, self.members))
        )

    def _watched(self) -> Iterator[Watched]:
        inside = [each for each in self.months if span(each).last <= self.period.last]
        for watch in self.board.watches.values():
            if inside:
                yield self._watch(watch, inside)

    def _watch(self, watch: Watch, months: Sequence[str]) -> Watched:
        back = 1 if watch.against is Against.MONTH_BEFORE else 12
        newest = months[-1]
        wide = watch.level is Level.REGION
        spans = set(months) if wide else {newest, str(span(newest).moved(-back))}
        which = Which(watch.indicators, {watch.level.value}, spans, {self.run.region} if wide else None)
        found = {each.place: each for each in read_numbers(self.run.id, which)}
        pairs = [
            (each, found.get((each.indicator, each.level, each.key, str(span(each.span).moved(-back)))))
            for each in found.values()
            if wide or (each.span == newest and self._inside(each.key))
        ]
        compared = [(now, was) for now, was in pairs if was is not None and _any(now, was)]
        falls = [
            Fall(self._newest(now.indicator), now, was)
            for now, was in compared
            if now.value is not None and was.value is not None and now.value < was.value
        ]
        lines = defaultdict(list)
        for each in sorted(found.values(), key=lambda n: n.span) if wide else ():
            lines[each.indicator].append(each)
        falls.sort(key=lambda each: (each.now.span, _depth(each), each.now.key), reverse=True)
        indicators = {name: self._newest(name) for name in watch.indicators}
        return Watched(
            watch,
            indicators,
            newest,
            {name: tuple(line) for name, line in lines.items()},
            tuple(falls),
            len(compared),
        )

    def _inside(self, institution: str) -> bool:
        """Whether an institution belongs to the consortium that is looked at, if any is."""
        if not self.asked.consortium:
            return True
        return any(each.key == institution for each in self.members.get(self.asked.consortium, ()))

    def _map(self) -> tuple[Indicator, dict[str, Number]] | None:
        name = self.asked.map or next(iter(self.board.maps), "")
        if not name:
            return None
        found = read_numbers(self.run.id, Which({name}, {Level.DIVISION.value}, {self.asked.span}))
        return self._newest(name), {each.key: each for each in found}


def last_day(period: Span) -> date:
    """The last day of a period."""
    year, month = divmod(period.last, 100)
    return date(year, month, calendar.monthrange(year, month)[1])


def nothing_there(at: str) -> Refusal:
    """What was asked for is not in the run."""
    return Refusal(
        code=f"evaluation.no_such_{at}",
        message=Text(
            "这次计算里没有所选的时段、医联体或指标。", "The run has no such period, consortium or indicator."
        ),
        instead=Text("请从看板上方的选项中重新选择。", "Choose again from what the board offers."),
        at=at,
        status=404,
    )


def _any(*pair: Number) -> bool:
    """Hospitals have no primary visits in either year: nothing is compared there."""
    return any(each.value for each in pair)


def _depth(fall: Fall) -> Fraction:
    before = Fraction(fall.before.value or 0)
    return (before - Fraction(fall.now.value or 0)) / before if before else Fraction(0)
