"""What was handed to whom, as the sender and the receiver see it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.reading import area_names
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused, refuse

from ..rules import bulletins as rules
from .matters import area_of

_ONE = "SELECT d.* FROM evaluation_delivery d WHERE d.id = %(delivery)s"
# The papers themselves stay where they are: a list needs none of them.
_LIST = """
SELECT d.id, d.matter_id, d.number, d.purpose, d.feed, d.title, d.from_area, d.to_area, d.to_institution, d.outside, d.sha256,
       d.sent_at, d.sent_by_name, d.read_at, d.read_by_name, d.receipt, d.reminded, d.reminded_at,
       d.withdrawn_at, d.withdrawn_why
FROM evaluation_delivery d
WHERE (%(purpose)s = '' OR d.purpose = %(purpose)s)
  AND (%(matter)s::uuid IS NULL OR d.matter_id = %(matter)s::uuid)
  AND (%(sent)s::text IS NULL OR starts_with(d.from_area, %(sent)s::text))
  AND (%(came_area)s::text IS NULL OR d.to_area = %(came_area)s::text)
  AND (%(came_house)s::uuid IS NULL OR d.to_institution = %(came_house)s::uuid)
  AND (NOT %(unread)s::boolean OR d.read_at IS NULL AND d.withdrawn_at IS NULL)
ORDER BY d.sent_at DESC, d.number LIMIT %(limit)s OFFSET %(offset)s
"""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery; ``to`` names the receiver. ``content`` is empty in lists."""

    id: UUID
    matter_id: UUID | None
    number: str
    purpose: str
    feed: str
    title: str
    from_area: str
    from_name: str
    to_area: str
    to_institution: UUID | None
    outside: str
    to: str
    sha256: str
    sent_at: datetime
    sent_by: str
    read_at: datetime | None
    read_by: str
    receipt: str
    reminded: int
    reminded_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_why: str
    content: Mapping[str, Any]

    @property
    def on_platform(self) -> bool:
        """Whether the receiver signs on the platform."""
        return not self.outside

    @property
    def waits(self) -> bool:
        """Whether nobody said yet that it came."""
        return self.read_at is None and self.withdrawn_at is None


def received_by(actor: Actor, sent: Sent) -> bool:
    """Whether the actor stands for the receiver: its people, or the very commission of that area."""
    if may(actor, Right.SUPERVISION_ANSWER) is not None or not sent.on_platform:
        return False
    if sent.to_institution is not None:
        return actor.institution_id == sent.to_institution
    return actor.institution_id is None and actor.division_code == sent.to_area


def sends(actor: Actor, sent: Sent) -> bool:
    """Whether the actor stands for the sender."""
    return (
        may(actor, Right.EVALUATION_RUN, division=sent.from_area, institution_id=actor.institution_id) is None
    )


def delivery(actor: Actor, delivery_id: UUID) -> Sent:
    """One delivery whole. Whoever may sign and has not yet finds its content empty: reading is what they sign for.

    Raises:
        Refused: if there is none for the actor.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = rows(_ONE, delivery=delivery_id)
    if not found:
        raise Refused(rules.NO_SUCH_DELIVERY)
    (shown,) = _shown(found)
    if not sends(actor, shown) and (shown.read_at is None or shown.withdrawn_at is not None):
        return replace(shown, content={})
    return shown


def outbox(
    actor: Actor,
    *,
    matter_id: UUID | None = None,
    purpose: str = "",
    unread: bool = False,
    page: int = 1,
    limit: int = PAGE,
) -> list[Sent]:
    """What the actor's commission sent, the newest first.

    Raises:
        Refused: if the actor sees no indicators.
    """
    area = "" if actor.is_system else actor.division_code or "-"
    return _listed(actor, purpose=purpose, matter=matter_id, sent=area, unread=unread, page=page, limit=limit)


def inbox(actor: Actor, *, unread: bool = False, page: int = 1, limit: int = PAGE) -> list[Sent]:
    """What was sent to the actor's institution or commission, the newest first.

    Raises:
        Refused: if the actor sees no indicators.
    """
    if actor.institution_id is not None:
        return _listed(actor, house=actor.institution_id, unread=unread, page=page, limit=limit)
    return _listed(actor, area=actor.division_code or "-", unread=unread, page=page, limit=limit)


def _listed(
    actor: Actor,
    *,
    purpose: str = "",
    matter: UUID | None = None,
    sent: str | None = None,
    area: str | None = None,
    house: UUID | None = None,
    unread: bool = False,
    page: int = 1,
    limit: int = PAGE,
) -> list[Sent]:
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        found = rows(
            _LIST,
            purpose=purpose,
            matter=matter,
            sent=sent,
            came_area=area,
            came_house=house,
            unread=unread,
            limit=limit,
            offset=(max(page, 1) - 1) * limit,
        )
    return _shown(found)


def _shown(found: Iterable[Mapping[str, Any]]) -> list[Sent]:
    lines: Sequence[Mapping[str, Any]] = list(found)
    today = clock.today()
    areas = area_names(on=today)
    ids = {row["to_institution"] for row in lines if row["to_institution"]}
    houses = network.names_of_institutions(ids, on=today) if ids else {}

    def receiver(row: Mapping[str, Any]) -> str:
        if row["to_institution"]:
            return str(houses.get(row["to_institution"], ""))
        if row["outside"]:
            return str(row["outside"])
        return f"{areas.get(row['to_area'], row['to_area'])}卫生健康委员会"

    return [
        Sent(
            id=row["id"],
            matter_id=row["matter_id"],
            number=row["number"],
            purpose=row["purpose"],
            feed=row["feed"],
            title=row["title"],
            from_area=row["from_area"],
            from_name=f"{areas.get(row['from_area'], row['from_area'])}卫生健康委员会",
            to_area=row["to_area"],
            to_institution=row["to_institution"],
            outside=row["outside"],
            to=receiver(row),
            sha256=row["sha256"],
            sent_at=row["sent_at"],
            sent_by=row["sent_by_name"],
            read_at=row["read_at"],
            read_by=row["read_by_name"],
            receipt=row["receipt"],
            reminded=row["reminded"],
            reminded_at=row["reminded_at"],
            withdrawn_at=row["withdrawn_at"],
            withdrawn_why=row["withdrawn_why"],
            content=json.loads(row["content"]) if "content" in row else {},
        )
        for row in lines
    ]
