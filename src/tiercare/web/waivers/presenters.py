"""Exceptions as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.engines.policy import PackSet
from tiercare.web.pages import said


@dataclass(frozen=True, slots=True)
class Row:
    """An exception; ``standing`` is ``current``, ``coming``, ``over`` or ``revoked``."""

    id: UUID
    pack: str
    card: str
    sentence: str
    clause: str
    subject_name: str
    reason: str
    start: date
    end: date
    granted_by: str
    granted_at: datetime
    revoked_by: str
    revoked_at: datetime | None
    standing: str


_ORDER = ("current", "coming", "over", "revoked")


def rows(packs: PackSet, found: Iterable[Any], *, on: date) -> list[Row]:
    """Those in force on the day first, then those to come, over, and revoked."""
    cards = {card.key: card for pack in packs for card in pack.cards}
    listed = []
    for waiver in found:
        pack, _, card_id = waiver.card.partition("/")
        card = cards.get(waiver.card)
        listed.append(
            Row(
                id=waiver.id,
                pack=pack,
                card=card_id,
                sentence=said(card.sentence) if card else waiver.card,
                clause=card.clauses[0] if card else "",
                subject_name=waiver.subject_name,
                reason=waiver.reason,
                start=waiver.period.lower,
                end=waiver.period.upper,
                granted_by=waiver.granted_by_name,
                granted_at=waiver.granted_at,
                revoked_by=waiver.revoked_by_name,
                revoked_at=waiver.revoked_at,
                standing=_standing(waiver, on),
            )
        )
    return sorted(listed, key=lambda row: _ORDER.index(row.standing))


def _standing(waiver: Any, on: date) -> str:
    if waiver.revoked_at is not None:
        return "revoked"
    if on < waiver.period.lower:
        return "coming"
    return "current" if on < waiver.period.upper else "over"
