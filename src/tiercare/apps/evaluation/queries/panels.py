"""Panels as somebody may see them: indicators side by side over the facts as they are now (XH-52, WH-21, NHC-18, XH-53 …).

Where rows say no more than the place, an office of an institution sees its own and those it leads, as on the board. Rows by disease,
specialty or operation are the area's: few cases are hidden from those who may not open cases, so that nothing can be worked out of
what is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.holders import holders
from tiercare.engines.measures.chance import Law
from tiercare.engines.measures.disclosure import published
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.panel_rows import lay_out, strengthened, total
from tiercare.engines.measures.panels import Cell, Column, Dimension, Key, Panel, Per, Row
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.scoring import law_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.divisions import is_within
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .boarding import last_day
from .book import panels_of
from .closer import OF_THE_AREA, store_of
from .indicator import NO_SUCH_SPAN
from .runs import Kept

_LENGTH = {Per.QUARTER: 3, Per.YEAR: 12}
_OWN = (Dimension.INSTITUTION, Dimension.CONSORTIUM)
_LINES = 60  # of a table in which small numbers are hidden: beyond, the rest is one line
_JOIN = "\x1f"
_OTHERS = "~"


@dataclass(frozen=True, slots=True)
class Number:
    """What stands in a cell: ``value`` now, ``before`` a year before, ``change`` between them; with the counts behind.

    Attributes:
        absent: there are no data of the period at all; otherwise no ``value`` means a denominator of zero.
        hidden: too few stand behind it for whoever looks.
        small: the denominator is below the indicator's small number.
    """

    value: Fraction | None
    before: Fraction | None
    change: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    absent: bool = False
    hidden: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table; ``allied`` are the alliances of its specialty with the centres they are linked to."""

    key: Key
    numbers: tuple[Number, ...]
    specialty: str | None
    marked: bool
    allied: tuple[network.AllianceRow, ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """A panel over a period and an area.

    Attributes:
        spans: the periods it can be laid for, the oldest first.
        total: all of the area, what stands in no row included.
        strengthen: the specialties under which the rows were seen, by what stands behind, the most first.
        own: whether only the rows of the actor's own institution, and of those it leads, are there.
        left_out: how many rows are not there because small numbers are hidden.
    """

    panel: Panel
    run: Kept
    span: str
    before: str
    area: str
    spans: Sequence[str]
    lines: Sequence[Line]
    total: Line
    strengthen: Sequence[tuple[str, Fraction]]
    own: bool
    hiding: bool
    left_out: int


def panel_of(pack: str, panel: str) -> Panel:
    """A panel of a pack.

    Raises:
        Refused: if there is none of this id.
    """
    found = panels_of(pack).get(panel)
    if found is None:
        raise Refused(NO_SUCH_PANEL)
    return found


def spans_for(panel: Panel, run: Kept) -> list[str]:
    """The periods of a run for which a panel can be laid, the oldest first."""
    fitting = [each for each in run.spans if span_named(each).length == _LENGTH[panel.per]]
    return sorted(fitting, key=span_named)


def laid(actor: Actor, run: Kept, panel_id: str, *, span: str = "", area: str = "") -> Laid:
    """A panel for the area (the region, or what the actor answers for) and the newest whole period, unless others are asked for.

    Raises:
        Refused: if there is no such panel or period, or the area or the rows are not the actor's to see.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    panel = panel_of(run.pack, panel_id)
    where = _area(actor, panel, run, area)
    spans = spans_for(panel, run)
    chosen = span or _newest(spans, run)
    if chosen not in spans:
        raise Refused(NO_SUCH_SPAN)
    period = span_named(chosen)
    on = last_day(period)
    with store_of(run) as store:
        rows = lay_out(store, panel, period, region=where)
        whole = total(store, panel, period, region=where)
    rows, own = _own(actor, panel, rows, on)
    hiding = panel.detailed and may(actor, Right.EVALUATION_CASES) is not None
    shown = rows[:_LINES] if hiding else rows
    hidden = _hidden(panel, rows) if hiding else frozenset()
    allied = network.alliances_of(run.region, on=on) if panel.alliances else ()
    lines = [_line(panel, row, hidden, hiding, allied) for row in shown]
    return Laid(
        panel=panel,
        run=run,
        span=chosen,
        before=str(period.a_year_before()),
        area=where,
        spans=spans,
        lines=lines,
        total=_line(panel, whole, frozenset(), False, ()),
        strengthen=() if hiding else strengthened(panel, rows),
        own=own,
        hiding=hiding,
        left_out=len(rows) - len(shown),
    )


def _newest(spans: Sequence[str], run: Kept) -> str:
    """The last period of the newest whole year; the first of what there is where the year has none."""
    until = span_named(run.shown_first).last
    whole = [each for each in spans if span_named(each).last <= until]
    if not spans:
        raise Refused(NO_SUCH_SPAN)
    return (whole or spans)[-1]


def _area(actor: Actor, panel: Panel, run: Kept, asked: str) -> str:
    """The area that is laid out: offices see their own rows of the whole region, others an area that is theirs."""
    if actor.institution_id is not None:
        if panel.rows[0] not in _OWN:
            raise Refused(OF_THE_AREA)
        return run.region
    mine = actor.division_code or ""
    area = asked or (mine if mine and is_within(mine, run.region) else run.region)
    if not is_within(area, run.region):
        raise Refused(NO_SUCH_AREA)
    refuse(may(actor, Right.EVALUATION_READ, division=area))
    return area


def _own(actor: Actor, panel: Panel, rows: list[Row], on: date) -> tuple[list[Row], bool]:
    """For an office the rows of its own institution and of those it leads: who stands behind a number sees it."""
    if actor.institution_id is None:
        return rows, False
    behind = holders(on=on)
    of = behind.institutions if panel.rows[0] is Dimension.INSTITUTION else behind.consortia
    return [row for row in rows if actor.institution_id in of.get(row.key[0], ())], True


def _line(
    panel: Panel,
    row: Row,
    hidden: frozenset[tuple[Key, int]],
    hiding: bool,
    alliances: Sequence[network.AllianceRow],
) -> Line:
    own = dict(zip(panel.rows, row.key, strict=False))
    specialty = own.get(Dimension.SPECIALTY, row.specialty)
    marked = panel.marks is not None and any(panel.marks.on(each) for each in row.key)
    return Line(
        row.key,
        tuple(
            _HIDDEN if (row.key, at) in hidden else _number(panel, row, at, hiding)
            for at in range(len(panel.columns))
        ),
        specialty,
        marked,
        tuple(each for each in alliances if specialty and _covers(each.specialty_code, specialty)),
    )


def _covers(alliance: str, specialty: str) -> bool:
    """An alliance covers its specialty and what belongs to it: 07 (儿科) covers 07.01 (新生儿), never the other way round."""
    return specialty == alliance or specialty.startswith(f"{alliance}.")


def _number(panel: Panel, row: Row, at: int, hiding: bool) -> Number:
    """A cell with its change; where small numbers are hidden nothing is compared, or the year before would say them."""
    column, cell = panel.columns[at], row.now[at]
    if cell is None:
        return Number(None, None, None, None, None, absent=True)
    before = None if hiding else row.before[at]
    return Number(
        value=cell.shown(column.show),
        before=None if before is None else before.shown(column.show),
        change=None if hiding else row.change(panel, at),
        numerator=cell.numerator,
        denominator=cell.denominator if column.indicator.denominator else None,
        small=_small(column, cell),
    )


def _small(column: Column, cell: Cell) -> bool:
    return bool(column.indicator.denominator) and cell.denominator < column.indicator.small


def _hidden(panel: Panel, rows: Sequence[Row]) -> frozenset[tuple[Key, int]]:
    """The cells that are not shown outside the commission, column by column as publications hide them."""
    found = set()
    for at, column in enumerate(panel.columns):
        table = _counted(column.indicator, rows, at)
        told = published(table, small=panel.small) if table else {}
        for row in rows[:_LINES]:
            name = _JOIN.join(row.key)
            if any(told[name, side] is None for side in ("in", "out", "all") if (name, side) in told):
                found.add((row.key, at))
    return frozenset(found)


def _counted(indicator: Indicator, rows: Sequence[Row], at: int) -> Mapping[tuple[str, str], int]:
    """The people or cases behind a column: those in the part and those outside it, or all where it is no part of them; what
    is not listed together in one line."""
    table: dict[tuple[str, str], int] = {}
    parted = law_of(indicator) is Law.BINOMIAL
    for number, row in enumerate(rows):
        cell = row.now[at]
        if cell is None:
            continue
        name = _JOIN.join(row.key) if number < _LINES else _OTHERS
        above, below = int(cell.numerator), int(cell.denominator)
        whole = below if indicator.denominator and not _counts(indicator) else above
        sides = {"in": above, "out": below - above} if parted else {"all": whole}
        for side, count in sides.items():
            table[name, side] = table.get((name, side), 0) + count
    return table


def _counts(indicator: Indicator) -> bool:
    """Whether cases stand above the line and something else below it, such as residents."""
    return law_of(indicator) is Law.POISSON


_HIDDEN = Number(None, None, None, None, None, hidden=True)
NO_SUCH_PANEL = Refusal(
    code="evaluation.no_such_panel",
    message=Text("没有这张并列表。", "There is no such panel."),
    instead=Text("请从并列表目录中打开。", "Open it from the list of panels."),
    at="panel",
    status=404,
)
NO_SUCH_AREA = Refusal(
    code="evaluation.no_such_area",
    message=Text("这个范围不在本地区内。", "This area is not in the region."),
    instead=Text("请从页面的“范围”中选择。", "Choose one of those that the page offers."),
    at="area",
    status=422,
)
