"""One person's record in the order of time, whoever wrote it: through ``opened``, and of it what the role sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tiercare.apps.access.rules import Basis, Purpose
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.record import Identity, identity_of
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.delicate import is_special, record_refusal, sees_special
from ..rules.vocabulary import ContactKind, Way
from . import timeline_sql

_MOST = 100
_AHEAD = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline: what it is (``visit``, ``document``, ``plan``, ``contact``, ``condition``, ``drug``), when, who
    made it and from which system. ``hidden``: the role does not see what stands in it, and it stands empty here."""

    kind: str
    id: UUID
    at: datetime
    institution_id: UUID
    institution: str
    source: str
    by_name: str
    body: Mapping[str, Any]
    conditions: Sequence[Mapping[str, Any]] = ()
    readings: Sequence[Mapping[str, Any]] = ()
    drugs: Sequence[Mapping[str, Any]] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """A contact that is planned."""

    id: UUID
    kind: ContactKind
    way: Way
    level: int
    due_on: date
    words: str
    institution_id: UUID
    institution: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of the record; ``next`` is to be given as ``before`` for the following one, ``None`` at the end. ``ahead`` are
    the contacts planned, on the first page."""

    who: Identity
    basis: Basis
    entries: tuple[Entry, ...]
    ahead: tuple[Ahead, ...]
    next: tuple[datetime, UUID] | None


def timeline(
    actor: Actor,
    resident_id: UUID,
    *,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 30,
    purpose: Purpose = Purpose.TREATMENT,
) -> Timeline:
    """The person's record, the newest first, from all institutions; the reading is recorded.

    Raises:
        Refused: if the role sees no diagnoses (``records.not_for_role``).
        Closed: if nothing allows the actor to read this record now.
    """
    refuse(record_refusal(actor.role))
    limit = min(limit, _MOST)
    today = ledger_queries.today()
    at, last = before or (None, None)
    with residents.opened(actor, resident_id, what="record", purpose=purpose) as ground:
        persons = list(ground.persons)
        who = identity_of(ground, today)
        found = rows(timeline_sql.PAGE, persons=persons, at=at, id=last, limit=limit + 1)
        ahead = [] if before else rows(timeline_sql.UPCOMING, persons=persons, limit=_AHEAD)
    names = network.names_of_institutions({row["institution_id"] for row in (*found, *ahead)}, on=today)
    entries = tuple(_entry(row, names, actor.role) for row in found[:limit])
    more = (entries[-1].at, entries[-1].id) if len(found) > limit else None
    coming = tuple(_ahead(row, names, today) for row in ahead)
    return Timeline(who, ground.basis, entries, coming, more)


def _entry(row: Mapping[str, Any], names: Mapping[UUID, str], role: str) -> Entry:
    codes = [each["code"] for each in row["conditions"] or ()]
    if row["kind"] == "plan":
        codes.append(row["body"]["code"])
    hidden = not sees_special(role) and is_special(codes)
    shown = {"kind": row["body"].get("kind", "")} if hidden else row["body"]
    return Entry(
        kind=row["kind"],
        id=row["id"],
        at=row["at"],
        institution_id=row["institution_id"],
        institution=names.get(row["institution_id"], ""),
        source=row["source"],
        by_name=row["by_name"],
        body=shown,
        conditions=() if hidden else tuple(row["conditions"] or ()),
        readings=() if hidden else tuple(row["readings"] or ()),
        drugs=() if hidden else tuple(row["drugs"] or ()),
        hidden=hidden,
    )


def _ahead(row: Mapping[str, Any], names: Mapping[UUID, str], today: date) -> Ahead:
    return Ahead(
        id=row["id"],
        kind=ContactKind(row["kind"]),
        way=Way(row["way"]),
        level=row["level"],
        due_on=row["due_on"],
        words=row["words"],
        institution_id=row["institution_id"],
        institution=names.get(row["institution_id"], ""),
        overdue=row["due_on"] < today,
    )
