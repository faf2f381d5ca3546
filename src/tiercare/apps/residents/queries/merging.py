"""What merging two entries would mean, before anything is written: both side by side, what hangs on each, who
would newly read whom, and what the two say against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.secrecy import CannotOpen

from ..rules import IdentityKind, Sex
from ..rules.doubles import (
    BOTH_HAVE_NUMBERS,
    NO_SUCH_PAIR,
    ONE_ALREADY,
    Contradiction,
    common_area,
    held_twice,
)
from . import vault
from .finding import record

_PERSONS = """
SELECT person.number, entry.place, entry.id, r.division_code
FROM unnest(%(asked)s::uuid[]) WITH ORDINALITY AS person (id, number),
     unnest(residents_person(person.id)) WITH ORDINALITY AS entry (id, place)
     JOIN residents_least(residents_person(person.id)) r ON r.id = entry.id
ORDER BY person.number, entry.place
"""
_LEADS = """
SELECT id, name, sex, birth_date, nation, division_code, address_sealed, identity_kind, identity_sealed, phone_sealed,
       institution_id, keeps_file, temporary, deceased_on, registered_at
FROM residents_resident WHERE id = ANY (%(leads)s)
"""
# What hangs on each entry: nothing of it is rewritten, all of it is read together afterwards.
_HANGING = """
SELECT entry, what, count(*) AS number
FROM (
    SELECT resident_id AS entry, 'numbers' AS what FROM residents_identifier
        WHERE retired_at IS NULL AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'households' FROM residents_householdmember
        WHERE upper_inf(period) AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'guardians' FROM residents_guardianship
        WHERE upper_inf(period) AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'key_groups' FROM residents_keygroupmember
        WHERE upper_inf(period) AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'responsible_doctors' FROM residents_responsibledoctor
        WHERE upper_inf(period) AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'cards' FROM residents_card
        WHERE ended_at IS NULL AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'arrivals' FROM residents_arrival WHERE resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'care_relations' FROM access_carerelation
        WHERE (until IS NULL OR until > tiercare_now()) AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'consents' FROM access_consent
        WHERE withdrawn_at IS NULL AND until > tiercare_now() AND resident_id = ANY (%(entries)s)
    UNION ALL SELECT resident_id, 'objections' FROM access_objection WHERE resident_id = ANY (%(entries)s)
) AS hanging
GROUP BY entry, what
"""
# Who may read a record now, and why: an institution, or the members of a consortium by a consent.
_GROUNDS = """
SELECT id AS entry, institution_id AS reader, '' AS name, 'registration' AS basis
FROM residents_resident WHERE keeps_file AND id = ANY (%(entries)s)
UNION SELECT resident_id, institution_id, '', kind FROM access_carerelation
WHERE (until IS NULL OR until > tiercare_now()) AND resident_id = ANY (%(entries)s)
UNION SELECT resident_id, grantee_id, grantee_name, 'consent' FROM access_consent
WHERE withdrawn_at IS NULL AND until > tiercare_now() AND resident_id = ANY (%(entries)s)
UNION SELECT resident_id, institution_id, institution_name, 'emergency' FROM access_breakglass
WHERE until > tiercare_now() AND resident_id = ANY (%(entries)s)
"""
# A number stands once in the whole index (``identifier_of_one_person``): where both bear one, the two differ. Masks
# are not compared: those of two numbers may coincide.
_NUMBERS = """
SELECT count(*) FILTER (WHERE resident_id = ANY (%(first)s)) > 0
       AND count(*) FILTER (WHERE resident_id = ANY (%(second)s)) > 0 AS differ
FROM residents_identifier
WHERE kind = %(kind)s AND retired_at IS NULL AND resident_id = ANY (%(entries)s)
"""
_DECISIONS = """
SELECT coalesce(bool_or(decision = 'different'), false) AS dismissed,
       coalesce(bool_or(decision IS NULL AND first_id = least(%(one)s::uuid, %(other)s::uuid)
                        AND second_id = greatest(%(one)s::uuid, %(other)s::uuid)), false) AS waiting
FROM residents_duplicate
WHERE first_id = ANY (%(first)s) AND second_id = ANY (%(second)s)
   OR first_id = ANY (%(second)s) AND second_id = ANY (%(first)s)
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons: all entries of each, the leading one first; ``division_code`` is the area that holds them all."""

    first: tuple[UUID, ...]
    second: tuple[UUID, ...]
    division_code: str

    @property
    def entries(self) -> tuple[UUID, ...]:
        """All entries of both."""
        return (*self.first, *self.second)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two persons, as the leading entry says it; numbers masked. ``hanging`` counts by kind, over all entries."""

    id: UUID
    name: str
    sex: str
    birth_date: date | None
    nation: str
    division_code: str
    identity_kind: str
    number: str
    phone: str
    institution_id: UUID
    keeps_file: bool
    temporary: bool
    deceased_on: date | None
    registered_at: datetime
    entries: int
    hanging: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who would newly read one of the two, on the ground it has for the other."""

    id: UUID
    name: str
    basis: Basis
    gains: UUID


@dataclass(frozen=True, slots=True)
class Effect:
    """What merging would mean. ``agree`` says per field whether both say the same, ``None`` where one says nothing.

    ``waiting``: the pair is listed and undecided. ``refusal`` is why the two cannot be merged, if they cannot.
    """

    first: Side
    second: Side
    agree: Mapping[str, bool | None]
    readers: tuple[Reader, ...]
    contradictions: tuple[Contradiction, ...]
    waiting: bool
    refusal: Refusal | None


def effect(actor: Actor, one: UUID, other: UUID) -> Effect:
    """What would change if the two became one person; nothing is written but the record of the reading.

    Raises:
        Refused: if the actor keeps no index that holds both, or they are one person already.
    """
    pair = pair_of(actor, one, other)
    with scoped(actor, persons=pair.entries, area=actor.division_code or ""):
        leads = {row["id"]: row for row in rows(_LEADS, leads=[pair.first[0], pair.second[0]])}
        hanging = _counted(pair)
        first, second = (_side(leads[each[0]], each, hanging) for each in (pair.first, pair.second))
        readers = _readers(pair)
        values = {"one": one, "other": other, "first": list(pair.first), "second": list(pair.second)}
        decided = rows(_DECISIONS, **values)[0]
        refusal = numbers_refusal(pair)
        record(actor, "pair", Basis.IDENTITY, [first.id, second.id])
    agree = _agreement(leads[first.id], leads[second.id])
    return Effect(
        first=first,
        second=second,
        agree=agree,
        readers=readers,
        contradictions=tuple(_contradictions(first, second, agree, dismissed=decided["dismissed"])),
        waiting=decided["waiting"],
        refusal=refusal,
    )


def pair_of(actor: Actor, one: UUID, other: UUID) -> Pair:
    """The persons behind two entries, if the actor keeps an index that holds every entry of both.

    Raises:
        Refused: if not, in the same words whether there are such entries or not; or if they are one person.
    """
    refuse_without_index(actor)
    found = rows(_PERSONS, asked=[one, other])
    first, second = (tuple(row["id"] for row in found if row["number"] == number) for number in (1, 2))
    codes = [row["division_code"] for row in found]
    outside = any(access.may(actor, Right.RESIDENTS_MERGE, division=code) is not None for code in codes)
    if not first or not second or outside:
        raise Refused(NO_SUCH_PAIR)
    if first == second:
        raise Refused(ONE_ALREADY)
    return Pair(first, second, common_area(codes))


def numbers_refusal(pair: Pair) -> Refusal | None:
    """Whether each person bears a valid identity number of its own. The caller is inside ``scoped`` for both."""
    values = {"first": list(pair.first), "second": list(pair.second)}
    found = rows(_NUMBERS, kind=IdentityKind.ID_CARD.value, entries=list(pair.entries), **values)
    return BOTH_HAVE_NUMBERS if found[0]["differ"] else None


def refuse_without_index(actor: Actor) -> None:
    """Raise ``Refused`` unless the actor keeps an index somewhere."""
    refuse(access.may(actor, Right.RESIDENTS_MERGE))


def _counted(pair: Pair) -> Mapping[UUID, Mapping[str, int]]:
    """What hangs on each person, by the leading entry."""
    counts: dict[UUID, dict[str, int]] = {pair.first[0]: {}, pair.second[0]: {}}
    for row in rows(_HANGING, entries=list(pair.entries)):
        of = counts[_lead(pair, row["entry"])]
        of[row["what"]] = of.get(row["what"], 0) + row["number"]
    return counts


def _readers(pair: Pair) -> tuple[Reader, ...]:
    """Those with a ground to read exactly one of the two."""
    grounds: dict[UUID, dict[UUID, tuple[str, Basis]]] = {}
    for row in rows(_GROUNDS, entries=list(pair.entries)):
        of = grounds.setdefault(row["reader"], {})
        of.setdefault(_lead(pair, row["entry"]), (row["name"], Basis(row["basis"])))
    gaining = {reader: of for reader, of in grounds.items() if len(of) == 1}
    names = network.names_of_institutions(gaining, on=ledger_queries.today())
    found = []
    for reader, of in gaining.items():
        ((lead, (name, basis)),) = of.items()
        gains = pair.second[0] if lead == pair.first[0] else pair.first[0]
        found.append(Reader(reader, names.get(reader, name), basis, gains))
    return tuple(sorted(found, key=lambda each: (each.name, each.id)))


def _lead(pair: Pair, entry: UUID) -> UUID:
    return pair.first[0] if entry in pair.first else pair.second[0]


def _side(row: dict[str, Any], entries: Collection[UUID], hanging: Mapping[UUID, Mapping[str, int]]) -> Side:
    return Side(
        id=row["id"],
        name=row["name"],
        sex=row["sex"],
        birth_date=row["birth_date"],
        nation=row["nation"],
        division_code=row["division_code"],
        identity_kind=row["identity_kind"],
        number=vault.masked_number(row["id"], row["identity_kind"], row["identity_sealed"]),
        phone=vault.masked_number(row["id"], IdentityKind.PHONE.value, row["phone_sealed"]),
        institution_id=row["institution_id"],
        keeps_file=row["keeps_file"],
        temporary=row["temporary"],
        deceased_on=row["deceased_on"],
        registered_at=row["registered_at"],
        entries=len(entries),
        hanging=hanging[row["id"]],
    )


def _agreement(one: dict[str, Any], other: dict[str, Any]) -> Mapping[str, bool | None]:
    """Per field whether the two say the same. What is sealed is opened to be compared and not shown."""
    unsaid = {Sex.UNKNOWN.value, Sex.NOT_STATED.value, IdentityKind.NONE.value, "", None}
    plain = ("name", "sex", "birth_date", "nation", "division_code")
    said = {field: (one[field], other[field]) for field in plain}
    for field, kind in (("number", ""), ("phone", "phone"), ("address", "address")):
        said[field] = (_opened(one, field, kind), _opened(other, field, kind))
    return {field: None if unsaid & {left, right} else left == right for field, (left, right) in said.items()}


def _opened(row: dict[str, Any], field: str, kind: str) -> str:
    sealed = row["identity_sealed" if field == "number" else f"{field}_sealed"]
    try:
        return vault.opened_number(row["id"], kind or row["identity_kind"], sealed)
    except CannotOpen:  # the key is gone: nothing can be said
        return ""


def _contradictions(
    one: Side, other: Side, agree: Mapping[str, bool | None], *, dismissed: bool
) -> Iterable[Contradiction]:
    if agree["sex"] is False:
        yield Contradiction.SEX
    if agree["birth_date"] is False:
        yield Contradiction.BIRTH_DATE
    if (one.deceased_on is None) != (other.deceased_on is None):
        yield Contradiction.DECEASED
    yield from held_twice(one.hanging, other.hanging)
    if dismissed:
        yield Contradiction.SAID_DIFFERENT
