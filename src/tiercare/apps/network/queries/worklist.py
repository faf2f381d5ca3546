"""Applications as lists and one by one: who sees which, and what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When

from tiercare.apps.access.rules import Right, may
from tiercare.kernel.actor import Actor

from .. import models
from ..workflow import State as Stage


@dataclass(frozen=True, slots=True)
class Listed:
    """Applications of a region that somebody sees, and how many stand where."""

    rows: tuple[models.Application, ...]
    counts: Mapping[str, int]
    more: int = 0


def application_list(
    actor: Actor, region: str, *, state: str = "", kind: str = "", text: str = "", limit: int = 100
) -> Listed:
    """Applications of ``region``: what waits for this actor's decision first, then the actor's own drafts, then
    the others, each the newest first. Drafts are seen only by those who wrote them. Two queries."""
    seen = models.Application.objects.filter(region=region).exclude(
        Q(state=Stage.DRAFT) & ~Q(applicant_id=actor.account_id)
    )
    counts: dict[str, int] = dict.fromkeys(Stage, 0)
    for value in seen.values_list("state", flat=True):
        counts[value] += 1
    found = seen
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if text.strip():
        wanted = text.strip()
        found = found.filter(
            Q(title__icontains=wanted) | Q(applicant_name__icontains=wanted) | Q(decided_by__icontains=wanted)
        )
    waiting = Case(
        When(state=Stage.SUBMITTED, then=Value(0)),
        When(state__in=[Stage.DRAFT, Stage.RETURNED], then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = list(found.order_by(waiting, "-id")[: limit + 1])
    rows.sort(key=lambda row: _place(actor, row))
    return Listed(tuple(rows[:limit]), counts, max(0, len(rows) - limit))


def _place(actor: Actor, row: models.Application) -> int:
    if row.state == Stage.SUBMITTED and waits_for(actor, row):
        return 0
    if row.applicant_id == actor.account_id and row.state in (Stage.DRAFT, Stage.RETURNED):
        return 1
    return 2 if row.state == Stage.SUBMITTED else 3


def waits_for(actor: Actor, row: models.Application) -> bool:
    """Whether this actor may decide about an application that was submitted by somebody else."""
    if row.state != Stage.SUBMITTED or row.applicant_id == actor.account_id:
        return False
    return (
        may(
            actor,
            Right.NETWORK_DECIDE,
            division=row.decided_by_division,
            institution_id=row.institution_id or UUID(int=0),
        )
        is None
    )


def application_seen(actor: Actor, application_id: UUID) -> models.Application | None:
    """One application; somebody else's draft is not there."""
    found = models.Application.objects.filter(id=application_id).first()
    if found is None or (found.state == Stage.DRAFT and found.applicant_id != actor.account_id):
        return None
    return found
