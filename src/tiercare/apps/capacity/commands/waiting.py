"""The waiting list (候补): places that come free are offered by urgency, held for a while, and go on to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Pool, Waiting
from ..rules import refusals
from ..rules.vocabulary import Channel
from ..rules.waiting import OPEN, Urgency, WaitingState, offer_stands, wrong_days
from ..rules.wording import spoken
from ..workflow import State
from .booking import NoPlace, Taken, channel_at, may_book, take
from .turning import own_person

SUBJECT = "capacity.waiting"
MAY_SAY_URGENT = frozenset({Role.CLINICIAN.value, Role.PRIMARY_DOCTOR.value})
# Free slots of a pool's session for whoever waits; the UPDATE of taking decides.
_FREE = """
SELECT l.id, lower(l.during) AS starts_at FROM capacity_slot l
WHERE l.session_id = %(session)s AND l.used < l.capacity AND lower(l.during) > tiercare_now()
ORDER BY lower(l.during), l.id
"""
_SESSION = "SELECT pool_id, institution_id, day, state FROM capacity_session WHERE id = %(session)s"
# One at a time in line; whoever is being offered something just now is left to whoever does it.
_NEXT = """
SELECT id, resident_id, booked_by, account_id, channel FROM capacity_waiting
WHERE pool_id = %(pool)s AND state = 'WAITING' AND %(day)s::date BETWEEN first AND last AND id <> ALL (%(tried)s::uuid[])
ORDER BY urgency, made_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""


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
    refuse(may_book(actor), wrong_days(first, last, today=ledger_queries.today()))
    channel, person = channel_at(actor, pool.institution_id, resident_id)
    with scoped(actor, persons=own_person(actor)):
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
        _tell(actor, row, "wait")
    return row.id


def withdraw(actor: Actor, *, waiting_id: UUID) -> None:
    """Leave the waiting list; an offer that stands is given back by cancelling its hold.

    Raises:
        Refused: if there is no such entry, or it is over.
    """
    refuse(may_book(actor))
    with scoped(actor, persons=own_person(actor)):
        row = Waiting.objects.select_for_update().filter(id=waiting_id).first()
        if row is None or row.state not in OPEN:
            raise Refused(_NOT_WAITING)
        _put(actor, row, WaitingState.WITHDRAWN, "withdraw")


def sweep_lapsed() -> int:
    """Give back every hold whose time ran out, so that those who wait are asked in time; how many sessions had some.

    Nobody needs it to get a place: whoever wants one sweeps the session first.
    """
    found = rows("SELECT session FROM capacity_lapsed_sessions() AS session")
    for row in found:
        with transaction.atomic():
            rows(
                "SELECT capacity_sweep(%(session)s, %(note)s, NULL) AS swept",
                session=row["session"],
                note=uuid7(),
            )
    return len(found)


def offer_next(session_id: UUID) -> int:
    """Offer what is free in a session to those who wait for it, in their order; how many were offered something.

    The platform's own work, after places have come free; each offer is a hold that lapses by itself.
    """
    found = rows(_SESSION, session=session_id)
    if not found or found[0]["state"] != "PUBLISHED":
        return 0
    session, offered, tried = found[0], 0, list[UUID]()
    host = replace(Actor.system(), institution_id=session["institution_id"])
    while True:
        with scoped(host):
            line = rows(_NEXT, pool=session["pool_id"], day=session["day"], tried=tried)
            if not line:
                return offered
            tried.append(line[0]["id"])
            taken = _first_free(host, session_id, line[0])
            if taken is not None:
                offered += 1
                row = Waiting.objects.get(id=line[0]["id"])
                row.booking_id = taken.booking_id
                _put(host, row, WaitingState.OFFERED, "offer")
                messages.tell(host, [_word(row, taken)], institution_id=session["institution_id"])


def settle(booking_id: UUID, state: State, institution_id: UUID) -> None:
    """What became of an offer: confirmed it is taken; lapsed or cancelled it is over, and the next is asked."""
    host = replace(Actor.system(), institution_id=institution_id)
    with scoped(host):
        row = (
            Waiting.objects.select_for_update()
            .filter(booking_id=booking_id, state=WaitingState.OFFERED.value)
            .first()
        )
        if row is not None:
            _put(host, row, WaitingState.TAKEN if state is State.BOOKED else WaitingState.LAPSED, "settle")


def _first_free(host: Actor, session_id: UUID, line: dict[str, Any]) -> Taken | None:
    for slot in rows(_FREE, session=session_id):
        try:
            return take(
                host,
                channel=Channel(line["channel"]),
                slot_id=slot["id"],
                resident_id=line["resident_id"],
                state=State.HELD,
                for_institution=line["booked_by"],
                hold_for=offer_stands(slot["starts_at"] - ledger_queries.now()),
            )
        except NoPlace:
            continue
    return None


def _put(actor: Actor, row: Waiting, state: WaitingState, act: str) -> None:
    row.state, row.changed_at = state.value, ledger_queries.now()
    row.save(update_fields=["state", "changed_at", "booking_id"])
    _tell(actor, row, act)


def _tell(actor: Actor, row: Waiting, act: str) -> None:
    ledger.append(
        actor,
        events.WaitingTurned(act=act, pool_id=row.pool_id, resident=row.resident_id, state=row.state),
        subject_type=SUBJECT,
        subject_id=row.id,
        institution_id=row.institution_id,
        division_code=actor.division_code,
    )


def _word(row: Waiting, taken: Taken) -> Word:
    assert taken.held_until is not None
    text = (
        f"【分级诊疗】您候补的{row.pool.name}有号了：{spoken(taken.starts_at)}，"
        f"请在{spoken(taken.held_until)}前确认，过时顺延给下一位。"
    )
    return Word(row.resident_id, text, SUBJECT, row.id)


_WAITS_ALREADY = Refusal(
    code="capacity.waits_already",
    message=Text("这位居民已在这里候补。", "The resident waits there already."),
    instead=Text("可以退出后用新的日期重新候补。", "Withdraw, then wait again with other days."),
    at="resident",
)
_NOT_WAITING = Refusal(
    code="capacity.not_waiting",
    message=Text("没有这条候补，或它已结束。", "There is no such entry, or it is over."),
    instead=Text("请刷新候补列表。", "Reload the waiting list."),
    at="waiting",
)
