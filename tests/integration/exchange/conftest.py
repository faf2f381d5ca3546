"""A township that refers, the county hospital that receives, and kinds of request to go through the table with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.exchange import commands
from tiercare.apps.exchange.models import Request
from tiercare.apps.exchange.rules import kinds
from tiercare.apps.exchange.rules.kinds import Kind, Urgency
from tiercare.apps.exchange.workflow import Act, Leg
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from ..residents.care import later, synthetic_clock
from ..residents.conftest import Site, given, register, site

__all__ = ["Site", "given", "later", "register", "site", "synthetic_clock"]
VISIT = Kind("test_visit", Text("到院", "visit"), (Leg.VISIT,))
REMOTE = Kind("test_remote", Text("远程", "remote"), (Leg.REMOTE,))


@pytest.fixture(autouse=True)
def _kinds() -> None:
    for kind in (VISIT, REMOTE):
        if kind.id not in kinds.kinds():
            kinds.register(kind)


@dataclass(frozen=True)
class Parties:
    """Who takes part."""

    site: Site
    resident: UUID

    @property
    def doctor(self) -> Actor:
        """Refers, in the township."""
        return self.site.actor(Role.PRIMARY_DOCTOR)

    @property
    def office(self) -> Actor:
        """Receives, at the county hospital."""
        return self.site.actor(Role.REFERRAL_OFFICE, "county_hospital")

    @property
    def stranger(self) -> Actor:
        """Has no part in it."""
        return self.site.actor(Role.CLINICIAN, "stranger")

    @property
    def hospital(self) -> UUID:
        """Who is to receive."""
        return self.site.county_hospital

    def draft(self, kind: Kind = VISIT, urgency: Urgency = Urgency.ROUTINE, **more) -> Request:
        """A request of the township's doctor to the hospital."""
        values = {
            "kind": kind.id,
            "resident_id": self.resident,
            "urgency": urgency,
            "problem_code": "I10",
            "problem": "原发性高血压",
            "to_institution": self.hospital,
        }
        return commands.draft(self.doctor, **(values | more))


@pytest.fixture
def parties(site: Site, register: Callable[..., UUID]) -> Parties:
    """A resident of the township, and those who refer and receive."""
    return Parties(site, register("王小明"))


@pytest.fixture
def sent(parties: Parties) -> Callable[..., Request]:
    """A request that was sent."""

    def run(**more) -> Request:
        row = parties.draft(**more)
        commands.turn(parties.doctor, request_id=row.id, act=Act.SUBMIT)
        return row

    return run
