"""Taking a place: held or booked, in one round trip. The channel follows from what the platform knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import wall_of
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import handlers
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events, sql
from ..queries.quotas import kept_for_others
from ..rules import refusals
from ..rules.absence import Missed, pause_until, paused
from ..rules.channels import Evidence, channel_of, draws, may_book_for
from ..rules.vocabulary import Channel
from ..workflow import State

# What filling in a form takes (users of booking systems ask for about five minutes). Ours; no document sets it.
HOLD = timedelta(minutes=5)


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


class NoPlace(Refused):
    """Refused because there is no place; ``slot_id`` is where, so that the answer can name the nearest others."""

    def __init__(self, refusal: Refusal, slot_id: UUID, channel: Channel) -> None:
        super().__init__(refusal)
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
    """Take a place for a resident, at once or held for ``HOLD``.

    ``source_id`` is the open request that brings the resident, if one does. With ``call`` the same request is
    answered as before; without, the caller looks after that. Whatever is decided about the place, one UPDATE of its
    slot and one of its quota decide, with lapsed holds given back before.

    Raises:
        Refused: if the actor may not book, or not for this resident; 409 or 422 about the ``call``.
        NoPlace: if there is no place, or none for the actor's channel.
    """
    refuse(may_book(actor))
    channel, person = channel_for(actor, slot_id, resident_id, source_id)
    return take(
        actor,
        channel=channel,
        slot_id=slot_id,
        resident_id=person[0],
        state=State.HELD if hold else State.BOOKED,
        source_id=source_id,
        call=call,
    )


def may_book(actor: Actor) -> Refusal | None:
    """Whether the actor books at all: staff for their institution, residents for themselves."""
    return access.may(
        actor, Right.CAPACITY_BOOK, institution_id=actor.institution_id, resident_id=actor.resident_id
    )


def channel_for(
    actor: Actor, slot_id: UUID, resident_id: UUID, source_id: UUID | None
) -> tuple[Channel, list[UUID]]:
    """Through which channel the actor books this slot for this resident, and the entries of the person.

    Raises:
        Refused: if there is no such slot or resident, they have died, or the actor has no ground to book for them.
    """
    found = rows(
        sql.GROUND, slot=slot_id, resident=resident_id, booker=actor.institution_id, source=source_id
    )
    if not found:
        raise Refused(refusals.NOT_TAKEN["unknown"])
    return _judged(actor, found[0])


def channel_at(actor: Actor, host_id: UUID, resident_id: UUID) -> tuple[Channel, list[UUID]]:
    """As ``channel_for``, of an institution instead of a slot.

    Raises:
        Refused: as ``channel_for``.
    """
    (ground,) = rows(
        sql.GROUND_AT, host=host_id, resident=resident_id, booker=actor.institution_id, source=None
    )
    return _judged(actor, ground)


def _judged(actor: Actor, ground: dict[str, Any]) -> tuple[Channel, list[UUID]]:
    person = ground["person"]
    if not person:
        raise Refused(refusals.NOBODY)
    evidence = Evidence(
        own=actor.resident_id is not None and actor.resident_id in person,
        known=ground["known"],
        signed_at=ground["signed_at"],
        requested=ground["requested"],
    )
    if evidence.own:
        refuse(_absence(person))
    refuse(may_book_for(evidence), refusals.DECEASED if ground["deceased"] else None)
    host, own = ground["host"], actor.institution_id
    channel = channel_of(evidence, role=actor.role, institution_id=own, host_id=host)
    if channel is Channel.OPEN and own is not None and own != host and network.share_a_consortium(own, host):
        channel = Channel.MEMBER
    return channel, person


def _absence(person: list[UUID]) -> Refusal | None:
    """Whether booking for oneself pauses; only whoever books for themself is asked for it."""
    until = pause_until(
        [Missed(row["at"], row["excused"]) for row in rows(sql.MISSED, persons=person)],
        now=ledger_queries.now(),
    )
    return None if until is None else paused(until)


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
    hold_for: timedelta = HOLD,
) -> Taken:
    """The round trip. ``swept``: the caller has locked and swept what it touches (``turning.lock``);
    ``for_institution`` books where the host gives somebody another place.

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
    raise _no_place(outcome, row["session"], slot_id, channel)


def _no_place(outcome: str, session_id: UUID, slot_id: UUID, channel: Channel) -> NoPlace:
    refusal = refusals.NOT_TAKEN[outcome]
    if outcome == "reserved":
        kept = kept_for_others(session_id)
        refusal = refusals.only_reserved(*kept) if kept else refusals.NOT_TAKEN["full"]
    return NoPlace(refusal, slot_id, channel)


_OF_THE_KEY = {"twin": ledger.TWIN, "other": ledger.OTHER_BODY}
