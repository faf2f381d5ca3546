"""Reading the facts behind a run again, when somebody looks closer: an indicator by disease, department or destination, and the
spectrum of diseases with those for which people leave (TY-42, XH-81, NHC-18, NHC-29)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from django.conf import settings

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.breakdown import By, NotBrokenDown, Slice, broken_down
from tiercare.engines.measures.chance import Law
from tiercare.engines.measures.comparing import compared
from tiercare.engines.measures.disclosure import published
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.expressions import COUNTY
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.schema import Column, Level, Type, facts
from tiercare.engines.measures.scoring import law_of
from tiercare.engines.measures.spectrum import Spectrum, spectrum
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.store.manifest import regions_in
from tiercare.engines.policy import parameter
from tiercare.engines.policy.resolve import ParameterProblem
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .book import book_of, indicator_of
from .indicator import span_of
from .runs import Kept

LEAVING, LEAVING_STAYS = "transfer_out_rate", "transfer_out_stay_rate"
TOP = "TY-42.top_n"
_CATEGORY = 3  # characters of an ICD-10 code that name a disease
_LINES = 60  # of a table in which small numbers are hidden: beyond, the rest is one line
OTHERS = ""


@dataclass(frozen=True, slots=True)
class Sliced:
    """One line of a breakdown: its key (empty: all others), its numbers now and a year before; ``hidden`` where they are small."""

    key: str
    now: Slice | None
    before: Slice | None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An indicator of an area by one column of its table, the largest first."""

    indicator: Indicator
    column: Column
    span: str
    lines: Sequence[Sliced]


@dataclass(frozen=True, slots=True)
class Leaving:
    """The spectrum of an area's residents, and the diseases that most often are treated outside."""

    spectrum: Spectrum
    top: int
    top_clause: str
    least: int


def store_of(run: Kept) -> Store:
    """The facts of a run's region as they are now."""
    root = Path(settings.FACTS_ROOT)
    return Store(root, regions=[code for code in regions_in(root) if code.startswith(run.region)])


def columns_for(indicator: Indicator) -> list[Column]:
    """By which columns an indicator can be broken down: words, codes and divisions of the table of its numerator, and the
    places to which its rows are given (a quarter or a month of an institution is asked for here)."""
    kinds = {Type.WORD, Type.CODE, Type.CODES, Type.DIVISION}
    tables = {part.fact for part in indicator.numerator}
    if len(tables) != 1 or (law_of(indicator) is None and indicator.form.value not in {"number", "ratio"}):
        return []
    fact = facts()[next(iter(tables))]
    places = {name for part in indicator.numerator for name in fact.by[part.attribution].values()}
    return [each for each in fact.columns.values() if each.name in places or each.type in kinds]


def broken(actor: Actor, run: Kept, indicator: str, *, column: str, span: str, area: str) -> Broken:
    """An indicator by a column, for the region or a county; small numbers are hidden from those who may not see cases.

    Raises:
        Refused: if the area is not the actor's to see, or the indicator cannot be broken down so.
    """
    open_to_all = _sees(actor, area)
    asked = indicator_of(run.pack, indicator)
    by = next((each for each in columns_for(asked) if each.name == column), None)
    law = law_of(asked)
    if by is None or (not open_to_all and law is not Law.BINOMIAL):
        raise Refused(NOT_SO)
    period = span_named(span_of(run, span))
    first = {Type.DIVISION: COUNTY}.get(by.type, _CATEGORY if by.name == "diagnosis" else None)
    try:
        with store_of(run) as store:
            now = broken_down(store, asked, period, [By(column, first)], region=area)
            before = broken_down(store, asked, period.a_year_before(), [By(column, first)], region=area)
    except NotBrokenDown as not_so:
        raise Refused(NOT_SO) from not_so
    earlier = {each.key[0]: each for each in before}
    lines = [Sliced(each.key[0], each, earlier.get(each.key[0])) for each in now if _counts(each)]
    lines.sort(key=lambda each: (-_size(each.now), each.key))
    return Broken(asked, by, str(period), lines if open_to_all else list(_hidden(lines, asked)))


def _sees(actor: Actor, area: str) -> bool:
    """Whether small numbers are theirs to see; the area itself must be.

    Raises:
        Refused: if the area is not.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    if actor.institution_id is not None:
        raise Refused(OF_THE_AREA)
    refuse(may(actor, Right.EVALUATION_READ, division=area))
    return may(actor, Right.EVALUATION_CASES) is None


def _counts(each: Slice) -> bool:
    return bool(each.numerator or each.denominator)


def _size(each: Slice | None) -> Fraction:
    return Fraction(0) if each is None else each.denominator or each.numerator


def _hidden(lines: Sequence[Sliced], indicator: Indicator) -> Iterable[Sliced]:
    """The lines as they are shown outside the commission: few cases together in one line, then as publications hide them."""
    small = max(indicator.small, 1)
    kept = [each for each in lines if _size(each.now) >= small][:_LINES]
    rest = [each.now for each in lines if each not in kept and each.now is not None]
    every: dict[str, tuple[int, int]] = {
        each.key: (int(each.now.numerator), int(each.now.denominator)) for each in kept if each.now
    }
    if rest:
        every[OTHERS] = (
            int(sum((each.numerator for each in rest), Fraction(0))),
            int(sum((each.denominator for each in rest), Fraction(0))),
        )
    table = {
        cell: count
        for key, (part, whole) in every.items()
        for cell, count in (((key or "~", "in"), part), ((key or "~", "out"), whole - part))
    }
    told = published(table, small=small)
    for key, (part, whole) in every.items():
        hidden = told[key or "~", "in"] is None or told[key or "~", "out"] is None
        value = Fraction(part, whole) * indicator.per if whole else None
        now = None if hidden else Slice((key,), Fraction(part), Fraction(whole), value)
        yield Sliced(key, now, None, hidden)


def leaving(actor: Actor, run: Kept, *, span: str, area: str) -> Leaving:
    """The spectrum of diseases of an area over a period of a run. How many stand in the list is the clause's to say.

    Raises:
        Refused: if the area is not the actor's to see with its small numbers, or no pack says how many are listed.
    """
    if not _sees(actor, area):
        refuse(may(actor, Right.EVALUATION_CASES))
    period = span_named(span_of(run, span))
    whole, stays = indicator_of(run.pack, LEAVING), indicator_of(run.pack, LEAVING_STAYS)
    top = _top()
    with store_of(run) as store:
        found = spectrum(store, whole, stays, period, region=area)
    return Leaving(found, top, TOP.partition(".")[0], whole.small)


def _top() -> int:
    """How many diseases are listed, as the clause says; other regions list as many."""
    packs = mandates.packs()
    clause = packs.clause.get(TOP.partition(".")[0])
    try:
        value = parameter(packs, TOP, clause.pack, on=clock.today()).value if clause is not None else None
    except ParameterProblem:
        value = None
    if not isinstance(value, int):
        raise Refused(NO_TOP)
    return value


def destinations(actor: Actor, run: Kept, *, span: str, area: str) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Of the stays of an area's residents by disease, into which counties those who left went, most first (XH-81).

    Raises:
        Refused: if the area is not the actor's to see with its small numbers.
    """
    if not _sees(actor, area):
        refuse(may(actor, Right.EVALUATION_CASES))
    period = span_named(span_of(run, span))
    stays = indicator_of(run.pack, LEAVING_STAYS)
    by = [By("diagnosis", _CATEGORY), By("place", COUNTY)]
    with store_of(run) as store:
        found = broken_down(store, stays, period, by, region=area)
    gone: dict[str, list[tuple[str, int]]] = {}
    for each in found:
        if each.numerator:
            gone.setdefault(each.key[0], []).append((each.key[1], int(each.numerator)))
    return {key: sorted(several, key=lambda pair: (-pair[1], pair[0])) for key, several in gone.items()}


def by_versions(
    actor: Actor, run: Kept, indicator: str, *, span: str
) -> Sequence[tuple[Indicator, Value | None]]:
    """The region's number of a period by the definitions in force then and in the period before, over the facts as they are now;
    one alone where the definition has not changed.

    Raises:
        Refused: if the actor sees no indicators, or the run has no such period.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    indicator_of(run.pack, indicator)
    period = span_named(span_of(run, span))
    with store_of(run) as store:
        found = compared(
            store, book_of(run.pack), indicator, period, region=run.region, levels={Level.REGION}
        )
    return [(way.definition, way.at(Level.REGION, run.region)) for way in found.ways]


NOT_SO = Refusal(
    code="evaluation.not_broken_down",
    message=Text("这个指标不能按这一项展开。", "This indicator cannot be broken down so."),
    instead=Text("请选页面上列出的项目。", "Choose one of those that the page offers."),
    at="by",
    status=422,
)
OF_THE_AREA = Refusal(
    code="evaluation.of_the_area",
    message=Text(
        "按病种、科室的展开是全地区的数，由卫健委、医保局和审计查看。",
        "Breakdowns by disease or department are the area's: commission, insurance and auditors see them.",
    ),
    instead=Text(
        "本机构的数在指标页的“机构”一栏。", "Your own institution's numbers are on the indicator's page."
    ),
    at="area",
    status=403,
)
NO_TOP = Refusal(
    code="evaluation.no_top",
    message=Text("没有条款写明列出前几位。", "No clause says how many are listed."),
    instead=Text(f"请在政策包里写明 {TOP}。", f"Have the pack say {TOP}."),
    at="pack",
    status=422,
)
