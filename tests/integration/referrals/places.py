"""Institutions by the words of the packs, their people, and packs that say something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands as network_commands
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion, LicensedSpecialty
from tiercare.apps.referrals.queries.destinations import Destination, destinations, objection
from tiercare.apps.residents import commands as residents
from tiercare.apps.terms import commands as terms
from tiercare.engines.guidelines import Direction
from tiercare.engines.policy import PackSet
from tiercare.engines.policy.model import Value
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7

SYSTEM = Actor.system("test")
CARDIOLOGY, NEUROLOGY, NEPHROLOGY = "03.04", "03.03", "03.06"


def altered(name: str, value: Value) -> PackSet:
    """Our packs with one parameter of another value."""
    packs = mandates.packs()
    assert name in packs.parameters
    clause = packs.clause[name.partition(".")[0]]
    pack = packs.packs[clause.pack]
    changed = replace(
        clause,
        parameters=tuple(replace(p, value=value) if p.name == name else p for p in clause.parameters),
    )
    clauses = tuple(changed if each.id == clause.id else each for each in pack.clauses)
    return PackSet({**packs.packs, pack.id: replace(pack, clauses=clauses)})


def said(name: str) -> Value:
    """What our packs set."""
    return mandates.packs().parameters[name][-1].value


def lay_down(pack: str) -> None:
    """A region besides 芜湖."""
    terms.lay_down_divisions(SYSTEM)
    network_commands.lay_down_region(actor=SYSTEM, pack_id=pack)


def at(code: str) -> UUID:
    """The institution of this code, e.g. ``wuhu-second_hospital``."""
    found = network.institution_by_slug(code, on=ledger.today())
    assert found is not None, code
    return found


def version(institution_id: UUID) -> InstitutionVersion:
    """As it stands today."""
    return InstitutionVersion.objects.get(institution_id=institution_id, period__contains=ledger.today())


def change(institution_id: UUID, **values: object) -> None:
    """Another level, another place on the map."""
    InstitutionVersion.objects.filter(institution_id=institution_id, period__contains=ledger.today()).update(
        **values
    )


def away(institution_id: UUID, *, of: UUID, km: float) -> None:
    """Put it so far north of another, straight as the crow flies; the other gets a place if it has none."""
    other = version(of)
    if other.lat is None:
        change(of, lng=118.4, lat=31.3)
        other = version(of)
    change(institution_id, lng=other.lng, lat=other.lat + km / 111.2)


def person(institution_id: UUID, role: Role = Role.PRIMARY_DOCTOR) -> Actor:
    """Somebody who acts there."""
    return Actor(
        account_id=stable_id("test-account", role.value, str(institution_id)),
        name="示例人员",
        role=role.value,
        institution_id=institution_id,
        division_code=version(institution_id).division_code,
        request_id=uuid7(),
    )


def up(actor: Actor, resident_id: UUID, specialty: str, **more: object) -> list[Destination]:
    """Where this resident can be sent up."""
    values: dict[str, object] = {"urgency": Urgency.ROUTINE, "direction": Direction.UP}
    return destinations(actor, resident_id=resident_id, specialty=specialty, **(values | more))


def down(actor: Actor, resident_id: UUID, **more: object) -> list[Destination]:
    """Where this resident can be sent down."""
    return up(actor, resident_id, "", **({"direction": Direction.DOWN} | more))


def ids(found: list[Destination]) -> list[UUID]:
    """Who they are, in order."""
    return [each.institution_id for each in found]


def by(found: list[Destination], institution_id: UUID) -> dict[str, tuple[str, ...]]:
    """The reasons of one of them, with their clauses."""
    (one,) = (each for each in found if each.institution_id == institution_id)
    return {each.code: each.clauses for each in one.reasons}


@pytest.fixture
def known_at(db, settings, tmp_path, given) -> Callable[[UUID], UUID]:
    """Register a resident at an institution; answers the id."""
    settings.HOME = tmp_path
    names = iter(("王小明", "李小红", "张小军"))

    def run(institution_id: UUID) -> UUID:
        area = version(institution_id).division_code
        what = given(next(names), division_code=area)
        return residents.register(person(institution_id, Role.REGISTRAR), given=what).resident_id

    return run


def allowed(actor: Actor, resident_id: UUID, institution_id: UUID, specialty: str) -> bool:
    """Whether nothing at all stands against sending them there."""
    asked = {"resident_id": resident_id, "institution_id": institution_id, "specialty": specialty}
    return objection(actor, **asked, direction=Direction.UP) is None


def licensed(code: str, *, level: int) -> set[UUID]:
    """Open institutions of this level or above with that licence, as the registers hold them."""
    today = ledger.today()
    holders = LicensedSpecialty.objects.filter(code=code, period__contains=today).values("institution_id")
    rows = InstitutionVersion.objects.filter(
        period__contains=today, level__gte=level, institution_id__in=holders
    )
    return set(rows.values_list("institution_id", flat=True))
