"""Who joined a consortium beside the approved plan (NHC-83).

A join is by plan where something on record says that the government agreed to it: an application that was approved (or that
the commission itself put into effect), the approval of the consortium for those it began with, a grid for which the
consortium answered on that day, or an exception that somebody granted by name. Which of these count the packs say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from tiercare.kernel.text import Text

from .facts import Kind, Role


class Ground(StrEnum):
    """What a join may rest on."""

    APPROVED = "approved"
    APPLIED = "applied"
    FOUNDING = "founding"
    GRID = "grid"
    EXCEPTED = "excepted"


GROUND_NAMES: Mapping[Ground, Text] = {
    Ground.APPROVED: Text("经批准的变更申请", "an approved application"),
    Ground.APPLIED: Text("主管部门直接登记生效", "put into effect by the commission itself"),
    Ground.FOUNDING: Text("组建批准时的成员", "a member when the consortium was approved"),
    Ground.GRID: Text("在该医联体负责的网格内", "in a grid that the consortium answers for"),
    Ground.EXCEPTED: Text("有登记的豁免", "an exception on record"),
}
# What takes land: members and what is run in trusteeship. Collaborating and assisting hospitals are lent, not taken.
TAKEN = (Role.MEMBER, Role.ENTRUSTED)


@dataclass(frozen=True, slots=True)
class Join:
    """Something that came to a consortium on a day: an institution, or (``whole``) another consortium with all it has.

    ``lead_level`` is the level of the consortium's lead on that day, 0 where it had none.
    """

    consortium_id: UUID
    consortium: str
    consortium_name: str
    kind: Kind
    lead_name: str
    lead_level: int
    member_id: UUID
    member: str
    member_name: str
    whole: bool
    on: date
    grounds: frozenset[Ground]

    @property
    def subject(self) -> str:
        """The key by which exceptions name what joined."""
        return f"{'consortium' if self.whole else 'institution'}:{self.member_id}"


def bypassing(
    joins: Iterable[Join], *, accepted: Collection[str], kinds: Collection[str], level: int
) -> list[Join]:
    """Those that rest on none of the ``accepted`` grounds, in consortia of these ``kinds`` (both as the packs write them)
    whose lead has at least this ``level``; by consortium and day.

    Raises:
        ValueError: for a ground or a kind that there is not.
    """
    grounds = frozenset(Ground(word) for word in accepted)
    looked_at = {Kind(word.upper()) for word in kinds}
    found = [
        each
        for each in joins
        if each.kind in looked_at and each.lead_level >= level and not grounds & each.grounds
    ]
    return sorted(found, key=lambda each: (each.consortium, each.on, each.member))
