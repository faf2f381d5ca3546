"""Finding a resident: exactly, anywhere in the region, showing the least; or by name, in one's own lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from hmac import compare_digest
from typing import Any
from uuid import UUID

from tiercare.apps.access import events as access_events
from tiercare.apps.access import rules as access
from tiercare.apps.access.commands import rates
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Right
from tiercare.apps.access.rules.rates import Rated
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.engines import naming
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse
from tiercare.kernel.secrecy import KeyRing

from .. import sql
from ..rules import IdentityKind, fold_number, guess_kind
from . import vault

SUBJECT = "residents.resident"
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Least:
    """As much of an identity as a desk needs to recognise who stands before it, and no more."""

    id: UUID
    name: str
    sex: str
    birth_year: int | None
    division_code: str
    institution_id: UUID
    identity_kind: str
    number: str
    temporary: bool
    deceased: bool
    matched: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of an institution's own list: its staff know their residents by name; numbers stay masked."""

    id: UUID
    name: str
    sex: str
    birth_date: date | None
    division_code: str
    identity_kind: str
    number: str
    phone: str
    keeps_file: bool
    temporary: bool
    synthetic: bool
    deceased_on: date | None


def numbers_of(text: str) -> list[tuple[str, bytes]]:
    """The blind indexes under which a typed or scanned number may stand: one for each kind it can be."""
    ring = vault.ring()
    folded = fold_number(text).replace("-", "")
    return [(kind.value, ring.blind(kind.value, folded)) for kind in guess_kind(folded)]


def find(actor: Actor, *, number: str) -> list[Least]:
    """Whoever bears exactly this number (of a document, or a telephone), anywhere in the region; the least of each.

    The reading is recorded with its ground (identity check), also if nobody is found.

    Raises:
        Refused: if the actor may not look residents up, or does so too often (429).
    """
    refuse(
        access.may(
            actor, Right.RESIDENTS_FIND, institution_id=actor.institution_id, division=actor.division_code
        )
    )
    rates.take(actor, what=Rated.RESIDENT_LOOKUP)
    asked = numbers_of(number)
    bearers = rows(sql.FOUND, kinds=[kind for kind, _ in asked], blinds=[blind for _, blind in asked])
    found = [least(row) for row in bearers]
    record(actor, "identity", Basis.IDENTITY, [each.id for each in found])
    return found


def listed(actor: Actor, *, text: str = "", after: UUID | None = None, limit: int = 20) -> list[Listed]:
    """The residents known at the actor's institution, in the order of their registration, after ``after``.

    With ``text`` those whose name it finds: characters, pinyin or initials (``naming.query``). Ask for one more than
    is shown to know whether there are more. The reading is recorded for all that are answered.

    Raises:
        Refused: if the actor has no such list.
    """
    refuse(access.may(actor, Right.RESIDENTS_LIST, institution_id=actor.institution_id))
    values: dict[str, Any] = {"institution": actor.institution_id, "after": after or _FIRST, "limit": limit}
    with scoped(actor):
        known = _named(naming.query(text), values) if text.strip() else _lines(sql.LIST, [""], values)
        keys = vault.ring()
        found = [_line(row, keys) for row in known]
        record(actor, "list", Basis.LISTING, [each.id for each in found])
    return found


def record(
    actor: Actor, what: str, basis: Basis | None, residents: Sequence[UUID], *, purpose: str = ""
) -> UUID:
    """Leave the record of a reading: who, when, for which institution, on what ground, whose, what.

    Without a ground (``basis`` is ``None``) it tells of a refusal.
    """
    return ledger.record_read(
        actor,
        access_events.RecordRead(
            what=what,
            basis=basis.value if basis else "",
            purpose=purpose,
            result="shown" if basis else "refused",
            residents=tuple(residents),
        ),
        residents=residents,
        subject_type=SUBJECT,
        subject_id=residents[0] if len(residents) == 1 else _FIRST,
        institution_id=actor.institution_id,
        division_code=actor.division_code,
    )


def record_listed(actor: Actor, what: str, residents: Sequence[UUID]) -> None:
    """Leave the record that these residents stood in a list of higher apps; an empty list was nobody's reading."""
    if residents:
        record(actor, what, Basis.LISTING, list(dict.fromkeys(residents)))


def least_of(entries: Collection[UUID]) -> list[Least]:
    """The least about these entries, past the wall; for pages on which the reading was allowed and recorded."""
    return [least({**row, "matched": ""}) for row in rows(sql.LEAST, entries=list(entries))]


def ends_in(entry: UUID, last_four: str) -> bool:
    """Whether the resident's number of identity ends in these four; compared in constant time, told to nobody."""
    for row in rows(sql.LEAST, entries=[entry]):
        number = vault.opened_number(row["id"], row["identity_kind"], row["identity_sealed"])
        return len(last_four) == 4 and compare_digest(number[-4:].upper(), last_four.strip().upper())
    return False


def named_like(entries: Collection[UUID], text: str) -> frozenset[UUID]:
    """Those of these entries whose name the text finds: characters, pinyin or initials. Past the wall: for lists of
    higher apps in which the caller may see all of them."""
    query = naming.query(text)
    wanted = [set(each) for each in query.several] + [{each} for each in query.single]
    return frozenset(
        row["id"]
        for row in rows(sql.LEAST, entries=list(entries))
        if any(each <= naming.tokens(row["name"]) for each in wanted)
    )


def least(row: dict[str, Any]) -> Least:
    """A row of one of the narrow look-ups, masked."""
    return Least(
        id=row["id"],
        name=naming.mask(row["name"]),
        sex=row["sex"],
        birth_year=row["birth_date"].year if row["birth_date"] else None,
        division_code=row["division_code"][:6],
        institution_id=row["institution_id"],
        identity_kind=row["identity_kind"],
        number=vault.masked_number(row["id"], row["identity_kind"], row["identity_sealed"]),
        temporary=row["temporary"],
        deceased=row.get("deceased_on") is not None,
        matched=row.get("matched", ""),
    )


def _named(query: naming.Query, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of any alternative of the query, in order, none twice."""
    found: dict[UUID, dict[str, Any]] = {}
    if query.single:
        for row in _lines(sql.SEARCH, list(query.single), values):
            found[row["id"]] = row
    for tokens in query.several:
        for row in _lines(sql.SEARCH_ALL, list(tokens), values, every=len(tokens)):
            found[row["id"]] = row
    return [found[key] for key in sorted(found)][: values["limit"]]


def _lines(
    statement: str, tokens: list[str], values: dict[str, Any], *, every: int = 1
) -> list[dict[str, Any]]:
    """A page of the list, filled up where entries stand behind another one of the same person."""
    found: list[dict[str, Any]] = []
    values = values | {"tokens": tokens, "all": every}
    while True:
        page = rows(statement, **values)
        found += [row for row in page if not row["behind"]]
        if len(page) < values["limit"] or len(found) >= values["limit"]:
            return found[: values["limit"]]
        values["after"] = page[-1]["id"]


def _line(row: dict[str, Any], keys: KeyRing) -> Listed:
    return Listed(
        id=row["id"],
        name=row["name"],
        sex=row["sex"],
        birth_date=row["birth_date"],
        division_code=row["division_code"],
        identity_kind=row["identity_kind"],
        number=vault.masked_number(row["id"], row["identity_kind"], row["identity_sealed"], keys=keys),
        phone=vault.masked_number(row["id"], IdentityKind.PHONE.value, row["phone_sealed"], keys=keys),
        keeps_file=row["keeps_file"],
        temporary=row["temporary"],
        synthetic=row["synthetic"],
        deceased_on=row["deceased_on"],
    )
