"""Pools, weeks and beds by file: what is wrong is named by its cell, all or nothing is taken, an export changes nothing."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import events
from tiercare.apps.capacity.commands import (
    discard_places,
    import_places,
    keep_bed,
    keep_pool,
    keep_week,
    take_over_places,
    try_places,
    upload_places,
)
from tiercare.apps.capacity.models import Bed, PlaceFile, Pool, Template
from tiercare.apps.capacity.queries import place_files
from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.apps.capacity.rules.files import BEDS, POOLS, REGISTERS
from tiercare.apps.capacity.rules.pools import PoolGiven, WeekGiven
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.network.commands.imports import Source
from tiercare.apps.network.models import Clinician, Department, Equipment, PracticeSite
from tiercare.engines.sheets import Table, write_csv, write_xlsx
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

POOL = {"池编号": "xnk-zj", "池名称": "心血管内科专家门诊", "种类": "门诊号源", "类别": "专家门诊"}
LINE = {"池编号": "xnk-zj", "星期": "周一", "开始": "08:00", "结束": "12:00", "号数": "16"}


def book(**sheets: list[dict[str, str]]) -> bytes:
    """A workbook, a sheet for each register."""
    names = {"pools": "号源床位检查池", "weeks": "周排班", "beds": "床位"}
    tables = []
    for key, rows in sheets.items():
        header = list(dict.fromkeys(column for row in rows for column in row))
        tables.append(Table(names[key], header, [[row.get(column, "") for column in header] for row in rows]))
    return write_xlsx(tables)


@pytest.fixture
def registers(hospital):
    """A department, a physician and a device of the hospital's own."""
    today = DateRange(ledger.today(), None)
    Department.objects.create(
        institution_id=hospital.id, name="示例心内科", specialty_code="03.04", period=today
    )
    doctor = Clinician.objects.create(name="示例甲医师", code="ys01", title="主任医师", synthetic=True)
    PracticeSite.objects.create(
        clinician=doctor, institution_id=hospital.id, ground="REGISTERED", period=today
    )
    device = Equipment.objects.create(
        institution_id=hospital.id, kind="ct", model="示例64排", count=1, period=today
    )
    return {"doctor": doctor.id, "device": device.id}


def test_a_file_is_taken_over_through_the_rules_of_the_pages(hospital, registers):
    pool = POOL | {
        "科室": "示例心内科",
        "医师": "ys01",
        "每号分钟": "15",
        "家庭医生转诊预留（%）": "12.5",
        "提前释放小时": "48",
    }
    exam = {
        "池编号": "ct",
        "池名称": "CT",
        "种类": "检查",
        "类别": "检查",
        "设备": "X线计算机断层扫描（CT） 示例64排",
    }
    exam |= {
        "检查项目": "胸部 CT 平扫",
        "空腹": "是",
        "检查准备": "去除金属物",
        "检查前询问": "是否怀孕？\n是否过敏？",
    }
    beds = [{"病区": "心内一病区", "床号": str(n), "收治性别": "男"} for n in range(1, 4)]
    late = LINE | {"星期": "周二", "结束": "24:00", "开始": "18:00", "医师": "示例甲医师", "节假日照常": "是"}
    content = book(pools=[pool, exam], weeks=[LINE, late], beds=beds)

    file = upload_places(hospital.office, file_name="放号.xlsx", content=content)
    shown = place_files.own_file(hospital.office, file.id)
    assert (shown.rows, shown.bad, shown.changes) == (7, 0, 7)
    assert not Pool.objects.filter(institution_id=hospital.id).exists() and not Bed.objects.exists()

    take_over_places(hospital.office, file_id=file.id)
    kept = Pool.objects.get(institution_id=hospital.id, code="xnk-zj")
    assert (kept.clinician_id, kept.specialty_code, kept.slot_minutes) == (registers["doctor"], "03.04", 15)
    assert (kept.shares, kept.release_hours) == ({Channel.FAMILY_DOCTOR.value: 0.125}, 48)
    ct = Pool.objects.get(code="ct")
    assert ct.equipment_id == registers["device"]
    assert ct.details == {
        "fasting": True,
        "preparation": "去除金属物",
        "questions": ["是否怀孕？", "是否过敏？"],
    }
    lines = Template.objects.filter(pool=kept).order_by("weekday")
    assert [(each.starts, each.ends, each.on_holidays) for each in lines] == [
        (time(8), time(12), False),
        (time(18), time(0), True),
    ]
    assert Bed.objects.filter(institution_id=hospital.id, sex=BedSex.MALE.value).count() == 3
    # Each row as a page would have told it, and the file besides.
    assert Event.objects.filter(kind=events.PoolKept.KIND).count() == 2
    told = Event.objects.get(kind=events.PlacesImported.KIND)
    assert (told.payload["created"], told.subject_id) == (7, file.id)
    with pytest.raises(Refused) as again:
        take_over_places(hospital.office, file_id=file.id)
    assert again.value.refusals[0].code == "capacity.file_not_waiting"


@pytest.mark.parametrize("encoding", [None, "gb18030", "utf-8-sig"])
def test_what_was_exported_comes_back_unchanged_and_gives_the_same_bytes(hospital, registers, encoding):
    given = PoolGiven(
        code="xnk-zj",
        name="心血管内科专家门诊",
        kind=Kind.CLINIC,
        grade=Grade.NAMED,
        specialty_code="03.04",
        clinician_id=registers["doctor"],
        slot_minutes=15,
        shares={Channel.FAMILY_DOCTOR: 0.07, Channel.MEMBER: 0.125},
        details={"bring": "请带既往病历\r\n和影像资料"},
    )
    pool = keep_pool(hospital.office, institution_id=hospital.id, given=given)
    ward = PoolGiven(
        "wd", "=示例床位", Kind.BED, Grade.INPATIENT, details={"ward": "", "sex": "ANY", "isolation": False}
    )
    keep_pool(hospital.office, institution_id=hospital.id, given=ward)
    lines = [
        WeekGiven(1, time(8), time(12), capacity=16, walk_ins=2, place="门诊 3 楼"),
        WeekGiven(5, time(18), time(0), capacity=8, since=ledger.today() + timedelta(days=30)),
    ]
    keep_week(hospital.office, pool_id=pool.id, lines=lines)
    keep_bed(hospital.office, institution_id=hospital.id, ward="一病区", number="01", sex=BedSex.FEMALE)
    before = Event.objects.count()

    def files():
        return place_files.own_export(hospital.office, encoding=encoding)

    first = files()
    sources = [Source(file.name, file.content) for file in first]
    done = import_places(hospital.office, institution_id=hospital.id, sources=sources)
    assert done.bad == 0
    assert sum(each["unchanged"] for each in done.counts.values()) == 5
    assert [file.content for file in files()] == [file.content for file in first]
    assert Event.objects.count() == before + 1  # the file; no register changed


def test_what_is_wrong_is_named_by_its_cell_and_nothing_is_taken(hospital, registers):
    pools = [
        POOL,
        POOL | {"池编号": "b", "类别": "检查"},
        POOL | {"池编号": "c", "医师": "无此人"},
        POOL | {"池编号": "d", "家庭医生转诊预留（%）": "130"},
        POOL,
    ]
    weeks = [
        LINE,
        LINE | {"开始": "25:00"},
        LINE | {"星期": "周二", "池编号": "none"},
        LINE | {"星期": "周三", "号数": "-1"},
    ]
    file = upload_places(hospital.office, file_name="放号.xlsx", content=book(pools=pools, weeks=weeks))
    said = {(each["place"], each["column"]): each["message"]["zh"] for each in file.faults}
    assert said.keys() == {
        ("号源床位检查池!3", "grade"),
        ("号源床位检查池!4", "clinician"),
        ("号源床位检查池!5", "share_family_doctor"),
        ("号源床位检查池!6", "code"),
        ("周排班!3", "starts"),
        ("周排班!4", "pool"),
        ("周排班!5", "capacity"),
    }
    assert "无此人" in said["号源床位检查池!4", "clinician"]
    assert all(each["fix"]["zh"] and each["fix"]["en"] for each in file.faults)
    with pytest.raises(Refused) as refused:
        take_over_places(hospital.office, file_id=file.id)
    assert refused.value.refusals[0].code == "capacity.file_rows_are_bad"
    assert not Pool.objects.filter(institution_id=hospital.id).exists()
    assert not Event.objects.filter(kind=events.PoolKept.KIND).exists()


@pytest.mark.parametrize(
    ("typed", "kept"), [("20", 0.2), ("20%", 0.2), (0.2, None), ("1%", 0.01), ("1", None)]
)
def test_a_share_is_written_in_per_cent_and_never_guessed(hospital, typed, kept):
    content = write_xlsx([Table("号源床位检查池", [*POOL, "转诊预留（%）"], [[*POOL.values(), typed]])])
    tried = try_places(hospital.office, institution_id=hospital.id, sources=[Source("a.xlsx", content)])
    assert tried.bad == (kept is None)
    if kept:
        import_places(hospital.office, institution_id=hospital.id, sources=[Source("a.xlsx", content)])
        assert Pool.objects.get(code="xnk-zj").shares == {Channel.REFERRAL.value: kept}


def test_another_hospital_s_file_is_not_to_be_seen_or_taken(hospital):
    file = upload_places(hospital.office, file_name="a.xlsx", content=book(pools=[POOL]))
    stranger = hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")
    assert place_files.own_file(stranger, file.id) is None and place_files.own_files(stranger) == []
    for act in (take_over_places, discard_places):
        with pytest.raises(Refused) as refused:
            act(stranger, file_id=file.id)
        assert refused.value.refusals[0].status == 404
    with pytest.raises(Refused):
        import_places(stranger, institution_id=hospital.id, sources=[Source("a.xlsx", book(pools=[POOL]))])
    with pytest.raises(Refused):
        upload_places(hospital.family_doctor, file_name="a.xlsx", content=book(pools=[POOL]))
    assert not Pool.objects.filter(code="xnk-zj").exists()
    discard_places(hospital.office, file_id=file.id)
    assert PlaceFile.objects.get().state == "DISCARDED"


def test_the_same_file_again_is_the_same_upload_and_a_template_holds_nothing(hospital):
    content = book(pools=[POOL])
    first = upload_places(hospital.office, file_name="a.xlsx", content=content)
    assert upload_places(hospital.office, file_name="a.xlsx", content=content).id == first.id
    with pytest.raises(Refused) as refused:
        upload_places(hospital.office, file_name="模板.xlsx", content=place_files.template())
    assert refused.value.refusals[0].code == "import_no_rows"
    with pytest.raises(Refused) as refused:
        upload_places(hospital.office, file_name="x.csv", content=b"a,b\n1,2\n")
    assert "号源床位检查池" in refused.value.refusals[0].way_on()


def test_a_csv_is_told_apart_by_its_columns(hospital):
    rows = [["一病区", "1"], ["一病区", "2"]]
    content = write_csv(Table("x", ["病区", "床号"], rows), "gb18030")
    import_places(Actor.system("cli"), institution_id=hospital.id, sources=[Source("x.csv", content)])
    assert Bed.objects.filter(institution_id=hospital.id).count() == 2
    assert {BEDS.key, POOLS.key} < REGISTERS.keys()
