"""Reports by topic and period: who filed, who has not, and what their sheets say (CX-43, NHC-33, NHC-57, YN-15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tiercare.engines.measures.oversight import Topic
from tiercare.kernel.actor import Actor

from ..rules import oversight as rules
from ..rules.kinds import KindId
from ..workflow import State
from .boards import of_kind
from .matters import Listed

# Sent, whatever the reviewer says of it in the end; what was returned is owed again.
_FILED = frozenset({State.SUBMITTED, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Shelf:
    """A topic in a period.

    Attributes:
        counts: of each field with answers, how many gave which.
        scores: of a rated sheet, the points of whoever filed, by matter.
    """

    topic: str
    period: str
    filed: Sequence[Listed]
    missing: Sequence[Listed]
    late: int
    counts: Mapping[str, Mapping[str, int]]
    scores: Mapping[str, int]


def library(actor: Actor) -> list[Shelf]:
    """All topics and periods of which the actor sees a report, the newest period first.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    found: dict[tuple[str, str], list[Listed]] = {}
    for each in of_kind(actor, KindId.REPORT):
        found.setdefault((each.standing.payload["topic"], each.standing.period), []).append(each)
    ordered = sorted(found, key=lambda key: (key[1], key[0]), reverse=True)
    return [_shelf(topic, period, found[topic, period], None) for topic, period in ordered]


def shelf(actor: Actor, topic: Topic, *, period: str) -> Shelf:
    """One topic in one period.

    Raises:
        Refused: if the actor has no part in supervision.
    """
    return _shelf(topic.id, period, of_kind(actor, KindId.REPORT, period=period, topic=topic.id), topic)


def _shelf(topic: str, period: str, lines: Sequence[Listed], known: Topic | None) -> Shelf:
    filed = [each for each in lines if each.standing.state in _FILED]
    missing = [each for each in lines if each.standing.state not in _FILED]
    counts = {
        field.id: Counter(str(each.standing.result.get(field.id, "")) for each in filed)
        for field in (known.sheet if known else ())
        if field.answers
    }
    points = {str(each.id): rules.score(known.sheet, each.standing.result) for each in filed} if known else {}
    return Shelf(
        topic,
        period,
        filed,
        missing,
        sum(each.standing.overdue for each in missing),
        counts,
        {key: value for key, value in points.items() if value is not None},
    )
