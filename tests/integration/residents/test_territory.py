"""What stands with the resident's own area by default, another chosen with a notice, and neither where no text says so (WH-03)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access import commands as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.network.models import Clinician, InstitutionVersion, PracticeSite
from tiercare.apps.records import commands as records
from tiercare.apps.records import queries as record_queries
from tiercare.apps.records.models import PlannedContact
from tiercare.apps.records.rules.vocabulary import ContactKind
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import ChosenProvider
from tiercare.apps.residents.rules.territory import Territorial, notice
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import altered
from .conftest import Site, given, register, site
from .test_consents import make_guardian

__all__ = ["given", "register", "site"]
pytestmark = pytest.mark.django_db
HEALTH, PREVENTION, SIGNING = Territorial


def township(institution_id: UUID) -> str:
    """The township in which it stands, nine digits; given one where it has none."""
    rows = InstitutionVersion.objects.filter(institution_id=institution_id, period__contains=ledger.today())
    if not rows.get().township_code:
        rows.update(township_code="340223100")
    return rows.get().township_code


@pytest.fixture
def other(site: Site) -> UUID:
    """Another centre of the county."""
    found = InstitutionVersion.objects.filter(
        category="TOWNSHIP_CENTRE", division_code="340223", period__contains=ledger.today()
    ).exclude(institution_id=site.township)
    return found.order_by("institution_id").first().institution_id


@pytest.fixture
def hers(site: Site, register: Callable[..., UUID]) -> UUID:
    """Lives in the township of the site's centre."""
    code = township(site.township)
    InstitutionVersion.objects.filter(township_code=code).exclude(institution_id=site.township).update(
        township_code=""
    )
    return register("李小红", division_code=code)


def provided(site: Site, hers: UUID) -> dict[Territorial, queries.Provided]:
    """As she sees it."""
    found = queries.my_providers(site.resident(hers), hers)
    return {each.service: each for each in found.provided}


def choose(actor: Actor, hers: UUID, to: UUID | None, service: Territorial = HEALTH) -> queries.Provided:
    return commands.choose_provider(actor, resident_id=hers, service=service.value, institution_id=to)


def doctor_at(institution_id: UUID) -> UUID:
    """A general practitioner there."""
    made = Clinician.objects.create(name="示例医生", initials="slys", scope_code="02", synthetic=True)
    PracticeSite.objects.create(
        clinician=made,
        institution_id=institution_id,
        ground="REGISTERED",
        period=DateRange(ledger.today() - timedelta(days=30), None),
    )
    return made.id


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.code for each in caught.value.refusals]


def doer(key: UUID) -> UUID:
    with scoped(Actor.system("test"), area="*"):
        return PlannedContact.objects.get(id=key).institution_id


def plan(actor: Actor, hers: UUID, kind: ContactKind, **more: object) -> UUID:
    due = ledger.today() + timedelta(days=7)
    return records.plan_contact(actor, resident_id=hers, kind=kind, due_on=due, **more)


@pytest.mark.clause("WH-03")
def test_the_three_services_default_to_the_residents_own_area(site, hers, monkeypatch) -> None:
    found = provided(site, hers)
    assert set(found) == set(Territorial)
    assert {each.institution for each in found.values()} == {site.township}
    assert not any(each.elsewhere for each in found.values())
    assert {each.clause for each in found.values()} == {"WH-03"}
    # A service that the text no longer names has no default, and nothing to choose.
    altered(monkeypatch, "WH-03", territorial=("disease_prevention",))
    assert set(provided(site, hers)) == {PREVENTION}
    with pytest.raises(Refused) as caught:
        choose(site.resident(hers), hers, site.county_hospital)
    assert codes(caught) == ["residents.not_territorial"]
    altered(monkeypatch, "WH-03", territorial=())
    assert provided(site, hers) == {}


@pytest.mark.clause("WH-03")
def test_another_is_chosen_with_a_notice_and_given_up_again(site, hers, other) -> None:
    chosen = choose(site.resident(hers), hers, other)
    assert chosen.elsewhere
    found = provided(site, hers)
    assert (found[HEALTH].institution, found[HEALTH].own) == (other, site.township)
    assert found[PREVENTION].institution == site.township  # the other services stay
    told = notice(HEALTH, own="甲卫生院", other="乙卫生院", staff=False)
    assert "甲卫生院" in told.zh and "乙卫生院" in told.zh and "随时可以改回" in told.zh
    event = Event.objects.filter(kind="residents.provider_chosen").get()
    assert (event.payload["elsewhere"], event.clauses) == (True, ["WH-03"])
    # Whom she chose may read on, until she goes back.
    there = Actor(**{**_fields(site.actor(Role.PRIMARY_DOCTOR)), "institution_id": other})
    assert queries.sheet(there, hers).who.id == hers
    assert choose(site.resident(hers), hers, other) == found[HEALTH]  # asked twice it is chosen once
    choose(site.resident(hers), hers, None)
    assert provided(site, hers)[HEALTH].institution == site.township
    with pytest.raises(Refused):
        queries.sheet(there, hers)
    choose(site.resident(hers), hers, None)
    with scoped(Actor.system("test"), persons=[hers]):
        assert ChosenProvider.objects.count() == 1  # nothing is deleted
    assert Event.objects.filter(kind="residents.provider_chosen").count() == 2


@pytest.mark.clause("WH-03")
def test_what_is_planned_for_public_health_goes_to_the_own_area_by_default(
    site, hers, other, monkeypatch
) -> None:
    hospital = site.actor(Role.CLINICIAN, "county_hospital")
    _comes_to(hospital, hers)
    for kind in (ContactKind.PUBLIC, ContactKind.PREVENTION):
        assert doer(plan(hospital, hers, kind)) == site.township
        # Another is allowed, and says by which clause it was another.
        own = plan(hospital, hers, kind, institution_id=site.county_hospital)
        assert doer(own) == site.county_hospital
    assert Event.objects.filter(kind="records.contact_planned").order_by("id").last().clauses == ["WH-03"]
    # What is no such service is the planner's own; whom she chose does what she chose them for.
    assert doer(plan(hospital, hers, ContactKind.REHAB)) == site.county_hospital
    choose(site.resident(hers), hers, other)
    assert doer(plan(hospital, hers, ContactKind.PUBLIC)) == other
    assert doer(plan(hospital, hers, ContactKind.PREVENTION)) == site.township
    # The area's own has it on its list of the day.
    due = record_queries.contacts_due(site.actor(Role.PRIMARY_DOCTOR), limit=50).contacts
    assert ContactKind.PREVENTION in {each.kind for each in due}
    # Not in the text: one's own house, and no clause.
    altered(monkeypatch, "WH-03", territorial=("family_doctor_signing",))
    assert doer(plan(hospital, hers, ContactKind.PUBLIC)) == site.county_hospital
    assert Event.objects.filter(kind="records.contact_planned").order_by("id").last().clauses == []


@pytest.mark.clause("WH-03")
def test_signing_elsewhere_is_allowed_and_names_the_clause(site, hers, other, monkeypatch) -> None:
    desk = site.actor(Role.REGISTRAR)
    away = Actor(**{**_fields(desk), "institution_id": other})
    own_doctor, their_doctor = doctor_at(site.township), doctor_at(other)
    assert provided(site, hers)[SIGNING].institution == site.township
    commands.assign_doctor(desk, resident_id=hers, clinician_id=own_doctor)
    assigned = Event.objects.filter(kind="residents.doctor_assigned").order_by("id")
    assert assigned.last().clauses == []
    signed = provided(site, hers)[SIGNING]
    assert (signed.institution, signed.signed, signed.elsewhere) == (site.township, True, False)
    _comes_to(away, hers)
    commands.assign_doctor(away, resident_id=hers, clinician_id=their_doctor)
    assert assigned.last().clauses == ["WH-03"]
    signed = provided(site, hers)[SIGNING]
    assert (signed.institution, signed.elsewhere, signed.signed) == (other, True, True)
    with pytest.raises(Refused) as caught:
        choose(site.resident(hers), hers, None, SIGNING)
    assert codes(caught) == ["residents.signed_already"]
    altered(monkeypatch, "WH-03", territorial=("basic_public_health",))
    commands.assign_doctor(away, resident_id=hers, clinician_id=their_doctor)
    assert assigned.last().clauses == []
    assert SIGNING not in provided(site, hers)


def test_who_may_choose_and_what_can_be_chosen(site, hers, other, register) -> None:
    mother = register("张小燕")
    with pytest.raises(Refused):
        choose(site.resident(mother), hers, other)
    make_guardian(site, hers, mother)
    assert choose(site.resident(mother), hers, other).institution == other
    desk = site.actor(Role.REGISTRAR)
    assert (
        choose(desk, hers, site.township).institution == site.township
    )  # the area's own by its name is going back
    with pytest.raises(Refused) as caught:
        choose(desk, hers, site.county_hospital)  # a hospital keeps no territory
    assert codes(caught) == ["residents.no_such_provider"]
    with pytest.raises(Refused):
        choose(site.actor(Role.REGISTRAR, "stranger"), hers, other)
    far = register("赵小云", division_code="340223")  # no township on record
    with pytest.raises(Refused) as caught:
        choose(desk, far, other)
    assert codes(caught) == ["residents.no_own_provider"]


def test_a_choice_is_behind_the_wall(site, hers, other) -> None:
    choose(site.resident(hers), hers, other)
    with scoped(site.actor(Role.REGISTRAR, "stranger")):
        assert not ChosenProvider.objects.exists()
    with scoped(Actor(**{**_fields(site.actor(Role.PRIMARY_DOCTOR)), "institution_id": other})):
        assert ChosenProvider.objects.filter(resident_id=hers).exists()


def _fields(actor: Actor) -> dict:
    return {name: getattr(actor, name) for name in actor.__dataclass_fields__}


def _comes_to(actor: Actor, resident: UUID) -> None:
    """She is registered at the desk of the actor's institution, which looks after her for a day."""
    with scoped(actor):
        access.relate(
            actor,
            resident_id=resident,
            institution_id=actor.institution_id,
            division_code=actor.division_code,
            kind=Basis.ENCOUNTER,
            source_id=uuid7(),
            until=ledger.now() + timedelta(days=1),
        )
