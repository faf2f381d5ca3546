"""Correcting an entry: optimistic on its version, with the spellings and numbers under which it is found."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection

from tiercare.apps.access import queries as access_queries
from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.events import EventPayload
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.engines import linkage, naming
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse
from tiercare.kernel.text import Text

from .. import events, sql
from ..queries import vault
from ..queries.finding import SUBJECT, Least, least
from ..queries.opening import Opened, opened
from ..queries.record import corrected_since
from ..rules import IDENTITY_NAMES, Entry, IdentityKind, Number, Sex, blocking_keys, read_registration
from ..rules.correction import (
    CHANGED_MEANWHILE,
    FIELD_WORDS,
    KEEP,
    NOT_YOURS_TO_CORRECT,
    NUMBER_OF_ANOTHER,
    Correction,
    Held,
    as_registration,
    death_refusal,
    plainly_different,
)
from .doubles import Alike, report_double
from .registering import NIL, UNKNOWN_DIVISION, AlreadyKnown, area_exists

_MAY_CORRECT = (Basis.REGISTRATION, Basis.ENCOUNTER, Basis.CONTRACT)
_LOCK = "SELECT * FROM residents_resident WHERE id = %(id)s FOR UPDATE"
_SAVE = """
UPDATE residents_resident
SET name = %(name)s, sex = %(sex)s, birth_date = %(birth_date)s, division_code = %(division_code)s,
    address_sealed = %(address)s, phone_sealed = %(phone)s, identity_kind = %(identity_kind)s,
    identity_sealed = %(identity)s, temporary = %(temporary)s, deceased_on = %(deceased_on)s,
    institution_id = %(institution_id)s, keeps_file = %(keeps_file)s, known_at = %(known_at)s, version = version + 1
WHERE id = %(id)s
"""
_RETIRE = """
UPDATE residents_identifier SET retired_at = tiercare_now()
WHERE resident_id = ANY (%(persons)s) AND kind = %(kind)s AND retired_at IS NULL AND blind <> %(blind)s
RETURNING id
"""
_ADD_NUMBER = """
INSERT INTO residents_identifier (id, resident_id, institution_id, kind, sealed, blind)
SELECT %(id)s, %(resident)s, %(institution)s, %(kind)s, %(sealed)s, %(blind)s
WHERE NOT EXISTS (SELECT FROM residents_identifier WHERE resident_id = ANY (%(persons)s) AND kind = %(kind)s
                  AND blind = %(blind)s AND retired_at IS NULL)
"""
_FORGET = """
DELETE FROM residents_token t
USING unnest(%(places)s::uuid[], %(tokens)s::text[]) AS old (place, token)
WHERE t.institution_id = old.place AND t.token = old.token AND t.resident_id = %(resident)s
"""
_SPELL = """
INSERT INTO residents_token (institution_id, token, resident_id)
SELECT new.place, new.token, %(resident)s FROM unnest(%(places)s::uuid[], %(tokens)s::text[]) AS new (place, token)
ON CONFLICT DO NOTHING
"""
_NOBODY = b""


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a correction: the entry's version, and the names of the fields that are different now."""

    version: int
    fields: tuple[str, ...]


class ChangedMeanwhile(Refused):
    """Refused because somebody else was quicker; ``fields`` are the names of what they changed."""

    def __init__(self, fields: Collection[str], changes: Text) -> None:
        super().__init__(replace(CHANGED_MEANWHILE, fields={"changes": changes}))
        self.fields = tuple(fields)


@contextmanager
def changing(actor: Actor, resident_id: UUID, *, what: str) -> Iterator[Opened]:
    """The record, open for those who keep it or have the resident before them.

    Raises:
        Refused: if the actor's role keeps no entries, nothing allows the reading, or the ground is none on which
            entries are changed (a consent, an emergency).
    """
    refuse(access.may(actor, Right.RESIDENTS_REGISTER, institution_id=actor.institution_id))
    with opened(actor, resident_id, what=what) as record:
        if record.basis not in _MAY_CORRECT and not _keeps_or_visited(actor, record):
            raise Refused(NOT_YOURS_TO_CORRECT)
        yield record


def correct(actor: Actor, *, resident_id: UUID, version: int, change: Correction) -> Changed:
    """Change fields of an entry; those that are the same already are left alone, and nothing is said of them.

    A document makes of a temporary entry a claimed one. A number of the same kind is replaced, one of another
    kind is put beside it and comes first.

    Raises:
        Refused: if the actor may not, or the entry would not pass (all reasons at once).
        ChangedMeanwhile: if the entry is not as it was at ``version``.
        AlreadyKnown: if the number is somebody else's.
    """
    today = ledger_queries.today()
    asked = change.given.get("document")
    try:
        with changing(actor, resident_id, what="correction") as record:
            row = rows(_LOCK, id=record.resident_id)[0]
            if row["version"] != version:
                raise _changed_meanwhile(record.resident_id, version)
            held = _held(row)
            entry = _read(held, change, today)
            different = _different(held, change, entry)
            if not different:
                return Changed(version, ())
            if "document" in different:
                _not_of_another(record, entry)
            retired = _save(record, row, held, entry, change, different, today)
            told: list[EventPayload] = [events.ResidentCorrected(fields=different, version=version + 1)]
            if "phone" in different and retired:
                told.append(events.TelephoneReplaced(former=retired))
            for payload in told:
                ledger.append(
                    actor,
                    payload,
                    subject_type=SUBJECT,
                    subject_id=record.resident_id,
                    institution_id=actor.institution_id,
                    division_code=entry.division_code[:6],
                )
    except IntegrityError as error:
        if "identifier_of_one_person" in str(error) and asked is not None:  # another desk was quicker
            raise AlreadyKnown(_of_another(asked[0]), ()) from error
        raise
    return Changed(version + 1, different)


def report_same(actor: Actor, *, resident_id: UUID, other_id: UUID) -> None:
    """Tell the keepers of the index that two entries seem to be one person, with how much they look alike.

    Raises:
        Refused: if the actor may not read the first of them.
    """
    with changing(actor, resident_id, what="double") as record:
        found = {row["id"]: row for row in rows(sql.LEAST, entries=[record.resident_id, other_id])}
        if other_id not in found or other_id in record.persons:
            raise Refused(access.NO_BASIS)
        mine, other = found[record.resident_id], found[other_id]
        score = linkage.score(_person(mine), _person(other))
        report_double(
            record.resident_id, mine["division_code"], Alike(least({**other, "matched": ""}), score)
        )
        ledger.append(
            actor,
            events.DoubleReported(other_id=other_id),
            subject_type=SUBJECT,
            subject_id=record.resident_id,
            institution_id=actor.institution_id,
            division_code=mine["division_code"][:6],
        )


def _keeps_or_visited(actor: Actor, record: Opened) -> bool:
    """An open request or so came first as the ground, but the file or a visit would do."""
    row = rows(
        "SELECT institution_id, keeps_file FROM residents_resident WHERE id = %(id)s", id=record.resident_id
    )[0]
    if row["keeps_file"] and row["institution_id"] == actor.institution_id:
        return True
    return Basis.ENCOUNTER in access_queries.care_facts(actor, record.persons).relations


def _changed_meanwhile(resident_id: UUID, version: int) -> ChangedMeanwhile:
    since = corrected_since(resident_id, version)
    if not since:
        return ChangedMeanwhile((), Text("内容有变", "it is different now"))
    said = [
        Text(
            f"{name} 改了{'、'.join(FIELD_WORDS[field].zh for field in fields)}",
            f"{name} changed {', '.join(FIELD_WORDS[field].en for field in fields)}",
        )
        for name, _, fields in since
    ]
    named = dict.fromkeys(field for _, _, fields in since for field in fields)
    return ChangedMeanwhile(
        tuple(named), Text("；".join(each.zh for each in said), "; ".join(each.en for each in said))
    )


def _held(row: dict[str, Any]) -> Held:
    key = row["id"]
    address = row["address_sealed"]
    return Held(
        name=row["name"],
        sex=Sex(row["sex"]),
        birth_date=row["birth_date"],
        division_code=row["division_code"],
        address="" if address is None else vault.ring().open(address, of=vault.place(key, "address")),
        phone=vault.opened_number(key, IdentityKind.PHONE.value, row["phone_sealed"]),
        identity_kind=IdentityKind(row["identity_kind"]),
        number=vault.opened_number(key, row["identity_kind"], row["identity_sealed"]),
        deceased_on=row["deceased_on"],
    )


def _read(held: Held, change: Correction, today: date) -> Entry:
    """The entry as it will stand.

    Raises:
        Refused: with all that is wrong.
    """
    entry = read_registration(as_registration(held, change), today=today)
    birth_date = entry.birth_date if isinstance(entry, Entry) else held.birth_date
    died = death_refusal(change.given.get("deceased_on", held.deceased_on), birth_date, today)
    if not isinstance(entry, Entry):
        raise Refused(*entry, *([died] if died else []))
    refuse(died)
    if change.division_code is not KEEP and not area_exists(entry.division_code, today):
        raise Refused(UNKNOWN_DIVISION)
    return entry


def _different(held: Held, change: Correction, entry: Entry) -> tuple[str, ...]:
    """The names of the fields that change, in the order of the form; a document may bring birth date and sex along."""
    found = set(plainly_different(held, change))
    if change.document is not KEEP and entry.identity is not None:
        if (entry.identity.kind, entry.identity.value) != (held.identity_kind, held.number):
            found.add("document")
        found |= {"birth_date"} if entry.birth_date != held.birth_date else set()
        found |= {"sex"} if entry.sex is not held.sex else set()
    if change.phone is not KEEP and (entry.phone.value if entry.phone else "") != held.phone:
        found.add("phone")
    return tuple(name for name in FIELD_WORDS if name in found)


def _not_of_another(record: Opened, entry: Entry) -> None:
    if entry.identity is None:
        return
    kind, value = entry.identity.kind.value, entry.identity.value
    bearers = rows(sql.FOUND, kinds=[kind], blinds=[vault.ring().blind(kind, value)])
    others: list[Least] = [least(row) for row in bearers if row["id"] not in record.persons]
    if others:
        raise AlreadyKnown(_of_another(entry.identity.kind), others)


def _of_another(kind: IdentityKind) -> Any:
    return replace(NUMBER_OF_ANOTHER, fields={"kind": IDENTITY_NAMES[kind]})


def _save(
    record: Opened,
    row: dict[str, Any],
    held: Held,
    entry: Entry,
    change: Correction,
    different: Collection[str],
    today: date,
) -> tuple[UUID, ...]:
    """Write the entry and where it is found; answers the ids of the telephones that are retired with it."""
    ring, key = vault.ring(), row["id"]
    retired: tuple[UUID, ...] = ()
    moved = "division_code" in different
    keeper = network.primary_care_of(entry.division_code, on=today) if moved else None
    places = list(dict.fromkeys([*row["known_at"], *([keeper] if keeper else [])]))
    values = {
        "id": key,
        "name": entry.name,
        "sex": entry.sex.value,
        "birth_date": entry.birth_date,
        "division_code": entry.division_code,
        "address": row["address_sealed"],
        "phone": row["phone_sealed"],
        "identity_kind": row["identity_kind"],
        "identity": row["identity_sealed"],
        "temporary": row["temporary"],
        "deceased_on": change.given.get("deceased_on", row["deceased_on"]),
        "institution_id": keeper or row["institution_id"],
        "keeps_file": row["keeps_file"] or keeper is not None,
        "known_at": places,
    }
    if "address" in different:
        closed = ring.seal(entry.address, of=vault.place(key, "address")) if entry.address else None
        values["address"] = closed
    if "phone" in different:
        values["phone"], retired = _number(record, row, IdentityKind.PHONE, entry.phone)
    if "document" in different and entry.identity is not None:
        values["identity"], _ = _number(record, row, entry.identity.kind, entry.identity)
        values |= {"identity_kind": entry.identity.kind.value, "temporary": False}
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, values)
    before = _spellings(held.name, held.birth_date, row["known_at"])
    after = _spellings(entry.name, entry.birth_date, places)
    if before != after:
        # The lists of every institution that knows the resident follow, and the keys that belong to none.
        with scoped_to(record, [NIL, *places]), connection.cursor() as cursor:
            for statement, pairs in ((_FORGET, before - after), (_SPELL, after - before)):
                ordered = sorted(pairs)
                cursor.execute(
                    statement,
                    {
                        "places": [place for place, _ in ordered],
                        "tokens": [token for _, token in ordered],
                        "resident": key,
                    },
                )
    return retired


@contextmanager
def scoped_to(record: Opened, places: Collection[UUID]) -> Iterator[None]:
    """The wall around exactly these institutions' rows and this person's."""
    with scoped(Actor.system(), also=places, persons=record.persons):
        yield


def _number(
    record: Opened, row: dict[str, Any], kind: IdentityKind, number: Number | None
) -> tuple[bytes | None, tuple[UUID, ...]]:
    """Retire what stood under this kind and write the new number.

    Answers it sealed for the entry's own columns, and the ids of those retired.
    """
    ring, key = vault.ring(), row["id"]
    persons = list(record.persons)
    blind = ring.blind(kind.value, number.value) if number else _NOBODY
    with connection.cursor() as cursor:
        cursor.execute(_RETIRE, {"persons": persons, "kind": kind.value, "blind": blind})
        retired = tuple(key for (key,) in cursor.fetchall())
        if number is None:
            return None, retired
        closed = ring.seal(number.value, of=vault.place(key, kind.value))
        values = {
            "id": uuid7(),
            "resident": key,
            "institution": row["institution_id"],
            "kind": kind.value,
            "sealed": closed,
            "blind": blind,
            "persons": persons,
        }
        cursor.execute(_ADD_NUMBER, values)
    return closed, retired


def _spellings(name: str, birth_date: date | None, places: Collection[UUID]) -> set[tuple[UUID, str]]:
    """All rows under which somebody of this name and birth date is found."""
    tokens = ("", *naming.tokens(name))
    return {(place, token) for place in places for token in tokens} | {
        (NIL, key) for key in blocking_keys(name, birth_date)
    }


def _person(row: dict[str, Any]) -> linkage.Person:
    return linkage.Person(
        id=str(row["id"]),
        name=row["name"],
        sex=row["sex"],
        birth_date=row["birth_date"],
        phone_hash=None,
        address_code=row["division_code"],
    )
