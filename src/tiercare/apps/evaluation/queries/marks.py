"""Which panels of a region's scorecards were recorded as complete: by whom, from which day on, on what evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.prepared import rows
from tiercare.engines.measures.scoring import Mark
from tiercare.kernel.actor import Actor

from .matters import area_of

_MARKS = """
SELECT card, panel, complete, since_on, evidence, by_name, made_at FROM evaluation_panelmark
WHERE region = %(region)s AND (%(card)s = '' OR card = %(card)s) ORDER BY made_at, id
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record of a panel; ``complete`` is false where an earlier one was taken back."""

    card: str
    panel: str
    complete: bool
    on: date
    evidence: str
    by: str
    at: datetime


def recorded(actor: Actor, region: str, card: str = "") -> list[Recorded]:
    """All records of a region's scorecards, or of one of them, oldest first."""
    with scoped(actor, area=area_of(actor)):
        found = rows(_MARKS, region=region, card=card)
    return [
        Recorded(
            each["card"],
            each["panel"],
            each["complete"],
            each["since_on"],
            each["evidence"],
            each["by_name"],
            each["made_at"],
        )
        for each in found
    ]


def standing(records: Sequence[Recorded]) -> Mapping[tuple[str, str], Recorded]:
    """By card and panel the record that counts: the last one."""
    return {(each.card, each.panel): each for each in records}


def marks_of(actor: Actor, region: str) -> Mapping[str, Sequence[Mark]]:
    """By scorecard what counts as recorded, as the engine takes it."""
    found: dict[str, list[Mark]] = {}
    for each in standing(recorded(actor, region)).values():
        if each.complete:
            found.setdefault(each.card, []).append(Mark(each.panel, each.by, each.on, each.evidence))
    return found
