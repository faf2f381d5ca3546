"""What a round came to: how many answered, counts by township without the small ones, the share against the pack's target.

Whoever counts here is the commission: no sheet leaves this module, and of a count of fewer than ``small`` nothing is said, nor
of what it could be computed from. The share is taken from what is shown, so that it tells nothing more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.terms import queries as terms
from tiercare.engines.forms import Item, Kind
from tiercare.engines.forms.answering import AND
from tiercare.engines.measures.chance import interval
from tiercare.engines.measures.disclosure import TOTAL, published, shown
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.targets import Met, Target, judge
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from ..rules import surveys as rules
from ..rules.surveys import How, State, Told
from .book import book_of
from .fact_sources import month_of
from .matters import area_of
from .surveys import Round, round_of

_INVITED = "SELECT place, state, how, people FROM evaluation_invited(%(round)s)"
_SHEETS = "SELECT division_code AS place, answers FROM evaluation_surveysheet WHERE round_id = %(round)s"
# The interval is the usual one: it misses the share of everybody once in twenty times.
_ALPHA = Fraction(1, 20)


@dataclass(frozen=True, slots=True)
class Place:
    """A township of the round. Counts that are not shown are ``None``; ``answered`` stands under the same rule. Where nobody
    answered there is nobody to be found out, and it says so."""

    code: str
    name: str
    could_be: int
    drawn: int
    answered: int | None
    told: Mapping[Told, int | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many gave each answer to a question; of a number ``mean`` over ``people``."""

    item: Item
    people: int | None
    by_value: Mapping[str, int | None]
    mean: Fraction | None


@dataclass(frozen=True, slots=True)
class Share:
    """Of those who were ill how many chose primary care first, and between what the share of everybody lies."""

    part: int
    whole: int
    low: Fraction
    high: Fraction

    @property
    def value(self) -> Fraction:
        """Parts of one."""
        return Fraction(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class Results:
    """What a round came to.

    Attributes:
        states: how many of those drawn answered, declined or wait; once the round is over these have lapsed.
        hows: of those who answered, how.
        told: all townships together.
        share: ``None`` where too few were ill to say.
        met: whether the share reaches the target; ``sure`` is false where the interval lies on both sides of it.
        doubts: why the result should be read with care.
    """

    round: Round
    states: Mapping[State, int]
    hows: Mapping[How, int]
    over: bool
    places: Sequence[Place]
    told: Mapping[Told, int | None]
    share: Share | None
    target: Target | None
    met: Met
    sure: bool
    items: Sequence[Counted]
    doubts: Sequence[Text]

    @property
    def drawn(self) -> int:
        """How many were invited."""
        return sum(self.states.values())

    @property
    def answered(self) -> int:
        """How many answered."""
        return self.states[State.ANSWERED]

    @property
    def declined(self) -> int:
        """How many would rather not."""
        return self.states[State.DECLINED]

    @property
    def waiting(self) -> int:
        """How many have not answered; once the round is over, did not."""
        return self.states[State.WAITING]

    @property
    def response(self) -> Fraction:
        """The share of those drawn who answered."""
        return Fraction(self.answered, self.drawn)


def results(actor: Actor, round_id: UUID) -> Results:
    """A round as its commission reads it.

    Raises:
        Refused: without the right, or if there is no such round of the actor's area.
    """
    found = round_of(actor, round_id)
    today = clock.today()
    with scoped(actor, area=area_of(actor)):
        invited = rows(_INVITED, round=round_id)
        sheets = [{**row, "answers": json.loads(row["answers"])} for row in rows(_SHEETS, round=round_id)]
    by_place = _counts(found, sheets, on=min(today, found.last))
    table = published(by_place, small=found.survey.small) if by_place else {}
    if any(count is None for cell, count in table.items() if cell == _whole_of(table)):
        table = {}  # how many answered is said anyway: then nothing else may be
    told = {each: _total(table, each) for each in Told}
    # A question's counts add up to who was ill, or answered: they stand only where these do.
    beside = found.form(today).items if None not in told.values() else ()
    share = _share(told)
    target = _target(found)
    states = {each: sum(row["people"] for row in invited if row["state"] == each) for each in State}
    return Results(
        round=found,
        states=states,
        hows={
            how: sum(row["people"] for row in invited if (row["state"], row["how"]) == (State.ANSWERED, how))
            for how in How
        },
        over=found.over(today),
        places=_places(found, table, {row["place"] for row in sheets}, on=today),
        told=told,
        share=share,
        target=target,
        met=_met(share, target, found),
        sure=_sure(share, target),
        items=[each for item in beside if (each := _counted(item, sheets, found))],
        doubts=_doubts(found, states, share, over=found.over(today)),
    )


def _counts(of: Round, sheets: Sequence[Mapping[str, Any]], *, on: date) -> dict[tuple[str, str], int]:
    """By township and what they say; none where nobody answered."""
    tiers = {each.key: each.tier for each in network.fact_places(on=on).institutions.values()}
    counts: Counter[tuple[str, str]] = Counter(
        (row["place"], rules.read(of.survey, row["answers"], tiers).told.value) for row in sheets
    )
    return {(place, told.value): counts[place, told.value] for place, _ in counts for told in Told}


def _whole_of(table: Mapping[tuple[str, str], int | None]) -> tuple[str, str]:
    """The cell of everybody."""
    places = {place for place, _ in table if place != TOTAL}
    return (next(iter(places)), TOTAL) if len(places) == 1 else (TOTAL, TOTAL)


def _total(table: Mapping[tuple[str, str], int | None], told: Told) -> int | None:
    """Of all townships; where there is one alone, its own."""
    if (TOTAL, told.value) in table:
        return table[TOTAL, told.value]
    return next((count for (_, column), count in table.items() if column == told.value), None)


def _share(told: Mapping[Told, int | None]) -> Share | None:
    part, other = told[Told.CHOSE_PRIMARY], told[Told.CHOSE_OTHER]
    if part is None or other is None or not part + other:
        return None
    low, high = interval(part, part + other, _ALPHA)
    return Share(part, part + other, low, high)


def _target(of: Round) -> Target | None:
    found = (each for each in book_of(of.pack).targets if each.indicator == of.survey.indicator)
    return next((each for each in found if each.limit is not None and each.op in {">=", ">"}), None)


def _met(share: Share | None, target: Target | None, of: Round) -> Met:
    """By the engine that judges indicators; the days of the round are no period of its own."""
    if target is None:
        return Met.NOT_COMPUTABLE
    if share is None:
        return Met.NO_DATA
    month = Span(month_of(of.first), month_of(of.last))
    counted = Fraction(share.part), Fraction(share.whole)
    value = Value(of.survey.indicator, 0, month, Level.REGION, of.area, *counted, share.value)
    return judge(target, value).met


def _sure(share: Share | None, target: Target | None) -> bool:
    return (
        share is not None
        and target is not None
        and target.limit is not None
        and not share.low <= target.limit <= share.high
    )


def _places(
    of: Round, table: Mapping[tuple[str, str], int | None], answered: Collection[str], *, on: date
) -> Sequence[Place]:
    known = terms.divisions(list(of.frame), on=on)
    nobody = {cell: 0 for place in of.frame if place not in answered for cell in _row(place)}
    cells = {**table, **nobody}
    return [
        Place(
            code,
            known[code].name if code in known else code,
            could_be,
            drawn,
            cells.get((code, TOTAL)),
            {told: cells.get((code, told.value)) for told in Told},
        )
        for code, (could_be, drawn) in sorted(of.frame.items())
    ]


def _row(place: str) -> Sequence[tuple[str, str]]:
    return [(place, TOTAL), *((place, told.value) for told in Told)]


def _counted(item: Item, sheets: Sequence[Mapping[str, Any]], of: Round) -> Counted | None:
    """What is shown of a question beside the table: of its choices how often each, of numbers their mean."""
    given = [row["answers"][item.id] for row in sheets if item.id in row["answers"]]
    small = of.survey.small
    if item.kind is Kind.CHOICE:
        counts = Counter(given)
        table = (
            published({(key, "people"): counts[key] for key in item.choices}, small=small) if given else {}
        )
        by_value = {key: table.get((key, "people")) for key in item.choices}
        return Counted(item, table.get((TOTAL, "people")), by_value, None)
    if item.kind is Kind.MULTI:
        ticks = Counter(key for each in given for key in each.split(AND))
        by_value = {key: shown(ticks[key], small=small) for key in item.choices}
        return Counted(item, shown(len(given), small=small), by_value, None)
    if item.kind in {Kind.NUMBER, Kind.SCALE}:
        enough = shown(len(given), small=small)
        mean = Fraction(sum(map(Fraction, given)), len(given)) if enough else None
        return Counted(item, enough, {}, mean)
    return None


def _doubts(of: Round, states: Mapping[State, int], share: Share | None, *, over: bool) -> Sequence[Text]:
    found = []
    answered, drawn = states[State.ANSWERED], sum(states.values())
    if not over:
        found.append(_STILL_OPEN)
    if answered < of.survey.response_from * drawn:
        found.append(_filled(_FEW_ANSWERED, needed=f"{of.survey.response_from:.0%}"))
    if share is None:
        found.append(_TOO_FEW)
    if drawn < of.wanted:
        found.append(_filled(_ALL_ASKED, wanted=of.wanted, drawn=drawn))
    return found


def _filled(text: Text, **values: object) -> Text:
    return Text(text.zh.format(**values), text.en.format(**values))


_STILL_OPEN = Text("还在进行，数会变。", "The round is still open; the numbers will change.")
_FEW_ANSWERED = Text(
    "答复率不到 {needed}：没有答的人可能和答了的人不一样，结论要慎用。",
    "Fewer than {needed} answered: those who did not may differ from those who did; be careful with the result.",
)
_TOO_FEW = Text("患病的答卷太少，不显示比例。", "Too few were ill; no share is shown.")
_ALL_ASKED = Text(
    "想抽 {wanted} 人，符合条件的只有 {drawn} 人，全部请了。",
    "{wanted} were wanted; only {drawn} could be drawn, and all were asked.",
)
