"""Telling the other side that a request went on: in its inbox here, whatever else carries it further."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger.prepared import prepared
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import refuse

from .. import sql
from ..rules.acting import Standing
from ..rules.telling import ESCALATED, FILING, UNHEARD, To, whom
from ..workflow import Act

_SEEN = """
UPDATE exchange_notice SET seen_at = tiercare_now()
WHERE institution_id = %(institution)s AND seen_at IS NULL AND (account_id IS NULL OR account_id = %(account)s)
  AND (%(request)s::uuid IS NULL OR request_id = %(request)s)
"""


def tell_sides(actor: Actor, standing: Standing, act: Act, *, to: UUID | None) -> None:
    """Who must know of an act that somebody else did (``rules.telling``). The caller stands where the request is seen."""
    receiver = to or standing.receiver
    # Sent on, both the one it goes to and the one who sent it learn of it.
    for side in whom(act):
        if side is To.SENDER and actor.institution_id != standing.sender:
            _notify(standing.id, standing.sender, standing.sender_account, act.value)
        elif side is To.RECEIVER and receiver is not None and actor.institution_id != receiver:
            _notify(standing.id, receiver, None, act.value)
        elif side is To.WAS and standing.receiver not in {None, receiver, actor.institution_id}:
            assert standing.receiver is not None
            _notify(standing.id, standing.receiver, None, act.value)


def tell_of_time(request_id: UUID, houses: Iterable[tuple[UUID, UUID | None]], *, unheard: bool) -> None:
    """That nobody saw to a request in time: to these institutions, or these people of theirs."""
    for institution, account in houses:
        _notify(request_id, institution, account, UNHEARD if unheard else ESCALATED)


def tell_of_filing(request_id: UUID, houses: Iterable[tuple[UUID, UUID | None]]) -> None:
    """That the filing of a request with the insurer waits for somebody: to these institutions, or these people of theirs."""
    for institution, account in houses:
        _notify(request_id, institution, account, FILING)


def see_notices(actor: Actor, *, request_id: UUID | None = None) -> int:
    """The actor has seen what they and their office were told, of one request or of all; returns how much it was.

    Raises:
        Refused: if the actor has nothing to do with requests.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor), connection.cursor() as cursor:
        cursor.execute(
            _SEEN,
            {
                "institution": actor.institution_id,
                "account": actor.account_id,
                "request": request_id,
            },
        )
        return cursor.rowcount


def _notify(request_id: UUID, institution: UUID, account: UUID | None, about: str) -> None:
    values = {
        "id": uuid7(),
        "institution": institution,
        "account": account,
        "request": request_id,
        "about": about,
    }
    with prepared() as cursor:
        cursor.execute(sql.NOTIFY, values)
