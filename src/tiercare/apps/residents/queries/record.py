"""One person's record as a page shows it: through ``opened``, and of it what the reader's role needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.commands import rates
from tiercare.apps.access.rules import Basis
from tiercare.apps.access.rules.rates import Rated
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.answering import Grid, grid_of
from tiercare.apps.terms import queries as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.secrecy import CannotOpen
from tiercare.kernel.text import Text

from .. import events
from ..rules.families import guardian_asked_for
from ..rules.fields import Field, sees, sees_group
from ..rules.groups import Delicacy, Offered, age_on, delicacy
from . import vault
from .cover import Covered, covers_of
from .family import (
    Doctor,
    Group,
    Guardian,
    Household,
    doctor_of,
    groups_of,
    guardians_of,
    household_of,
    number_shown,
    offered_groups,
)
from .finding import Least, record
from .opening import Opened, opened
from .territory import Provided, provided

_LATEST = 5
_ENTRIES = """
SELECT r.id, r.name, r.sex, r.birth_date, r.nation, r.division_code, r.address_sealed, r.identity_kind,
       r.institution_id, r.keeps_file, r.temporary, r.synthetic, r.deceased_on, r.moved_out_at, r.version,
       r.registered_at, r.known_at
FROM residents_resident r WHERE r.id = ANY (%(persons)s)
"""
_NUMBERS = """
SELECT i.resident_id, i.kind, i.sealed, i.recorded_at FROM residents_identifier i
WHERE i.resident_id = ANY (%(persons)s) AND i.retired_at IS NULL
ORDER BY i.kind = 'phone', i.recorded_at DESC, i.id
"""
# Where the number that was looked up stands in the actor's own lists: such a record is usually theirs to open.
_OWN = "SELECT r.id FROM residents_resident r WHERE r.id = ANY (%(persons)s)"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is. ``entries`` are all entries of the person; ``address`` is empty where there is none."""

    id: UUID
    entries: tuple[UUID, ...]
    name: str
    sex: str
    birth_date: date | None
    age: int | None
    nation: str
    division_code: str
    address: str
    identity_kind: str
    temporary: bool
    synthetic: bool
    deceased_on: date | None
    moved_out_at: datetime | None
    version: int
    registered_at: datetime
    institution_id: UUID
    keeps_file: bool


@dataclass(frozen=True, slots=True)
class NumberShown:
    """A number of the person, masked unless the click was recorded."""

    kind: str
    value: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Somebody read the record."""

    at: datetime
    name: str
    institution_id: UUID | None
    what: str
    basis: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The record as this reader may see it now; what the role does not see is ``None`` or left out."""

    basis: Basis
    clear: bool
    on: date
    who: Identity
    numbers: tuple[NumberShown, ...]
    household: Household | None
    guardians: tuple[Guardian, ...]
    guardian_asked: Text | None
    groups: tuple[Group, ...]
    sees_all_groups: bool
    offered: Offered
    doctor: Doctor | None
    grid: Grid | None
    answers: UUID | None
    readings: tuple[ReadBy, ...] | None
    sees_household: bool
    divisions: dict[str, str]
    institutions: dict[UUID, str]
    covers: tuple[Covered, ...] = ()
    provided: tuple[Provided, ...] = ()


def sheet(actor: Actor, resident_id: UUID, *, what: str = "file", clear: bool = False) -> Sheet:
    """The record of one person, its reading recorded as ``what``; numbers in the ``clear`` only under ``number``.

    Raises:
        Refused: if nothing allows the actor to read it now (recorded too).
        ValueError: for numbers in the clear under another name.
    """
    if clear and what != "number":
        raise ValueError("numbers in the clear are read under the name of number")
    with opened(actor, resident_id, what=what) as ground:
        on = ledger_queries.today()
        who = identity_of(ground, on)
        known = offered_groups(who.division_code, on=on)
        household = _household(actor, ground.persons, on)
        guardians = guardians_of(ground.persons, on=on, clear=clear)
        doctor = doctor_of(ground.persons, on=on)
        answers = network.primary_care_of(who.division_code, on=on)
        readings = _readings(actor, ground.persons)
        providers = (
            provided(ground.persons, who.division_code, on=on, own=answers)
            if sees(actor.role, Field.DOCTOR)
            else ()
        )
        concerned = _institutions(who, doctor, answers, readings) | {
            key for each in providers for key in (each.own, each.chosen) if key is not None
        }
        return Sheet(
            basis=ground.basis,
            clear=clear,
            on=on,
            who=who,
            numbers=_numbers(ground.persons, clear),
            household=household,
            guardians=guardians,
            guardian_asked=guardian_asked_for(who.birth_date, on, has_guardian=bool(guardians)),
            groups=groups_of(actor, ground.persons, known=known, birth_date=who.birth_date, on=on),
            sees_all_groups=all(sees_group(actor.role, each) for each in Delicacy),
            offered=known,
            doctor=doctor,
            grid=grid_of(who.division_code, on=on),
            answers=answers,
            readings=readings,
            sees_household=sees(actor.role, Field.HOUSEHOLD),
            divisions=division_names(who.division_code, on=on),
            institutions=network.names_of_institutions(concerned, on=on),
            covers=covers_of(ground.persons, on=on) if sees(actor.role, Field.COVER) else (),
            provided=providers,
        )


def own_of(entries: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these entries stand in the actor's own lists. The caller is ``scoped``."""
    return frozenset(row["id"] for row in rows(_OWN, persons=list(entries)))


def identity_of(ground: Opened, on: date) -> Identity:
    """Who it is, inside ``opened``: the master's row, which corrections change."""
    found = {row["id"]: row for row in rows(_ENTRIES, persons=list(ground.persons))}
    row = found[ground.resident_id]
    return Identity(
        id=row["id"],
        entries=ground.persons,
        name=row["name"],
        sex=row["sex"],
        birth_date=row["birth_date"],
        age=None if row["birth_date"] is None else age_on(row["birth_date"], row["deceased_on"] or on),
        nation=row["nation"],
        division_code=row["division_code"],
        address=_address(row),
        identity_kind=row["identity_kind"],
        temporary=row["temporary"],
        synthetic=row["synthetic"],
        deceased_on=row["deceased_on"],
        moved_out_at=row["moved_out_at"],
        version=row["version"],
        registered_at=row["registered_at"],
        institution_id=row["institution_id"],
        keeps_file=row["keeps_file"],
    )


def corrected_since(resident_id: UUID, version: int) -> list[tuple[str, datetime, tuple[str, ...]]]:
    """Who changed what (names of fields) after ``version`` was read, the latest first. Inside ``opened``."""
    found = ledger_queries.events(kind=events.ResidentCorrected.KIND, subject_id=resident_id, limit=20)
    return [
        (event.actor_name, event.at, tuple(event.payload["fields"]))
        for event in found
        if event.payload["version"] > version
    ]


def division_names(code: str, *, on: date) -> dict[str, str]:
    """The names of the area and of those above it, from the province down, by code."""
    codes = [code[:length] for length in (2, 4, 6, 9, 12) if len(code) >= length]
    known = terms.divisions(codes, on=on)
    return {each: known[each].name for each in codes if each in known}


def _address(row: dict[str, Any]) -> str:
    if row["address_sealed"] is None:
        return ""
    try:
        return vault.ring().open(row["address_sealed"], of=vault.place(row["id"], "address"))
    except CannotOpen:
        return "****"


def _numbers(persons: Sequence[UUID], clear: bool) -> tuple[NumberShown, ...]:
    """All numbers in force, the same one of several entries once."""
    shown: dict[tuple[str, str], NumberShown] = {}
    for row in rows(_NUMBERS, persons=list(persons)):
        value = number_shown(row["resident_id"], row["kind"], row["sealed"], clear=clear)
        shown.setdefault((row["kind"], value), NumberShown(row["kind"], value, row["recorded_at"]))
    return tuple(shown.values())


def _household(actor: Actor, persons: Sequence[UUID], on: date) -> Household | None:
    """The household, if the role sees it; that its other members were shown is recorded in their record too."""
    if not sees(actor.role, Field.HOUSEHOLD):
        return None
    found = household_of(persons, on=on)
    others = [] if found is None else [each.resident_id for each in found.members if not each.self_]
    if others:
        record(actor, "household", Basis.LISTING, others)
    return found


def _readings(actor: Actor, persons: Sequence[UUID]) -> tuple[ReadBy, ...] | None:
    """The latest readings: all of them for the person themself, those of their own institution for staff who treat."""
    everywhere = sees(actor.role, Field.READINGS_ALL)
    if not everywhere and not sees(actor.role, Field.READINGS_OWN_PLACE):
        return None
    found = ledger_queries.readings(persons, limit=_LATEST if everywhere else 10 * _LATEST)
    mine = [event for event in found if everywhere or event.institution_id == actor.institution_id]
    return tuple(
        ReadBy(
            at=event.at,
            name=event.actor_name,
            institution_id=event.institution_id,
            what=event.payload.get("what", ""),
            basis=event.payload.get("basis", ""),
            shown=event.payload.get("result") == "shown",
        )
        for event in mine[:_LATEST]
    )


def _institutions(
    who: Identity, doctor: Doctor | None, answers: UUID | None, readings: tuple[ReadBy, ...] | None
) -> set[UUID]:
    """Those whose names the page needs."""
    named = {who.institution_id, answers, doctor.institution_id if doctor else None}
    named |= {each.institution_id for each in readings or ()}
    return {each for each in named if each is not None}


def may_change(actor: Actor) -> bool:
    """Whether the actor's role keeps entries at all: what the buttons of the page hang on."""
    return access.may(actor, access.Right.RESIDENTS_REGISTER, institution_id=actor.institution_id) is None


def candidates_shown(actor: Actor, candidates: Sequence[Least]) -> None:
    """Leave the record that a desk was shown these entries because the one it registers looks like them.

    Called after the refused registration was undone: what was shown was seen. It counts as a look-up, so that
    registering does not answer what looking up no longer would.

    Raises:
        Refused: 429 where the actor looks up too often; then they are not to be shown.
    """
    if candidates:
        rates.take(actor, what=Rated.RESIDENT_LOOKUP)
        record(actor, "identity", Basis.IDENTITY, [each.id for each in candidates])


def groups_to_enter(actor: Actor, shown: Sheet) -> tuple[str, ...]:
    """The key groups into which this role may enter the resident: named by the packs, seen by the role, not yet in."""
    already = {each.group for each in shown.groups}
    return tuple(
        group
        for group in shown.offered.by_hand
        if group not in already and sees_group(actor.role, delicacy(group))
    )
