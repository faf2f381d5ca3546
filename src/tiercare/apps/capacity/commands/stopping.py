"""Stopping a session (停诊) or giving it to another physician (替诊): everybody booked is moved or freed, and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Session, Slot
from ..queries.places import Place, others
from ..rules import refusals
from ..rules.vocabulary import Channel, SessionState
from ..rules.wording import spoken
from ..workflow import Act, State
from . import stopping_sql as sql
from .booking import NoPlace, take
from .clashes import clash
from .publishing import lock_schedule, promises_short
from .turning import lock, step

SUBJECT = "capacity.session"
LONGEST_REASON = 200
# How many sessions are locked at most while those of a stopped one are moved there. Ours: a fortnight of a pool.
_SESSIONS_NEAR = 20


@dataclass(frozen=True, slots=True)
class Stopped:
    """What became of those who had a place: moved to another, or freed with the nearest places named.

    ``short`` says which promises the day breaks without the session, in the cards' words: a stop is not refused for it
    (a physician falls ill), but whoever stops is told what else to publish.
    """

    moved: int
    freed: int
    short: tuple[Refusal, ...] = ()


def stop(actor: Actor, *, session_id: UUID, reason: str, move: bool = True) -> Stopped:
    """Take a session off, and with ``move`` give everybody the nearest place of the same kind that their channel has.

    Everybody is told, with the new place or the nearest ones. A place that somebody takes at the same moment is
    either refused or among those that are moved.

    Raises:
        Refused: if the actor does not keep the session, it is stopped already, or no reason is given.
    """
    reason = told_reason(reason)
    with transaction.atomic():
        # Before the session's own row: two stops at once would each look for places in the other's session.
        lock_schedule(host_of(session_id))
        session = own_session(actor, session_id)
        with scoped(actor):
            session.state, session.stopped_reason = SessionState.STOPPED.value, reason
            session.version += 1
            session.save(update_fields=["state", "stopped_reason", "version"])
            before = rows(sql.BOOKED, session=session_id)
            near = slots_near(actor, before) if move else frozenset()
            lock([row["id"] for row in before], sorted(near))
            booked = rows(sql.BOOKED, session=session_id)  # without those who cancelled or moved meanwhile
            moved = [free(actor, session, row, reason, near) for row in booked]
            ledger.append(
                actor,
                events.SessionStopped(reason=reason, bookings=tuple(row["id"] for row in booked)),
                subject_type=SUBJECT,
                subject_id=session_id,
                institution_id=session.institution_id,
                division_code=actor.division_code,
            )
        short = promises_short(session.institution_id, session.day)
    return Stopped(sum(moved), len(moved) - sum(moved), tuple(short))


def substitute(actor: Actor, *, session_id: UUID, clinician_id: UUID, reason: str) -> int:
    """Have another physician serve the session; everybody booked keeps the place and is told. Returns how many.

    Raises:
        Refused: as ``stop``; if the physician is not registered there, or has another session at that time.
    """
    reason = told_reason(reason)
    with transaction.atomic():
        session = own_session(actor, session_id)
        found = rows(
            sql.PHYSICIAN, clinician=clinician_id, institution=session.institution_id, day=session.day
        )
        if not found:
            raise Refused(_NOT_REGISTERED)
        before = session.clinician_name
        session.clinician_id, session.clinician_name = clinician_id, found[0]["name"]
        session.version += 1
        try:
            with transaction.atomic():
                session.save(update_fields=["clinician_id", "clinician_name", "version"])
        except IntegrityError as error:
            raise Refused(clash(error)) from error
        with scoped(actor):
            booked = rows(sql.BOOKED, session=session_id)
            ledger.append(
                actor,
                events.SessionSubstituted(
                    clinician_id=clinician_id, reason=reason, bookings=tuple(row["id"] for row in booked)
                ),
                subject_type=SUBJECT,
                subject_id=session_id,
                institution_id=session.institution_id,
                division_code=actor.division_code,
            )
            when = booked and spoken(booked[0]["starts_at"])
            words = [
                _word(
                    row, f"{when}的门诊改由{session.clinician_name}出诊（原{before or '排班医师'}）。{reason}"
                )
                for row in booked
            ]
            messages.tell(actor, words, institution_id=session.institution_id)
    return len(booked)


def slots_near(actor: Actor, booked: Sequence[dict[str, Any]]) -> frozenset[UUID]:
    """The slots of the sessions of this hospital to which somebody may be moved, to be locked before any is taken."""
    wanted = {(row["slot_id"], Channel(row["channel"])) for row in booked}
    sessions = {
        place.session_id
        for slot, channel in wanted
        for place in others(actor, slot_id=slot, channel=channel, limit=_SESSIONS_NEAR)
        if place.institution_id == booked[0]["institution_id"]
    }
    return frozenset(Slot.objects.filter(session_id__in=sessions).values_list("id", flat=True))


def free(
    actor: Actor,
    session: Session,
    row: dict[str, Any],
    reason: str,
    locked: frozenset[UUID],
    near: Sequence[Place] | None = None,
) -> bool:
    """End one booking, take the nearest place instead if one is among those locked, and tell the resident.

    Answers whether they were moved. ``near`` are the nearest places where the caller has looked already.
    """
    step(actor, row["id"], Act.STOP, reason)
    channel = Channel(row["channel"])
    if near is None:
        near = others(actor, slot_id=row["slot_id"], channel=channel)
    new = _first(actor, row, channel, near, locked) if row["state"] == State.BOOKED else None
    text = f"您{spoken(row['starts_at'])}的预约因{reason}取消。"
    if new is not None:
        text += f"已为您改到{spoken(new.starts_at)} {new.pool}，如不合适请取消或改约。"
    elif near:
        text += f"最近可约：{'；'.join(f'{spoken(each.starts_at)} {each.pool}' for each in near[:3])}。"
    else:
        text += "请联系医院另约。"
    messages.tell(actor, [_word(row, text)], institution_id=session.institution_id)
    return new is not None


def _first(
    actor: Actor, row: dict[str, Any], channel: Channel, near: Sequence[Place], locked: frozenset[UUID]
) -> Place | None:
    """The first of the places that can still be had; only in the same hospital: nobody is sent elsewhere unasked."""
    for place in near:
        if place.slot_id not in locked:
            continue
        try:
            take(
                actor,
                channel=channel,
                slot_id=place.slot_id,
                resident_id=row["resident_id"],
                state=State.BOOKED,
                source_id=row["source_id"],
                together=row["group_id"],
                swept=True,
                for_institution=row["booked_by"],
            )
        except NoPlace:
            continue
        return place
    return None


def host_of(session_id: UUID) -> UUID:
    host: UUID | None = Session.objects.filter(id=session_id).values_list("institution_id", flat=True).first()
    if host is None:
        raise Refused(refusals.NO_SUCH_SESSION)
    return host


def own_session(actor: Actor, session_id: UUID) -> Session:
    """The session, locked, if the actor keeps it and it is on offer.

    Raises:
        Refused: otherwise.
    """
    # Waits for whoever is taking a place there just now; whoever comes later finds it stopped.
    session = Session.objects.select_for_update().filter(id=session_id).first()
    if session is None:
        raise Refused(refusals.NO_SUCH_SESSION)
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=session.institution_id))
    if session.state == SessionState.STOPPED:
        raise Refused(_STOPPED_ALREADY)
    return session


def told_reason(reason: str) -> str:
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Refused(_WITHOUT_REASON)
    return reason


def _word(row: dict[str, Any], text: str) -> Word:
    return Word(row["resident_id"], f"【分级诊疗】{text}", "capacity.booking", row["id"])


_STOPPED_ALREADY = Refusal(
    code="capacity.stopped_already",
    message=Text("这一场次已经停诊。", "The session is stopped already."),
    instead=Text("如需恢复，请重新发布一个场次。", "To offer it again, publish another session."),
    at="session",
)
_WITHOUT_REASON = Refusal(
    code="capacity.stop_without_reason",
    message=Text("停诊、替诊要写明原因，居民会看到。", "Give the reason; residents will read it."),
    instead=Text("请写一句话（200 字以内），如“医师参加抢救”。", "One sentence of at most 200 characters."),
    at="reason",
    status=422,
)
_NOT_REGISTERED = Refusal(
    code="capacity.substitute_not_registered",
    message=Text("所选医师那天不在本机构执业登记中。", "The physician is not registered here on that day."),
    instead=Text("请选择本机构登记的医师。", "Choose one of the institution's physicians."),
    at="clinician",
    status=422,
)
