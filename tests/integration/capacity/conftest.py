"""A hospital with pools, its township's doctor, and residents who want a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import Published, publish
from tiercare.apps.capacity.models import Pool, Quota, Session, Slot
from tiercare.apps.capacity.rules.planning import Planned
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import ZONE

from ..residents.care import later, synthetic_clock
from ..residents.conftest import Site, given, register, site

# How long a place is held: the nation's pack says it, and no region another.
_HOLD = parameter(mandates.packs(), "hold_minutes", "cn", on=date(2026, 1, 1)).value
assert isinstance(_HOLD, int)
HOLD = timedelta(minutes=_HOLD)
__all__ = ["Site", "given", "later", "register", "site", "synthetic_clock"]


@dataclass(frozen=True)
class Hospital:
    """The county hospital, and who does what there and in the township."""

    site: Site

    @property
    def id(self) -> UUID:
        """Its institution."""
        return self.site.county_hospital

    @property
    def office(self) -> Actor:
        """Keeps its schedule."""
        return self.site.actor(Role.REFERRAL_OFFICE, "county_hospital")

    @property
    def desk(self) -> Actor:
        """Its own desk."""
        return self.site.actor(Role.REGISTRAR, "county_hospital")

    @property
    def family_doctor(self) -> Actor:
        """A doctor of the township."""
        return self.site.actor(Role.PRIMARY_DOCTOR)

    @property
    def stranger(self) -> Actor:
        """A doctor of a hospital that shares no consortium."""
        return self.site.actor(Role.CLINICIAN, "stranger")

    def pool(self, code: str = "xnk-zj", **more) -> Pool:
        """One of its pools; by default an expert clinic of cardiology."""
        values = {
            "institution_id": self.id,
            "code": code,
            "name": f"示例池 {code}",
            "kind": Kind.CLINIC.value,
            "grade": Grade.EXPERT.value,
            "specialty_code": "03.04",
            "period": DateRange(ledger.today(), None),
        }
        return Pool.objects.create(**(values | more))

    def planned(self, pool: Pool, *, days: int = 2, hour: int = 8, hours: float = 4, **more) -> Planned:
        """A session of the pool, so many days from today, in the morning."""
        day = ledger.today() + timedelta(days=days)
        starts = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
        values = {
            "pool_id": pool.id,
            "pool_name": pool.name,
            "kind": Kind(pool.kind),
            "grade": Grade(pool.grade),
            "starts": starts,
            "ends": starts + timedelta(hours=hours),
            "capacity": 10,
        }
        return Planned(**(values | more))

    def offer(self, *planned: Planned) -> Published:
        """Put them on offer."""
        return publish(self.office, institution_id=self.id, planned=planned)


@pytest.fixture
def hospital(site: Site) -> Hospital:
    """The hospital that leads the township's community."""
    return Hospital(site)


@pytest.fixture
def session(hospital: Hospital) -> Callable[..., UUID]:
    """A session on offer with these places by channel; answers its id."""
    made = iter(range(1, 1000))

    def run(units: dict[Channel, int], *, days: int = 2, **more) -> UUID:
        pool = hospital.pool(f"pool-{next(made)}")
        total = sum(units.values())
        (key,) = hospital.offer(
            hospital.planned(pool, days=days, capacity=total, units=units, **more)
        ).session_ids
        return key

    return run


def to_morning() -> None:
    """Move the clock to eight o'clock tomorrow, so that what takes some hours stays within a day."""
    day = ledger.today() + timedelta(days=1)
    morning = datetime(day.year, day.month, day.day, 8, tzinfo=ZONE)
    later(seconds=(morning - ledger.now()).total_seconds())


def to_the_day(session_id: UUID) -> None:
    """Move the clock to seven o'clock on the day of a session: people come early."""
    day = Session.objects.get(id=session_id).day
    early = datetime(day.year, day.month, day.day, 7, tzinfo=ZONE)
    later(seconds=(early - ledger.now()).total_seconds())


def slot_of(session_id: UUID) -> UUID:
    """Its first slot."""
    return Slot.objects.filter(session_id=session_id).order_by("during").first().id


def used(session_id: UUID) -> dict[str, int]:
    """Used places by channel."""
    return dict(Quota.objects.filter(session_id=session_id).values_list("channel", "used"))
