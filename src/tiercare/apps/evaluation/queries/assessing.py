"""Assessments: who is assessed by which card on which numbers, where each stands, and what results came to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.queries.members import consortia_with_members
from tiercare.apps.network.queries.reading import area_names
from tiercare.apps.terms import queries as terms
from tiercare.engines.measures.evaluate import Value as Number
from tiercare.engines.measures.indicators import Form, Indicator
from tiercare.engines.measures.periods import Span, span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import (
    Inputs,
    Own,
    Result,
    Scorecard,
    Touched,
    inputs_from,
    inputs_of,
    load_scorecards,
    read_card,
    score,
)
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from ..models import Assessed, Scheme, Value
from ..rules.kinds import KindId
from ..rules.standing import NO_SUCH_MATTER, Party
from . import ours
from .book import book_of
from .matters import Listed, Wanted, area_of, matters
from .runs import Kept, newest_runs

_RUNS = 50
_COUNTY = 6  # digits of a county's code


@dataclass(frozen=True, slots=True)
class Unit:
    """Somebody to be assessed. ``owner`` reports; empty where nobody in the area can be asked."""

    level: Level
    key: str
    name: str
    area: str
    owner: Party | None


@dataclass(frozen=True, slots=True)
class Stands:
    """Somebody who is assessed, as their row is kept; ``report_state`` of their self-report, for those who see it."""

    id: UUID
    assessment_id: UUID
    report_id: UUID | None
    report_state: str
    period: str
    level: str
    key: str
    name: str
    area: str
    review: Mapping[str, Any]
    result: Mapping[str, Any]
    result_digest: str
    total: Decimal | None
    place: int | None
    inputs: str = field(repr=False, default="")
    digest: str = ""
    accepted: str = field(repr=False, default="")

    @property
    def counted(self) -> Inputs:
        """What the platform counted."""
        return inputs_from(self.inputs, self.digest)

    @property
    def rests_on(self) -> Inputs:
        """What the result rests on.

        Raises:
            Touched: if the record is not the one that the result's digest was made of.
        """
        if self.result_digest:
            return inputs_from(self.accepted, self.result_digest)
        return self.counted


def scorecard(
    pack: str, *, card: str = "", scheme_id: UUID | None = None, area: str = ""
) -> tuple[Scorecard, Scheme | None]:
    """The card of the pack, or of a scheme of the area. The caller stands in ``scoped``.

    Raises:
        Refused: if there is none.
    """
    if scheme_id is not None:
        scheme = Scheme.objects.filter(id=scheme_id, division_code=area).first()
        if scheme is None:
            raise Refused(NO_SUCH_CARD)
        named = f"{scheme.name} {scheme.version}"
        return read_card(scheme.definition, mandates.packs(), book_of(pack), named=named), scheme
    found = cards_of(pack).get(card)
    if found is None:
        raise Refused(NO_SUCH_CARD)
    return found, None


def cards_of(pack: str) -> Mapping[str, Scorecard]:
    """The scorecards of a pack.

    Raises:
        Refused: if there is no such pack.
    """
    return _cards(mandates.packs(), pack)


def _cards(packs: PackSet, pack: str) -> Mapping[str, Scorecard]:
    return load_scorecards(packs, pack, book_of(pack))


def indicators_of(pack: str) -> Mapping[str, Indicator]:
    """The newest version of each indicator of a pack, by id."""
    return {key: versions[-1] for key, versions in book_of(pack).indicators.items()}


def run_with(actor: Actor, pack: str, period: str) -> Kept:
    """The newest run of a pack that computed a period.

    Raises:
        Refused: if there is none for the actor.
    """
    for run in newest_runs(actor, pack, most=_RUNS):
        if period in run.spans:
            return run
    raise Refused(NOT_COMPUTED)


def units_in(area: str, card: Scorecard, *, pack: str, on: date) -> list[Unit]:
    """Who is assessed by a card in an area: its counties of the kinds that the pack's text names, or its consortia of the card's
    kinds; all of them, so that those without a result are seen."""
    if card.level is Level.DIVISION:
        names = area_names(on=on)
        within = [code for code in names if len(code) == _COUNTY and code.startswith(area)]
        counties = _of_kinds(within, ours.assessed_divisions(pack, on=on), on=on)
        return [Unit(Level.DIVISION, code, names[code], code, Party(code)) for code in sorted(counties)]
    found = []
    for each in consortia_with_members(area, on=on):
        if card.kinds and each.kind not in card.kinds:
            continue
        inside = each.lead is not None and each.lead_area.startswith(area)
        owner = Party(each.lead_area, each.lead) if inside else None
        found.append(Unit(Level.CONSORTIUM, each.key, each.name, each.area, owner))
    return found


def _of_kinds(codes: Sequence[str], kinds: Collection[str] | None, *, on: date) -> Sequence[str]:
    """Those of the kinds; what the register of divisions does not know is not left out for that."""
    if kinds is None:
        return codes
    known = terms.divisions(codes, on=on)
    return [code for code in codes if code not in known or _KINDS.get(known[code].kind, "county") in kinds]


# What the register calls a division of a county's level, as clauses name it; counties, 县级市 and 旗 are all counties.
_KINDS: Mapping[str, str] = {"市辖区": "district", "功能区": "economic_zone"}


def drawn(run: Kept, card: Scorecard, year: Span, units: Sequence[Unit]) -> Mapping[str, Inputs]:
    """What the results of units rest on, from the numbers of a run. The caller stands in ``scoped``."""
    wanted = [measure.indicator for measure in card.measures if measure.indicator]
    spans = [str(year), str(year.before())]
    levels = [Level.REGION.value, card.level.value]
    rows = Value.objects.filter(run_id=run.id, indicator__in=wanted, span__in=spans, level__in=levels)
    book = book_of(run.pack).indicators
    by_version = {(each.id, each.version): each for versions in book.values() for each in versions}
    newest = {key: versions[-1] for key, versions in book.items()}
    numbers, used = [], dict(newest)
    for row in rows:
        definition = by_version.get((row.indicator, row.version)) or newest.get(row.indicator)
        if definition is not None:
            used[row.indicator] = definition
            numbers.append(_number(row, definition))
    keys = [unit.key for unit in units]
    return inputs_of(card, used, numbers, span=year, level=card.level, keys=keys, region=run.region)


def _number(row: Value, definition: Indicator) -> Number:
    """A value as the engine made it: where its counts are whole the value is their quotient, exact again."""
    above = None if row.numerator is None else Fraction(row.numerator)
    below = None if row.denominator is None else Fraction(row.denominator)
    value = None if row.value is None else Fraction(row.value)
    if value is not None and above is not None and definition.form is Form.RATIO:
        value = Own(definition.form, definition.per, above, below).value
    return Number(row.indicator, row.version, span(row.span), Level(row.level), row.key, above, below, value)


def assessments(actor: Actor, *, period: str = "", page: int = 1) -> list[Listed]:
    """Assessments that the actor may see, open ones first by their day; 50 a page.

    Raises:
        Refused: if the actor sees no assessments.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    return matters(actor, Wanted(kinds=(KindId.ASSESSMENT,), period=period), page=page)


def units_of(actor: Actor, assessment_id: UUID) -> list[Stands]:
    """Everybody of an assessment, by rank and name; whoever reports sees themselves alone."""
    with scoped(actor, area=area_of(actor)):
        found = Assessed.objects.filter(assessment_id=assessment_id).select_related("report")
        rows = [_stands(row) for row in found.defer("inputs", "accepted")]
    return sorted(rows, key=lambda row: (row.place is None, row.place or 0, row.key))


def unit_of(actor: Actor, *, assessed_id: UUID | None = None, report_id: UUID | None = None) -> Stands:
    """One who is assessed, whole.

    Raises:
        Refused: if there is none for the actor.
    """
    which = {"id": assessed_id} if assessed_id is not None else {"report_id": report_id}
    with scoped(actor, area=area_of(actor)):
        row = Assessed.objects.filter(**which).select_related("report").first()
        if row is None:
            raise Refused(NO_SUCH_MATTER)
        return _stands(row, whole=True)


def replayed(unit: Stands) -> bool:
    """Whether the result, computed again from its record, is the one that is kept: digest and total to the last digit."""
    try:
        result: Result = score(unit.rests_on)
    except Touched:
        return False
    total = None if result.total is None else Decimal(result.total.numerator) / result.total.denominator
    kept = unit.total
    same = total is None if kept is None else total is not None and abs(total - kept) < Decimal("1e-11")
    return same and result.digest == unit.result_digest


def before(actor: Actor, unit: Stands, *, card: str, period: str) -> Stands | None:
    """The same one's locked result of the year before, by the same card."""
    year = str(span(period).before())
    with scoped(actor, area=area_of(actor)):
        found = Assessed.objects.filter(level=unit.level, key=unit.key, period=year, card=card)
        row = found.exclude(locked_on=None).select_related("report").order_by("-locked_on").first()
        return None if row is None else _stands(row, whole=True)


def counties_without_scheme(actor: Actor, area: str) -> list[tuple[str, str]]:
    """Counties that have consortia and no scheme in force, as code and name (CX-38)."""
    refuse(may(actor, Right.EVALUATION_READ))
    today = clock.today()
    names = area_names(on=today)
    with scoped(actor, area=area_of(actor)):
        have = set(Scheme.objects.filter(period__contains=today).values_list("division_code", flat=True))
    counties = {each.area[:_COUNTY] for each in consortia_with_members(area, on=today)}
    lacking = sorted(code for code in counties - have if len(code) == _COUNTY)
    return [(code, names.get(code, code)) for code in lacking]


def schemes(actor: Actor, *, division: str = "") -> list[Scheme]:
    """Schemes of where the actor works, and above and below it, newest version first."""
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = Scheme.objects.filter(division_code__startswith=division)
        rows = list(found.order_by("division_code", "card", "-version"))
    mine = actor.division_code or ""
    return [
        each for each in rows if each.division_code.startswith(mine) or mine.startswith(each.division_code)
    ]


def _stands(row: Assessed, *, whole: bool = False) -> Stands:
    more = {"inputs": row.inputs, "digest": row.digest, "accepted": row.accepted} if whole else {}
    return Stands(
        id=row.id,
        assessment_id=row.assessment_id,
        report_id=row.report_id,
        report_state=row.report.state if row.report else "",
        period=row.period,
        level=row.level,
        key=row.key,
        name=row.name,
        area=row.area,
        review=row.review,
        result=row.result,
        result_digest=row.result_digest,
        total=row.total,
        place=row.place,
        **more,
    )


NO_SUCH_CARD = Refusal(
    code="evaluation.no_such_card",
    message=Text("没有这张考核表。", "There is no such scorecard."),
    instead=Text("请从列表中选择。", "Choose one of the list."),
    at="card",
    status=422,
)
NOT_COMPUTED = Refusal(
    code="evaluation.not_computed",
    message=Text("这一年的指标还没有计算。", "The indicators of this year were not computed."),
    instead=Text("请先在指标看板上重新计算。", "Compute them first, from the board."),
    at="period",
)
