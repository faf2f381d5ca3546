"""Around one person: household, guardians, key groups, responsible doctor. All run inside ``opened``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.answering import Doctor as Clinician
from tiercare.apps.network.queries.answering import doctors_at
from tiercare.engines.policy import ParameterAnswer, ParameterProblem, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..rules import IdentityKind
from ..rules.families import NOBODY_FOUND, SEVERAL_FOUND
from ..rules.fields import sees_group
from ..rules.groups import Offered, delicacy, derived, offered
from . import vault
from .finding import Least, find

# Parameters of the packs: the qualified names where a key alone would not tell what it lists.
_NAMED = ("priority_groups", "NHC-55.groups")
_CHRONIC = "chronic_list"
_CHILD_AGES = "child_age"

_HOUSEHOLD = """
WITH mine AS (
    SELECT household_id FROM residents_householdmember
    WHERE resident_id = ANY (%(persons)s) AND period @> %(on)s::date LIMIT 1
)
SELECT m.id, m.household_id, m.resident_id, m.relation, lower(m.period) AS since, m.institution_id,
       r.name, r.sex, r.birth_date, r.deceased_on
FROM mine JOIN residents_householdmember m USING (household_id) LEFT JOIN residents_resident r ON r.id = m.resident_id
WHERE m.period @> %(on)s::date
ORDER BY m.relation, r.birth_date, m.id
"""
_GUARDIANS = """
SELECT g.id, g.guardian_id, g.guardian_name, g.phone_sealed, g.relation, lower(g.period) AS since
FROM residents_guardianship g
WHERE g.resident_id = ANY (%(persons)s) AND g.period @> %(on)s::date
ORDER BY lower(g.period), g.id
"""
_GROUPS = """
SELECT k.id, k.group, k.evidence, lower(k.period) AS since
FROM residents_keygroupmember k
WHERE k.resident_id = ANY (%(persons)s) AND k.period @> %(on)s::date
ORDER BY lower(k.period), k.id
"""
_DOCTOR = """
SELECT d.id, d.institution_id, d.clinician_id, d.doctor_name, d.source, lower(d.period) AS since
FROM residents_responsibledoctor d
WHERE d.resident_id = ANY (%(persons)s) AND d.period @> %(on)s::date
ORDER BY lower(d.period) DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the household whom the wall shows; ``self_`` marks the person whose record is open."""

    resident_id: UUID
    name: str
    sex: str
    birth_date: date | None
    relation: str
    since: date
    deceased: bool
    self_: bool


@dataclass(frozen=True, slots=True)
class Household:
    """The household, as far as it is shown: ``hidden`` members are known to it, but not to who looks."""

    id: UUID
    institution_id: UUID
    members: tuple[Member, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class Guardian:
    """Who decides for the resident; ``guardian_id`` is their own entry, if they have one. The phone is masked."""

    id: UUID
    guardian_id: UUID | None
    name: str
    phone: str
    relation: str
    since: date


@dataclass(frozen=True, slots=True)
class Group:
    """A key group the resident is in: entered (with an id), or by age (without)."""

    id: UUID | None
    group: str
    evidence: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Doctor:
    """Who answers for the resident."""

    id: UUID
    institution_id: UUID
    clinician_id: UUID | None
    name: str
    source: str
    since: date


def household_of(persons: Sequence[UUID], *, on: date) -> Household | None:
    """The household in which the person lives on that day."""
    found = rows(_HOUSEHOLD, persons=list(persons), on=on)
    if not found:
        return None
    shown = tuple(
        Member(
            resident_id=row["resident_id"],
            name=row["name"],
            sex=row["sex"],
            birth_date=row["birth_date"],
            relation=row["relation"],
            since=row["since"],
            deceased=row["deceased_on"] is not None,
            self_=row["resident_id"] in persons,
        )
        for row in found
        if row["name"] is not None
    )
    return Household(found[0]["household_id"], found[0]["institution_id"], shown, len(found) - len(shown))


def guardians_of(persons: Sequence[UUID], *, on: date, clear: bool = False) -> tuple[Guardian, ...]:
    """Who decides for the person on that day; telephones in the ``clear`` only where that was recorded."""
    return tuple(
        Guardian(
            id=row["id"],
            guardian_id=row["guardian_id"],
            name=row["guardian_name"],
            phone=number_shown(row["id"], IdentityKind.PHONE.value, row["phone_sealed"], clear=clear),
            relation=row["relation"],
            since=row["since"],
        )
        for row in rows(_GUARDIANS, persons=list(persons), on=on)
    )


def groups_of(
    actor: Actor, persons: Sequence[UUID], *, known: Offered, birth_date: date | None, on: date
) -> tuple[Group, ...]:
    """The groups that the actor's role may see, those by age first. Nothing tells whether there are others."""
    entered = [
        Group(row["id"], row["group"], row["evidence"], row["since"])
        for row in rows(_GROUPS, persons=list(persons), on=on)
    ]
    by_age = [Group(None, group, "", None) for group in derived(known, birth_date, on)]
    return tuple(each for each in (*by_age, *entered) if sees_group(actor.role, delicacy(each.group)))


def doctor_of(persons: Sequence[UUID], *, on: date) -> Doctor | None:
    """Who answers for the person on that day."""
    found = rows(_DOCTOR, persons=list(persons), on=on)
    if not found:
        return None
    row = found[0]
    return Doctor(
        row["id"], row["institution_id"], row["clinician_id"], row["doctor_name"], row["source"], row["since"]
    )


def offered_groups(division_code: str, *, on: date) -> Offered:
    """The key groups that the policies in force for this area name on that day: the nation's and the region's."""
    named = [word for key in _NAMED for answer in _answers(key, division_code, on) for word in _words(answer)]
    chronic = [word for answer in _answers(_CHRONIC, division_code, on) for word in _words(answer)]
    ages = next((_words(answer) for answer in _answers(_CHILD_AGES, division_code, on)), ())
    span = cast("tuple[int, int]", ages) if len(ages) == 2 else None
    return offered(map(str, named), map(str, chronic), span)


def one_by_number(actor: Actor, number: str, *, at: str) -> Least:
    """The one resident who bears this number; the look-up is recorded. ``at`` is the input to be marked.

    Raises:
        Refused: if nobody does, or several do, or the actor may not look residents up.
    """
    found = find(actor, number=number)
    if not found:
        raise Refused(replace(NOBODY_FOUND, at=at))
    if len(found) > 1:
        raise Refused(replace(SEVERAL_FOUND, fields={"count": len(found)}, at=at))
    return found[0]


def doctors_offered(actor: Actor, *, on: date) -> list[Clinician]:
    """Whom the actor's institution can name: all its clinicians in primary care, general practitioners elsewhere."""
    if actor.institution_id is None:
        return []
    place = network.place_of(actor.institution_id, on=on)
    found = doctors_at(actor.institution_id, on=on)
    return (
        found
        if place is not None and place.primary_care
        else [each for each in found if each.general_practitioner]
    )


def number_shown(of: UUID, kind: str, sealed: bytes | memoryview | None, *, clear: bool) -> str:
    """A number of the row ``of``, masked unless its reading in the ``clear`` was recorded."""
    if not clear:
        return vault.masked_number(of, kind, sealed)
    try:
        return vault.opened_number(of, kind, sealed)
    except vault.CannotOpen:
        return "****"


def _answers(key: str, division_code: str, on: date) -> tuple[ParameterAnswer, ...]:
    try:
        answer = parameter(mandates.packs(), key, division_code, on=on)
    except ParameterProblem:
        return ()
    return (*answer.others, answer)


def _words(answer: ParameterAnswer) -> tuple[object, ...]:
    return answer.value if isinstance(answer.value, tuple) else ()
