"""Consent: what it opens, for whom and how long, and that it ends at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Purpose, Role
from tiercare.apps.access.rules.consent import longest_until
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import Membership
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Guardianship
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .care import codes, consent, later, reads, synthetic_clock, tomorrow

__all__ = ["synthetic_clock"]


def make_guardian(site, ward, guardian) -> None:
    with scoped(site.actor(Role.REGISTRAR)):
        Guardianship.objects.create(
            resident_id=ward,
            guardian_id=guardian,
            guardian_name="王大明",
            relation="父亲",
            institution_id=site.township,
            period=DateRange(ledger.today() - timedelta(days=1), None),
        )


@pytest.mark.clause("TY-103")
def test_a_resident_lets_a_hospital_in_and_every_view_is_in_their_list(site, register) -> None:
    key = register()
    resident, doctor = site.resident(key), site.actor(Role.CLINICIAN, "stranger", "示例医师")
    assert reads(doctor, key) == ""
    consent(resident, key, site.stranger)
    assert reads(doctor, key) == "consent"
    assert reads(site.actor(Role.CLINICIAN, "county_hospital"), key) == ""

    seen = queries.my_readings(resident, key).seen
    told = [(each.reading.actor_name, each.reading.refused) for each in seen if each.reading.what == "file"]
    assert told[1:] == [("示例医师", False), ("示例医师", True)]
    assert seen[1].institution


@pytest.mark.clause("TY-103")
def test_withdrawn_nothing_is_read_from_that_moment_and_what_was_read_stays(site, register) -> None:
    key = register()
    resident, doctor = site.resident(key), site.actor(Role.CLINICIAN, "stranger")
    given = consent(resident, key, site.stranger)
    assert reads(doctor, key) == "consent"
    commands.withdraw_consent(resident, key, consent_id=given)
    assert reads(doctor, key) == ""
    shown = [
        each.reading.basis for each in queries.my_readings(resident, key).seen if not each.reading.refused
    ]
    assert "consent" in shown
    (row,) = queries.shared(resident, key).consents
    assert row.withdrawn_at is not None and not row.in_force
    with pytest.raises(Refused) as caught:
        commands.withdraw_consent(resident, key, consent_id=given)
    assert codes(caught) == {"access.no_such_consent"}


@pytest.mark.clause("TY-103")
def test_a_consent_ends_by_itself_after_its_last_day(site, register) -> None:
    key = register()
    doctor = site.actor(Role.CLINICIAN, "stranger")
    consent(site.resident(key), key, site.stranger, until=tomorrow())
    later(hours=23)
    assert reads(doctor, key) == "consent"
    later(hours=25)
    assert reads(doctor, key) == ""


def test_a_consent_holds_for_its_purposes_only(site, register) -> None:
    key = register()
    doctor = site.actor(Role.CLINICIAN, "stranger")
    consent(site.resident(key), key, site.stranger, purposes=[Purpose.REFERRAL])
    assert reads(doctor, key) == ""
    assert reads(doctor, key, Purpose.REFERRAL) == "consent"


def test_given_again_to_the_same_hospital_the_new_one_counts_alone(site, register) -> None:
    key = register()
    resident, doctor = site.resident(key), site.actor(Role.CLINICIAN, "stranger")
    consent(resident, key, site.stranger, purposes=[Purpose.TREATMENT, Purpose.REMOTE])
    second = consent(resident, key, site.stranger, purposes=[Purpose.REMOTE])
    assert (reads(doctor, key), reads(doctor, key, Purpose.REMOTE)) == ("", "consent")
    assert [each.id for each in queries.shared(resident, key).consents if each.in_force] == [second]


@pytest.mark.clause("WH-41")
def test_a_consortium_is_whoever_is_its_member_on_the_day_of_the_reading(site, register) -> None:
    key = register()
    hospital = site.actor(Role.CLINICIAN, "county_hospital")
    today = ledger.today()
    both = set(network.place_of(site.township, on=today).consortia) & set(
        network.place_of(site.county_hospital, on=today).consortia
    )
    consortium = sorted(both)[0]
    consent(site.resident(key), key, consortium)
    assert reads(hospital, key) == "consent"
    assert reads(site.actor(Role.CLINICIAN, "stranger"), key) == ""

    for membership in Membership.objects.filter(institution_id=site.county_hospital, period__contains=today):
        membership.period = DateRange(membership.period.lower, today)
        membership.save(update_fields=["period"])
    assert reads(hospital, key) == ""


@pytest.mark.clause("WH-41")
def test_no_consent_is_given_to_a_kind_of_consortium_that_the_region_does_not_name(
    site, register, monkeypatch
) -> None:
    key = register()
    consortium = next(iter(network.place_of(site.township, on=ledger.today()).consortia))
    monkeypatch.setattr("tiercare.apps.residents.queries.mine.kinds_that_share", lambda *_, **__: frozenset())
    with pytest.raises(Refused) as caught:
        consent(site.resident(key), key, consortium)
    assert codes(caught) == {"access.consent_kind"} and caught.value.refusals[0].clauses == ("WH-41",)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"purposes": []}, "access.consent_without_purpose"),
        ({"until": None}, "access.consent_until_past"),
        ({"until": -1}, "access.consent_until_past"),
        ({"until": 400}, "access.consent_too_long"),
    ],
)
def test_what_a_consent_lacks_is_told(site, register, wrong, code) -> None:
    key = register()
    if isinstance(wrong.get("until"), int):
        wrong = {"until": ledger.today() + timedelta(days=wrong["until"])}
    with pytest.raises(Refused) as caught:
        consent(site.resident(key), key, site.stranger, **wrong)
    assert codes(caught) == {code}
    assert queries.shared(site.resident(key), key).consents == ()


def test_a_year_to_the_day_is_not_too_long(site, register) -> None:
    key = register()
    assert consent(site.resident(key), key, site.stranger, until=longest_until(ledger.today()))


@pytest.mark.parametrize("grantee", [None, uuid7()])
def test_nobody_and_what_does_not_exist_get_no_consent(site, register, grantee) -> None:
    key = register()
    with pytest.raises(Refused) as caught:
        consent(site.resident(key), key, grantee)
    assert codes(caught) == {"access.consent_grantee"}


def test_a_desk_with_a_ground_records_a_signed_paper_by_its_number(site, register) -> None:
    key = register()
    desk = site.actor(Role.REGISTRAR)
    with pytest.raises(Refused) as caught:
        consent(desk, key, site.stranger)
    assert codes(caught) == {"access.consent_without_evidence"}
    consent(desk, key, site.stranger, evidence="授权书 2026-0001", by_guardian=True)
    (row,) = queries.shared(desk, key).consents
    assert (row.evidence, row.given_by.value) == ("授权书 2026-0001", "guardian")
    event = Event.objects.get(kind="access.consent_given")
    assert "授权书" not in str(event.payload) and event.subject_id == key


def test_a_desk_without_a_ground_records_nothing(site, register) -> None:
    key = register()
    with pytest.raises(Refused) as caught:
        consent(site.actor(Role.REGISTRAR, "stranger"), key, site.stranger, evidence="授权书 1")
    assert codes(caught) == {"access.no_basis"}


def test_nobody_consents_for_a_stranger_and_a_guardian_does_for_the_ward(site, register) -> None:
    child = register("王小宝", birth_date=ledger.today() - timedelta(days=900))
    father, other = register("王大明"), register("李四海")
    make_guardian(site, child, father)
    doctor = site.actor(Role.CLINICIAN, "stranger")
    with pytest.raises(Refused) as caught:
        consent(site.resident(other), child, site.stranger)
    assert codes(caught) == {"access.no_basis"}
    consent(site.resident(father), child, site.stranger)
    assert reads(doctor, child) == "consent"
    (row,) = queries.shared(site.resident(father), child).consents
    assert row.given_by.value == "guardian"
    assert [ward.least.id for ward in queries.wards(site.resident(father))] == [child]
    assert queries.wards(site.resident(other)) == []


def test_the_places_that_know_the_person_stand_ready_to_be_chosen(site, register) -> None:
    key = register()
    choices = {each.id: each.kind.value for each in queries.shared(site.resident(key), key).choices}
    assert choices[site.township] == "institution" and "consortium" in choices.values()
    name = network.place_of(site.stranger, on=ledger.today()).name
    found = queries.grantees_like(site.resident(key), name, division_code="340223")
    assert site.stranger in [each.id for each in found]
