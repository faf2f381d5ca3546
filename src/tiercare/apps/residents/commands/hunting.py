"""The hunt for duplicates through a whole area: out of the database in a stream, compared by ``engines.linkage``,
likely pairs put on the keepers' list.

What is compared lies for the while in a folder of this user's only below ``HOME/tmp``: names, sex, birth date and
area; telephone and address as blind indexes; no number of any document. Nothing is written before all is compared,
and then at once: a hunt that was broken off is simply run again.
"""

from __future__ import annotations

import csv
import fcntl
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.engines import linkage
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.secrecy import CannotOpen, KeyRing
from tiercare.kernel.text import Text

from .. import events
from ..queries import vault
from ..rules import IdentityKind
from ..rules.doubles import SURE_BITS, TWO_NUMBERS

SUBJECT = "residents.hunt"
LEAST_RESIDENTS = 2
_HEADER = ("id", "name", "sex", "birth_date", "phone_hash", "address_code", "address_text")
_FOLDER, _PREFIX, _LOCK = "tmp", "hunt-", "hunt.lock"
_TOLD_EVERY = 20_000  # residents; ours: a few times a second
_AREA_DIGITS = (2, 4, 6)
_SIGNS = re.compile(r"[\W_]+")

_REGISTER_TYPES = ["uuid", "text", "text", "date", "text", "bytea", "bytea"]
_REGISTER = """
COPY (
    SELECT r.id, r.name, r.sex, r.birth_date, r.division_code, r.address_sealed, phone.blind
    FROM residents_resident r LEFT JOIN (
        SELECT DISTINCT ON (resident_id) resident_id, blind FROM residents_identifier
        WHERE kind = 'phone' AND retired_at IS NULL
        ORDER BY resident_id, recorded_at DESC, id DESC
    ) phone ON phone.resident_id = r.id
    WHERE r.master_id IS NULL AND starts_with(r.division_code, %(area)s)
    ORDER BY r.id
) TO STDOUT (FORMAT BINARY)
"""
_CREATE = (
    "CREATE TEMPORARY TABLE residents_hunt (id uuid, one uuid, other uuid, weight float8, reasons text[])"
)
_COPY_TYPES = ["uuid", "uuid", "uuid", "float8", "text[]"]
_COPY = "COPY residents_hunt FROM STDIN (FORMAT BINARY)"
# Whoever was merged meanwhile is no pair any more; what was decided, or merged and parted, is not proposed again.
_PROPOSE = """
INSERT INTO residents_duplicate (id, first_id, second_id, division_code, weight, reasons, source)
SELECT h.id, least(h.one, h.other), greatest(h.one, h.other),
       CASE WHEN left(a.division_code, 6) = left(b.division_code, 6) THEN left(a.division_code, 6)
            WHEN left(a.division_code, 4) = left(b.division_code, 4) THEN left(a.division_code, 4)
            ELSE left(a.division_code, 2) END,
       h.weight, CASE WHEN numbers.two THEN h.reasons || %(two_numbers)s::text ELSE h.reasons END, 'batch'
FROM residents_hunt h
JOIN residents_resident a ON a.id = h.one AND a.master_id IS NULL
JOIN residents_resident b ON b.id = h.other AND b.master_id IS NULL
CROSS JOIN LATERAL (SELECT a.identity_kind = %(card)s AND b.identity_kind = %(card)s AS two) AS numbers
WHERE (NOT numbers.two OR h.weight >= %(sure)s) AND NOT EXISTS (
    SELECT FROM residents_merge m
    WHERE least(m.kept_id, m.merged_id) = least(h.one, h.other)
      AND greatest(m.kept_id, m.merged_id) = greatest(h.one, h.other))
ON CONFLICT (first_id, second_id) DO NOTHING
"""
_DROP = "DROP TABLE residents_hunt"
_AREAS = """
SELECT left(division_code, 4) AS area FROM residents_resident WHERE master_id IS NULL
GROUP BY area HAVING count(*) >= %(least)s ORDER BY area
"""


class Phase(StrEnum):
    """Where a hunt is."""

    READING = "reading"
    COMPARING = "comparing"
    WRITING = "writing"


Told = Callable[[Phase, int], None]


@dataclass(frozen=True, slots=True)
class Hunted:
    """What came of a hunt: residents compared, pairs above the threshold, and how many of these were new."""

    looked_at: int
    proposed: int
    new: int


def hunt(actor: Actor, *, area: str, told: Told = lambda phase, count: None) -> Hunted:
    """Compare all residents of ``area`` (2, 4 or 6 digits) that are not merged, and list the likely pairs.

    ``told`` hears the phase and how many residents (at the end: pairs) it is about. Run again it adds nothing.

    Raises:
        Refused: if the actor is not the platform itself, ``area`` is none, or another hunt is under way.
    """
    refuse(None if actor.account_id is None else ONLY_THE_PLATFORM)
    refuse(None if area.isascii() and area.isdigit() and len(area) in _AREA_DIGITS else NOT_AN_AREA)
    with _folder(settings.HOME / _FOLDER) as folder:
        register = folder / "register.csv"
        looked_at = _lay_out(actor, area, register, told)
        told(Phase.COMPARING, looked_at)
        pairs = linkage.propose(register) if looked_at >= LEAST_RESIDENTS else []
        told(Phase.WRITING, len(pairs))
        return _write(actor, area, looked_at, pairs)


def areas_worth_a_hunt(actor: Actor) -> list[str]:
    """The prefectures in which enough residents live for two of them to be one."""
    with scoped(actor, area=EVERYWHERE):
        return [row["area"] for row in rows(_AREAS, least=LEAST_RESIDENTS)]


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    """A folder of this user's only, gone at the end; what a hunt that was killed left behind goes first.

    Raises:
        Refused: while another hunt holds the place.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (parent / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(HUNT_UNDER_WAY) from error
        for left in parent.glob(f"{_PREFIX}*"):
            shutil.rmtree(left)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def _lay_out(actor: Actor, area: str, path: Path, told: Told) -> int:
    """Write the area's residents as ``engines.linkage`` reads them; returns how many."""
    ring, count = vault.ring(), 0
    with (
        path.open("w", encoding="utf-8", newline="") as file,
        scoped(actor, area=EVERYWHERE),
        connection.cursor(),
    ):
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        assert connection.connection is not None
        with connection.connection.cursor().copy(_REGISTER, {"area": area}) as copy:
            copy.set_types(_REGISTER_TYPES)
            for row in copy.rows():
                writer.writerow(_line(row, ring))
                count += 1
                if count % _TOLD_EVERY == 0:
                    told(Phase.READING, count)
    told(Phase.READING, count)
    return count


def _line(row: tuple[Any, ...], ring: KeyRing) -> tuple[object, ...]:
    key, name, sex, birth_date, code, address, phone = row
    home = _home(ring, key, address)
    return (key, name, sex, birth_date, phone.hex() if phone else "", code.ljust(12, "0"), home)


def _home(ring: KeyRing, key: UUID, sealed: bytes | None) -> str:
    """An address that can only be compared: the blind index of its letters and digits."""
    if sealed is None:
        return ""
    try:
        address = ring.open(sealed, of=vault.place(key, "address"))
    except CannotOpen:  # the key is gone: the address says nothing
        return ""
    folded = _SIGNS.sub("", unicodedata.normalize("NFKC", address)).casefold()
    return ring.blind("address", folded).hex() if folded else ""


def _write(actor: Actor, area: str, looked_at: int, pairs: list[linkage.Pair]) -> Hunted:
    """List the pairs that are new, and tell the ledger: one transaction."""
    with scoped(actor, area=EVERYWHERE), connection.cursor() as cursor:
        cursor.execute(_CREATE)
        assert connection.connection is not None
        with connection.connection.cursor().copy(_COPY) as copy:
            copy.set_types(_COPY_TYPES)
            for pair in pairs:
                reasons = list(pair.reasons)
                copy.write_row((uuid7(), UUID(pair.id_a), UUID(pair.id_b), pair.weight, reasons))
        values = {"two_numbers": TWO_NUMBERS, "card": IdentityKind.ID_CARD.value, "sure": SURE_BITS}
        cursor.execute(_PROPOSE, values)
        found = Hunted(looked_at, len(pairs), cursor.rowcount)
        cursor.execute(_DROP)
        ledger.append(
            actor,
            events.DuplicatesHunted(looked_at=looked_at, proposed=found.proposed, new=found.new),
            subject_type=SUBJECT,
            subject_id=uuid7(),
            division_code=area,
        )
    return found


ONLY_THE_PLATFORM = Refusal(
    code="residents.hunt_by_platform",
    message=Text("全库查重只能在服务器上进行。", "The whole index is compared on the server only."),
    instead=Text(
        "请由平台管理员运行 tiercare residents duplicates；每天夜里也会自动进行。",
        "Ask the operator to run tiercare residents duplicates; it also runs every night.",
    ),
    status=403,
)
NOT_AN_AREA = Refusal(
    code="residents.hunt_area",
    message=Text(
        "查重按省、市（州）或县（区）进行。", "Duplicates are hunted by province, prefecture or county."
    ),
    instead=Text(
        "请写 2、4 或 6 位行政区划代码，如 3402。", "Give a code of 2, 4 or 6 digits, such as 3402."
    ),
    at="area",
    status=422,
)
HUNT_UNDER_WAY = Refusal(
    code="residents.hunt_under_way",
    message=Text("另一次查重正在进行。", "Another hunt for duplicates is under way."),
    instead=Text("请等它结束后再试。", "Wait for it to end and try again."),
)
