"""The clock, the lists of the audit page, and how far the machinery is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tiercare.kernel.clock import day_of

from ..models import Delivery, DeliveryState, Event, Installation, Reading, Seal, Unsealed
from ..prepared import prepared

_PAGE = 2000  # rows of an export fetched at a time


def now() -> datetime:
    """The platform's time: that of the transaction, or the override of a synthetic database."""
    with prepared() as cursor:
        cursor.execute("SELECT tiercare_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def today() -> date:
    """The day it is in China by ``now()``."""
    return day_of(now())


def installation() -> Installation:
    """The row about this database: ``synthetic``, ``clock_override``, ``schema_version``."""
    row: Installation = Installation.objects.get()
    return row


def events(
    *,
    kind: str | None = None,
    subject_id: UUID | None = None,
    actor_id: UUID | None = None,
    actor_name: str | None = None,
    institution_ids: Collection[UUID] | None = None,
    division_code: str | None = None,
    resident_id: UUID | None = None,
    result: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Event]:
    """Events, latest first, ``since`` included and ``until`` excluded; every filter narrows the list.

    ``kind`` may be a whole kind or an app (``"network."``); ``division_code`` takes the areas below as well;
    ``resident_id`` takes what happened to this person's entry and who read it (of that, what the wall of the
    caller's transaction shows: see ``readings``); ``result`` is that of a reading, ``shown`` or ``refused``.
    For the next page pass the ``sequence`` of the last event as ``before``; no event, no page. Who may see which events is for
    ``access`` to decide: the caller passes the institution or area of the actor's scope.
    """
    found = Event.objects.order_by("-at", "-sequence")
    exact = {
        "subject_id": subject_id,
        "actor_id": actor_id,
        "actor_name": actor_name,
        "institution_id__in": institution_ids,
        "payload__result": result,
        "at__gte": since,
        "at__lt": until,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    if kind:
        found = found.filter(kind__startswith=kind) if kind.endswith(".") else found.filter(kind=kind)
    if division_code:
        found = found.filter(division_code__startswith=division_code)
    if resident_id is not None:
        found = found.filter(pk__in=_about(resident_id))
    if before is not None:
        last = Event.objects.only("at", "sequence").filter(sequence=before).first()
        if last is None:
            return []
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, sequence__lt=last.sequence))
    return list(found[:limit])


def _about(resident_id: UUID) -> QuerySet[Event, tuple[UUID]]:
    """The events whose subject is this person's entry, and those that read it. Two indexes, so a union."""
    happened = Event.objects.filter(subject_id=resident_id).order_by().values_list("pk")
    return happened.union(Reading.objects.filter(resident_id=resident_id).values_list("event_id"))


def exported(
    *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[tuple[Event, int | None]]:
    """All events from ``since`` until before ``until``, oldest first, each with its position in the chain.

    That is ``None`` while the event waits for the sealer. Streamed: a trail of years does not fit in memory.
    """
    found = Event.objects.order_by("at", "sequence")
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    position = Seal.objects.filter(event_id=OuterRef("id")).values("position")
    for event in found.annotate(position=Subquery(position)).iterator(chunk_size=_PAGE):
        yield event, event.position


def dead_letters(*, limit: int = 100) -> list[Delivery]:
    """Deliveries that were given up and wait for a person, oldest first, each with its event."""
    failed = Delivery.objects.filter(state=DeliveryState.FAILED)
    return list(failed.select_related("event").order_by("sequence")[:limit])


@dataclass(frozen=True, slots=True)
class LedgerState:
    """How far the machinery is: events that wait for the sealer, when it last sealed, deliveries open and dead."""

    unsealed: int
    last_sealed_at: datetime | None
    pending: int
    dead: int


def state() -> LedgerState:
    """The counts that the audit page shows above its list."""
    last = Seal.objects.order_by("-position").only("sealed_at").first()
    return LedgerState(
        unsealed=Unsealed.objects.count(),
        last_sealed_at=last.sealed_at if last else None,
        pending=Delivery.objects.filter(state=DeliveryState.PENDING).count(),
        dead=Delivery.objects.filter(state=DeliveryState.FAILED).count(),
    )
