"""Registering a resident at the desk: one entry, found by its numbers and its name from then on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from tiercare.apps.access import commands as access_commands
from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import prepared, rows
from tiercare.apps.network import queries as network
from tiercare.apps.terms import queries as terms
from tiercare.engines import linkage
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events, sql
from ..queries import vault
from ..queries.finding import SUBJECT, Least, least
from ..rules import (
    ALREADY_REGISTERED,
    IDENTITY_NAMES,
    LIKELY_DOUBLE,
    Entry,
    IdentityKind,
    Registration,
    read_registration,
)
from ..rules.doubles import worth_asking
from .doubles import Alike, report_double

NIL = UUID(int=0)
# Who registers has the person before them: a day's work on the entry. Ours; no document sets it.
VISIT_LASTS = timedelta(hours=24)


class AlreadyKnown(Refused):
    """Refused because the resident seems to have an entry; ``candidates`` are these, as masked as a look-up shows."""

    def __init__(self, refusal: Refusal, candidates: Sequence[Least]) -> None:
        super().__init__(refusal)
        self.candidates = tuple(candidates)


@dataclass(frozen=True, slots=True)
class Registered:
    """The new entry, and which institution keeps its file."""

    resident_id: UUID
    institution_id: UUID
    keeps_file: bool


def register(
    actor: Actor, *, given: Registration, despite: Collection[UUID] = (), synthetic: bool = False
) -> Registered:
    """Give a resident an entry.

    The file is kept by the primary-care institution of the township of the address, if one is known; the actor's
    institution may read it for a day, as of a visit. ``despite`` names entries that look alike and that the desk
    has said are other people: each pair goes to review.

    Raises:
        Refused: if the actor may not register, or the registration does not pass (all reasons at once).
        AlreadyKnown: if the number is somebody's, or an entry looks like the same person.
    """
    refuse(access.may(actor, Right.RESIDENTS_REGISTER, institution_id=actor.institution_id))
    assert actor.institution_id is not None  # the right reaches by institution
    now = ledger_queries.now()
    entry = read_registration(given, today=day_of(now))
    if not isinstance(entry, Entry):
        raise Refused(*entry)
    if not area_exists(entry.division_code, day_of(now)):
        raise Refused(UNKNOWN_DIVISION)
    keeper = network.primary_care_of(entry.division_code, on=day_of(now))
    resident_id = uuid7()
    try:
        with scoped(actor, also=() if keeper is None else (keeper,)):  # the keeper's list gets its line
            alike = _doubles(entry, frozenset(despite))
            _write(resident_id, entry, actor.institution_id, keeper, synthetic)
            access_commands.relate(
                actor,
                resident_id=resident_id,
                institution_id=actor.institution_id,
                division_code=actor.division_code or entry.division_code,
                kind=Basis.ENCOUNTER,
                source_id=resident_id,
                until=now + VISIT_LASTS,
            )
            for other in alike:
                report_double(resident_id, entry.division_code, other)
            ledger.append(
                actor,
                events.ResidentRegistered(
                    identity_kind=entry.identity_kind.value,
                    temporary=entry.temporary,
                    keeps_file=keeper is not None,
                    despite=tuple(each.least.id for each in alike),
                ),
                subject_type=SUBJECT,
                subject_id=resident_id,
                institution_id=actor.institution_id,
                division_code=entry.division_code[:6],
            )
    except IntegrityError as error:
        if "identifier_of_one_person" in str(error):  # another desk was quicker
            raise AlreadyKnown(_taken(entry), _known(entry)[0]) from error
        raise
    return Registered(resident_id, keeper or actor.institution_id, keeper is not None)


def _doubles(entry: Entry, despite: frozenset[UUID]) -> list[Alike]:
    """The entries that look alike and were said to be other people.

    Raises:
        AlreadyKnown: if the number is taken, or somebody alike has not been looked at.
    """
    bearers, alike = _known(entry)
    if bearers:
        raise AlreadyKnown(_taken(entry), bearers)
    unseen = [each for each in alike if each.least.id not in despite]
    if unseen:
        raise AlreadyKnown(
            replace(LIKELY_DOUBLE, fields={"count": len(unseen)}), [each.least for each in unseen]
        )
    return alike


def _known(entry: Entry) -> tuple[list[Least], list[Alike]]:
    """Who bears the document's number already, and who looks alike: entries that share a blocking key or the
    telephone and score as perhaps, or surely, the same person."""
    ring = vault.ring()
    numbered = [] if entry.identity is None else [entry.identity]
    phone = ring.blind("phone", entry.phone.value) if entry.phone else None
    found = rows(
        sql.KNOWN,
        kinds=[number.kind.value for number in numbered],
        blinds=[ring.blind(number.kind.value, number.value) for number in numbered],
        keys=list(entry.keys),
        phone=phone,
    )
    bearers = [least(row) for row in found if row["bears"]]
    alike = [each for row in found if not row["bears"] and (each := _alike(entry, row, bool(phone)))]
    return bearers, sorted(alike, key=lambda each: -each.score.weight)[:5]


def _alike(entry: Entry, row: dict[str, Any], phoned: bool) -> Alike | None:
    """The entry of ``row`` with its score, if that is worth a question."""
    me = linkage.Person(
        id="",
        name=entry.name,
        sex=entry.sex.value,
        birth_date=entry.birth_date,
        phone_hash="same" if phoned else None,
        address_code=entry.division_code,
    )
    other = linkage.Person(
        id=str(row["id"]),
        name=row["name"],
        sex=row["sex"],
        birth_date=row["birth_date"],
        phone_hash="same" if row["same_phone"] else None,
        address_code=row["division_code"],
    )
    score = linkage.score(me, other)
    both = entry.identity_kind == row["identity_kind"] == IdentityKind.ID_CARD
    return Alike(least(row), score) if worth_asking(score.band, score.reasons, both_numbered=both) else None


def area_exists(code: str, on: date) -> bool:
    """Whether there is such an area. Of villages the bundled register holds few: there the township must exist."""
    return any(
        len(known) >= min(len(code), 9) for known in terms.known_codes({code, code[:9], code[:6]}, on=on)
    )


def _write(resident_id: UUID, entry: Entry, institution: UUID, keeper: UUID | None, synthetic: bool) -> None:
    ring = vault.ring()
    numbers = [
        (number, ring.seal(number.value, of=vault.place(resident_id, number.kind.value)))
        for number in entry.numbers
    ]
    sealed = {number.kind: closed for number, closed in numbers}
    places = list(dict.fromkeys([institution, keeper or institution]))
    spellings = [(place, token) for place in places for token in ("", *entry.tokens)]
    spellings += [(NIL, key) for key in entry.keys]
    values = {
        "id": resident_id,
        "name": entry.name,
        "sex": entry.sex.value,
        "birth_date": entry.birth_date,
        "nation": entry.nation,
        "division": entry.division_code,
        "address": ring.seal(entry.address, of=vault.place(resident_id, "address"))
        if entry.address
        else None,
        "identity_kind": entry.identity_kind.value,
        "identity": sealed.get(entry.identity.kind) if entry.identity else None,
        "phone": sealed.get(entry.phone.kind) if entry.phone else None,
        "institution": keeper or institution,
        "keeps_file": keeper is not None,
        "known_at": places,
        "temporary": entry.temporary,
        "synthetic": synthetic,
        "number_ids": [uuid7() for _ in numbers],
        "kinds": [number.kind.value for number, _ in numbers],
        "sealed": [closed for _, closed in numbers],
        "blinds": [ring.blind(number.kind.value, number.value) for number, _ in numbers],
        "token_places": [place for place, _ in spellings],
        "tokens": [token for _, token in spellings],
    }
    with prepared() as cursor:
        cursor.execute(sql.REGISTER, values)


def _taken(entry: Entry) -> Refusal:
    return replace(ALREADY_REGISTERED, fields={"kind": IDENTITY_NAMES[entry.identity_kind]})


UNKNOWN_DIVISION = Refusal(
    code="residents.unknown_division",
    message=Text("没有这个行政区划。", "There is no such area."),
    instead=Text("请从列表中重新选择所在地区。", "Choose the area from the list again."),
    at="division_code",
    status=422,
)
