"""Scorecards of a run: their results for the region and its consortia, and what each was computed from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import (
    Result,
    Scorecard,
    Touched,
    inputs_from,
    load_scorecards,
    score,
)
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .book import book_of
from .matters import area_of

# The record of a result is long and read only to replay it.
_SCORES = """
SELECT card, version, span, level, key, total, covered, place, (content - 'record')::text AS content, digest
FROM evaluation_score
WHERE run_id = %(run)s AND (%(card)s = '' OR card = %(card)s) AND (%(span)s = '' OR span = %(span)s)
ORDER BY card, span, level <> 'region', place NULLS LAST, total DESC NULLS LAST, key
"""
_RECORD = """
SELECT total, covered, digest, content ->> 'record' AS record FROM evaluation_score
WHERE run_id = %(run)s AND card = %(card)s AND span = %(span)s AND level = %(level)s AND key = %(key)s
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A result as it was kept. ``content``: its lines and panels (``commands.running.content_of``)."""

    card: str
    version: int
    span: str
    level: Level
    key: str
    total: Decimal | None
    covered: Decimal
    place: int | None
    content: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """A result computed again from its record, which is the one that was kept; ``same`` if it comes to the same digit."""

    result: Result
    digest: str
    same: bool


def cards_of(pack: str) -> Mapping[str, Scorecard]:
    """The scorecards of a pack and of those it extends, by id.

    Raises:
        Refused: if there is no such pack.
        PackErrors: if one cannot be read.
    """
    book_of(pack)
    return _read(mandates.packs(), pack)


def card_of(pack: str, card: str) -> Scorecard:
    """One scorecard.

    Raises:
        Refused: if the pack has none of this id.
    """
    found = cards_of(pack).get(card)
    if found is None:
        raise Refused(NO_SUCH_CARD)
    return found


@lru_cache(maxsize=16)
def _read(packs: PackSet, pack: str) -> Mapping[str, Scorecard]:
    return load_scorecards(packs, pack, book_of(pack))


def results(actor: Actor, run_id: UUID, *, card: str = "", span: str = "") -> list[Kept]:
    """Results of a run that the actor may see: the region first, then consortia by rank.

    Raises:
        Refused: if the actor sees no indicators.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = rows(_SCORES, run=run_id, card=card, span=span)
    return [
        Kept(**{**each, "level": Level(each["level"]), "content": json.loads(each["content"])})
        for each in found
    ]


def replay(actor: Actor, run_id: UUID, *, card: str, span: str, level: Level, key: str) -> Replayed:
    """Compute a result again from what was kept of it: neither facts nor packs are asked.

    Raises:
        Refused: if there is no such result for the actor, or its record is not the one that was kept.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = rows(_RECORD, run=run_id, card=card, span=span, level=level.value, key=key)
    if not found or not found[0]["record"]:
        raise Refused(NO_RECORD)
    (kept,) = found
    try:
        result = score(inputs_from(kept["record"], kept["digest"]))
    except Touched as touched:
        raise Refused(TOUCHED) from touched
    same = result.digest == kept["digest"] and _twelve(result.total) == _twelve(kept["total"])
    return Replayed(result, kept["digest"], same)


def _twelve(value: Any) -> str | None:
    """To twelve decimals, as it is kept."""
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-12)))


NO_SUCH_CARD = Refusal(
    code="evaluation.no_such_card",
    message=Text("这个地区没有这张评分表。", "This region has no such scorecard."),
    instead=Text("请从评分表清单中打开。", "Open it from the list of scorecards."),
    at="card",
    status=404,
)
NO_RECORD = Refusal(
    code="evaluation.no_record",
    message=Text(
        "没有找到这份结果的计算依据，或您无权查看。",
        "There is no record of this result, or it is not yours to see.",
    ),
    instead=Text(
        "请在评分表页面上选一家，或重新计算一次。",
        "Choose one on the scorecard's page, or have it computed again.",
    ),
    at="key",
    status=404,
)
TOUCHED = Refusal(
    code="evaluation.record_touched",
    message=Text(
        "保存的计算依据与凭据对不上：它在计算之后被改动过。",
        "The record kept does not match its digest: it was changed after the computation.",
    ),
    instead=Text(
        "请重新计算一次，并把这件事告诉管理员。", "Have it computed again, and tell the administrator."
    ),
    at="record",
    status=409,
)
