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
from .withdrawn import Gone, withdrawn_shown

_MOST = 100
_AHEAD = 20
_LINES = ("conditions", "readings", "drugs")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline: what it is (``visit``, ``document``, ``plan``, ``contact``, ``condition``, ``drug``), when, who
    made it and from which system. ``hidden``: the role does not see what stands in it, and it stands empty here. ``gone``:
    it was withdrawn as entered in error; what stood in it only its own institution still sees. Lines of a standing entry
    that were withdrawn have their reason in ``withdrawn``, for that institution; for others they are counted (``fewer``)."""

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
    gone: Gone | None = None
    fewer: int = 0


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
        with withdrawn_shown():
            found = rows(timeline_sql.PAGE, persons=persons, at=at, id=last, limit=limit + 1)
        ahead = [] if before else rows(timeline_sql.UPCOMING, persons=persons, limit=_AHEAD)
    names = network.names_of_institutions({row["institution_id"] for row in (*found, *ahead)}, on=today)
    entries = tuple(_entry(row, names, actor) for row in found[:limit])
    more = (entries[-1].at, entries[-1].id) if len(found) > limit else None
    coming = tuple(_ahead(row, names, today) for row in ahead)
    return Timeline(who, ground.basis, entries, coming, more)


def _entry(row: Mapping[str, Any], names: Mapping[UUID, str], actor: Actor) -> Entry:
    """Of a withdrawn entry others than its institution see that it was there, and why it is not any more: it may be
    somebody else's."""
    codes = [each["code"] for each in row["conditions"] or ()]
    if row["kind"] == "plan":
        codes.append(row["body"]["code"])
    gone, own = _gone(row), row["institution_id"] == actor.institution_id
    hidden = not sees_special(actor.role) and is_special(codes)
    empty = hidden or (gone is not None and not own)
    lines = {name: [] if empty else list(row[name] or ()) for name in _LINES}
    stand = {name: [each for each in found if own or not each["withdrawn"]] for name, found in lines.items()}
    return Entry(
        kind=row["kind"],
        id=row["id"],
        at=row["at"],
        institution_id=row["institution_id"],
        institution=names.get(row["institution_id"], ""),
        source=row["source"],
        by_name=row["by_name"],
        body={"kind": row["body"].get("kind", "")} if empty else row["body"],
        conditions=tuple(stand["conditions"]),
        readings=tuple(stand["readings"]),
        drugs=tuple(stand["drugs"]),
        hidden=hidden,
        gone=gone,
        # The diagnoses at a document are those of its visit, where they are counted.
        fewer=sum(
            len(lines[name]) - len(stand[name])
            for name in _LINES
            if row["kind"] != "document" or name != "conditions"
        ),
    )


def _gone(row: Mapping[str, Any]) -> Gone | None:
    at = row["body"].get("withdrawn_at")
    if at is None:
        return None
    return Gone(datetime.fromisoformat(at), row["body"]["withdrawn_reason"], row["institution_id"])


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
