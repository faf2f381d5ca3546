"""Everything that will happen when a person leaves, for whoever is about to order it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor

from ..models import Account, CareRelation, Grant
from ..rules import Basis
from .accounts import wall_clock
from .scoping import EVERYWHERE, scoped
from .staff import Held, Person, Slip, grants_from, held_roles, sessions_of, slip_of, staff_area, staff_member

PLANNED = "access.leaving_planned"
_OFFERED = 200


@dataclass(frozen=True, slots=True)
class InTheirName:
    """How many residents are looked after in the person's name at an institution, for one kind of reason."""

    institution_id: UUID
    kind: Basis
    count: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who could take over: works today wherever the person looks after somebody."""

    id: UUID
    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """What ends, what is passed on and to whom it could be; ``planned`` is the day of a leaving ordered before."""

    person: Person
    grants: tuple[Held, ...]
    sessions: int
    slip: Slip | None
    relations: tuple[InTheirName, ...]
    colleagues: tuple[Colleague, ...]
    planned: date | None

    @property
    def in_their_name(self) -> int:
        """All that would be left without anybody who answers for it."""
        return sum(each.count for each in self.relations)


def leaving_preview(actor: Actor, account_id: UUID) -> Leaving:
    """What leaving would do now.

    Raises:
        Refused: if the actor does not manage accounts, or sees no such account.
    """
    person = staff_member(actor, account_id)
    today, at = ledger.today(), wall_clock()
    with scoped(actor, area=staff_area(actor) or EVERYWHERE):
        rows = relations_of(account_id).values("institution_id", "kind").annotate(count=Count("id"))
        relations = tuple(
            InTheirName(row["institution_id"], Basis(row["kind"]), row["count"])
            for row in rows.order_by("institution_id", "kind")
        )
    return Leaving(
        person=person,
        grants=held_roles(grants_from(account_id, today).order_by("id"), today),
        sessions=sessions_of(account_id, at=at),
        slip=slip_of(account_id, at=at),
        relations=relations,
        colleagues=_colleagues(account_id, {each.institution_id for each in relations}, today),
        planned=planned_leaving(account_id, today),
    )


def relations_of(account_id: UUID) -> QuerySet[CareRelation]:
    """The care relations in force in the name of an account; to be asked inside ``scoped``."""
    now = ledger.now()
    return CareRelation.objects.filter(Q(until=None) | Q(until__gt=now), account_id=account_id)


def works_at(account_id: UUID, institutions: Collection[UUID], today: date) -> set[UUID]:
    """At which of these institutions the account holds a role today."""
    held = Grant.objects.filter(
        account_id=account_id, revoked_at=None, period__contains=today, institution_id__in=institutions
    )
    return set(held.values_list("institution_id", flat=True))


def planned_leaving(account_id: UUID, today: date) -> date | None:
    """The day on which the account leaves, if that was ordered, lies ahead and no role was given beyond it."""
    for event in ledger.events(kind=PLANNED, subject_id=account_id, limit=1):
        on = date.fromisoformat(event.payload["on"])
        if on > today and not grants_from(account_id, on).exists():
            return on
    return None


def _colleagues(account_id: UUID, institutions: Collection[UUID], today: date) -> tuple[Colleague, ...]:
    if not institutions:
        return ()
    works = Q(
        grants__revoked_at=None, grants__period__contains=today, grants__institution_id__in=institutions
    )
    found = (
        Account.objects.filter(works, is_active=True, resident_id=None)
        .exclude(pk=account_id)
        .annotate(places=Count("grants__institution_id", distinct=True, filter=works))
        .filter(places=len(institutions))
        .order_by("display_name", "username")
    )
    return tuple(Colleague(each.id, each.username, each.display_name) for each in found[:_OFFERED])
