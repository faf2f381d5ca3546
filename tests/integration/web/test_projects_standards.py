"""Standards beside the register, capacity plans and feature departments: what they track, and which gap becomes a project."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from tests.integration.referrals.seen import in_force

from tiercare.apps.evaluation.commands.projects import Opening, open_project
from tiercare.apps.evaluation.queries import projects as queries
from tiercare.apps.evaluation.queries.projects import Box, Count, Wanted
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.models import (
    Consortium,
    ConsortiumVersion,
    Equipment,
    InstitutionVersion,
    Membership,
)
from tiercare.apps.network.rules import Kind, Role

from ..evaluation.supervised import Parties, commands, do, parties
from ..residents.conftest import site
from .test_supervision import as_, posted, read, sent

__all__ = ["as_", "parties", "site"]
from .projects_desk import (
    AT,
    SINCE,
    cells,
    changed,
    county_hospital,
    due,
    ended,
    endow,
    opened,
    prefixed,
    refused,
    words,
)

# --- NHC-30 --------------------------------------------------------------------------------------------


@pytest.mark.clause("NHC-30")
def test_weak_specialties_are_tracked_by_staff_equipment_and_alliance(
    parties: Parties, as_, monkeypatch
) -> None:
    city, house = parties.city, parties.site.county_hospital
    endow(house)
    hospital = parties.choice(house)
    found = cells(city, "weak_specialties", hospital)
    assert {need for need, _ in found} == set(words("NHC-30.weak_specialties"))
    assert {measure for _, measure in found} == set(words("NHC-30.measures"))
    assert found["icu", "talent"].has == 1 and found["icu", "equipment"].has == 2
    assert found["anaesthesia", "talent"].lacking and not found["icu", "talent"].lacking
    page = read(as_(city).get(f"/projects/standards/weak_specialties{AT}"))
    assert "麻醉科" in page and "1 人" in page and "2 台" in page and "没有加入" in page
    # What is bare becomes a project by one click, once.
    gap = found["anaesthesia", "talent"].gap
    form = read(as_(city).get(f"/projects/new{AT}&programme=weak_specialty&subject={hospital}&gap={gap}"))
    assert 'value="anaesthesia" selected' in form and 'value="talent" selected' in form
    plan = {"specialty": "anaesthesia", "measure": "talent"}
    key = opened(city, "weak_specialty", hospital, plan=plan, gap=gap)
    assert cells(city, "weak_specialties", hospital)["anaesthesia", "talent"].project == key
    # The text names others.
    changed(monkeypatch, "NHC-30.weak_specialties", ["icu"])
    assert {need for need, _ in cells(city, "weak_specialties", hospital)} == {"icu"}
    assert refused(lambda: opened(city, "weak_specialty", hospital, plan=plan)).keys() == {
        "evaluation.field_missing"
    }


def test_membership_of_an_alliance_is_read_from_the_register(parties: Parties) -> None:
    house = parties.site.county_hospital
    for code, name in (("28", "示例重症联盟"), ("07.01", "示例新生儿联盟"), ("04", "示例外科联盟")):
        alliance = Consortium.objects.create(
            slug=f"example-{code}", kind=Kind.SPECIALTY_ALLIANCE.value, specialty_code=code
        )
        ConsortiumVersion.objects.create(consortium=alliance, period=SINCE, name=name, division_code="340223")
        Membership.objects.create(
            consortium=alliance, institution_id=house, role=Role.MEMBER.value, period=SINCE
        )
    found = cells(parties.city, "weak_specialties", parties.choice(house))
    assert "示例重症联盟" in found["icu", "alliance"].names and not found["icu", "alliance"].lacking
    assert "示例新生儿联盟" in found["paediatrics", "alliance"].names, "what is narrower counts"
    assert "示例外科联盟" not in found["emergency", "alliance"].names


# --- XH-75, XH-76 --------------------------------------------------------------------------------------


@pytest.mark.clause("XH-75")
def test_a_district_hospital_has_a_plan_by_means_and_core_area(parties: Parties, as_, monkeypatch) -> None:
    in_force("xinhui", "3402")
    city, owner = parties.city, county_hospital(parties)
    hospital = parties.choice(parties.site.county_hospital)
    planned = clock.today() + timedelta(days=90)
    made = {}
    for means, core in (("construction", "key_specialty"), ("training", "talent"), ("support", "technique")):
        plan = {"means": means, "core": core, "goal": f"示例：{means}"}
        made[means] = opened(city, "district_capacity", hospital, plan=plan, due_on=planned)
    commands.act(owner, matter_id=made["training"], act=Act.NOTE, said=Said("示例", {"percent": "40%"}))
    ended(owner, made["training"], outcome="示例：二十人结业")
    assert refused(
        lambda: commands.act(
            owner,
            matter_id=made["support"],
            act=Act.SUBMIT,
            said=Said("示例", {"done_on": due(), "outcome": "示例"}),
        )
    ).keys() == {"evaluation.done_to_come"}
    page = read(as_(city).get(f"/projects/list{AT}&programme=district_capacity"))
    assert "培训" in page and "重点专科" in page and "支援" in page
    assert planned.isoformat() in page and clock.today().isoformat() in page
    assert "40%" in read(as_(city).get(f"/supervision/matters/{made['training']}{AT}"))
    content = as_(city).get(f"/projects/list.csv{AT}&programme=district_capacity").content.decode("utf-8-sig")
    assert content.count("区级医院能力建设") >= 3 and "示例：二十人结业" in content
    assert as_(city).get(f"/projects/list.xlsx{AT}&programme=district_capacity").content[:2] == b"PK"
    # Means and areas are the text's.
    changed(monkeypatch, "XH-75.means", ["construction"])
    plan = {"means": "training", "core": "talent", "goal": "示例"}
    assert refused(lambda: opened(city, "district_capacity", hospital, plan=plan)).keys() == {
        "evaluation.field_missing"
    }


@pytest.mark.clause("XH-76")
def test_what_the_register_misses_becomes_a_project_with_class_and_budget(
    parties: Parties, as_, monkeypatch
) -> None:
    in_force("xinhui", "3402")
    city, owner, house = parties.city, county_hospital(parties), parties.site.county_hospital
    endow(house)
    hospital = parties.choice(house)
    found = cells(city, "district_hospital", hospital)
    assert not found["icu", "specialty"].lacking and not found["icu", "equipment"].lacking
    assert found["imaging", "equipment"].lacking and found["emergency", "specialty"].lacking
    gap = found["imaging", "equipment"].gap
    page = read(as_(city).get(f"/projects/standards/district_hospital{AT}"))
    assert "没有登记" in page and "立项" in page
    assert as_(city).get(f"/projects/standards/district_hospital/table.xlsx{AT}").content[:2] == b"PK"
    plan = {"class": "supporting", "budget": "480"}
    body = {"programme": "fill_gaps", "subject": hospital, "gap": gap, "due_on": due()} | prefixed(plan)
    missing = read(as_(city).post(f"/projects/new{AT}", sent(**(body | {"plan.budget": ""}))), 422)
    assert "预算" in missing
    key = UUID(
        re.search(r"matters/([0-9a-f-]{36})", posted(as_(city).post(f"/projects/new{AT}", sent(**body))))[1]
    )
    page = read(as_(city).get(f"/supervision/matters/{key}{AT}"))
    assert "支撑专科" in page and "480" in page and "医学影像 · 设备" in page
    again = Opening("fill_gaps", hospital, plan=plan, gap=gap)
    assert refused(lambda: open_project(city, again)).keys() == {"evaluation.gap_taken_up"}
    no_gap = Opening("fill_gaps", hospital, plan=plan, gap=found["icu", "equipment"].gap)
    assert refused(lambda: open_project(city, no_gap)).keys() == {"evaluation.no_gap"}
    # It is bought, entered in the register, and the gap is closed.
    Equipment.objects.create(institution_id=house, kind="ct", count=1, period=SINCE)
    ended(owner, key, outcome="示例：CT 已装机", spent="465")
    do(city, key, Act.CLOSE, "")
    assert not cells(city, "district_hospital", hospital)["imaging", "equipment"].lacking
    # The classes are the text's.
    changed(monkeypatch, "XH-76.specialty_classes", ["key", "core", "weak"])
    gap = found["laboratory", "equipment"].gap
    assert refused(lambda: open_project(city, Opening("fill_gaps", hospital, plan=plan, gap=gap))).keys() == {
        "evaluation.field_missing"
    }


# --- YN-29 ---------------------------------------------------------------------------------------------


@pytest.mark.clause("YN-29")
def test_a_lead_hospital_helps_a_primary_institution_and_consortia_are_counted(parties: Parties, as_) -> None:
    in_force("yunnan", "3402")
    in_force("yunnan", "340223")
    city, member = parties.city, parties.member
    helper = parties.choice(parties.site.county_hospital).partition(":")[2]
    plan = {"department": "示例：康复科", "helper": helper, "plan": "示例：派一名医师，半年开诊"}
    wrong = plan | {"helper": parties.choice(parties.site.stranger).partition(":")[2]}
    assert refused(lambda: opened(city, "feature_department", parties.township, plan=wrong)) == {
        "evaluation.no_lead_of_it": ("YN-29",)
    }
    key = opened(city, "feature_department", parties.township, plan=plan)
    # The lead does it in its own consortium too.
    other = opened(parties.lead, "feature_department", parties.township, plan=plan)
    ended(member, key, outcome="open", visits="1200")
    do(city, key, Act.CLOSE, "")
    ((consortium, name, count),) = queries.by_consortium(city, Wanted(programme="feature_department"))
    assert count == Count(1, 1, 0)
    page = read(as_(city).get(f"/projects/list{AT}&programme=feature_department"))
    assert "按医联体" in page and name in page
    narrowed, _ = queries.projects(city, Wanted(consortium=consortium, box=Box.OPEN))
    assert [each.id for each in narrowed] == [other]
    page = read(as_(member).get(f"/supervision/matters/{key}{AT}"))
    house = InstitutionVersion.objects.get(
        institution_id=parties.site.county_hospital, period__contains=clock.today()
    )
    assert house.name in page and "示例：康复科" in page and "已开诊" in page and name in page
    # Where no such text is in force there is no such programme.
    in_force("wuhu", "3402")
    assert refused(lambda: opened(city, "feature_department", parties.township, plan=plan)).keys() == {
        "evaluation.no_programme"
    }
