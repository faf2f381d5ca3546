"""A township and its county hospital, a resident of the township, and packs put in force in their county."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.records import commands
from tiercare.apps.records.rules.entries import Diagnosis, Drug, Reading
from tiercare.apps.records.rules.vocabulary import VisitKind
from tiercare.apps.residents.commands import scan
from tiercare.engines.policy import PackSet, Value
from tiercare.kernel.actor import Actor

from ..residents.care import codes, later, synthetic_clock
from ..residents.conftest import Site, given, register, site

__all__ = ["Site", "codes", "given", "later", "register", "scan", "site", "synthetic_clock"]
HYPERTENSION = Diagnosis("I10", "原发性高血压")
AMLODIPINE = Drug("苯磺酸氨氯地平片", code="C08CA01", dose="5 mg 每日一次", long_term=True)


def altered(name: str, value: Value) -> PackSet:
    """Our packs with one parameter of another value."""
    packs = mandates.packs()
    clause = packs.clause[name.partition(".")[0]]
    pack = packs.packs[clause.pack]
    parameters = tuple(replace(p, value=value) if p.name == name else p for p in clause.parameters)
    clauses = tuple(
        replace(each, parameters=parameters) if each.id == clause.id else each for each in pack.clauses
    )
    return PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})


def pressure(sbp: int, dbp: int) -> list[Reading]:
    """A blood pressure in mmHg."""
    return [Reading("sbp", Decimal(sbp), unit="mmHg"), Reading("dbp", Decimal(dbp), unit="mmHg")]


@dataclass(frozen=True)
class Ward:
    """Who treats whom."""

    site: Site
    resident: UUID

    @property
    def doctor(self) -> Actor:
        """Of the township, which keeps the file."""
        return self.site.actor(Role.PRIMARY_DOCTOR)

    @property
    def clinician(self) -> Actor:
        """Of the county hospital."""
        return self.site.actor(Role.CLINICIAN, "county_hospital")

    @property
    def office(self) -> Actor:
        """The county hospital's referral office."""
        return self.site.actor(Role.REFERRAL_OFFICE, "county_hospital")

    @property
    def stranger(self) -> Actor:
        """Of a hospital elsewhere."""
        return self.site.actor(Role.CLINICIAN, "stranger")

    def visit(self, actor: Actor | None = None, **more) -> UUID:
        """A visit, by default in the township for high blood pressure."""
        values = {
            "resident_id": self.resident,
            "kind": VisitKind.OUTPATIENT,
            "complaint": "头晕三天",
            "conditions": [HYPERTENSION],
            "readings": pressure(168, 98),
            "drugs": [AMLODIPINE],
        }
        return commands.note_visit(actor or self.doctor, **(values | more))

    def series(self, *pressures: tuple[int, int], actor: Actor | None = None, apart: int = 14) -> None:
        """Pressures measured at visits so many days apart, the last one now."""
        for back, (sbp, dbp) in zip(range(len(pressures) - 1, -1, -1), pressures, strict=True):
            at = ledger.now() - timedelta(days=apart * back)
            self.visit(actor, readings=pressure(sbp, dbp), started_at=at, drugs=[])

    def at_hospital(self) -> None:
        """The resident is registered at the county hospital's desk, which looks after them for a day."""
        from tiercare.apps.access import commands as access
        from tiercare.apps.access.queries import scoped
        from tiercare.apps.access.rules import Basis
        from tiercare.kernel.ids import uuid7

        with scoped(self.clinician):
            access.relate(
                self.clinician,
                resident_id=self.resident,
                institution_id=self.site.county_hospital,
                division_code=self.site.division,
                kind=Basis.ENCOUNTER,
                source_id=uuid7(),
                until=ledger.now() + timedelta(days=1),
            )

    def by_request(self) -> UUID:
        """An open request brings the resident to the county hospital; answers its id."""
        from tiercare.apps.access import commands as access
        from tiercare.apps.access.queries import scoped
        from tiercare.apps.access.rules import Basis
        from tiercare.kernel.ids import uuid7

        request = uuid7()
        with scoped(self.clinician):
            access.relate(
                self.clinician,
                resident_id=self.resident,
                institution_id=self.site.county_hospital,
                division_code=self.site.division,
                kind=Basis.REQUEST,
                source_id=request,
            )
        return request


@pytest.fixture
def ward(site: Site, register: Callable[..., UUID]) -> Ward:
    """A resident of the township, and those who treat them."""
    return Ward(site, register("王小明"))


@pytest.fixture
def in_force(site: Site) -> Callable[[str], None]:
    """Put another region's pack in force in the county."""

    def run(pack: str) -> None:
        Mandate.objects.create(division_code="340223", pack=pack, period=DateRange(date(2015, 1, 1), None))

    return run


def noon(day: date) -> datetime:
    """Twelve o'clock of a day in China."""
    from tiercare.kernel.clock import ZONE

    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
