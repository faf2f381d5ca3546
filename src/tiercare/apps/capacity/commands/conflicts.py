"""Dealing with what a hospital's own system and the platform do not agree about: each act mends, tells, checks again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Conflict, Feed, FeedSession, Quota, Session, Slot
from ..queries.places import others
from ..rules.conflicts import ALWAYS, CONFLICTS, NO_SUCH_WAY, ConflictKind, ConflictState, Way
from ..rules.vocabulary import EXTRA, Channel
from ..workflow import State
from . import feeding_sql as sql
from . import stopping_sql
from .extra import allow_extra
from .feed_day import NOBODY
from .feeding import reconcile
from .feeds import SUBJECT
from .stopping import free, slots_near, stop, substitute
from .turning import lock

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a conflict: it is gone, or it ``stands`` because both do not agree yet."""

    conflict_id: UUID
    stands: bool


def settle_conflict(actor: Actor, *, conflict_id: UUID, way: Way, reason: str = "") -> Settled:
    """Mend a conflict in one of the ways of its kind; the day is then looked at anew, and the system told by an event.

    Raises:
        Refused: if the actor does not keep the institution's places; if the conflict is gone, is not mended this way,
            or the way asks for a reason; as ``stop``, ``substitute`` and ``allow_extra``.
    """
    with transaction.atomic():
        feed, conflict = _open(actor, conflict_id)
        kind = ConflictKind(conflict.kind)
        if way not in (*CONFLICTS[kind].ways, *ALWAYS):
            raise Refused(NO_SUCH_WAY)
        act = _ACTS.get(way)
        if act is not None:
            if not 1 <= len(reason.strip()) <= LONGEST_REASON:
                raise Refused(_WITHOUT_REASON)
            act(actor, conflict, reason.strip())
        reconcile(actor, feed, [conflict.told.day])
        stands = _close(conflict, way)
        if way is not Way.RECHECK:
            _answer(actor, feed, conflict, way, reason.strip())
    return Settled(conflict_id, stands)


def _open(actor: Actor, conflict_id: UUID) -> tuple[Feed, Conflict]:
    """The conflict with its feed, both locked.

    Raises:
        Refused: if there is none that the actor may see, or it is settled.
    """
    found = Conflict.objects.select_related("told").filter(id=conflict_id).first()
    if found is None:
        raise Refused(NO_SUCH_CONFLICT)
    feed = Feed.objects.select_for_update().get(id=found.told.feed_id)
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=feed.institution_id))
    conflict = Conflict.objects.select_related("told").get(id=conflict_id)
    if conflict.state != ConflictState.OPEN:
        raise Refused(_SETTLED)
    return feed, conflict


def _close(conflict: Conflict, way: Way) -> bool:
    """What mended it stands in its row; answers whether it still stands."""
    conflict.refresh_from_db()
    if conflict.state == ConflictState.OPEN:
        if way is Way.ANSWER:
            Conflict.objects.filter(id=conflict.id).update(answered_at=ledger_queries.now())
        return True
    if way in _ACTS:
        Conflict.objects.filter(id=conflict.id).update(way=way.value)
    return False


def _answer(actor: Actor, feed: Feed, conflict: Conflict, way: Way, reason: str) -> None:
    ledger.append(
        actor,
        events.SlotsAnswered(
            source=feed.source,
            session_key=conflict.told.key,
            slot_key=conflict.slot_key,
            conflict=conflict.kind,
            way=way.value,
            said=conflict.said,
            kept=conflict.kept,
            reason=reason,
        ),
        subject_type=SUBJECT,
        subject_id=feed.id,
        institution_id=feed.institution_id,
        division_code=actor.division_code,
    )


def _stop(actor: Actor, conflict: Conflict, reason: str) -> None:
    """Everybody is moved and told; what the system still offers of it then goes on offer anew."""
    stop(actor, session_id=_session(conflict).id, reason=reason)
    FeedSession.objects.filter(id=conflict.told_id).update(session=None)


def _substitute(actor: Actor, conflict: Conflict, reason: str) -> None:
    session = _session(conflict)
    found = rows(
        sql.PHYSICIANS,
        institution=session.institution_id,
        day=session.day,
        codes=[conflict.told.physician],
    )
    clinician = found[0]["id"] if found else session.pool.clinician_id
    if clinician is None:
        raise Refused(_NO_PHYSICIAN)
    substitute(actor, session_id=session.id, clinician_id=clinician, reason=reason)


def _move(actor: Actor, conflict: Conflict, reason: str) -> None:
    """Who booked last gets the nearest place of the same kind in the house, or is freed and told what is near."""
    session = _session(conflict)
    assert conflict.slot_id is not None, "conflicts of this kind name the slot"
    with scoped(actor):
        before = _too_many(conflict)
        locked = slots_near(actor, before) - {conflict.slot_id} if before else frozenset()
        lock([row["id"] for row in before], sorted({conflict.slot_id, *locked}))
        last = _too_many(conflict)
        # All are looked for before anybody leaves: the place that one gives up is not one for the next.
        near = [others(actor, slot_id=row["slot_id"], channel=Channel(row["channel"])) for row in last]
        for row, places in zip(last, near, strict=True):
            free(actor, session, row, reason, locked, places)


def _see_anyway(actor: Actor, conflict: Conflict, reason: str) -> None:
    """Who booked last keeps the time, beyond the offer and counted apart."""
    session = _session(conflict)
    assert conflict.slot_id is not None, "conflicts of this kind name the slot"
    with scoped(actor):
        lock([row["id"] for row in _too_many(conflict)], [conflict.slot_id])
        last = _too_many(conflict)
        if not last:
            return
        allowed = Quota.objects.filter(session=session, channel=Channel.OVERBOOK.value, holder_id=NOBODY)
        beyond = allowed.first()
        cap, used = (beyond.cap, beyond.used) if beyond is not None else (0, 0)
        allow_extra(
            actor,
            session_id=session.id,
            channel=Channel.OVERBOOK,
            units=max(cap, used + len(last)),
            reason=reason,
        )
        values = {
            "session": session.id,
            "slot": conflict.slot_id,
            "bookings": [row["id"] for row in last],
            "units": len(last),
            "nobody": NOBODY,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql.BEYOND, values)


_ACTS: Mapping[Way, Callable[[Actor, Conflict, str], None]] = {
    Way.STOP: _stop,
    Way.SUBSTITUTE: _substitute,
    Way.MOVE: _move,
    Way.EXTRA: _see_anyway,
}


def _session(conflict: Conflict) -> Session:
    """Our session of the conflict, waiting for whoever is taking a place there.

    Raises:
        Refused: if there is none by now.
    """
    found = (
        Session.objects.select_for_update(of=("self",))
        .select_related("pool")
        .filter(id=conflict.told.session_id)
        .first()
    )
    if found is None:
        raise Refused(_SETTLED)
    return found


def _too_many(conflict: Conflict) -> list[dict[str, Any]]:
    """Of those still to come, the last who booked in the slot: as many as are too many."""
    extra = {each.value for each in EXTRA}
    booked = [
        row
        for row in rows(stopping_sql.BOOKED, session=conflict.told.session_id)
        if row["slot_id"] == conflict.slot_id
        and row["state"] in {State.HELD, State.BOOKED}
        and row["quota_channel"] not in extra
    ]
    used = Slot.objects.values_list("used", flat=True).get(id=conflict.slot_id)
    return booked[max(0, len(booked) - max(0, used - conflict.said)) :]


NO_SUCH_CONFLICT = Refusal(
    code="capacity.no_such_conflict",
    message=Text(
        "没有这条不一致，或它不属于本机构。", "There is no such conflict, or it is another institution's."
    ),
    instead=Text("请刷新列表后再看。", "Reload the list."),
    at="conflict",
    status=404,
)
_SETTLED = Refusal(
    code="capacity.conflict_settled",
    message=Text("这条不一致已经处理，或两边已一致。", "It was dealt with already, or both agree again."),
    instead=Text("请刷新列表。", "Reload the list."),
    at="conflict",
)
_WITHOUT_REASON = Refusal(
    code="capacity.conflict_without_reason",
    message=Text("请写明原因，居民会看到。", "Give the reason; residents will read it."),
    instead=Text(
        "请写一句话（200 字以内），如“窗口已售出同一个号”。", "One sentence of at most 200 characters."
    ),
    at="reason",
    status=422,
)
_NO_PHYSICIAN = Refusal(
    code="capacity.conflict_no_physician",
    message=Text("医院系统没有写明由谁出诊。", "The hospital's system names no physician."),
    instead=Text("请在场次页面上替诊，或停诊改约。", "Substitute on the page of the session, or stop it."),
    at="way",
)
