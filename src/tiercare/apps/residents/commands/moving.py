"""Handing a resident's file over to another region, once, with a signed receipt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries.consents import consents_of
from tiercare.apps.access.rules import Right
from tiercare.apps.access.rules.consent import evidence_refusal
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.ledger.queries.windows import readings_of
from tiercare.apps.network import queries as network
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused, refuse

from .. import events
from ..models import RecordMove
from ..queries import vault
from ..queries.card_keys import signing_key
from ..queries.finding import SUBJECT, record
from ..queries.opening import Closed, Opened, opened
from ..rules.moving import (
    ALREADY_MOVED,
    NO_EVIDENCE,
    NOT_KEPT_HERE,
    SCHEMA,
    Verified,
    canonical,
    destination_refusal,
    signed_receipt,
    verify_receipt,
)

__all__ = ["Moved", "Verified", "move_out", "verify_receipt"]

# At once for all entries of the person; nothing if another request was quicker.
_MOVED_OUT = """
UPDATE residents_resident SET moved_out_at = tiercare_now(), version = version + 1
WHERE id = ANY (%(persons)s) AND moved_out_at IS NULL
"""
_ENTRIES = """
SELECT id, name, sex, birth_date, nation, division_code, address_sealed, identity_kind, temporary, deceased_on,
       registered_at, institution_id
FROM residents_resident WHERE id = ANY (%(persons)s) ORDER BY registered_at, id
"""
_NUMBERS = """
SELECT resident_id, kind, sealed, note, recorded_at, retired_at FROM residents_identifier
WHERE resident_id = ANY (%(persons)s) ORDER BY recorded_at, id
"""
_HOUSEHOLD = """
SELECT relation, lower(period) AS since, upper(period) AS until FROM residents_householdmember
WHERE resident_id = ANY (%(persons)s) ORDER BY lower(period), id
"""
_GUARDIANS = """
SELECT id, guardian_name, phone_sealed, relation, lower(period) AS since, upper(period) AS until
FROM residents_guardianship WHERE resident_id = ANY (%(persons)s) ORDER BY lower(period), id
"""
_GROUPS = """
SELECT "group", evidence, lower(period) AS since, upper(period) AS until FROM residents_keygroupmember
WHERE resident_id = ANY (%(persons)s) ORDER BY lower(period), id
"""
_DOCTORS = """
SELECT institution_id, doctor_name, source, lower(period) AS since, upper(period) AS until
FROM residents_responsibledoctor WHERE resident_id = ANY (%(persons)s) ORDER BY lower(period), id
"""
_CARDS = """
SELECT number, issued_at, ended_at, ended_by FROM residents_card
WHERE resident_id = ANY (%(persons)s) ORDER BY issued_at, id
"""
# Where no institution keeps the file, it is with the one that registered the entry.
_KEPT_HERE = """
SELECT r.id FROM residents_resident r
WHERE r.id = ANY (%(persons)s) AND r.institution_id = %(institution)s AND (r.keeps_file OR NOT EXISTS (
    SELECT FROM residents_resident k WHERE k.id = ANY (%(persons)s) AND k.keeps_file))
"""
_READINGS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """What is given out: the file's bytes and the receipt over them."""

    move_id: UUID
    file: bytes
    receipt: str

    @property
    def download(self) -> bytes:
        """Both in one JSON document: ``file`` as it was signed, and ``receipt``."""
        return b'{"file":' + self.file + b',"receipt":' + self.receipt.encode() + b"}"


def move_out(actor: Actor, resident_id: UUID, *, destination: str, evidence: str = "") -> Moved:
    """Hand this person's whole file over to take to another region; the entry is marked as moved out.

    The person asks for it, or their guardian; or the desk of the institution that keeps the file, on a signed
    request (``evidence`` is its number). The file is kept nowhere: only its digest and the receipt are.

    Raises:
        Refused: if it is not the actor's to do, something is missing, or the file was given out before.
        Closed: if nothing allows the reading, or another institution keeps the file; that stands in the record.
        CannotOpen: if numbers cannot be opened because the keys are gone; nothing is handed over then.
    """
    refuse(
        access.may(
            actor,
            Right.RECORDS_MOVE,
            institution_id=actor.institution_id,
            resident_id=actor.resident_id,
        )
    )
    where = destination.strip()
    at_desk = actor.resident_id is None
    refuse(
        destination_refusal(where),
        NO_EVIDENCE if at_desk and not evidence.strip() else None,
        evidence_refusal(evidence),
    )
    with _to_hand_over(actor, resident_id, at_desk=at_desk) as person:
        with connection.cursor() as cursor:
            cursor.execute(_MOVED_OUT, {"persons": list(person.persons)})
            if not cursor.rowcount:
                raise Refused(ALREADY_MOVED)
        now = ledger_queries.now()
        move_id = uuid7()
        file = canonical(
            {
                "schema": SCHEMA,
                "made_at": now.isoformat(),
                "destination": where,
                **_content(person, day_of(now)),
            }
        )
        receipt = signed_receipt(
            signing_key(),
            file,
            move_id=str(move_id),
            at=now.isoformat(),
            destination=where,
            request=evidence.strip(),
        )
        RecordMove.objects.create(
            id=move_id,
            resident_id=person.resident_id,
            institution_id=actor.institution_id,
            destination=where,
            digest=hashlib.sha256(file).digest(),
            receipt=receipt,
            at=now,
        )
        ledger.append(
            actor,
            events.ResidentMovedOut(
                move_id=move_id, sha256=hashlib.sha256(file).hexdigest(), at_desk=at_desk
            ),
            subject_type=SUBJECT,
            subject_id=person.resident_id,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
        )
    return Moved(move_id, file, receipt)


@contextmanager
def _to_hand_over(actor: Actor, resident_id: UUID, *, at_desk: bool) -> Iterator[Opened]:
    """The record, open; for a desk only where its institution keeps the file.

    Raises:
        Closed: as ``opened``, and where another institution keeps it.
    """
    elsewhere: Opened | None = None
    try:
        with opened(actor, resident_id, what="move") as person:
            if at_desk and not rows(
                _KEPT_HERE, persons=list(person.persons), institution=actor.institution_id
            ):
                elsewhere = person
                raise Refused(NOT_KEPT_HERE)
            yield person
    except Refused as refused:
        if elsewhere is None:
            raise
        # What was opened is closed again, and its record with it; that it was refused stays.
        leave_record = partial(record, actor, "move", None, elsewhere.persons[:1])
        leave_record()
        raise Closed(NOT_KEPT_HERE, leave_record) from refused


def _content(person: Opened, on: date) -> dict[str, Any]:
    """Everything that stands in the file, as plain JSON values."""
    entries = rows(_ENTRIES, persons=list(person.persons))
    doctors = rows(_DOCTORS, persons=list(person.persons))
    readings = list(_readings(person.persons))
    ids = {row["institution_id"] for row in (*entries, *doctors)}
    ids |= {each["institution_id"] for each in readings if each["institution_id"]}
    names = network.names_of_institutions(ids, on=on)
    named = [
        {**row, "institution": names.get(row.pop("institution_id"), "")} for row in (*doctors, *readings)
    ]
    content = {
        "resident": str(person.resident_id),
        "entries": [_entry(row, names) for row in entries],
        "numbers": [_number(row) for row in rows(_NUMBERS, persons=list(person.persons))],
        "household": rows(_HOUSEHOLD, persons=list(person.persons)),
        "guardians": [_guardian(row) for row in rows(_GUARDIANS, persons=list(person.persons))],
        "key_groups": rows(_GROUPS, persons=list(person.persons)),
        "responsible_doctors": named[: len(doctors)],
        "cards": rows(_CARDS, persons=list(person.persons)),
        "consents": _consents(person.persons),
        "readings": named[len(doctors) :],
    }
    plain: dict[str, Any] = json.loads(json.dumps(content, default=str))
    return plain


def _entry(row: dict[str, Any], names: dict[UUID, str]) -> dict[str, Any]:
    sealed, kept_by = row.pop("address_sealed"), row.pop("institution_id")
    address = "" if sealed is None else vault.ring().open(sealed, of=vault.place(row["id"], "address"))
    return {**row, "address": address, "kept_by": names.get(kept_by, "")}


def _number(row: dict[str, Any]) -> dict[str, Any]:
    sealed, resident_id = row.pop("sealed"), row.pop("resident_id")
    return {**row, "value": vault.opened_number(resident_id, row["kind"], sealed)}


def _guardian(row: dict[str, Any]) -> dict[str, Any]:
    sealed, key = row.pop("phone_sealed"), row.pop("id")
    return {**row, "phone": vault.opened_number(key, "phone", sealed)}


def _consents(persons: Sequence[UUID]) -> list[dict[str, Any]]:
    return [
        {
            "to": each.grantee_name,
            "to_kind": each.grantee_kind.value,
            "purposes": [purpose.value for purpose in each.purposes],
            "since": each.since.isoformat(),
            "until": each.until.isoformat(),
            "given_by": each.given_by.value,
            "withdrawn_at": each.withdrawn_at.isoformat() if each.withdrawn_at else None,
        }
        for each in consents_of(persons, now=ledger_queries.now())
    ]


def _readings(persons: Sequence[UUID]) -> Iterator[dict[str, Any]]:
    """All readings of the record, latest first, a few hundred at a time."""
    before: int | None = None
    while True:
        found = readings_of(persons, before=before, limit=_READINGS_AT_ONCE)
        for each in found:
            yield {
                "at": each.at.isoformat(),
                "by": each.actor_name,
                "role": each.actor_role,
                "institution_id": each.institution_id,
                "what": each.what,
                "basis": each.basis,
                "refused": each.refused,
            }
        if len(found) < _READINGS_AT_ONCE:
            return
        before = found[-1].sequence
