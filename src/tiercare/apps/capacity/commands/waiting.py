"""The waiting list (候补): who wants a place of a pool on some day, in the order of urgency and of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Pool, Waiting
from ..queries import ours
from ..queries.bookings import BookingRow
from ..queries.waiting import seen_entry
from ..rules import refusals
from ..rules.waiting import NOT_WAITING, OPEN, Urgency, WaitingState, wrong_days
from ..workflow import Act
from .booking import channel_at, may_book
from .turning import step, turn

SUBJECT = "capacity.waiting"
LONGEST = "waiting_longest_days"
MAY_SAY_URGENT = frozenset({Role.CLINICIAN.value, Role.PRIMARY_DOCTOR.value})


def wait(
    actor: Actor,
    *,
    pool_id: UUID,
    resident_id: UUID,
    first: date,
    last: date,
    urgency: Urgency = Urgency.ROUTINE,
) -> UUID:
    """Put a resident on the waiting list of a pool.

    Urgency is a clinician's to say: residents themselves, and desks, put on the list as routine.

    Raises:
        Refused: if the actor may not book for them, the days make no sense, or they wait there already.
    """
    pool = Pool.objects.filter(id=pool_id).first()
    if pool is None:
        raise Refused(refusals.NO_SUCH_POOL)
    today = ledger_queries.today()
    longest = ours.days(LONGEST, pool.institution_id, on=today)
    refuse(may_book(actor), wrong_days(first, last, today=today, longest=longest))
    channel, person = channel_at(actor, pool.institution_id, resident_id)
    end_waiting(pool.institution_id)
    with scoped(actor, persons=person if actor.resident_id else ()):
        try:
            with transaction.atomic():
                row = Waiting.objects.create(
                    pool=pool,
                    resident_id=person[0],
                    institution_id=pool.institution_id,
                    booked_by=actor.institution_id,
                    account_id=actor.account_id,
                    channel=channel.value,
                    urgency=urgency if actor.role in MAY_SAY_URGENT else Urgency.ROUTINE,
                    first=first,
                    last=last,
                    state=WaitingState.WAITING.value,
                )
        except IntegrityError as error:
            if "waiting_once_a_pool" in str(error):
                raise Refused(_WAITS_ALREADY) from error
            raise
        tell(actor, row, "wait")
    return row.id


def withdraw(actor: Actor, *, waiting_id: UUID) -> None:
    """Leave the waiting list; an offer that stands is given back with it, and goes to the next.

    Raises:
        Refused: if there is no such entry, or it is over.
    """
    refuse(may_book(actor))
    with seen_entry(actor, waiting_id) as (found, persons):
        row = Waiting.objects.select_for_update().get(id=waiting_id)
        if found.state not in OPEN or row.state not in OPEN:
            raise Refused(NOT_WAITING)
        if found.state is WaitingState.OFFERED:
            assert row.booking_id is not None  # the constraint waiting_offer_is_a_hold
            step(actor, row.booking_id, Act.CANCEL, "")
        put(actor, row, WaitingState.WITHDRAWN, "withdraw")
        if actor.resident_id not in persons:
            text = f"【分级诊疗】您对{found.pool}的候补已取消。仍想就诊的，请联系预约机构。"
            word = Word(found.resident_id, text, SUBJECT, waiting_id)
            messages.tell(actor, [word], institution_id=actor.institution_id)


def answer_offer(actor: Actor, *, waiting_id: UUID, confirm: bool) -> BookingRow:
    """Take the place that is offered, or decline it, which gives it to the next.

    Raises:
        Refused: if nothing is offered (any more); as ``turn``.
    """
    with seen_entry(actor, waiting_id) as (found, _):
        if found.state is WaitingState.LAPSED:
            raise Refused(refusals.LAPSED)
        if found.state is not WaitingState.OFFERED or found.booking_id is None:
            raise Refused(NOT_WAITING)
    return turn(actor, booking_id=found.booking_id, act=Act.CONFIRM if confirm else Act.CANCEL)


def end_waiting(institution_id: UUID) -> int:
    """End the waiting of those whose last day has passed, on the lists of one institution; how many there were."""
    host = replace(Actor.system(), institution_id=institution_id)
    with scoped(host):
        over = Waiting.objects.select_for_update().filter(
            institution_id=institution_id, state=WaitingState.WAITING.value, last__lt=ledger_queries.today()
        )
        for row in (found := list(over.order_by("id"))):
            put(host, row, WaitingState.EXPIRED, "expire")
    return len(found)


def put(actor: Actor, row: Waiting, state: WaitingState, act: str) -> None:
    """Move an entry on, with its event; the caller has locked it and stands in ``scoped``."""
    row.state, row.changed_at = state.value, ledger_queries.now()
    row.save(update_fields=["state", "changed_at", "booking_id"])
    tell(actor, row, act)


def tell(actor: Actor, row: Waiting, act: str) -> None:
    """The event of an entry."""
    ledger.append(
        actor,
        events.WaitingTurned(act=act, pool_id=row.pool_id, resident=row.resident_id, state=row.state),
        subject_type=SUBJECT,
        subject_id=row.id,
        institution_id=row.institution_id,
        division_code=actor.division_code,
    )


_WAITS_ALREADY = Refusal(
    code="capacity.waits_already",
    message=Text("这位居民已在这里候补。", "The resident waits there already."),
    instead=Text("可以退出后用新的日期重新候补。", "Withdraw, then wait again with other days."),
    at="resident",
)
