"""Visits laid down by hand, to be counted by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network.models import Membership
from tiercare.apps.records.commands.episodes import place_in_episode, settle
from tiercare.apps.records.models import Encounter
from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.statistics import Scope
from tiercare.apps.residents.models import KeyGroupMember, ResponsibleDoctor
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from ..residents.conftest import Site
from .counting import SYSTEM, at


def last_month() -> date:
    """The first day of the month that is over."""
    return (ledger.today().replace(day=1) - timedelta(days=1)).replace(day=1)


@dataclass(frozen=True)
class Seen:
    """Who is seen where in the month that is over."""

    site: Site
    month: date

    def scope(self, area: str = "340223", **more: object) -> Scope:
        """What the commission of an area counts of that month."""
        actor = Actor(uuid7(), "示例", Role.COMMISSION.value, division_code=area, request_id=uuid7())
        asked: dict[str, object] = {"first": self.month, "last": self.month + timedelta(days=27)}
        return counting.scope_of(actor, **(asked | more))

    def visit(
        self,
        resident: UUID,
        place: str,
        code: str,
        day: int,
        *,
        kind: str = "OUTPATIENT",
        request_id: UUID | None = None,
    ) -> UUID:
        """A visit on that day of the month, at ten o'clock, and what follows from it for the episodes."""
        house, moment = getattr(self.site, place), at(self.month + timedelta(days=day - 1), 10)
        with scoped(SYSTEM, area="*"):
            row = Encounter.objects.create(
                resident_id=resident,
                institution_id=house,
                kind=kind,
                started_at=moment,
                ended_at=moment,
                request_id=request_id,
                **place_in_episode(self.site.division, [Diagnosis(code, "示例诊断")], on=self.month),
            )
            settle([resident])
        return row.id

    def signed(self, resident: UUID, place: str = "township") -> None:
        """The resident signed there long ago."""
        with scoped(SYSTEM, area="*"):
            ResponsibleDoctor.objects.create(
                resident_id=resident,
                institution_id=getattr(self.site, place),
                doctor_name="示例医生",
                source="test",
                period=DateRange(date(2019, 1, 1), None),
            )

    def entered(self, resident: UUID, group: str) -> None:
        """The resident was entered in a key group long ago."""
        with scoped(SYSTEM, area="*"):
            KeyGroupMember.objects.create(
                resident_id=resident,
                group=group,
                institution_id=self.site.township,
                evidence="示例",
                period=DateRange(date(2019, 1, 1), None),
            )

    def consortium(self) -> UUID:
        """The one that the hospital leads and the township belongs to."""
        today = ledger.today()
        mine = Membership.objects.filter(institution_id=self.site.township, period__contains=today)
        lead = Membership.objects.filter(
            institution_id=self.site.county_hospital,
            role="LEAD",
            consortium_id__in=mine.values("consortium_id"),
            period__contains=today,
        ).first()
        assert lead is not None
        return lead.consortium_id


def in_force(pack: str, division: str = "340223") -> None:
    """Put a region's pack in force in an area, in place of what holds there."""
    Mandate.objects.filter(division_code=division).delete()
    Mandate.objects.create(division_code=division, pack=pack, period=DateRange(date(2017, 1, 1), None))


def lifted(monkeypatch: pytest.MonkeyPatch, clause_id: str) -> PackSet:
    """The pack that holds the clause holds it no longer."""
    packs = mandates.packs()
    pack = packs.packs[packs.clause[clause_id].pack]
    clauses = tuple(each for each in pack.clauses if each.id != clause_id)
    known = replace(packs, packs={**packs.packs, pack.id: replace(pack, clauses=clauses)})
    monkeypatch.setattr(mandates, "packs", lambda extra=(): known)
    return known
