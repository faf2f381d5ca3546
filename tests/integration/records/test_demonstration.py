"""The made-up year: believable, the same twice, quick, and only in a demonstration."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.records import queries
from tiercare.apps.records.commands.demonstration import Filled, fill
from tiercare.apps.records.models import Encounter, Observation
from tiercare.apps.records.rules.control import Control
from tiercare.apps.residents.commands import import_residents
from tiercare.apps.residents.rules.file import lines_of
from tiercare.cli.demonstration_people import villages_of
from tiercare.engines.population import generate
from tiercare.kernel.actor import Actor


@pytest.fixture
def peopled(site) -> None:
    place = network.place_of(site.township, on=ledger.today())
    villages = villages_of(place.division_code, on=ledger.today())
    homes = generate(seed=7, villages=villages, people=200)
    result = import_residents(
        Actor.system("test"),
        lines=((line.number, line) for line in lines_of(homes)),
        institution_id=site.township,
        synthetic=True,
    )
    assert result.taken == 200, result.bad[:3]


def run(site, *, besides: UUID | None = None) -> Filled:
    return fill(
        Actor.system("test"),
        on=ledger.today(),
        clinic=site.township,
        hospital=site.county_hospital,
        besides=besides,
    )


def test_a_year_has_poor_control_stable_patients_and_some_ready_to_go_down(site, peopled) -> None:
    made = run(site)
    assert made.people > 20 and made.visits > 100 and made.stays == 8 and made.contacts > 20
    doctor, clinician = site.actor(Role.PRIMARY_DOCTOR), site.actor(Role.CLINICIAN, "county_hospital")
    found = {each.control for each in queries.proposals(doctor)}
    assert found == {Control.POOR, Control.STABLE}
    ready = queries.going_down(clinician)
    assert {each.stage.value for each in ready} == {"ACUTE_RECOVERY", "POSTOP_RECOVERY", "CRITICAL_STABLE"}
    assert [each.days for each in ready] == sorted((each.days for each in ready), reverse=True)
    assert queries.timeline(clinician, ready[0].resident_id).entries  # who lies there may be read there
    due = queries.contacts_due(doctor)
    assert due.overdue and due.later
    with scoped(doctor):
        now = ledger.now()
        assert all(at <= now for at in Encounter.objects.values_list("started_at", flat=True))
        assert Observation.objects.filter(item="sbp").exists()


def test_whom_a_story_is_told_about_has_an_empty_record(site, peopled) -> None:
    """A made-up visit after the day on which the story begins would hide what the story measures."""
    doctor = site.actor(Role.PRIMARY_DOCTOR)

    def visited() -> set[UUID]:
        with scoped(doctor):
            return set(Encounter.objects.values_list("resident_id", flat=True))

    with transaction.atomic():
        run(site)
        hero = min(visited())  # of the same people the same are drawn every time
        transaction.set_rollback(True)
    assert visited() == set()
    assert run(site, besides=hero).visits > 100
    assert visited() and hero not in visited()


def test_twice_is_once_and_real_databases_are_left_alone(site, peopled, monkeypatch) -> None:
    assert run(site).people
    assert run(site) == Filled(0, 0, 0, 0, 0)
    monkeypatch.setattr(ledger, "installation", type("Real", (), {"synthetic": False}))
    with pytest.raises(ValueError, match="demonstration"):
        fill(Actor.system("test"), on=date(2026, 1, 1), clinic=site.township)
