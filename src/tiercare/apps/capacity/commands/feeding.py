"""Bringing our sessions into line with what a feed has told: the same end, whatever came in which order.

A day is looked at as a whole each time, from what is told of it by now and what is booked here; nothing depends on
how it came about. Nobody who has a place loses it by this: where both cannot be true, a conflict stands until a person
has dealt with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.engines.policy import State as Standing
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from .. import events
from ..models import Conflict, Feed, FeedSession, Quota
from ..queries.promises import Bound, bound, offers, verdicts
from ..rules.conflicts import ConflictKind, ConflictState, Way
from ..rules.planning import Planned, share_out
from ..rules.shares import RESOURCE_NAMES, Offer, resources_of
from ..rules.vocabulary import OFFERED, RESERVED, Channel
from .feed_day import Diary, Found, Piece, lent, name, read_days, stopped_here
from .feed_offer import adjust, close, offer, shrink
from .publishing import SUBJECT, lock_schedule, together

_NOT_OPEN = Text("机构当天不在登记中。", "The institution is not on the register that day.")


def reconcile(actor: Actor, feed: Feed, days: Iterable[date]) -> int:
    """Offer what is told of these days, as far as it can be; answers how many conflicts stand there now.

    The caller holds the feed's row.
    """
    lock_schedule(feed.institution_id)
    now = ledger_queries.now()
    made: list[UUID] = []
    standing = 0
    told = read_days(feed, days, now)
    # What goes, goes first: on any day something else may take its time.
    live = {day: [piece for piece in pieces if _lives(piece, now)] for day, pieces in told.items()}
    for day, pieces in told.items():
        made += _day(feed, day, live[day], now)
        standing += _keep_conflicts(pieces, now)
    if made:
        _tell_published(actor, feed, made)
    return standing


def _day(feed: Feed, day: date, live: Sequence[Piece], now: datetime) -> list[UUID]:
    """What is to be on offer on one day; answers the sessions that went on offer."""
    name(live, feed.institution_id, day)
    wanted = _without_clashes([piece for piece in live if piece.pool is not None])
    binding = bound(feed.institution_id, on=day)
    if binding is None:
        for piece in wanted:
            piece.found.append(Found(ConflictKind.UNKNOWN, words=_NOT_OPEN))
        wanted = []
    else:
        wanted = _within_promises(feed, binding, day, wanted)
    for piece in live:  # before anything takes its time: what is not to stand as it did
        if piece.here is not None and (piece not in wanted or not _same(piece)):
            close(piece, now=now)
        elif piece.here is not None and piece.here.time != piece.time:
            shrink(piece)
    made = []
    for piece in wanted:
        release = _release(piece, binding)
        if piece.here is None:
            made.append(offer(feed, piece, release=release, now=now))
        else:
            adjust(piece, piece.rooms, release=release, now=now)
    if binding is not None:
        _tell_what_was_sold(feed, binding, day, wanted)
    return made


def _lives(piece: Piece, now: datetime) -> bool:
    """Whether the piece is to be on offer; one that is not is taken off, and one that we stopped stays so."""
    if piece.here is not None and stopped_here(piece.here):
        if piece.offered:
            piece.found.append(Found(ConflictKind.STOPPED_HERE, said=piece.capacity))
        return False
    if piece.here is not None and (not piece.offered or _leaves_its_day(piece)):
        if piece.here.booked:
            piece.found.append(Found(ConflictKind.STOPPED, kept=piece.here.people))
        close(piece, now=now)
        return piece.offered and piece.here is None
    return piece.offered


def _leaves_its_day(piece: Piece) -> bool:
    return piece.here is not None and piece.here.session.day != piece.told.day


def _same(piece: Piece) -> bool:
    """Whether our session is of the pool, the physician and the time that were told, or somebody has booked it."""
    assert piece.here is not None and piece.pool is not None
    session = piece.here.session
    return piece.booked or (piece.here.time, session.pool_id, session.clinician_id) == (
        piece.time,
        piece.pool.id,
        piece.clinician_id,
    )


def _release(piece: Piece, binding: Bound | None) -> timedelta:
    hours = piece.pool.release_hours if piece.pool is not None else None
    if hours is not None:
        return timedelta(hours=hours)
    return binding.release if binding is not None else timedelta(0)


def _without_clashes(known: Sequence[Piece]) -> list[Piece]:
    """The pieces that can stand side by side. Booked ones first, as they stand; then by the system's key."""
    diary = Diary.of_others(known)
    booked = [piece for piece in known if piece.booked]
    for piece in booked:
        _keep_booked(piece)
        assert piece.here is not None
        diary.note(piece.who, piece.here.needed, piece.told.key)
    fitting = [
        piece for piece in (*booked, *(each for each in known if not each.booked)) if _fits(piece, diary)
    ]
    return sorted(fitting, key=lambda piece: piece.told.key)


def _keep_booked(piece: Piece) -> None:
    """Who has a place keeps pool and physician until a person moves them; that they differ is told."""
    assert piece.here is not None and piece.pool is not None
    session = piece.here.session
    if session.pool_id != piece.pool.id:
        piece.found.append(Found(ConflictKind.POOL, kept=piece.here.people))
        piece.pool = session.pool
    elif session.clinician_id != piece.clinician_id:
        piece.found.append(Found(ConflictKind.PHYSICIAN, kept=piece.here.people))
    piece.clinician_id = session.clinician_id


def _fits(piece: Piece, diary: Diary) -> bool:
    """Whether it can stand at its time; a booked one that cannot stays at the time at which people have places."""
    here = piece.here if piece.booked else None
    if here is not None:
        piece.starts, piece.ends = min(piece.starts, here.needed[0]), max(piece.ends, here.needed[1])
    if diary.free(piece.who, piece.time, piece.told.key):
        diary.note(piece.who, piece.time, piece.told.key)
        return True
    piece.found.append(Found(ConflictKind.CLASH))
    if here is not None:
        piece.starts, piece.ends = here.needed
    return here is not None


def _within_promises(feed: Feed, binding: Bound, day: date, wanted: list[Piece]) -> list[Piece]:
    """The pieces with their places shared out; those are left out by which the day would keep less than promised."""
    before = _others(feed, day)
    lendings = lent([piece.here.session.id for piece in wanted if piece.here is not None])
    left = list(wanted)
    while left:
        shared = share_out([piece.planned for piece in left], before, binding.promises)
        broken = _broken(binding, together(feed.institution_id, shared, before), day)
        for piece, planned in zip(left, shared, strict=True):
            moved = lendings.get(piece.here.session.id, {}) if piece.here is not None else {}
            units = planned.units or {}
            piece.units = {each: max(0, units.get(each, 0) + moved.get(each, 0)) for each in OFFERED}
            _tell_less(piece, broken)
        staying = [piece for piece in left if piece.booked or not _of(piece, broken)]
        if len(staying) == len(left):
            break
        left = staying
    return left


def _others(feed: Feed, day: date) -> tuple[Offer, ...]:
    """What the institution offers that day besides what the feed told."""
    told = FeedSession.objects.filter(feed=feed, day=day, session__isnull=False)
    own = [key for key in told.values_list("session_id", flat=True) if key is not None]
    return offers([feed.institution_id], day, day, without=own).get(day, ())


def _tell_less(piece: Piece, broken: Mapping[str, Text]) -> None:
    known = any(found.kind is ConflictKind.LESS_PROMISED for found in piece.found)
    for resource in _of(piece, broken)[:1]:
        if not known:
            piece.found.append(Found(ConflictKind.LESS_PROMISED, words=broken[resource]))


def _of(piece: Piece, broken: Mapping[str, Text]) -> list[str]:
    """The broken resources as which the piece's places count."""
    return sorted(broken.keys() & _resources(piece.planned))


def _resources(planned: Planned) -> frozenset[str]:
    return resources_of(planned.kind, planned.grade)


def _broken(binding: Bound, offered: Sequence[Offer], day: date) -> dict[str, Text]:
    """By resource, what a card says against the offers of the day."""
    names = {text.zh: key for key, text in RESOURCE_NAMES.items()}
    found: dict[str, Text] = {}
    for verdict in verdicts(binding, offered, on=day):
        for finding in verdict.findings if verdict.state is Standing.VIOLATED else ():
            resource = finding.fields.get("resource")
            key = names.get(resource.zh) if isinstance(resource, Text) else None
            if key is not None:
                found.setdefault(key, Text(verdict.sentence(finding), verdict.sentence(finding, "en")))
    return found


def _tell_what_was_sold(feed: Feed, binding: Bound, day: date, wanted: Sequence[Piece]) -> None:
    """Whether the day still keeps what is promised, now that some of it is sold elsewhere; of all that there is,
    not only of what is left for the platform."""
    kept = []
    for piece in wanted:
        reserved = {channel: piece.caps[channel] for channel in RESERVED}
        rest = max(0, piece.capacity - sum(reserved.values()))
        kept.append(replace(piece.planned, units={**reserved, Channel.OPEN: rest}))
    broken = _broken(binding, together(feed.institution_id, kept, _others(feed, day)), day)
    for piece in wanted:
        left, due = (sum(each[channel] for channel in RESERVED) for each in (piece.caps, piece.units))
        told = any(found.kind is ConflictKind.LESS_PROMISED for found in piece.found)
        if left < due and not told and _of(piece, broken):
            words = broken[_of(piece, broken)[0]]
            piece.found.append(Found(ConflictKind.PROMISE_SOLD, left, due, words=words))


def _keep_conflicts(pieces: Sequence[Piece], now: datetime) -> int:
    """What was found stands open; what stood open and is found no more has healed. Answers how many stand."""
    told = [piece.told.id for piece in pieces]
    known = {
        (each.told_id, each.kind, each.slot_key): each
        for each in Conflict.objects.filter(told__in=told, state=ConflictState.OPEN.value)
    }
    found = {
        (piece.told.id, each.kind.value, each.slot_key): each for piece in pieces for each in piece.found
    }
    for at, each in found.items():
        values = {
            "said": each.said,
            "kept": each.kept,
            "slot_id": each.slot_id,
            "words": {"zh": each.words.zh, "en": each.words.en} if each.words is not None else {},
        }
        if at not in known:
            Conflict.objects.create(
                told_id=at[0],
                kind=at[1],
                slot_key=at[2],
                state=ConflictState.OPEN.value,
                found_at=now,
                **values,
            )
        elif any(getattr(known[at], key) != value for key, value in values.items()):
            Conflict.objects.filter(id=known[at].id).update(**values)
    healed = [each.id for at, each in known.items() if at not in found]
    Conflict.objects.filter(id__in=healed).update(
        state=ConflictState.SETTLED.value, way=Way.HEALED.value, settled_at=now
    )
    return len(found)


def _tell_published(actor: Actor, feed: Feed, made: Sequence[UUID]) -> None:
    """As every publication is told: whoever waits for a place there hears of it."""
    kept: dict[str, int] = {}
    units = 0
    days = set()
    for quota in Quota.objects.filter(session_id__in=made).select_related("session"):
        days.add(quota.session.day)
        units += quota.cap
        if quota.cap and quota.channel != Channel.OPEN:
            kept[quota.channel] = kept.get(quota.channel, 0) + quota.cap
    ledger.append(
        actor,
        events.SessionsPublished(days=tuple(sorted(days)), sessions=tuple(made), units=units, kept=kept),
        subject_type=SUBJECT,
        subject_id=feed.institution_id,
        institution_id=feed.institution_id,
        division_code=actor.division_code,
    )
