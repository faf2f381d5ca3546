"""A township health centre, its county hospital and a hospital elsewhere, each with its people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from stdnum.cn import ric

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion, Membership
from tiercare.apps.residents import commands
from tiercare.apps.residents.rules import IdentityKind, Registration, Sex
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7


@dataclass(frozen=True)
class Site:
    """Three institutions of 芜湖 as they stand today."""

    township: UUID
    county_hospital: UUID
    stranger: UUID
    division: str

    def actor(self, role: Role, place: str = "township", name: str = "示例人员") -> Actor:
        """Somebody acting in ``role`` at one of the three, or for the whole area."""
        of_area = role in (Role.AUDITOR, Role.INDEX_KEEPER, Role.COMMISSION, Role.OPERATOR, Role.INSURANCE)
        return Actor(
            account_id=stable_id("test-account", role.value, place, name),
            name=name,
            role=role.value,
            institution_id=None if of_area else getattr(self, place),
            division_code="3402" if of_area else self.division[:6],
            request_id=uuid7(),
        )

    def resident(self, resident_id: UUID) -> Actor:
        """A resident acting for themself."""
        return Actor(
            account_id=stable_id("test-account", str(resident_id)),
            name="居民",
            role=Role.RESIDENT.value,
            resident_id=resident_id,
            request_id=uuid7(),
        )


def id_number(birth: date = date(1968, 5, 17), sequence: int = 1, area: str = "340223") -> str:
    """An identity number with a valid check digit, made for tests."""
    body = f"{area}{birth:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


@pytest.fixture
def site(wuhu: str, settings, tmp_path: Path) -> Site:
    """南陵县: one of its township centres, the hospital that leads it, and a hospital that shares no consortium."""
    settings.HOME = tmp_path
    return three_institutions()


def three_institutions() -> Site:
    """The same for tests that commit, where 芜湖 lies in the database."""
    today = ledger.today()
    current = InstitutionVersion.objects.filter(period__contains=today)
    township = (
        current.filter(category="TOWNSHIP_CENTRE", division_code="340223").order_by("institution_id").first()
    )
    assert township is not None
    mine = set(network.place_of(township.institution_id, on=today).consortia)
    lead = Membership.objects.filter(consortium_id__in=mine, role="LEAD", period__contains=today).first()
    assert lead is not None
    others = (
        row.institution_id
        for row in current.filter(level__gte=2).order_by("institution_id")
        if not mine & set(network.place_of(row.institution_id, on=today).consortia)
    )
    return Site(township.institution_id, lead.institution_id, next(others), "340223100")


@pytest.fixture
def given() -> Callable[..., Registration]:
    """What a desk types; every resident another number unless one is named."""
    numbers = iter(range(1, 999, 2))

    def make(name: str = "王小明", **more) -> Registration:
        birth = more.pop("birth_date", date(1968, 5, 17))
        values = {
            "sex": Sex.MALE,
            "birth_date": birth,
            "division_code": "340223",
            "identity_kind": IdentityKind.ID_CARD,
            "number": id_number(birth, next(numbers)) if birth else "",
            "address": "示例路 1 号",
        }
        return Registration(name=name, **(values | more))

    return make


@pytest.fixture
def register(site: Site, given) -> Callable[..., UUID]:
    """A resident registered at the township's desk; answers the id."""

    def run(name: str = "王小明", actor: Actor | None = None, **more) -> UUID:
        who = actor or site.actor(Role.REGISTRAR)
        return commands.register(who, given=given(name, **more)).resident_id

    return run
