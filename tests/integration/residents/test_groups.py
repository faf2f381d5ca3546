"""Key groups from the packs, by hand and by age, and the responsible doctor."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import Clinician, PracticeSite
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules import SEEN_BY, Field, groups, render_fields
from tiercare.engines.policy.load import own_folder
from tiercare.kernel.refusal import Refused


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in caught.value.refusals}


@pytest.fixture
def doctor(site):
    return site.actor(Role.PRIMARY_DOCTOR)


@pytest.fixture
def staff(site) -> list[Clinician]:
    """A general practitioner and another clinician at the township and at the county hospital."""
    found = []
    for place in (site.township, site.county_hospital):
        for name, scope in (("全大夫", "02"), ("内大夫", "03")):
            clinician = Clinician.objects.create(name=name, initials=name, scope_code=scope, synthetic=True)
            PracticeSite.objects.create(
                clinician=clinician,
                institution_id=place,
                ground="REGISTERED",
                period=(date(2020, 1, 1), None),
            )
            found.append(clinician)
    return found


@pytest.fixture
def without_pregnancy(settings, tmp_path: Path):
    """The nation's pack as it would be if it named no pregnant women, but veterans, and children up to 3."""
    copy = tmp_path / "packs" / "cn"
    shutil.copytree(own_folder() / "cn", copy)
    path = copy / "clauses" / "5-day-services.yaml"
    text = path.read_text(encoding="utf-8")
    for before, after in (("elderly, pregnant, child", "elderly, veteran, child"), (r"\[0, 6\]", "[0, 3]")):
        text, count = re.subn(before, after, text)
        assert count == 1
    path.write_text(text, encoding="utf-8")
    settings.POLICY_PACKS = [copy]
    mandates.reload_packs()
    yield
    mandates.reload_packs()


def of(actor, key) -> list[str]:
    return [each.group for each in queries.sheet(actor, key).groups]


def test_the_groups_are_those_that_the_policies_name(db) -> None:
    on = date(2024, 1, 1)
    everywhere = queries.offered_groups("3402", on=on)
    assert set(everywhere.groups) == {
        *("elderly", "pregnant", "child", "hypertension", "diabetes", "tuberculosis", "severe_mental"),
        *("poor", "disabled", "special_family_planning"),
    }
    assert everywhere.child_ages == (0, 6) and "child" not in everywhere.by_hand
    assert "disabled" in queries.offered_groups("440705", on=on).groups
    assert queries.offered_groups("3402", on=date(2010, 1, 1)).groups == ()


def test_a_group_that_no_pack_names_is_refused_and_one_that_it_names_is_not(
    doctor, register, without_pregnancy
) -> None:
    key = register("李晓红", birth_date=date(1995, 2, 3))
    with pytest.raises(Refused) as caught:
        commands.enter_group(doctor, resident_id=key, group="pregnant", evidence="建册")
    assert codes(caught) == {"residents.group_not_named"}
    commands.enter_group(doctor, resident_id=key, group="veteran", evidence="优待证")
    assert of(doctor, key) == ["veteran"]
    on = ledger.today()
    three = register("王一", birth_date=on - timedelta(days=366 * 3))
    five = register("李二", birth_date=on - timedelta(days=366 * 5))
    assert (of(doctor, three), of(doctor, five)) == (["child"], []), "the ages are the pack's too"


def test_children_and_the_elderly_are_so_by_birth_date(doctor, register) -> None:
    on = ledger.today()
    old = register("王国庆", birth_date=date(on.year - groups.ELDERLY_FROM, 1, 1))
    young = register("王小宝", birth_date=on - timedelta(days=200))
    between = register("王中", birth_date=date(on.year - 30, 1, 1))
    assert [of(doctor, key) for key in (old, young, between)] == [["elderly"], ["child"], []]
    assert all(each.id is None for each in queries.sheet(doctor, old).groups)
    with pytest.raises(Refused) as caught:
        commands.enter_group(doctor, resident_id=between, group="elderly", evidence="看着老")
    assert codes(caught) == {"residents.group_by_age"}


def test_a_group_is_entered_once_and_ended(doctor, register) -> None:
    key = register("王小明")
    entry = commands.enter_group(doctor, resident_id=key, group="hypertension", evidence="三次偏高")
    with pytest.raises(Refused) as caught:
        commands.enter_group(doctor, resident_id=key, group="hypertension", evidence="又一次")
    assert codes(caught) == {"residents.group_twice"}
    commands.end_group(doctor, resident_id=key, entry_id=entry)
    assert of(doctor, key) == []
    with pytest.raises(Refused) as caught:
        commands.end_group(doctor, resident_id=key, entry_id=entry)
    assert codes(caught) == {"residents.group_not_entered"}
    commands.enter_group(doctor, resident_id=key, group="hypertension", evidence="复发")
    assert of(doctor, key) == ["hypertension"]


@pytest.mark.parametrize("evidence", ["", "   ", "字" * 201, "a\x00b"])
def test_without_evidence_nobody_is_put_into_a_group(doctor, register, evidence) -> None:
    with pytest.raises(Refused) as caught:
        commands.enter_group(doctor, resident_id=register(), group="diabetes", evidence=evidence)
    assert codes(caught) == {"residents.group_evidence"}


def test_what_can_brand_a_person_is_kept_from_the_desk(site, doctor, register) -> None:
    key = register("王小明")
    desk, office = site.actor(Role.REGISTRAR), site.actor(Role.REFERRAL_OFFICE)
    entries = {
        group: commands.enter_group(doctor, resident_id=key, group=group, evidence="登记")
        for group in ("disabled", "hypertension", "tuberculosis", "severe_mental")
    }
    seen = {actor.role: of(actor, key) for actor in (desk, office, doctor, site.actor(Role.CLINICIAN))}
    assert seen == {
        "registrar": ["disabled"],
        "referral_office": ["disabled", "hypertension"],
        "primary_doctor": ["disabled", "hypertension", "tuberculosis", "severe_mental"],
        "clinician": ["disabled", "hypertension", "tuberculosis", "severe_mental"],
    }
    bare = register("赵六")
    assert not queries.sheet(desk, bare).sees_all_groups, "the page says so of everybody, so it tells nothing"
    other = register("李建国")
    for refused in (
        lambda: commands.enter_group(desk, resident_id=other, group="tuberculosis", evidence="登记"),
        lambda: commands.end_group(desk, resident_id=key, entry_id=entries["tuberculosis"]),
    ):
        with pytest.raises(Refused):
            refused()
    assert of(doctor, other) == [] and "tuberculosis" in of(doctor, key)


def test_the_trail_does_not_say_which_group(doctor, register) -> None:
    commands.enter_group(doctor, resident_id=register(), group="tuberculosis", evidence="痰检阳性")
    event = Event.objects.get(kind="residents.key_group_changed")
    assert "tuberculosis" not in str(event.payload) and "痰检" not in str(event.payload)


def test_a_doctor_of_the_township_answers_instead_of_the_one_before(site, doctor, register, staff) -> None:
    key = register()
    found = queries.doctors_offered(doctor, on=ledger.today())
    assert [each.name for each in found][:2] == ["全大夫", "内大夫"], "general practitioners first"
    commands.assign_doctor(doctor, resident_id=key, clinician_id=found[0].id)
    assert queries.sheet(doctor, key).doctor.name == found[0].name
    commands.assign_doctor(doctor, resident_id=key, clinician_id=found[-1].id)
    now = queries.sheet(doctor, key).doctor
    assert (now.name, now.institution_id, now.source) == (found[-1].name, site.township, "page")
    commands.end_doctor(doctor, resident_id=key)
    assert queries.sheet(doctor, key).doctor is None
    with pytest.raises(Refused) as caught:
        commands.end_doctor(doctor, resident_id=key)
    assert codes(caught) == {"residents.no_doctor"}


def test_somebody_who_does_not_work_there_cannot_answer(doctor, register, staff) -> None:
    with pytest.raises(Refused) as caught:
        commands.assign_doctor(doctor, resident_id=register(), clinician_id=staff[-1].id)
    assert codes(caught) == {"residents.no_such_doctor"}


def test_a_hospital_names_its_general_practitioners_only(site, register, staff) -> None:
    actor = site.actor(Role.REFERRAL_OFFICE, "county_hospital")
    offered = queries.doctors_offered(actor, on=ledger.today())
    assert staff[2].id in {each.id for each in offered}
    assert all(each.general_practitioner for each in offered)
    key = register(actor=actor)
    with pytest.raises(Refused) as caught:
        commands.assign_doctor(actor, resident_id=key, clinician_id=staff[3].id)
    assert codes(caught) == {"residents.no_such_doctor"}


def test_a_hospital_without_general_practitioners_names_nobody(site, register) -> None:
    actor = site.actor(Role.REFERRAL_OFFICE, "stranger")
    PracticeSite.objects.filter(institution_id=site.stranger, clinician__scope_code__startswith="02").delete()
    with pytest.raises(Refused) as caught:
        commands.assign_doctor(actor, resident_id=register(actor=actor), clinician_id=site.stranger)
    assert codes(caught) == {"residents.doctor_of_hospital"}


@drawn(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 40_000))
def test_age_turns_on_the_birthday(birth: date, days: int) -> None:
    on = birth + timedelta(days=days)
    age = groups.age_on(birth, on)
    assert age >= 0
    assert date(birth.year + age, birth.month, min(birth.day, 28)) <= on
    assert groups.age_on(birth, on + timedelta(days=1)) - age in (0, 1)


@drawn(st.lists(st.text(min_size=1)), st.lists(st.text(min_size=1)))
def test_what_a_pack_names_is_offered_once_and_unknown_words_are_kept_closest(named, chronic) -> None:
    found = groups.offered(named, chronic).groups
    assert len(found) == len(set(found))
    assert set(found) - {"chronic"} == (set(named) | (set(chronic) if "chronic" in named else set())) - {
        "chronic"
    }
    for group in found:
        if group not in groups.GROUP_NAMES:
            assert groups.delicacy(group) is groups.Delicacy.SPECIAL


def test_every_part_of_the_record_has_its_readers_and_the_table_says_so() -> None:
    assert set(SEEN_BY) == set(Field)
    assert set(SEEN_BY[Field.GROUPS_SPECIAL]) == {Role.CLINICIAN, Role.PRIMARY_DOCTOR, Role.RESIDENT}
    assert not {Role.COMMISSION, Role.INSURANCE, Role.OPERATOR, Role.AUDITOR, Role.INDEX_KEEPER} & {
        role for roles in SEEN_BY.values() for role in roles
    }
    lines = render_fields().splitlines()
    (special,) = [line for line in lines if "severe mental disorder" in line]
    assert special.count("✓") == len(SEEN_BY[Field.GROUPS_SPECIAL])
