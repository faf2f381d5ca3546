"""The short form of a day's offers in which rule cards write their examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from tiercare.apps.network.rules import Category, Role
from tiercare.kernel.ids import stable_id

from .cards import DayOffers, Hospital, MonthKept
from .shares import RESOURCE_NAMES, Offer
from .vocabulary import OFFERED, Channel


def from_plain(plain: Mapping[str, Any], *, on: date) -> DayOffers:
    """A day's offers from ``hospitals: {H1: {roles: [LEAD]}}``, ``offers`` and ``months``, each with its ``hospital``.

    What an offer does not keep for a channel is open.

    Raises:
        ValueError: for a key, a name or a word that does not exist, or more kept than offered.
    """
    _known(plain, ("hospitals", "offers", "months"), "a day")
    hospitals = {name: _hospital(name, row or {}) for name, row in plain.get("hospitals", {}).items()}

    def id_of(row: Mapping[str, Any]) -> UUID:
        if row["hospital"] not in hospitals:
            raise ValueError(f"there is no hospital {row['hospital']}")
        return hospitals[row["hospital"]].id

    return DayOffers(
        on=on,
        hospitals={each.id: each for each in hospitals.values()},
        offers=tuple(_offer(id_of(row), row) for row in plain.get("offers", ())),
        months=tuple(_month(id_of(row), row) for row in plain.get("months", ())),
    )


def _hospital(name: str, row: Mapping[str, Any]) -> Hospital:
    _known(row, ("category", "level", "roles"), name)
    return Hospital(
        id=stable_id("example", name),
        name=name,
        category=Category(row.get("category", Category.GENERAL)),
        level=row.get("level", 2),
        roles=frozenset(Role(each) for each in row.get("roles", ())),
    )


def _offer(institution_id: UUID, row: Mapping[str, Any]) -> Offer:
    _known(row, ("hospital", "resource", "offered", "kept"), "an offer")
    if row["resource"] not in RESOURCE_NAMES:
        raise ValueError(f"there is no resource {row['resource']}")
    kept = {Channel(name): units for name, units in row.get("kept", {}).items()}
    left = row["offered"] - sum(kept.values())
    if left < 0 or not set(kept) <= set(OFFERED):
        raise ValueError(f"{dict(row.get('kept', {}))} does not fit into {row['offered']} places")
    return Offer(institution_id, row["resource"], row["offered"], {Channel.OPEN: left, **kept})


def _month(institution_id: UUID, row: Mapping[str, Any]) -> MonthKept:
    _known(row, ("hospital", "month", "before", "kept"), "a month")
    return MonthKept(institution_id, row["month"], row["before"], row["kept"])


def _known(row: Mapping[str, Any], keys: Iterable[str], what: str) -> None:
    unknown = set(row) - set(keys)
    if unknown:
        raise ValueError(f"{what} has no {', '.join(sorted(unknown))}")
