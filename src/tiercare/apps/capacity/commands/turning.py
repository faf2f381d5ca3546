"""What becomes of a booking: confirmed, cancelled, moved, arrived, attended, missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events, sql, workflow
from ..queries.bookings import BookingRow, own_booking, seen
from ..queries.places import times_of
from ..rules import refusals
from ..rules.vocabulary import Channel
from ..rules.wording import spoken
from ..workflow import Act, By, State
from .booking import Taken, booked_as_another, channel_for, may_book, take

SUBJECT = "capacity.booking"


def turn(actor: Actor, *, booking_id: UUID, act: Act, reason: str = "") -> BookingRow:
    """Take a booking on by one act of the table (``workflow.TRANSITIONS``) but moving, which has its own command.

    Raises:
        Refused: if the actor may not book, does not see the booking, or the act is the host's alone; 409 if the
            booking stands elsewhere by now.
        ValueError: for acts that are no person's.
    """
    if act in {Act.MOVE, Act.LAPSE, Act.STOP}:
        raise ValueError(f"{act} is not done to one booking by a person")
    refuse(may_book(actor))
    with seen(actor, booking_id) as (found, persons):
        _guard(actor, found, act)
        step(actor, booking_id, act, reason)
        after = own_booking(booking_id)
        # Whoever cancels for somebody else may be the only one who knows.
        if act is Act.CANCEL and found.state is not State.HELD and actor.resident_id not in persons:
            _tell(actor, found, f"您{spoken(found.starts_at)}的预约已取消。{reason}", about=booking_id)
    assert after is not None
    return after


def move(actor: Actor, *, booking_id: UUID, slot_id: UUID) -> Taken:
    """Take another place and give back this one, both or neither; the channel is judged anew at the new place.

    Raises:
        Refused: as ``turn``.
        NoPlace: if the other place is not to be had; the booking stays as it was.
    """
    refuse(may_book(actor))
    with seen(actor, booking_id) as (found, _):
        _guard(actor, found, Act.MOVE)
        lock([booking_id], [slot_id])
        channel, person = _channel_anew(actor, found, slot_id)
        # The old place first: within one session a resident has one booking.
        step(actor, booking_id, Act.MOVE, "")
        taken = take(
            actor,
            channel=channel,
            slot_id=slot_id,
            resident_id=person[0],
            state=State.BOOKED,
            source_id=found.source_id,
            together=found.group_id,
            swept=True,
            for_institution=found.booked_by,
        )
        text = f"您{spoken(found.starts_at)}的预约已改到{spoken(taken.starts_at)}，{taken.number} 号。"
        _tell(actor, found, text, about=taken.booking_id)
    return taken


def _channel_anew(actor: Actor, found: BookingRow, slot_id: UUID) -> tuple[Channel, list[UUID]]:
    """Through which channel the new place is taken. The host moves within its own house, on the channel of the booking:
    hospitals move patients by telephone, without looking after them yet.

    Raises:
        Refused: as ``channel_for``.
    """
    at = times_of([slot_id])
    if at and actor.institution_id == found.institution_id == at[0].institution_id:
        person = residents.person_of(found.resident_id)
        refuse(booked_as_another(at[0].session_id, person, besides=found.id))
        return found.channel, list(person)
    return channel_for(actor, slot_id, found.resident_id, found.source_id, moving=found.id)


def _tell(actor: Actor, found: BookingRow, text: str, *, about: UUID) -> None:
    word = Word(found.resident_id, f"【分级诊疗】{text}", SUBJECT, about)
    messages.tell(actor, [word], institution_id=actor.institution_id)


def lock(bookings: Sequence[UUID], slots: Sequence[UUID]) -> None:
    """Before several places change hands in one transaction: all they touch, in the one order of locks."""
    notes = [uuid7() for _ in range(len(bookings) + len(slots))]
    rows(sql.LOCK, bookings=sorted(bookings), slots=sorted(slots), notes=notes)


def step(actor: Actor, booking_id: UUID, act: Act, reason: str) -> dict[str, Any]:
    """The transition itself, with its event. The caller stands in ``scoped`` and has judged who may.

    Raises:
        Refused: if the table does not lead on from where the booking stands.
    """
    target = workflow.target(act)
    (row,) = rows(
        sql.TURN,
        booking=booking_id,
        sources=[each.value for each in workflow.sources(act)],
        target=target.value,
        frees=target not in workflow.COUNTED,
        note=uuid7(),
    )
    if row["outcome"] == "unknown":
        raise Refused(refusals.NO_SUCH_BOOKING)
    if row["outcome"] == "lapsed":
        raise Refused(refusals.LAPSED)
    if row["outcome"] != "done":
        raise Refused(workflow.not_now(act, State(row["was"])))
    ledger.append(
        actor,
        events.BookingTurned(act=act.value, was=row["was"], state=target.value, reason=reason),
        subject_type=SUBJECT,
        subject_id=booking_id,
        institution_id=row["host"],
        division_code=actor.division_code,
    )
    return row


def _guard(actor: Actor, found: BookingRow, act: Act) -> None:
    """Raises ``Refused`` where the act leads nowhere from here, or is the host's and the actor is not the host."""
    row = workflow.transition(found.state, act)
    if row is None:
        raise Refused(refusals.LAPSED if found.state is State.LAPSED else workflow.not_now(act, found.state))
    if row.by is By.HOST and actor.institution_id != found.institution_id:
        raise Refused(refusals.HOST_ONLY)
    if row.by is By.MAKER and not workflow.may_confirm(
        booked_by=found.booked_by, institution_id=actor.institution_id
    ):
        raise Refused(refusals.NOT_YOUR_HOLD)
    if row.by is By.HOST:
        refuse(workflow.untimely(act, found.state, starts_at=found.starts_at, now=ledger_queries.now()))
