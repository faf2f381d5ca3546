"""The registers of a demonstration are filled with what is plainly made up, once, and break no card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from tiercare.apps.ledger.queries import events
from tiercare.apps.network import commands, models, queries
from tiercare.apps.network.commands.demonstrating import (
    Filled,
    lay_down_registers,
    places_of,
    registers_of,
)
from tiercare.apps.network.commands.registers import check_entries
from tiercare.apps.network.queries.institution import InstitutionPage, institution_page
from tiercare.apps.network.rules import CENTRES, Category
from tiercare.apps.network.rules.demonstration import MARKS
from tiercare.apps.terms import commands as terms
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .test_regions import REGIONS

SYSTEM = Actor.system("test")


@pytest.fixture
def synthetic(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database is marked as a demonstration, by its owner, for the time of the test."""
    with django_db_blocker.unblock():
        _mark(True)
    yield
    with django_db_blocker.unblock():
        _mark(False)


def _mark(synthetic: bool) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE ledger_installation SET synthetic = %s", [synthetic])
    connections["owner"].close()


def _laid_down(pack: str) -> date:
    """Lay the region down; answers its day."""
    terms.lay_down_divisions(actor=SYSTEM)
    return commands.lay_down_region(actor=SYSTEM, pack_id=pack).verdict_on


@pytest.fixture
def wuhu_filled(synthetic: None, db: None) -> date:
    on = _laid_down("wuhu")
    lay_down_registers(actor=SYSTEM, region="wuhu", on=on)
    return on


def _everything() -> list[tuple[object, ...]]:
    """All rows of the registers, as they stand."""
    return [
        row
        for model in (
            models.Department,
            models.Equipment,
            models.Clinician,
            models.PracticeSite,
            models.Reported,
        )
        for row in model._default_manager.order_by("id").values_list()
    ]


@pytest.mark.parametrize("pack", REGIONS)
def test_every_region_is_filled_once_and_breaks_no_card(synthetic: None, db: None, pack: str) -> None:
    on = _laid_down(pack)
    _, places = places_of(pack, on)
    rows = registers_of(pack, places, on)
    assert rows == registers_of(pack, places, on), "nothing is left to chance"
    checked = check_entries(SYSTEM, rows.all, region="")
    assert [(p.place, p.message.zh) for p in checked.problems] == [], "an import would take every row"

    filled = lay_down_registers(actor=SYSTEM, region=pack, on=on)
    assert filled.clinicians == models.Clinician.objects.filter(synthetic=True).count()
    assert filled.clinicians + filled.second_sites == models.PracticeSite.objects.count()
    compliance = queries.check(pack, on=on).compliance
    assert [v.card.key for v in compliance.verdicts if v.state.value == "VIOLATED"] == []

    stood = _everything()
    assert lay_down_registers(actor=SYSTEM, region=pack, on=on) == Filled()
    assert _everything() == stood
    (event,) = events(kind="network.registers_changed")
    assert event.payload["created"] == len(rows.all)


@pytest.mark.parametrize("pack", REGIONS)
def test_only_where_no_new_registration_is_needed_experts_work_at_two_places(
    synthetic: None, db: None, pack: str
) -> None:
    """YN-59 holds in 云南 and, inherited, in 楚雄."""
    on = _laid_down(pack)
    lay_down_registers(actor=SYSTEM, region=pack, on=on)
    waived = pack in ("yunnan", "chuxiong")
    second = models.PracticeSite.objects.filter(ground="AGREEMENT")
    assert second.exists() is waived
    for site in second.select_related("agreement", "clinician", "institution"):
        assert site.agreement is not None
        home = site.clinician.sites.get(ground="REGISTERED")
        parties = set(site.agreement.parties.values_list("institution_id", flat=True))
        assert {home.institution_id, site.institution_id} <= parties
        fields = {
            code.partition(".")[0]
            for code in site.institution.departments.values_list("specialty_code", flat=True)
        }
        assert site.clinician.scope_code.partition(".")[0] in fields - {"02"}
        assert on in site.period and on in site.agreement.period
    registered = Counter(
        models.PracticeSite.objects.filter(ground="REGISTERED").values_list("clinician_id", flat=True)
    )
    assert set(registered.values()) == {1}


def test_amounts_suit_the_institution_and_are_uneven(wuhu_filled: date) -> None:
    departments: dict[str, list[int]] = {}
    staff: dict[str, list[int]] = {}
    for version in models.InstitutionVersion.objects.filter(institution__slug__startswith="wuhu-"):
        departments.setdefault(version.category, []).append(version.institution.departments.count())
        staff.setdefault(version.category, []).append(version.institution.clinicians.count())
    for category in CENTRES:
        assert set(departments[category]) <= {3, 4, 5}
    assert set(departments[Category.VILLAGE_CLINIC]) == {1}
    for category in (Category.GENERAL, Category.TCM, Category.MATERNAL_CHILD):
        assert all(8 <= count <= 25 for count in departments[category])
    assert min(count for counts in staff.values() for count in counts) >= 1
    assert len(set(staff[Category.TOWNSHIP_CENTRE])) > 4
    assert min(staff[Category.GENERAL]) > max(staff[Category.VILLAGE_CLINIC])
    machines = models.Equipment.objects.filter(kind="ct")
    assert all(row.institution.versions.get().level >= 2 for row in machines.select_related("institution"))
    assert len({row.count for row in machines}) > 2


def test_general_practitioners_work_in_primary_care_and_where_there_is_a_department(
    wuhu_filled: date,
) -> None:
    sites = models.PracticeSite.objects.filter(clinician__scope_code="02").select_related("institution")
    places = {site.institution for site in sites}
    kinds = {place.versions.get().category for place in places}
    assert {Category.TOWNSHIP_CENTRE, Category.COMMUNITY_CENTRE, Category.GENERAL} <= kinds
    for place in places:
        assert place.departments.filter(specialty_code="02").exists(), place.slug
    licensed = set(models.LicensedSpecialty.objects.values_list("institution_id", "code"))
    assert set(models.Department.objects.values_list("institution_id", "specialty_code")) <= licensed


def test_everybody_is_plainly_made_up(wuhu_filled: date) -> None:
    people = models.Clinician.objects.filter(code__startswith="wuhu-d")
    assert people.filter(code="wuhu-d0001").exists()
    assert not people.filter(synthetic=False).exists()
    names = list(people.values_list("name", flat=True))
    assert [name for name in names if not name.endswith(MARKS)] == []
    assert len(set(names)) > len(names) / 4
    assert {"主任医师", "副主任医师", "主治医师", "住院医师"} <= set(people.values_list("title", flat=True))
    for site in models.PracticeSite.objects.values("institution").distinct():
        here = people.filter(sites__institution=site["institution"]).values_list("name", flat=True)
        assert len(set(here)) == len(here)


def _pages(category: str, on: date) -> list[InstitutionPage]:
    """What the pages of 芜湖's institutions of a category show."""
    of_category = models.Institution.objects.filter(slug__startswith="wuhu-", versions__category=category)
    return [institution_page(key, on=on) for key in of_category.values_list("id", flat=True)]


def test_some_registers_are_fresh_and_some_are_stale(wuhu_filled: date) -> None:
    shown = [each for page in _pages("TOWNSHIP_CENTRE", wuhu_filled) for each in page.registers]
    stale = sum(each.stale for each in shown)
    assert len(shown) / 10 < stale < len(shown) / 2
    assert any(each.rows and not each.by for each in shown), "some were never confirmed"
    assert any(
        not each.rows and each.by for page in _pages("VILLAGE_CLINIC", wuhu_filled) for each in page.registers
    )
    assert len({each.age for each in shown}) > 40


def test_what_people_entered_stays_theirs(synthetic: None, db: None) -> None:
    on = _laid_down("wuhu")
    hospital = models.Institution.objects.get(slug="wuhu-second_hospital")
    models.Department.objects.create(
        institution=hospital, name="内科", specialty_code="03", period=hospital.versions.get().period
    )
    person = models.Clinician.objects.create(code="wuhu-d0001", name="某人")
    lay_down_registers(actor=SYSTEM, region="wuhu", on=on)
    assert hospital.departments.count() == 1
    assert not models.Reported.objects.filter(institution=hospital, register="departments").exists()
    assert hospital.equipment.count() > 1
    person.refresh_from_db()
    assert (person.name, person.synthetic, person.sites.count()) == ("某人", False, 0)
    assert lay_down_registers(actor=SYSTEM, region="wuhu", on=on) == Filled()


def test_a_real_database_is_left_alone(db: None) -> None:
    on = _laid_down("wuhu")
    before = models.Clinician.objects.count()
    with pytest.raises(Refused) as error:
        lay_down_registers(actor=SYSTEM, region="wuhu", on=on)
    assert error.value.refusals[0].code == "network.registers_not_synthetic"
    assert models.Clinician.objects.count() == before


def test_only_a_region_that_is_laid_down_and_ones_own_is_filled(synthetic: None, db: None) -> None:
    on = _laid_down("wuhu")
    with pytest.raises(Refused):
        lay_down_registers(actor=SYSTEM, region="atlantis", on=on)
    elsewhere = Actor(uuid7(), "演示·新会", "commission", division_code="440705", request_id=uuid7())
    with pytest.raises(Refused):
        lay_down_registers(actor=elsewhere, region="wuhu", on=on)
    assert not models.Clinician.objects.filter(synthetic=True).exists()
