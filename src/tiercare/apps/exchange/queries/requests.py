"""A request as it stands, and what whoever asks may do with it now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .. import sql
from ..rules import refusals
from ..rules.acting import Standing, possible, sides
from ..rules.kinds import kind_of
from ..rules.owners import Level, Owner
from ..workflow import OPEN, STATE_NAMES, Act, By, State


def standing_of(request_id: UUID) -> Standing | None:
    """The request, if the wall lets it be seen; the caller stands in ``scoped``."""
    found = rows(sql.STANDING, request=request_id)
    return _standing(found[0]) if found else None


def acts_now(actor: Actor, *, request_id: UUID) -> tuple[Act, ...]:
    """What the actor may do with the request now: the one answer that buttons, API and tests go by.

    Raises:
        Refused: if there is no such request for them.
    """
    with scoped(actor, area=actor.division_code or ""):
        standing = standing_of(request_id)
    parts = parts_of(actor, standing) if standing else frozenset()
    if standing is None or not parts:
        raise Refused(refusals.NO_SUCH_REQUEST)
    return possible(standing, kind_of(standing.kind), parts)


def open_for(
    actor: Actor, person: Sequence[UUID], problem_code: str, *, besides: UUID | None = None
) -> Refusal | None:
    """An open request of the resident for the same problem, told with where it went: known to whoever looks after them."""
    if not problem_code:
        return None
    with scoped(actor, persons=person):
        found = rows(
            sql.OPEN_FOR,
            person=list(person),
            problem=problem_code[:3],
            open=sorted(OPEN),
            besides=besides,
            house=actor.institution_id,
        )
    if not found:
        return None
    to = found[0]["to_institution"]
    names = network.names_of_institutions([to] if to else [], on=ledger.today())
    fields = {"to": names.get(to, "") or _NOWHERE, "state": STATE_NAMES[State(found[0]["state"])]}
    return replace(refusals.OPEN_ALREADY, fields=fields)


_NOWHERE = Text("尚未选定机构", "no institution chosen yet")


def parts_of(actor: Actor, standing: Standing) -> frozenset[By]:
    """In which parts the actor has to do with it."""
    owner = standing.owner
    above = owner is not None and (
        (owner.level is Level.LEAD and owner.institution_id == actor.institution_id)
        or (
            owner.level is Level.COMMISSION
            and actor.institution_id is None
            and bool(actor.division_code)
            and owner.area.startswith(actor.division_code or "")
        )
    )
    # The platform takes over what happened at the counter; desks and doctors are somebody.
    platform = actor.is_system and actor.institution_id is None
    return sides(standing, institution_id=actor.institution_id, above=above, platform=platform)


def _standing(row: dict[str, Any]) -> Standing:
    owner = None
    if row["owner_level"] is not None:
        owner = Owner(
            Level(row["owner_level"]), row["owner_institution"], row["owner_account"], row["owner_area"]
        )
    return Standing(
        id=row["id"],
        kind=row["kind"],
        state=State(row["state"]),
        urgency=row["urgency"],
        resident_id=row["resident_id"],
        sender=row["from_institution"],
        sender_account=row["from_account"],
        receiver=row["to_institution"],
        area=row["area"],
        owner=owner,
        booking_id=row["booking_id"],
        version=row["version"],
        now=row["now"],
        planned_at=row["planned_at"],
        has_place=row["has_place"],
        sent_at=row["sent_at"],
        payload=json.loads(row["payload"]),
        problem_code=row["problem_code"],
        problem=row["problem"],
        specialty=row["specialty"],
        parties=tuple(row["parties"]),
    )
