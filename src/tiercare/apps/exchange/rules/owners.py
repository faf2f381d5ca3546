"""Who must see to an open request, and where it goes when nobody does: person, office, lead hospital, commission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tiercare.kernel.text import Text


class Level(StrEnum):
    """Steps of the line of escalation, lowest first."""

    PERSON = "PERSON"
    OFFICE = "OFFICE"
    LEAD = "LEAD"
    COMMISSION = "COMMISSION"


LEVEL_NAMES: Mapping[Level, Text] = {
    Level.PERSON: Text("经办人", "the person"),
    Level.OFFICE: Text("转诊办公室", "the referral office"),
    Level.LEAD: Text("牵头医院", "the lead hospital"),
    Level.COMMISSION: Text("卫生健康委", "the health commission"),
}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who must see to it. Of a ``PERSON`` the account is named, of a ``COMMISSION`` the area."""

    level: Level
    institution_id: UUID | None
    account_id: UUID | None = None
    area: str = ""


def above(owner: Owner, *, lead_id: UUID | None, area: str) -> Owner:
    """The next on the line. Where there is no lead hospital, or it is the owner itself, the commission follows; the
    commission stays the owner, and is asked again.

    Raises:
        ValueError: if there is no area: every institution lies in one.
    """
    if not area:
        raise ValueError("every institution lies in an area")
    if owner.level is Level.PERSON:
        return Owner(Level.OFFICE, owner.institution_id)
    if owner.level is Level.OFFICE and lead_id is not None and lead_id != owner.institution_id:
        return Owner(Level.LEAD, lead_id)
    return Owner(Level.COMMISSION, None, area=area)
