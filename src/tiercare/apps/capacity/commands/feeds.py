"""What a hospital's own system (HIS) tells of its sessions is taken, each message once, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Feed, FeedDay, FeedMessage, FeedSession, FeedSlot
from ..queries.feeds import missing
from ..queries.keeping import own_place
from ..rules.feeds import Message, ToldSession, faults
from .feeding import reconcile

SUBJECT = "capacity.feed"


@dataclass(frozen=True, slots=True)
class Received:
    """What is answered to a message: how many of its sessions were news, which were older than what is known (by key),
    how many conflicts stand on its days, and the sequences that are ``missing``. ``again``: it was taken before."""

    sequence: int
    news: int
    old: tuple[str, ...]
    conflicts: int
    missing: tuple[int, ...]
    again: bool = False


def receive(actor: Actor, *, message: Message) -> Received:
    """Take a message of the actor's own institution's system.

    The same message again is answered as it was the first time. What is told under a smaller sequence than the last
    word about a session or a slot is left out; a full message ends what earlier ones told of its days.

    Raises:
        Refused: if the actor keeps no places; with everything that is wrong with the message; if another message was
            taken under its sequence. Then nothing of it is taken.
    """
    institution = own_place(actor)
    refuse(*faults(message))
    with transaction.atomic():
        feed = _feed(institution, message.source)
        before = FeedMessage.objects.filter(feed=feed, sequence=message.sequence).first()
        if before is not None:
            if before.digest != message.digest:
                raise Refused(_OTHER_CONTENT)
            return _received(before.answer, again=True)
        old, days = _merge(feed, message)
        standing = reconcile(actor, feed, days)
        kept = FeedMessage.objects.create(
            feed=feed, sequence=message.sequence, full=message.full, digest=message.digest, answer={}
        )
        kept.answer = {
            "sequence": message.sequence,
            "news": len(message.sessions) - len(old),
            "old": sorted(old),
            "conflicts": standing,
            "missing": list(missing(feed.id)),
        }
        kept.save(update_fields=["answer"])
        Feed.objects.filter(id=feed.id).update(heard_at=ledger_queries.now())
        ledger.append(
            actor,
            events.FeedTaken(
                source=feed.source,
                sequence=message.sequence,
                full=message.full,
                sessions=len(message.sessions),
                conflicts=standing,
            ),
            subject_type=SUBJECT,
            subject_id=feed.id,
            institution_id=institution,
            division_code=actor.division_code,
        )
    return _received(kept.answer)


def _feed(institution_id: UUID, source: str) -> Feed:
    """The feed, locked: its messages are taken one after another."""
    Feed.objects.bulk_create([Feed(institution_id=institution_id, source=source)], ignore_conflicts=True)
    return Feed.objects.select_for_update().get(institution_id=institution_id, source=source)


def _merge(feed: Feed, message: Message) -> tuple[set[str], set[date]]:
    """Put down what is told by its own sequence; answers the keys that were old, and the days to look at anew."""
    known = {
        each.key: each
        for each in FeedSession.objects.filter(feed=feed, key__in=[each.key for each in message.sessions])
    }
    days = set(message.days)
    old: set[str] = set()
    fresh, newer = [], []
    for told in message.sessions:
        row = known.get(told.key)
        if row is None:
            known[told.key] = row = FeedSession(feed=feed, key=told.key, **_header(told, message.sequence))
            fresh.append(row)
        elif row.sequence < message.sequence:
            days.add(row.day)
            for name, value in _header(told, message.sequence).items():
                setattr(row, name, value)
            newer.append(row)
        else:
            old.add(told.key)
        days.add(row.day)
    FeedSession.objects.bulk_create(fresh, batch_size=1000)
    FeedSession.objects.bulk_update(newer, list(_HEADER), batch_size=500)
    _merge_slots(known, message)
    _merge_days(feed, message)
    return old, days


_HEADER = ("sequence", "day", "pool", "physician", "place", "starts", "ends", "on_offer", "reason")


def _header(told: ToldSession, sequence: int) -> dict[str, Any]:
    return {"sequence": sequence} | {name: getattr(told, name) for name in _HEADER[1:]}


def _merge_slots(sessions: dict[str, FeedSession], message: Message) -> None:
    ids = [sessions[each.key].id for each in message.sessions]
    known = {(each.told_id, each.key): each for each in FeedSlot.objects.filter(told__in=ids)}
    fresh, newer = [], []
    for told in message.sessions:
        for slot in told.slots:
            at = (sessions[told.key].id, slot.key)
            row = known.get(at)
            if row is None:
                row = FeedSlot(told_id=at[0], key=slot.key)
                fresh.append(row)
            elif row.sequence < message.sequence:
                newer.append(row)
            else:
                continue
            row.sequence, row.starts, row.ends = message.sequence, slot.starts, slot.ends
            row.capacity, row.sold = slot.capacity, slot.sold
    FeedSlot.objects.bulk_create(fresh, batch_size=2000)
    FeedSlot.objects.bulk_update(newer, ["sequence", "starts", "ends", "capacity", "sold"], batch_size=1000)


def _merge_days(feed: Feed, message: Message) -> None:
    """The last message that told the whole of each day."""
    known = {each.day: each for each in FeedDay.objects.filter(feed=feed, day__in=_each(message.days))}
    for day in _each(message.days):
        row = known.get(day)
        if row is None:
            FeedDay.objects.create(feed=feed, day=day, sequence=message.sequence)
        elif row.sequence < message.sequence:
            FeedDay.objects.filter(id=row.id).update(sequence=message.sequence)


def _each(days: Iterable[date]) -> list[date]:
    return sorted(set(days))


def _received(answer: dict[str, Any], *, again: bool = False) -> Received:
    return Received(
        answer["sequence"],
        answer["news"],
        tuple(answer["old"]),
        answer["conflicts"],
        tuple(answer["missing"]),
        again,
    )


_OTHER_CONTENT = Refusal(
    code="capacity.feed_other_content",
    message=Text("这个序号下已经收过内容不同的报文。", "Another message was taken under this sequence."),
    instead=Text(
        "请换一个新的序号发送；不确定时发一次全量。",
        "Send it under a new sequence; when in doubt send a full message.",
    ),
    at="sequence",
)
