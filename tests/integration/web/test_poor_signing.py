"""YN-47: registered poor residents by village, signed and not; names by right, each reading recorded."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook
from tests.integration.referrals.places import altered
from tests.integration.referrals.seen import in_force
from tests.integration.residents.test_groups import staff
from tests.integration.web.residents_desk import at_desk, given, register, site

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event, Reading
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Resident, ResponsibleDoctor
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

__all__ = ["at_desk", "given", "register", "site", "staff"]  # fixtures
VILLAGES = ("340223100001", "340223100002")
COUNTED = 8  # statements: two walls raised and lowered, the count, names of areas, the pack in force


@pytest.fixture
def doctor(site):
    in_force("yunnan")
    return site.actor(Role.PRIMARY_DOCTOR)


@pytest.fixture
def poor(site, doctor, register, staff):
    """Four registered poor in two villages, one of them signed here; answers their ids by name."""
    found = {}
    for at, name in enumerate(("王小明", "李晓红", "张小军", "陈大海")):
        found[name] = register(name, division_code=VILLAGES[at // 2])
        commands.enter_group(doctor, resident_id=found[name], group="poor", evidence="示例：扶贫手册")
    mine = next(each for each in staff if each.name == "全大夫")
    commands.assign_doctor(doctor, resident_id=found["王小明"], clinician_id=mine.id)
    return found


def commission(site):
    return site.actor(Role.COMMISSION)


def at(found) -> dict[str, tuple[int, int]]:
    return {each.code: (each.poor, each.signed) for each in found.villages}


@pytest.mark.clause("YN-47")
def test_all_registered_poor_are_to_be_signed_and_who_is_not_is_listed_by_village(
    site, doctor, poor, staff, at_desk, monkeypatch
) -> None:
    desk = at_desk(Role.PRIMARY_DOCTOR)
    whole = desk.get("/signing/own").content.decode()
    assert "25%" in whole and "YN-47" in whole and "2017-12-31" in whole and "没有达到" in whole
    assert f"/signing/own/unsigned?region=wuhu&amp;on=2019-07-01&amp;village={VILLAGES[1]}" in whole
    listed = desk.get(f"/signing/own/unsigned?village={VILLAGES[1]}").content.decode()
    assert "张小军" in listed and "陈大海" in listed and "李晓红" not in listed
    # All are signed: the target is reached.
    mine = next(each for each in staff if each.name == "全大夫")
    for name in ("李晓红", "张小军", "陈大海"):
        commands.assign_doctor(doctor, resident_id=poor[name], clinician_id=mine.id)
    found = queries.own_poor_signing(doctor)
    assert (found.poor, found.signed, found.met) == (4, 4, True)
    assert queries.unsigned_poor(doctor) == ()
    # One leaves, and the pack asks for less: three of four are enough then.
    commands.end_doctor(doctor, resident_id=poor["陈大海"])
    assert queries.own_poor_signing(doctor).met is False
    changed = altered("YN-47.registered_poor_signing", 0.75)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): changed)
    found = queries.own_poor_signing(doctor)
    assert (found.aim.share, found.aim.clause, found.met) == (
        Decimal("0.75"),
        "YN-47",
        True,
    )
    assert [each.name for each in queries.unsigned_poor(doctor)] == ["陈大海"], "still listed"


def test_who_signed_elsewhere_is_signed_though_the_wall_hides_with_whom(site, doctor, poor, staff) -> None:
    """The contract is the county hospital's row, which the township does not see."""
    hospital = site.actor(Role.PRIMARY_DOCTOR, "county_hospital")
    theirs = [each for each in staff if each.name == "全大夫"][1]
    with scoped(hospital):
        ResponsibleDoctor.objects.create(
            resident_id=poor["李晓红"],
            institution_id=site.county_hospital,
            clinician_id=theirs.id,
            doctor_name=theirs.name,
            source="file",
            period=(ledger.today(), None),
        )
    assert at(queries.own_poor_signing(doctor)) == {VILLAGES[0]: (2, 2), VILLAGES[1]: (2, 0)}
    assert "李晓红" not in {each.name for each in queries.unsigned_poor(doctor)}
    assert queries.own_poor_signing(hospital).poor == 0, "whom another house does not know it does not list"
    assert queries.unsigned_poor(hospital) == ()


def test_the_commission_sees_counts_and_nobody(site, poor) -> None:
    found = queries.poor_signing(commission(site), division_code="340223")
    assert at(found) == {VILLAGES[0]: (2, 1), VILLAGES[1]: (2, 0)} and found.unsigned == 3
    assert found.villages[0].names == ("南陵县", "籍山镇", "五里居委会")
    assert queries.poor_signing(commission(site), division_code="340207").poor == 0
    with pytest.raises(Refused):
        queries.unsigned_poor(commission(site))
    with pytest.raises(Refused):
        queries.poor_signing(commission(site), division_code="53")
    with pytest.raises(Refused):
        queries.poor_signing(site.actor(Role.PRIMARY_DOCTOR), division_code="340223")


def test_a_list_is_recorded_for_each_who_stands_in_it(site, doctor, poor) -> None:
    before = set(Event.objects.values_list("id", flat=True))
    queries.unsigned_poor(doctor, village=VILLAGES[1])
    (event,) = Event.objects.exclude(id__in=before)
    assert (event.payload["what"], event.payload["basis"]) == ("unsigned", "listing")
    with scoped(doctor):
        read = Reading.objects.filter(event_id=event.id).values_list("resident_id", flat=True)
        assert set(read) == {poor["张小军"], poor["陈大海"]}


def test_the_day_counts_and_the_dead_do_not(site, doctor, poor) -> None:
    yesterday = ledger.today() - timedelta(days=1)
    assert queries.own_poor_signing(doctor, on=yesterday).poor == 0, "entered today"
    assert queries.own_poor_signing(doctor, on=yesterday).share is None
    with scoped(doctor):
        Resident.objects.filter(id=poor["陈大海"]).update(deceased_on=ledger.today())
    assert queries.own_poor_signing(doctor).poor == 3


def test_whose_entries_were_found_to_be_one_counts_once(site, doctor, poor, register) -> None:
    """Entered as poor under one entry, signed under the other that leads it; the township lists the one that it knows."""
    other = register("秦海波", division_code=VILLAGES[0])
    with scoped(Actor.system("test"), area="*"):
        Resident.objects.filter(id=poor["陈大海"]).update(master_id=other)
    assert at(queries.own_poor_signing(doctor)) == {VILLAGES[0]: (3, 1), VILLAGES[1]: (1, 0)}
    assert other in {each.id for each in queries.unsigned_poor(doctor, village=VILLAGES[0])}
    with scoped(Actor.system("test"), area="*"):
        ResponsibleDoctor.objects.create(
            resident_id=poor["陈大海"],
            institution_id=site.township,
            doctor_name="示例大夫",
            source="file",
            period=(ledger.today(), None),
        )
    assert at(queries.own_poor_signing(doctor))[VILLAGES[0]] == (3, 2)


def test_where_no_text_sets_a_target_none_is_shown(site, doctor, poor) -> None:
    in_force("wuhu")
    found = queries.own_poor_signing(doctor)
    assert (found.aim, found.met, found.unsigned) == (None, None, 3)


def test_the_count_costs_the_same_for_one_village_and_for_more(
    site, doctor, poor, register, django_assert_num_queries
) -> None:
    queries.own_poor_signing(doctor)
    with django_assert_num_queries(COUNTED) as one:
        queries.poor_signing(commission(site), division_code="340223")
    for at_, name in enumerate(("赵一", "钱二", "孙三")):
        key = register(name, division_code=f"34022310000{at_ + 3}")
        commands.enter_group(doctor, resident_id=key, group="poor", evidence="示例")
    with django_assert_num_queries(len(one.captured_queries)):
        found = queries.poor_signing(commission(site), division_code="340223")
    assert len(found.villages) == 5


def test_pages_and_files(site, doctor, poor, at_desk) -> None:
    desk = at_desk(Role.PRIMARY_DOCTOR)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(desk.get("/signing/own/file").content))
    lines = sheet.get_sheet_by_index(0).to_python()
    assert [row[2:] for row in lines[1:]] == [[2, 1, 1], [2, 0, 2], [4, 1, 3]]
    named = CalamineWorkbook.from_filelike(io.BytesIO(desk.get("/signing/own/unsigned/file").content))
    assert [row[2] for row in named.get_sheet_by_index(0).to_python()[1:]] == ["李晓红", "张小军", "陈大海"]
    assert desk.get("/signing/poor").status_code == 403
    assert desk.get("/signing/own/unsigned?village=x'").status_code == 422
    assert desk.get("/signing/own?day=2019-02-30").status_code == 422
    body = desk.get("/api/signing/own").json()
    assert (body["poor"], body["unsigned"], body["met"]) == (4, 3, False)
    assert body["aim"] == {"share": "1.0", "by": "2017-12-31", "clause": "YN-47"}
    assert [each["name"] for each in desk.get("/api/signing/own/unsigned").json()] == [
        "李晓红",
        "张小军",
        "陈大海",
    ]
