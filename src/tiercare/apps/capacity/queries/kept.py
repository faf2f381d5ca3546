"""How a region stood under its cards about places over some days, card by card: for the board of compliance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import RuleCard, State
from tiercare.kernel.actor import Actor

from ..rules.proof import Line
from .promises import cards
from .proof import Months, Proof, months, proof

# The worst of a card's days is what it stands as.
_WORST = (State.VIOLATED, State.MISSED, State.AT_RISK, State.WAIVED, State.MET)


@dataclass(frozen=True, slots=True)
class CardOver:
    """A card over a period: the worst state of its days, how often it looked, and how often, on how many days and at how
    many institutions it was broken (or warned: ``found`` sentences of months)."""

    card: RuleCard
    state: State
    checked: int
    broken: int
    days: int
    institutions: int


def cards_over(pack_id: str, *, first: date, last: date, area: str = "") -> list[CardOver]:
    """The pack's cards about places over the days from ``first`` to ``last``, in its region or an area of it. Counts
    only: whoever may see the board of compliance may see them.

    Raises:
        KeyError: if there is no such pack.
        Refused: as ``proof`` for the period.
    """
    known = mandates.packs()
    listed = cards(known, pack_id)
    if not listed:
        return []
    where = area or known.packs[pack_id].region
    found = proof(Actor.system(), first=first, last=last, area=where)
    by_month = months(Actor.system(), first=first, last=last, area=where)
    return [_over(card, found, by_month) for card in listed]


def _over(card: RuleCard, found: Proof, by_month: Months) -> CardOver:
    looked = [(line, owed.state) for line in found.lines for owed in line.owed if owed.card == card.key]
    if looked:
        broken = [line for line, state in looked if state is State.VIOLATED]
        return _of_days(card, [state for _line, state in looked], broken)
    warned = [verdict for verdict in found.falling if verdict.card.key == card.key]
    if warned:
        told = sum(len(verdict.findings) for verdict in warned)
        return CardOver(card, warned[0].state, len(by_month.kept), told, 0, told)
    return CardOver(card, State.NOT_APPLICABLE, 0, 0, 0, 0)


def _of_days(card: RuleCard, states: Sequence[State], broken: Sequence[Line]) -> CardOver:
    return CardOver(
        card=card,
        state=next(state for state in (*_WORST, *states) if state in states),
        checked=len(states),
        broken=len(broken),
        days=len({line.day for line in broken}),
        institutions=len({line.institution_id for line in broken}),
    )
