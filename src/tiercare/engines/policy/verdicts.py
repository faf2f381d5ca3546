"""Hold rule cards against facts, on a date. A verdict always has a date."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from . import resolve
from .model import PackSet, Parameter, RuleCard, Strength, Value

Facts = TypeVar("Facts")


class State(StrEnum):
    """Where a card stands on the asked day."""

    MET = "MET"
    VIOLATED = "VIOLATED"
    AT_RISK = "AT_RISK"
    MISSED = "MISSED"
    WAIVED = "WAIVED"
    ADVICE = "ADVICE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_IN_FORCE = "NOT_IN_FORCE"

    @property
    def label(self) -> Text:
        """The word users read."""
        return _LABELS[self]


_LABELS = {
    State.MET: Text("达到", "met"),
    State.VIOLATED: Text("违反", "violated"),
    State.AT_RISK: Text("有风险", "at risk"),
    State.MISSED: Text("逾期未达", "missed"),
    State.WAIVED: Text("已豁免", "waived"),
    State.ADVICE: Text("可改进", "advice"),
    State.NOT_APPLICABLE: Text("不涉及", "not applicable"),
    State.NOT_IN_FORCE: Text("未生效", "not in force"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule does not allow: ``subject`` is its stable key (waivers name it), ``fields``
    fill the card's message, ``links`` are keys of what it is about (``consortium:…``, ``institution:…``)."""

    subject: str
    fields: Mapping[str, object]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A share as its two numbers; no value where nothing was to be counted, never 0 %."""

    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """The share, or ``None``."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a predicate found: how many things it looked at, and those that do not fit.

    With a ``measure`` the findings are those not yet covered, and count only while the share is below
    ``target``. ``found`` is how many findings there are; ``findings`` may be only the first of them.
    Outcomes of parts add up to the outcome of the whole (``together``).
    """

    checked: int
    findings: tuple[Finding, ...] = ()
    measure: Measure | None = None
    target: float = 1.0
    more: int = 0

    @property
    def found(self) -> int:
        """How many findings there are, those not carried along included."""
        return len(self.findings) + self.more

    @property
    def reached(self) -> bool:
        """True if a share is asked for and reached, so that what is not covered does not count."""
        if self.measure is None:
            return False
        share = self.measure.share
        return share is None or share >= self.target


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a whole from those of its parts, which share one target."""
    parts = list(outcomes)
    measures = [part.measure for part in parts if part.measure is not None]
    return Outcome(
        checked=sum(part.checked for part in parts),
        findings=tuple(finding for part in parts for finding in part.findings),
        measure=Measure(sum(m.numerator for m in measures), sum(m.denominator for m in measures))
        if measures
        else None,
        target=parts[0].target if parts else 1.0,
        more=sum(part.more for part in parts),
    )


Predicate = Callable[[Facts, Mapping[str, Value]], Outcome]


@dataclass(frozen=True, slots=True)
class Waiver:
    """A named person's exception from a 原则上 rule, for one subject and a time."""

    card: str
    subject: str
    period: Period
    granted_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A card's standing on ``on``. ``findings`` are open; ``waived`` were excepted by name; ``more`` counts
    open findings that were not carried along."""

    card: RuleCard
    on: date
    state: State
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    deadline: date | None = None
    checked: int = 0
    findings: tuple[Finding, ...] = ()
    waived: tuple[tuple[Finding, Waiver], ...] = ()
    measure: Measure | None = None
    more: int = 0

    @property
    def found(self) -> int:
        """How many open findings there are."""
        return len(self.findings) + self.more

    def sentence(self, finding: Finding, language: str = "zh") -> str:
        """The card's message about this finding."""
        return self.card.message.fill(self._fields(finding), language)

    def remedy(self, finding: Finding, language: str = "zh") -> str:
        """What to do about it."""
        return self.card.remedy.fill(self._fields(finding), language)

    def _fields(self, finding: Finding) -> dict[str, object]:
        shown = {name: shown_value(p) for name, p in self.parameters.items()}
        return {**shown, "deadline": self.deadline, **finding.fields}


def shown_value(parameter: Parameter) -> object:
    """A parameter as it reads in a sentence: lists joined, ranges from–to, shares left to the sentence."""
    value = parameter.value
    if isinstance(value, tuple):
        return ("–" if parameter.type == "range" else "、").join(map(str, value))
    return value


def last_day(deadline: Parameter) -> date:
    """The last day on which a deadline can still be kept; a bare year ends on its 31 December."""
    value = deadline.value
    if isinstance(value, date):
        return value
    assert isinstance(value, int), f"{deadline.name} is checked to be a date or a year when packs load"
    return date(value, 12, 31)


def evaluate(
    packs: PackSet,
    cards: Iterable[RuleCard],
    predicates: Mapping[str, Predicate[Facts]],
    facts: Facts,
    *,
    on: date,
    waivers: Sequence[Waiver] = (),
) -> list[Verdict]:
    """Every card's verdict on ``on``. ``facts`` must be those of that day.

    Raises:
        KeyError: if a card has no predicate (a test holds cards and predicates together).
    """
    found = inspect(packs, (listed := list(cards)), predicates, facts, on=on)
    return [judge(packs, card, found.get(card.key), on=on, waivers=waivers) for card in listed]


def inspect(
    packs: PackSet,
    cards: Iterable[RuleCard],
    predicates: Mapping[str, Predicate[Facts]],
    facts: Facts,
    *,
    on: date,
) -> dict[str, Outcome]:
    """What each card that is in force on ``on`` finds in the facts of that day, by the card's key.

    Raises:
        KeyError: if a card has no predicate.
    """
    outcomes = {}
    for card in cards:
        known = parameters_of(packs, card, on)
        if known is not None:
            outcomes[card.key] = predicates[card.id](facts, known)
    return outcomes


def parameters_of(packs: PackSet, card: RuleCard, on: date) -> dict[str, Value] | None:
    """The values of the card's parameters on ``on``; ``None`` if the card, or one of them, is not in force."""
    known = _parameters(packs, card, on)
    return None if known is None else {name: parameter.value for name, parameter in known.items()}


def _parameters(packs: PackSet, card: RuleCard, on: date) -> dict[str, Parameter] | None:
    """The card's parameters on ``on``; ``None`` if the card, or one of them, is not in force."""
    values = {name: resolve.in_force(packs, ref, on) for name, ref in card.parameters.items()}
    known = {name: value for name, value in values.items() if value is not None}
    return known if on in card.period and len(known) == len(values) else None


def judge(
    packs: PackSet, card: RuleCard, outcome: Outcome | None, *, on: date, waivers: Sequence[Waiver] = ()
) -> Verdict:
    """The verdict that follows from what the card found; ``None`` for a card that is not in force."""
    known = _parameters(packs, card, on)
    if known is None or outcome is None:
        return Verdict(card, on, State.NOT_IN_FORCE, known or {})
    due = resolve.in_force(packs, card.deadline, on) if card.deadline else None
    deadline = last_day(due) if due else None
    counting = () if outcome.reached else outcome.findings
    excused = [(finding, _waiver(card, finding, on, waivers)) for finding in counting]
    open_findings = tuple(finding for finding, waiver in excused if waiver is None)
    waived = tuple((finding, waiver) for finding, waiver in excused if waiver is not None)
    more = 0 if outcome.reached else outcome.more
    return Verdict(
        card=card,
        on=on,
        state=_state(card, outcome, bool(open_findings or more), bool(waived), on, deadline),
        parameters=known,
        deadline=deadline,
        checked=outcome.checked,
        findings=open_findings,
        waived=waived,
        measure=outcome.measure,
        more=more,
    )


def _waiver(card: RuleCard, finding: Finding, on: date, waivers: Sequence[Waiver]) -> Waiver | None:
    """Only 原则上 can be waived; a waiver for anything else has no effect, however it came to be."""
    if not card.waivable:
        return None
    fits = (w for w in waivers if w.card == card.key and w.subject == finding.subject and on in w.period)
    return next(fits, None)


def _state(
    card: RuleCard,
    outcome: Outcome,
    any_open: bool,
    any_waived: bool,
    on: date,
    deadline: date | None,
) -> State:
    if not any_open:
        if any_waived:
            return State.WAIVED
        return State.MET if outcome.checked else State.NOT_APPLICABLE
    if deadline is not None:
        return State.AT_RISK if on <= deadline else State.MISSED
    match card.force.strength:
        case Strength.BINDING | Strength.WAIVABLE:
            return State.VIOLATED
        case Strength.TARGET:
            return State.AT_RISK
        case Strength.ADVISORY:
            return State.ADVICE
