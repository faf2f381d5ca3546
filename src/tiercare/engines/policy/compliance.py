"""Clause by clause: what the cards that serve it say on the asked day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .model import Clause, PackSet
from .verdicts import State, Verdict

# The worst card decides for its clause.
_WORST_FIRST = (
    State.VIOLATED,
    State.MISSED,
    State.AT_RISK,
    State.ADVICE,
    State.WAIVED,
    State.MET,
    State.NOT_APPLICABLE,
    State.NOT_IN_FORCE,
)


@dataclass(frozen=True, slots=True)
class ClauseStanding:
    """A clause and the verdicts of the cards that serve it, the worst first."""

    clause: Clause
    state: State
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Compliance:
    """A region's standing under its pack on a day."""

    pack: str
    on: date
    digest: str
    verdicts: tuple[Verdict, ...]
    clauses: tuple[ClauseStanding, ...]

    @property
    def violations(self) -> int:
        """Open findings of cards that are violated."""
        return sum(v.found for v in self.verdicts if v.state is State.VIOLATED)

    def cards(self) -> Counter[State]:
        """Cards by state."""
        return Counter(verdict.state for verdict in self.verdicts)

    def clause_states(self) -> Counter[State]:
        """Clauses that a card checks, by state."""
        return Counter(standing.state for standing in self.clauses)


def summarise(packs: PackSet, pack_id: str, verdicts: Sequence[Verdict], *, on: date) -> Compliance:
    """Group verdicts by clause; clauses that no card serves do not appear (the ledger lists those)."""
    serving: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        for clause_id in verdict.card.clauses:
            serving.setdefault(clause_id, []).append(verdict)
    standings = []
    for clause in packs.clauses_for(pack_id):
        served = sorted(serving.get(clause.id, ()), key=lambda v: _WORST_FIRST.index(v.state))
        if served:
            standings.append(ClauseStanding(clause, served[0].state, tuple(served)))
    return Compliance(pack_id, on, packs.digest(pack_id), tuple(verdicts), tuple(standings))
