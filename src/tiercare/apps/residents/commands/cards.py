"""Issuing, replacing and blocking health cards."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.commands import rates
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.access.rules.rates import Rated
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..queries.cards import held_by
from ..queries.finding import Least, find, least_of, record
from ..queries.opening import opened, person_of
from ..rules import CardEvent, IdentityKind
from ..rules import cards as rules

SUBJECT = "residents.card"
SHOWN = "SELECT * FROM residents_card_shown(%(card)s::uuid, %(number)s)"
# Both races end here: a number that exists already, and a second card of one entry.
_ISSUE = """
INSERT INTO residents_card (id, resident_id, number, institution_id, division_code, issued_at)
VALUES (%(id)s, %(resident)s, %(number)s, %(institution)s, %(division)s, tiercare_now())
ON CONFLICT DO NOTHING
RETURNING id
"""
_END = """
UPDATE residents_card SET ended_at = tiercare_now(), ended_by = %(event)s
WHERE resident_id = ANY (%(persons)s::uuid[]) AND ended_at IS NULL
RETURNING id, division_code
"""
# A new number meets one in use once in a million at a million cards.
_TRIES = 5


def issue_card(actor: Actor, resident_id: UUID) -> UUID:
    """Give a resident their card; answers its id. By a desk that may open the record, or by the resident themself.

    Raises:
        Refused: without the right or a ground, or if a card is in use: nothing is replaced silently.
    """
    _may(actor)
    with opened(actor, resident_id, what="card") as record_:
        if held_by(record_.persons) is not None:
            raise Refused(rules.ALREADY_HAS_CARD)
        return _issue(actor, record_.resident_id)


def replace_card(actor: Actor, resident_id: UUID) -> UUID:
    """End the card in use and issue another at once; answers the id of the new one.

    Raises:
        Refused: without the right or a ground, or if no card is in use.
    """
    _may(actor)
    with opened(actor, resident_id, what="card") as record_:
        if not _end(actor, record_.persons, CardEvent.REPLACED):
            raise Refused(rules.HAS_NO_CARD)
        return _issue(actor, record_.resident_id)


def block_card(actor: Actor, card_id: UUID, *, event: CardEvent = CardEvent.LOST) -> None:
    """End the card of this id, and any other that the person has in use, from this moment on.

    Raises:
        Refused: without the right or a ground to open the holder's record (the same words where there is no such
            card), or if it has ended already.
    """
    _may(actor)
    found = rows(SHOWN, card=card_id, number=None)
    if not found:
        raise Refused(access.NO_BASIS)
    with opened(actor, found[0]["resident_id"], what="card") as record_:
        if not _end(actor, record_.persons, event):
            raise Refused(rules.HAS_NO_CARD)


def block_my_card(actor: Actor, *, event: CardEvent = CardEvent.LOST) -> None:
    """End the card of the acting resident.

    Raises:
        Refused: if the actor is no resident or has no card in use.
    """
    if actor.resident_id is None:
        raise Refused(rules.HAS_NO_CARD)
    with opened(actor, actor.resident_id, what="card") as record_:
        if not _end(actor, record_.persons, event):
            raise Refused(rules.HAS_NO_CARD)


def report_lost(actor: Actor, *, number: str) -> Least:
    """End the cards of whoever bears exactly this number (of a document, or of the card), at any desk and without a ground.

    A lost card cannot wait for one: the desk learns no more than a look-up shows, and the holder gets a new card.

    Raises:
        Refused: without the right, too often, or if the number leads to nobody with a card in use.
    """
    _may(actor)
    refuse(access.may(actor, Right.RESIDENTS_FIND, institution_id=actor.institution_id))
    rates.take(actor, what=Rated.RESIDENT_LOOKUP)
    persons = _bearer(actor, number)
    with scoped(actor, persons=persons):
        if not persons or not _end(actor, persons, CardEvent.LOST):
            raise Refused(rules.NOBODY_BEARS_IT)
    return least_of(persons[:1])[0]


def _bearer(actor: Actor, number: str) -> tuple[UUID, ...]:
    """All entries of the one person whose number this is; none where it is a family's telephone."""
    card = rules.read_card_number(number)
    if card is not None:
        found = rows(SHOWN, card=None, number=card)
        persons = person_of(found[0]["resident_id"]) if found else ()
        record(actor, "card", Basis.IDENTITY, persons[:1])
        return persons
    bearers = [each for each in find(actor, number=number) if each.matched != IdentityKind.PHONE]
    return person_of(bearers[0].id) if len(bearers) == 1 else ()


def _issue(actor: Actor, resident_id: UUID) -> UUID:
    (least,) = least_of([resident_id])
    values = {
        "resident": resident_id,
        "institution": actor.institution_id,
        "division": least.division_code,
    }
    made: list[dict[str, object]] = []
    for _ in range(_TRIES):
        card_id = uuid7()
        made = rows(_ISSUE, id=card_id, number=rules.new_number(), **values)
        if made or held_by((resident_id,)) is not None:
            break
    if not made:  # another desk was quicker
        raise Refused(rules.ALREADY_HAS_CARD)
    ledger.append(
        actor,
        events.CardIssued(resident_id=resident_id),
        subject_type=SUBJECT,
        subject_id=card_id,
        institution_id=actor.institution_id,
        division_code=least.division_code,
    )
    return card_id


def _end(actor: Actor, persons: tuple[UUID, ...], event: CardEvent) -> bool:
    """End all cards in use of one person; whether there was any. Inside ``scoped`` for this person."""
    ended = rows(_END, persons=list(persons), event=event.value)
    for card in ended:
        ledger.append(
            actor,
            events.CardEnded(resident_id=persons[0], event=event.value),
            subject_type=SUBJECT,
            subject_id=card["id"],
            institution_id=actor.institution_id,
            division_code=card["division_code"],
        )
    return bool(ended)


def _may(actor: Actor) -> None:
    """Whether the actor issues cards at all; to whom, the ground to open the record decides."""
    refuse(
        access.may(
            actor,
            Right.CARDS_ISSUE,
            institution_id=actor.institution_id,
            resident_id=actor.resident_id,
        )
    )
