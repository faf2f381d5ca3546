"""What residents see of their own: who read their record, whom they let in, whose guardian they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.queries.consents import (
    ConsentRow,
    GlassOfMine,
    ObjectionOfMine,
    consents_of,
    glass_of,
    objections_of,
)
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.access.rules.consent import KIND_DOES_NOT_SHARE, NO_SUCH_GRANTEE, Grantee, GranteeKind
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.ledger.queries.windows import Only, SeenReading, reading_of, readings_of
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.candidates import consortia_like, institutions_like
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import Refused, refuse

from .finding import Least, least_of, record
from .opening import Opened, opened, person_of
from .sharing import kinds_that_share

_WARDS = """
SELECT resident_id, relation FROM residents_guardianship
WHERE guardian_id = ANY (%(persons)s) AND period @> %(on)s::date
ORDER BY lower(period), id
"""
_KNOWN_AT = """
SELECT division_code, known_at FROM residents_resident WHERE id = ANY (%(persons)s) ORDER BY id = %(master)s DESC
"""
# A choice for a telephone's screen; who looks for another types its name.
_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading as the person sees it; ``glass`` if it was an emergency, ``objection`` if they objected."""

    reading: SeenReading
    institution: str
    mine: bool
    glass: GlassOfMine | None
    objection: ObjectionOfMine | None


@dataclass(frozen=True, slots=True)
class Page:
    """Readings, latest first; ``before`` leads to the next page, if there is one."""

    seen: tuple[Seen, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class Ward:
    """Somebody for whom this person decides."""

    least: Least
    relation: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Whom a person lets in, and whom they are likely to let in next."""

    consents: tuple[ConsentRow, ...]
    choices: tuple[Grantee, ...]
    today: date


def my_readings(
    actor: Actor,
    resident_id: UUID,
    *,
    only: Only = Only.ALL,
    own_too: bool = False,
    before: int | None = None,
    limit: int = 20,
) -> Page:
    """Who read this person's record. Looking is itself recorded; one's own looks show with ``own_too``.

    Raises:
        Refused: if it is neither the person nor their guardian.
    """
    _mine_only(actor)
    with opened(actor, resident_id, what="readings") as person:
        found = readings_of(
            person.persons,
            only=only,
            not_by=None if own_too else actor.account_id,
            before=before,
            limit=limit + 1,
        )
        seen = _told(actor, person.persons, found[:limit])
    return Page(seen, found[limit - 1].sequence if len(found) > limit else None)


def my_reading(actor: Actor, resident_id: UUID, event_id: UUID) -> Seen | None:
    """One reading of this person's record; ``None`` if it is not one of theirs.

    Raises:
        Refused: as ``my_readings``.
    """
    _mine_only(actor)
    with opened(actor, resident_id, what="readings") as person:
        reading = reading_of(person.persons, event_id)
        return None if reading is None else _told(actor, person.persons, [reading])[0]


def my_objections(actor: Actor, resident_id: UUID) -> list[ObjectionOfMine]:
    """What this person objected to, with the answers, latest first.

    Raises:
        Refused: as ``my_readings``.
    """
    _mine_only(actor)
    with opened(actor, resident_id, what="objections") as person:
        return objections_of(person.persons)


def shared(actor: Actor, resident_id: UUID) -> Shared:
    """The consents of this person, for themself, a guardian, or a desk that has a ground.

    Raises:
        Refused: if nothing allows the actor to read this record, or no consents are recorded in this role.
    """
    refuse(
        access.may(
            actor, Right.CONSENTS_RECORD, institution_id=actor.institution_id, resident_id=actor.resident_id
        )
    )
    with opened(actor, resident_id, what="consents") as person:
        now = ledger_queries.now()
        on = day_of(now)
        division, known_at = area_of(person)
        near = (actor.institution_id, *known_at) if actor.institution_id else known_at
        return Shared(
            tuple(consents_of(person.persons, now=now)), _choices(near, division_code=division, on=on), on
        )


def wards(actor: Actor) -> list[Ward]:
    """For whom the acting resident decides today; that they were shown is recorded in the wards' records.

    Raises:
        Refused: if the actor is no resident.
    """
    _mine_only(actor)
    assert actor.resident_id is not None  # the right reaches oneself
    with opened(actor, actor.resident_id, what="family") as person:
        found = rows(_WARDS, persons=list(person.persons), on=ledger_queries.today())
        relations = {row["resident_id"]: row["relation"] for row in found}
        if not relations:
            return []
        record(actor, "identity", Basis.GUARDIAN, list(relations))
        least = {each.id: each for each in least_of(list(relations))}
    return [Ward(least[key], relation) for key, relation in relations.items()]


def ward_of(actor: Actor, resident_id: UUID) -> Least:
    """The ward whose pages the acting resident opens, masked.

    Raises:
        Refused: if the actor does not decide for them today; the attempt is recorded as a reading that was refused.
    """
    persons = person_of(resident_id)
    guardians = person_of(actor.resident_id) if actor.resident_id else ()
    with scoped(actor, persons=guardians):
        found = rows(_WARDS, persons=list(guardians), on=ledger_queries.today())
    if not any(row["resident_id"] in persons for row in found):
        with opened(actor, resident_id):
            raise Refused(access.NO_BASIS)
    return least_of(persons[:1])[0]


def ward_shown(actor: Actor, resident_id: UUID) -> None:
    """Leave the record that a page showed a ward's masked name and nothing else of them.

    Raises:
        Refused: as ``ward_of``.
    """
    with opened(actor, resident_id, what="identity"):
        pass


def area_of(person: Opened) -> tuple[str, tuple[UUID, ...]]:
    """Where the person lives (division code), and the institutions whose lists show them. Inside ``opened``."""
    found = rows(_KNOWN_AT, persons=list(person.persons), master=person.resident_id)
    return found[0]["division_code"], tuple(dict.fromkeys(key for row in found for key in row["known_at"]))


def grantee_of(grantee_id: UUID, *, division_code: str, on: date) -> Grantee:
    """The institution, or the consortium of a kind on which the region founds sharing, of this id today.

    Raises:
        Refused: if there is none, or no consent is given to this kind of consortium there (WH-41).
    """
    place = network.place_of(grantee_id, on=on)
    if place is not None:
        return Grantee(GranteeKind.INSTITUTION, grantee_id, place.name)
    try:
        consortium = network.consortium_row(grantee_id, on=on)
    except Refused as refused:
        raise Refused(NO_SUCH_GRANTEE) from refused
    if consortium.kind not in kinds_that_share(division_code, on=on):
        raise Refused(KIND_DOES_NOT_SHARE)
    return Grantee(GranteeKind.CONSORTIUM, grantee_id, consortium.name)


def grantees_like(actor: Actor, text: str, *, division_code: str) -> list[Grantee]:
    """Institutions and consortia that ``text`` names, to choose from; nothing of any resident.

    Raises:
        Refused: if the actor records no consents.
    """
    refuse(access.may(actor, Right.CONSENTS_RECORD))
    wanted, on = text.strip(), ledger_queries.today()
    if not wanted:
        return []
    region = division_code[:4]
    kinds = [kind.value for kind in kinds_that_share(division_code, on=on)]
    found = [
        Grantee(GranteeKind.INSTITUTION, each.id, each.name)
        for each in institutions_like(region, wanted, on=on, limit=_CHOICES)
    ]
    return found + [
        Grantee(GranteeKind.CONSORTIUM, each.id, each.name)
        for each in (consortia_like(region, wanted, on=on, kinds=kinds, limit=_CHOICES) if kinds else ())
    ]


def _mine_only(actor: Actor) -> None:
    refuse(access.may(actor, Right.READS_OF_MINE, resident_id=actor.resident_id))


def _told(actor: Actor, persons: Sequence[UUID], found: Sequence[SeenReading]) -> tuple[Seen, ...]:
    """The readings with where they were made, and what came of them."""
    glass = glass_of(persons)
    objections = {each.event_id: each for each in objections_of(persons)}
    ids = {each.institution_id for each in found if each.institution_id is not None}
    names = network.names_of_institutions(ids, on=ledger_queries.today())
    return tuple(
        Seen(
            reading=each,
            institution=names.get(each.institution_id, "") if each.institution_id else "",
            mine=each.basis == Basis.SELF or each.actor_id == actor.account_id,
            glass=_under(each, glass),
            objection=objections.get(each.id),
        )
        for each in found
    )


def _under(reading: SeenReading, glass: Sequence[GlassOfMine]) -> GlassOfMine | None:
    """The emergency access under which a reading was made."""
    if reading.basis != Basis.EMERGENCY:
        return None
    return next(
        (
            each
            for each in glass
            if each.account_id == reading.actor_id and each.since <= reading.at < each.until
        ),
        None,
    )


def _choices(near: Sequence[UUID], *, division_code: str, on: date) -> tuple[Grantee, ...]:
    """The institutions that know the person, and their consortia as far as they share."""
    kinds = kinds_that_share(division_code, on=on)
    places = [place for key in dict.fromkeys(near[:4]) if (place := network.place_of(key, on=on)) is not None]
    found = [Grantee(GranteeKind.INSTITUTION, place.id, place.name) for place in places]
    consortia = {key for place in places for key, kind in place.consortia.items() if kind in kinds}
    return (*found, *_consortia(consortia, on))[:_CHOICES]


def _consortia(ids: Collection[UUID], on: date) -> list[Grantee]:
    named = network.things_named([f"consortium:{key}" for key in ids], on=on)
    return [
        Grantee(GranteeKind.CONSORTIUM, UUID(key.partition(":")[2]), name)
        for key, name in sorted(named.items(), key=lambda each: each[1])
    ]
