"""Taking a place: held or booked, in one round trip. The channel follows from what the platform knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import wall_of
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import handlers
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import OnRecord, Refusal, Refused, refuse

from .. import events, sql
from ..models import TurnedAway
from ..queries.absences import pause_at
from ..queries.ground import as_ground, channel_by
from ..queries.hold import hold_at
from ..queries.quotas import kept_for_others
from ..rules import refusals
from ..rules.absence import paused
from ..rules.channels import draws
from ..rules.vocabulary import Channel
from ..workflow import State


@dataclass(frozen=True, slots=True)
class Taken:
    """The place that was taken. ``held_until`` ends a hold; ``again``: the same request had been answered before."""

    booking_id: UUID
    session_id: UUID
    slot_id: UUID
    institution_id: UUID
    starts_at: datetime
    ends_at: datetime
    drawn: Channel
    number: int
    held_until: datetime | None
    again: bool


class NoPlace(OnRecord):
    """Refused because there is no place; ``slot_id`` is where, so that the answer can name the nearest others. That
    somebody was turned away is counted (``TurnedAway``)."""

    def __init__(
        self, refusal: Refusal, slot_id: UUID, channel: Channel, leave_record: Callable[[], object]
    ) -> None:
        super().__init__(refusal, leave_record)
        self.slot_id = slot_id
        self.channel = channel


def book(
    actor: Actor,
    *,
    slot_id: UUID,
    resident_id: UUID,
    hold: bool = False,
    source_id: UUID | None = None,
    call: ledger.KeyedCall | None = None,
) -> Taken:
    """Take a place for a resident, at once or held for as long as the pack says (``hold_minutes``).

    ``source_id`` is the open request that brings the resident, if one does. With ``call`` the same request is
    answered as before; without, the caller looks after that. Whatever is decided about the place, one UPDATE of its
    slot and one of its quota decide, with lapsed holds given back before.

    Raises:
        Refused: if the actor may not book, or not for this resident; 409 or 422 about the ``call``.
        NoPlace: if there is no place, or none for the actor's channel.
    """
    refuse(may_book(actor))
    ground = _ground(actor, slot_id, resident_id, source_id)
    channel, person = _judged(actor, ground)
    return take(
        actor,
        channel=channel,
        slot_id=slot_id,
        resident_id=person[0],
        state=State.HELD if hold else State.BOOKED,
        source_id=source_id,
        call=call,
        hold_for=hold_at(ground["host"], on=ground["today"]) if hold else None,
    )


def may_book(actor: Actor) -> Refusal | None:
    """Whether the actor books at all: staff for their institution, residents for themselves."""
    return access.may(
        actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id, resident_id=actor.resident_id
    )


def channel_for(
    actor: Actor, slot_id: UUID, resident_id: UUID, source_id: UUID | None, *, moving: UUID | None = None
) -> tuple[Channel, list[UUID]]:
    """Through which channel the actor books this slot for this resident, and the entries of the person.

    ``moving`` is the booking that gives its place back for this one: who pauses may move what they have.

    Raises:
        Refused: if there is no such slot or resident, they have died, the actor has no ground to book for them, or the
            person has a place in this session under another entry.
    """
    return _judged(
        actor, _ground(actor, slot_id, resident_id, source_id, moving=moving), pauses=moving is None
    )


def _ground(
    actor: Actor, slot_id: UUID, resident_id: UUID, source_id: UUID | None, *, moving: UUID | None = None
) -> dict[str, Any]:
    """What booking has to know, in one round trip."""
    found = rows(
        sql.GROUND,
        slot=slot_id,
        resident=resident_id,
        booker=actor.institution_id,
        source=source_id,
        besides=moving,
    )
    if not found:
        raise Refused(refusals.NOT_TAKEN["unknown"])
    return found[0]


def channel_at(actor: Actor, host_id: UUID, resident_id: UUID) -> tuple[Channel, list[UUID]]:
    """As ``channel_for``, of an institution instead of a slot.

    Raises:
        Refused: as ``channel_for``.
    """
    (ground,) = rows(
        sql.GROUND_AT, host=host_id, resident=resident_id, booker=actor.institution_id, source=None
    )
    return _judged(actor, ground)


def _judged(actor: Actor, ground: dict[str, Any], *, pauses: bool = True) -> tuple[Channel, list[UUID]]:
    found = as_ground(ground)
    person = list(found.person)
    if not person:
        raise Refused(refusals.NOBODY)
    own = residents.decides_for(actor, person)
    if own and pauses:
        refuse(_absence(person, found.host))
    channel = channel_by(actor, found, own=own)
    refuse(
        refusals.DECEASED if found.deceased else None,
        refusals.NOT_TAKEN["twice"] if ground.get("twice") else None,
    )
    return channel, person


def _absence(person: list[UUID], host_id: UUID) -> Refusal | None:
    """Whether booking for oneself at this institution pauses; staff who book are not asked for it."""
    found = pause_at(person, host_id)
    return None if found is None else paused(*found)


def booked_as_another(session_id: UUID, person: Sequence[UUID], *, besides: UUID) -> Refusal | None:
    """Whether the person has a place in the session under an entry that was merged since, ``besides`` this booking."""
    if len(person) < 2:
        return None
    (row,) = rows(sql.BOOKED_AS, session=session_id, person=list(person[1:]), besides=besides)
    return refusals.NOT_TAKEN["twice"] if row["twice"] else None


def take(
    actor: Actor,
    *,
    channel: Channel,
    slot_id: UUID,
    resident_id: UUID,
    state: State,
    source_id: UUID | None = None,
    together: UUID | None = None,
    call: ledger.KeyedCall | None = None,
    swept: bool = False,
    for_institution: UUID | None = None,
    hold_for: timedelta | None = None,
) -> Taken:
    """The round trip. ``swept``: the caller has locked and swept what it touches (``turning.lock``);
    ``for_institution`` books where the host gives somebody another place; whoever holds says ``hold_for`` how long.

    Raises:
        Refused, NoPlace: as ``book``.
    """
    scope, persons = wall_of(actor, persons=() if actor.resident_id is None else (resident_id,))
    kind = events.Held.KIND if state is State.HELD else events.Booked.KIND
    (row,) = rows(
        sql.BOOK,
        call_owner=call.owner if call else None,
        call_key=call.key if call else None,
        call_hash=call.fingerprint if call else None,
        call_route=call.route if call else None,
        scope=scope,
        persons=persons,
        booking=uuid7(),
        slot=slot_id,
        resident=resident_id,
        channel=channel.value,
        draws=[each.value for each in draws(channel)],
        booker=for_institution or actor.institution_id,
        account=actor.account_id,
        wanted=state.value,
        hold_for=hold_for,
        source=source_id,
        together=together,
        note=uuid7(),
        swept=swept,
        actor_name=actor.name,
        actor_role=actor.role,
        via=actor.channel,
        request=actor.request_id,
        division=actor.division_code,
        clauses=[],
        handlers=handlers.names_for(kind),
    )
    outcome = row["outcome"]
    if outcome in {"taken", "again"}:
        return Taken(
            booking_id=row["made"],
            session_id=row["session"],
            slot_id=slot_id,
            institution_id=row["host"],
            starts_at=row["starts"],
            ends_at=row["ends"],
            drawn=Channel(row["drawn"]),
            number=row["number"],
            held_until=row["until"],
            again=outcome == "again",
        )
    if outcome in _OF_THE_KEY:
        raise Refused(_OF_THE_KEY[outcome])
    # A request with its key is a transaction of its own, which has counted who was turned away; any other is its
    # caller's, who takes the count back with what it undoes.
    raise _no_place(
        outcome, row["session"], slot_id, channel, undone=call is None and connection.in_atomic_block
    )


def _no_place(outcome: str, session_id: UUID, slot_id: UUID, channel: Channel, *, undone: bool) -> NoPlace:
    refusal = refusals.NOT_TAKEN[outcome]
    if outcome == "reserved":
        kept = kept_for_others(session_id)
        refusal = refusals.only_reserved(*kept) if kept else refusals.NOT_TAKEN["full"]

    def leave_record() -> None:
        if undone and outcome in TURNED_AWAY:
            TurnedAway.objects.create(session_id=session_id, channel=channel.value, outcome=outcome)

    return NoPlace(refusal, slot_id, channel, leave_record)


# What the proof counts, as ``capacity_book`` does.
TURNED_AWAY = frozenset({"full", "reserved"})
_OF_THE_KEY = {"twin": ledger.TWIN, "other": ledger.OTHER_BODY}
