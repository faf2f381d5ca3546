"""Each region as its documents lay it down: two institutions of a consortium, a resident, and the region's pack changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import InstitutionVersion, Membership
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Diagnosis, Reading
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.apps.referrals import commands
from tiercare.apps.referrals.queries import statistics as counting
from tiercare.engines.policy import PackSet, parameter
from tiercare.engines.policy.model import Parameter, Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .counting import SYSTEM
from .places import known_at, lay_down, person
from .seen import in_force
from .test_channels import desk

__all__ = ["known_at"]
REGIONS = ("chuxiong", "taiyuan", "wuhu", "xinhui", "yunnan", "cn")
# 楚雄 stands under 云南: what its own text does not say, its province's does. Where only the nation's text holds, ours fills in.
UNDER = {"chuxiong": "yunnan"}


@dataclass(frozen=True)
class Region:
    """A primary institution of the region, the hospital that leads its consortium, and a resident of theirs."""

    pack: str
    primary: UUID
    hospital: UUID
    area: str
    resident: UUID

    @property
    def doctor(self) -> Actor:
        return person(self.primary)

    @property
    def office(self) -> Actor:
        return person(self.hospital, Role.REFERRAL_OFFICE)

    @property
    def clinician(self) -> Actor:
        return person(self.hospital, Role.CLINICIAN)

    @property
    def official(self) -> Actor:
        return Actor(uuid7(), "示例", Role.COMMISSION.value, division_code=self.area, request_id=uuid7())

    def holds(self, *packs: str) -> bool:
        """Whether one of these packs is the region's, or stands above it."""
        return bool({self.pack, UNDER.get(self.pack)} & set(packs))

    def scope(self) -> counting.Scope:
        today = ledger.today()
        return counting.scope_of(self.official, first=today - timedelta(days=20), last=today)

    def up(self, urgency: Urgency = Urgency.ROUTINE, **payload: object) -> Request:
        """A referral up to the hospital, sent without a place; ``payload`` is what it says besides."""
        row = commands.start(self.doctor, resident_id=self.resident, kind="up", again="示例")
        content = exchange.Content(to_institution=self.hospital, urgency=urgency, payload=payload)
        commands.send(self.doctor, request_id=row.id, content=content, without_place=True)
        return stored(row.id)

    def withdraw(self, row: Request) -> None:
        exchange.turn(self.doctor, request_id=row.id, act=Act.WITHDRAW, said=Said(words="改日"))


def stored(request_id: UUID) -> Request:
    with scoped(SYSTEM, area="*"):
        return Request.objects.get(id=request_id)


@pytest.fixture(params=REGIONS)
def region(request: pytest.FixtureRequest, known_at: Callable[[UUID], UUID]) -> Region:
    """Each region as its documents lay it down; the nation's text alone holds in a county that has no pack of its own."""
    pack: str = request.param
    if pack == "cn":
        in_force("cn", "340223")
    elif pack == "yunnan":
        lay_down("chuxiong")
        in_force("yunnan", "5323")
    elif pack != "wuhu":
        lay_down(pack)
    primary, hospital = pair(pack)
    resident = known_at(primary)
    made = Region(pack, primary, hospital, place(primary).division_code[:6], resident)
    assert mandates.pack_in_force(made.area, on=ledger.today()) == pack
    seen_at(made)
    for house in (primary, hospital):
        desk(house)
    return made


def seen_at(region: Region) -> None:
    """High blood pressure, measured by the family doctor."""
    records.note_visit(
        region.doctor,
        resident_id=region.resident,
        kind=VisitKind.OUTPATIENT,
        complaint="头晕",
        conditions=(Diagnosis("I10", "原发性高血压"),),
        readings=(Reading("sbp", Decimal(186), unit="mmHg"), Reading("dbp", Decimal(112), unit="mmHg")),
    )


def place(institution_id: UUID) -> InstitutionVersion:
    return InstitutionVersion.objects.get(institution_id=institution_id, period__contains=ledger.today())


def pair(pack: str) -> tuple[UUID, UUID]:
    """A primary institution of the region and the hospital that leads a consortium of theirs."""
    today = ledger.today()
    prefix = {"cn": "340223", "wuhu": "340223", "chuxiong": "5323", "yunnan": "5323", "taiyuan": "1401"}.get(
        pack, "4407"
    )
    current = InstitutionVersion.objects.filter(period__contains=today, division_code__startswith=prefix)
    members = current.filter(category__in=["TOWNSHIP_CENTRE", "COMMUNITY_CENTRE"]).order_by("institution_id")
    for each in members:
        mine = Membership.objects.filter(institution_id=each.institution_id, period__contains=today)
        leads = Membership.objects.filter(
            consortium_id__in=mine.values("consortium_id"), role="LEAD", period__contains=today
        )
        hospitals = current.filter(institution_id__in=leads.values("institution_id"), level__gte=2)
        if hospitals:
            return each.institution_id, hospitals[0].institution_id
    raise LookupError(pack)


def says(region: Region, monkeypatch: pytest.MonkeyPatch, key: str, value: Value) -> None:
    """The region's own pack says so from now on, in a clause of its own, whoever said it before."""
    packs = mandates.packs()
    pack = packs.packs[region.pack]
    named = [each for each in packs.clauses_for(region.pack) for p in each.parameters if p.key == key]
    clause = next((each for each in named if each.pack == region.pack), pack.clauses[0])
    known = parameter(packs, key, region.pack, on=ledger.today()).parameter
    own = replace(known, clause=clause.id, value=value)
    others = tuple(each for each in clause.parameters if each.key != key)
    changed = _with(packs, clause.id, (*others, own))
    monkeypatch.setattr(mandates, "packs", lambda extra=(): changed)


def _with(packs: PackSet, clause_id: str, parameters: tuple[Parameter, ...]) -> PackSet:
    clause = packs.clause[clause_id]
    pack = packs.packs[clause.pack]
    changed = replace(clause, parameters=parameters)
    clauses = tuple(changed if each.id == clause_id else each for each in pack.clauses)
    return PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    """The clauses that are named."""
    return {clause for each in refused.value.refusals for clause in each.clauses}
