"""What can be asked about health cards: where they hold, whose they are, and who came today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal, Refused, refuse

from ..rules import card_tokens
from ..rules import cards as rules
from .card_keys import signing_key
from .finding import Least, least_of, record
from .opening import opened, person_of
from .sharing import kinds_that_share

Named = Mapping[str, tuple[str, ...]]

_HELD = """
SELECT id, resident_id, number, institution_id, issued_at FROM residents_card
WHERE resident_id = ANY (%(persons)s::uuid[]) AND ended_at IS NULL
ORDER BY issued_at DESC, id DESC
"""
_ARRIVED = """
SELECT id, resident_id, use, by_token, at, window_start, window_end FROM residents_arrival
WHERE institution_id = %(institution)s AND at >= %(since)s
  AND (%(use)s = '' OR use = %(use)s) AND (%(before)s::uuid IS NULL OR id < %(before)s)
ORDER BY id DESC
LIMIT %(limit)s
"""
_COUNTED = """
SELECT use, count(*) AS count FROM residents_arrival
WHERE institution_id = %(institution)s AND at >= %(since)s GROUP BY use
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A card in use. ``number`` stands in the clear: it is for the card's holder and whoever prints it."""

    id: UUID
    resident_id: UUID
    number: str
    institution_id: UUID | None
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class CardOf:
    """A resident as the desk recognises them, and the card they have in use, if any."""

    least: Least
    held: Held | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came today, and for what."""

    id: UUID
    least: Least
    use: str
    by_token: bool
    at: datetime
    window: rules.Window | None


@dataclass(frozen=True, slots=True)
class Today:
    """A page of today's arrivals, the latest first; ``counts`` are those of the whole day by use."""

    rows: tuple[Arrived, ...]
    counts: Mapping[str, int]
    more: bool


def card_uses(division_code: str | None, *, on: date) -> Named:
    """What a card opens in this region on this day, each use with the clauses that name it (NHC-67, WH-59, TY-102)."""
    return _words("card_uses", division_code, on)


def card_types(division_code: str | None, *, on: date) -> Named:
    """The types of card that the region's documents name, with their clauses (WH-59); empty where none does."""
    return _words("card_types", division_code, on)


def not_a_member(actor: Actor, *, on: date) -> Refusal | None:
    """Why the actor's institution may not use the card: it is in no consortium on which its region founds authorisation (WH-41)."""
    place = None if actor.institution_id is None else network.place_of(actor.institution_id, on=on)
    kinds = kinds_that_share(actor.division_code, on=on)
    if place is not None and any(kind in kinds for kind in place.consortia.values()):
        return None
    named = _words("authorisation_basis", actor.division_code, on).values()
    return replace(rules.NOT_A_MEMBER, clauses=tuple(dict.fromkeys(each for ids in named for each in ids)))


def card_of(actor: Actor, resident_id: UUID) -> CardOf:
    """A resident and the card they have in use; for whoever has a ground to open the record, which is recorded.

    Raises:
        Refused: as ``opened``, or without the right to cards.
    """
    _may_issue(actor)
    with opened(actor, resident_id, what="card") as record_:
        held = held_by(record_.persons)
    (least,) = least_of([record_.resident_id])
    return CardOf(least, held)


def show_token(actor: Actor) -> str:
    """A new token of the acting resident's card: what the QR code on their own page says for a few minutes.

    It names the card and nobody, so no reading is recorded.

    Raises:
        Refused: if the actor is no resident or has no card in use.
    """
    persons = person_of(actor.resident_id) if actor.resident_id else ()
    with scoped(actor, persons=persons):
        held = held_by(persons)
    if held is None:
        raise Refused(rules.HAS_NO_CARD)
    return card_tokens.sign(signing_key(), card_id=held.id, now=ledger.now())


def arrivals(actor: Actor, *, use: str = "", before: UUID | None = None, limit: int = 50) -> Today:
    """Who came to the actor's institution today, for one use or all, before the arrival ``before``; masked, recorded.

    Raises:
        Refused: if the actor receives nobody there.
    """
    refuse(access.may(actor, Right.CARDS_SCAN, institution_id=actor.institution_id))
    since = datetime.combine(ledger.today(), time.min, ZONE)
    asked = {"institution": actor.institution_id, "since": since}
    with scoped(actor):
        found = rows(_ARRIVED, use=use, before=before, limit=limit + 1, **asked)
        counts = {row["use"]: row["count"] for row in rows(_COUNTED, **asked)}
        who = {each.id: each for each in least_of({row["resident_id"] for row in found[:limit]})}
        record(actor, "arrivals", Basis.LISTING, sorted(who))
    shown = tuple(
        Arrived(
            id=row["id"],
            least=who[row["resident_id"]],
            use=row["use"],
            by_token=row["by_token"],
            at=row["at"],
            window=rules.Window(row["window_start"], row["window_end"]) if row["window_start"] else None,
        )
        for row in found[:limit]
    )
    return Today(shown, counts, len(found) > limit)


def held_by(persons: tuple[UUID, ...]) -> Held | None:
    """The card in use of the person whose entries these are, the latest if a merge left two; inside ``scoped``."""
    found = rows(_HELD, persons=list(persons))
    return Held(**found[0]) if found else None


def _may_issue(actor: Actor) -> None:
    refuse(
        access.may(
            actor, Right.CARDS_ISSUE, institution_id=actor.institution_id, resident_id=actor.resident_id
        )
    )


def _words(key: str, division_code: str | None, on: date) -> Named:
    """The words of a list parameter in all clauses that hold there and then, each with those clauses."""
    packs = mandates.packs()
    pack = packs.find(division_code) if division_code else None
    found: dict[str, tuple[str, ...]] = {}
    for clause in packs.clauses_for(pack.id) if pack else ():
        for parameter in clause.parameters:
            if parameter.key == key and on in parameter.period and isinstance(parameter.value, tuple):
                for word in map(str, parameter.value):
                    found[word] = (*found.get(word, ()), clause.id)
    return found
