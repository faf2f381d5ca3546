"""Somebody is back before the time that was given."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import StandIn
from .offices import DESK

NO_SUCH_STAND_IN = Refusal(
    code="exchange.no_such_stand_in",
    message=Text("没有这条代办安排，或它已经结束。", "There is no such stand-in, or it is over."),
    instead=Text("请刷新后查看。", "Reload the page."),
    at="request",
    status=404,
)


def end_stand_in(actor: Actor, *, stand_in_id: UUID) -> None:
    """From now on what would be theirs comes to the person again.

    Raises:
        Refused: if the actor neither is that person nor runs the office, or there is no such stand-in.
    """
    refuse(may(actor, Right.REQUESTS_SEND, institution_id=actor.institution_id))
    with scoped(actor):
        row = (
            StandIn.objects.select_for_update()
            .filter(id=stand_in_id, institution_id=actor.institution_id, ended_at=None)
            .first()
        )
        if row is None:
            raise Refused(NO_SUCH_STAND_IN)
        if row.account_id != actor.account_id:
            refuse(may(actor, Right.REQUESTS_DESK, institution_id=actor.institution_id))
        row.ended_at = ledger_queries.now()
        row.save(update_fields=["ended_at"])
        ledger.append(
            actor,
            events.StandInKept(account=row.account_id, deputy=row.deputy_id, ended=True),
            subject_type=DESK,
            subject_id=row.institution_id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
