"""What a referral down settles when it is sent: the drugs against the receiver's list, and the day of the place in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.rules.acting import Standing
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import queries as records
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of

from ..rules.drugs import with_gap


def settle(
    actor: Actor, standing: Standing, *, to: UUID | None, placed: bool, version: int | None
) -> int | None:
    """Keep with the plan how its drugs stand to the list of whoever it goes to, as of today, and as the day of the first
    visit that of the place which is held (``placed``); answers the version. What is lacking is refused with everything else.

    Raises:
        Refused: if somebody else wrote meanwhile.
    """
    plan: Mapping[str, Any] = standing.payload.get("plan") or {}
    drugs: Sequence[Mapping[str, Any]] = plan.get("drugs") or ()
    receiver = to or standing.receiver
    named = [(str(each.get("code") or ""), str(each.get("name") or "")) for each in drugs]
    found = with_gap(drugs, records.drug_gap(receiver, named, on=ledger.today()))
    settled = dict(plan) | ({"drugs": found} if found else {})
    if (
        placed
        and standing.booking_id is not None
        and standing.planned_at is not None
        and receiver == standing.receiver
    ):
        settled["next_visit_on"] = day_of(standing.planned_at).isoformat()
    if settled == dict(plan):
        return version
    return exchange.amend(
        actor, request_id=standing.id, content=exchange.Content(payload={"plan": settled}), version=version
    )
