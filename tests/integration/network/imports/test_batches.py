"""A file from upload to take-over: bad rows stay in quarantine, nothing is half loaded, a card stops it in its words."""

from __future__ import annotations

from datetime import date

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.ledger.models import Event
from tiercare.apps.network import models
from tiercare.apps.network.commands import imports as commands
from tiercare.apps.network.queries import imports as queries
from tiercare.apps.network.queries.sheets import bad_rows_workbook, export_workbook
from tiercare.engines.sheets import read
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import Rows, book, consortium, csv, institution, office_of

DAY = date(2019, 7, 1)
MEMBERS = ("医联体编码", "机构编码", "身份", "生效日期", "终止日期")
DEPARTMENTS = ("机构编码", "科室名称", "诊疗科目代码", "生效日期")
INSTITUTIONS = (
    "机构编码",
    "机构名称",
    "机构类别",
    "级别",
    "举办主体",
    "隶属关系",
    "县区代码",
    "实有床位",
    "生效日期",
)
HOSPITAL = (
    "new-hospital",
    "新建医院",
    "综合医院",
    "二级",
    "公立",
    "县（区）",
    "340202",
    "100",
    "2019-08-01",
)


def department(
    institution_code: str, name: str, specialty: str = "03", start: str = "2019-08-01"
) -> tuple[str, ...]:
    return institution_code, name, specialty, start


def _upload(actor: Actor, content: bytes, name: str = "表.xlsx", **given: object) -> models.ImportBatch:
    return commands.upload_import(
        actor=actor, region="3402", file_name=name, content=content, on=DAY, **given
    )


def _codes(error: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in error.value.refusals]


def _told(batch: models.ImportBatch) -> dict[tuple[str, str], tuple[str, str]]:
    """Value, and reason with fix, of every problem, by place and column."""
    rows, _ = queries.bad_rows(batch.id)
    return {
        (str(row), p["column"]): (p["value"], p["message"]["zh"] + p["fix"]["zh"])
        for row in rows
        for p in row.problems
    }


@pytest.fixture
def own() -> models.Institution:
    return institution("second_hospital")


@pytest.fixture
def good(wuhu: str, own: models.Institution) -> Rows:
    return [DEPARTMENTS, department(own.slug, "老年医学科", "03"), department(own.slug, "儿科门诊", "07")]


def test_nothing_holds_before_it_is_taken_over_and_then_all_of_it(commission: Actor, good: Rows) -> None:
    batch = _upload(commission, book({"科室": good}))
    assert batch.counts["registers"]["departments"] == {
        "rows": 2, "ready": 2, "created": 2, "changed": 0, "unchanged": 0, "voided": 0, "bad": 0,
    }  # fmt: skip
    assert not models.Department.objects.filter(name="老年医学科").exists()
    commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=False)
    assert models.Department.objects.filter(name__in=["老年医学科", "儿科门诊"]).count() == 2
    batch.refresh_from_db()
    assert batch.state == "APPLIED" and batch.applied_at
    assert [row["name"].split()[0] for row in batch.counts["written"]["departments"]] == [
        "老年医学科",
        "儿科门诊",
    ]
    event = Event.objects.get(kind="network.import_taken_over")
    assert (event.payload["created"], event.payload["left_out"], event.subject_id) == (2, 0, batch.id)


def test_the_same_file_again_is_the_same_batch_and_later_changes_nothing(
    commission: Actor, good: Rows
) -> None:
    content = book({"科室": good})
    batch = _upload(commission, content)
    assert _upload(commission, content).id == batch.id
    commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=False)
    again = _upload(commission, content)
    assert again.id != batch.id
    counted = again.counts["registers"]["departments"]
    assert (counted["created"], counted["changed"], counted["unchanged"]) == (0, 0, 2)
    before = list(models.Department.objects.order_by("id").values())
    commands.take_over_import(actor=commission, batch_id=again.id, skip_bad=False)
    assert list(models.Department.objects.order_by("id").values()) == before


def test_all_or_nothing_refuses_and_names_how_many(commission: Actor, good: Rows, own) -> None:
    rows = [*good, department(own.slug, "", "03"), department("no-such-place", "甲科")]
    batch = _upload(commission, book({"科室": rows}))
    with pytest.raises(Refused) as error:
        commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=False)
    assert error.value.refusals[0].sentence() == "有 2 行有误，没有导入任何数据。"
    assert not models.Department.objects.filter(name="老年医学科").exists()
    batch.refresh_from_db()
    assert batch.state == "CHECKED"


def test_skipping_takes_the_rest_and_keeps_the_bad_rows_to_be_mended_elsewhere(
    commission: Actor, good: Rows, own
) -> None:
    batch = _upload(commission, book({"科室": [*good, department(own.slug, "心内科", "99")]}))
    commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=True)
    assert models.Department.objects.filter(name__in=["老年医学科", "儿科门诊"]).count() == 2
    assert not models.Department.objects.filter(name="心内科").exists()
    assert Event.objects.get(kind="network.import_taken_over").payload["left_out"] == 1

    rows, total = queries.bad_rows(batch.id)
    assert total == 1
    content = bad_rows_workbook(rows)
    sheet = read(content, "x.xlsx", is_header=lambda texts: "问题" in texts).sheets[0]
    assert sheet.name == "科室" and len(sheet.lines) == 1
    assert "科室!4：诊疗科目代码" in str(sheet.lines[0].cells[-1])
    again = _upload(commission, content, "有误的行.xlsx")
    assert again.counts["registers"]["departments"]["bad"] == 1, "the column 问题 is left out when read"


def test_a_row_is_mended_in_place_and_the_file_can_be_taken_over(commission: Actor, good: Rows, own) -> None:
    batch = _upload(commission, book({"科室": [*good, department(own.slug, "心内科", "99", "2019-13-40")]}))
    (row,), _ = queries.bad_rows(batch.id)
    assert {problem["column"] for problem in row.problems} == {"from"}
    commands.mend_row(actor=commission, batch_id=batch.id, row_id=row.id, cells={"from": "2019-08-01"})
    assert _told(batch)["科室!4", "specialty"][0] == "99", "mended in one cell, told about the next"
    commands.mend_row(actor=commission, batch_id=batch.id, row_id=row.id, cells={"specialty": "03.04"})
    batch.refresh_from_db()
    assert batch.counts["registers"]["departments"]["bad"] == 0
    assert batch.counts["registers"]["departments"]["created"] == 3
    row.refresh_from_db()
    assert (row.problems, row.mended_by) == ([], "演示·市卫健委")
    commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=False)
    assert models.Department.objects.get(name="心内科").specialty_code == "03.04"


def test_what_is_done_cannot_be_done_again(commission: Actor, good: Rows) -> None:
    batch = _upload(commission, book({"科室": good}))
    commands.discard_import(actor=commission, batch_id=batch.id)
    for act in (
        lambda: commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=True),
        lambda: commands.discard_import(actor=commission, batch_id=batch.id),
        lambda: commands.recheck_import(actor=commission, batch_id=batch.id),
        lambda: commands.mend_row(actor=commission, batch_id=batch.id, row_id=uuid7(), cells={}),
    ):
        with pytest.raises(Refused) as error:
            act()
        assert error.value.refusals[0].sentence() == "这份文件已放弃，不能再改动。"
    assert not models.Department.objects.filter(name="老年医学科").exists()


def test_a_file_that_cannot_be_used_leaves_nothing_behind(commission: Actor) -> None:
    for content, name in ((b"%PDF-1.7", "x.xlsx"), (b"", "x.csv"), (book({"科室": [DEPARTMENTS]}), "x.xlsx")):
        with pytest.raises(Refused):
            _upload(commission, content, name)
    assert models.ImportBatch.objects.count() == 0


def test_each_kind_of_bad_row_is_told_with_its_place_value_reason_and_fix(commission: Actor, own) -> None:
    """The issue's paragraph "Bad input", through the door that people use."""
    group = consortium("city-jinghu").slug
    models.ConsortiumVersion.objects.filter(consortium__slug=group).update(
        period=DateRange(date(2018, 1, 1), date(2019, 10, 1))
    )
    wrong = {
        "wrong code": {"县区代码": "340299"},
        "missing code": {"机构编码": ""},
        "no such level": {"级别": "四级"},
        "no such day": {"生效日期": "2019-02-30"},
        "no count": {"实有床位": "约100张"},
    }
    rows: list[tuple[object, ...]] = [INSTITUTIONS]
    for number, change in enumerate(wrong.values()):
        row = dict(zip(INSTITUTIONS, HOSPITAL, strict=True)) | {"机构编码": f"new-{number}"} | change
        rows.append(tuple(row.values()))
    rows += [HOSPITAL, HOSPITAL, (*HOSPITAL[:7], "=1+1", HOSPITAL[8])]
    members = [
        MEMBERS,
        (group, own.slug, "成员单位", "2019-12-01", ""),
        (group, own.slug, "成员单位", "2019-08-01", "2019-07-01"),
    ]
    batch = _upload(commission, book({"机构": rows, "成员": members}))
    told = _told(batch)
    expected = {
        ("机构!2", "division"): ("340299", "区划代码 340299 在 2019-08-01 无效"),
        ("机构!3", "code"): ("", "没有填写"),
        ("机构!4", "level"): ("四级", "可填：三级、二级、一级、未定级"),
        ("机构!5", "from"): ("2019-02-30", "请写成 2019-07-01 的样子"),
        ("机构!6", "beds"): ("约100张", "请只填数字，不带单位"),
        ("机构!8", "from"): ("2019-08-01", "机构!8与机构!7重复"),
        ("机构!9", "beds"): ("", "是公式"),
        ("成员!2", "from"): ("2019-12-01", "已于 2019-10-01 终止"),
        ("成员!3", "to"): ("2019-07-01", "不晚于生效日期"),
    }
    for at, (value, reason) in expected.items():
        assert at in told, (at, told)
        assert told[at][0] == value and reason in told[at][1], (at, told[at])
    assert not models.Institution.objects.filter(slug__startswith="new-").exists()


@pytest.mark.clause("WH-27")
def test_a_card_stops_the_file_with_its_words_and_the_page_knew_before(commission: Actor) -> None:
    child, parent = consortium("community-fanchang-hospital"), consortium("urban-rural-second")
    rows = [("上级医联体编码", "加入的医共体编码", "生效日期"), (parent.slug, child.slug, "2019-08-01")]
    batch = _upload(commission, book({"整体加入": rows}))
    broken = {card["card"]: card for card in batch.counts["effect"]["broken"]}
    card = broken["one_tertiary_partner_per_community"]
    assert card["clauses"] == ["WH-27"]
    (finding,) = card["findings"]
    assert finding["rows"] == ["整体加入!2"]
    assert finding["on"] == "2019-08-01"
    assert finding["subject"] == f"consortium:{child.slug}"
    assert (
        "繁昌县人民医院医共体" in finding["message"]["zh"]
        and finding["remedy"]["zh"]
        and finding["remedy"]["en"]
    )
    assert finding["links"][0]["name"] == "繁昌县人民医院医共体"
    value = next(iter(card["parameters"].values()))
    assert value["clause"] == "WH-27" and value["title"]["zh"]
    with pytest.raises(Refused) as error:
        commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=False)
    assert "one_tertiary_partner_per_community" in _codes(error)
    assert not models.Joining.objects.filter(parent=parent, child=child).exists()
    assert not Event.objects.filter(kind="network.import_taken_over").exists()


def test_new_things_that_break_a_card_are_told_by_their_rows(commission: Actor, own) -> None:
    rows = [
        ("医联体编码", "医联体名称", "类型", "服务区域代码", "生效日期"),
        ("second-group", "镖湖第二医联体", "城市医联体", "340202", "2019-08-01"),
    ]
    members = [MEMBERS, ("second-group", own.slug, "牵头医院", "2019-08-01", "")]
    batch = _upload(commission, book({"医联体": rows, "成员": members}))
    broken = {card["card"]: card for card in batch.counts["effect"]["broken"]}
    finding = broken["one_city_consortium_per_district"]["findings"][0]
    assert "医联体!2" in finding["rows"]
    assert {"kind": "consortium", "key": "", "code": "second-group", "name": "镖湖第二医联体"} in finding[
        "links"
    ]


def test_an_institution_reports_its_own_and_nothing_else(wuhu: str, good: Rows, own) -> None:
    office = office_of(own.id)
    batch = _upload(office, book({"科室": good}))
    assert batch.institution_id == own.id
    commands.take_over_import(actor=office, batch_id=batch.id, skip_bad=False)
    assert models.Department.objects.filter(institution=own, name="老年医学科").exists()

    with pytest.raises(Refused) as error:
        _upload(office, book({"机构": [INSTITUTIONS, HOSPITAL]}))
    assert _codes(error) == ["import_not_your_register"]
    other = institution("first_hospital")
    foreign = _upload(office, book({"科室": [DEPARTMENTS, department(other.slug, "冒名科")]}))
    (place, _), (_, reason) = next(iter(_told(foreign).items()))
    assert place == "科室!2" and "不在其中" in reason
    with pytest.raises(Refused):
        commands.take_over_import(actor=office, batch_id=foreign.id, skip_bad=True)
    assert not models.Department.objects.filter(name="冒名科").exists()


def test_who_may_not_is_told_and_batches_of_others_are_not_seen(commission: Actor, good: Rows, own) -> None:
    content = book({"科室": good})
    doctor = Actor(uuid7(), "村医", "primary_doctor", institution_id=own.id, division_code="340202")
    with pytest.raises(Refused) as error:
        _upload(doctor, content)
    assert _codes(error) == ["access.not_your_right"]
    elsewhere = Actor(uuid7(), "别处", "commission", division_code="3401")
    with pytest.raises(Refused) as error:
        _upload(elsewhere, content)
    assert _codes(error) == ["access.outside_scope"]

    batch = _upload(office_of(own.id), content)
    stranger = office_of(institution("first_hospital").id)
    assert queries.import_batch(stranger, batch.id) is None
    assert queries.import_batches(stranger, "3402") == []
    assert [row.id for row in queries.import_batches(commission, "3402")] == [batch.id]
    with pytest.raises(Refused) as error:
        commands.take_over_import(actor=stranger, batch_id=batch.id, skip_bad=True)
    assert _codes(error) == ["import_not_found"]


def test_what_looks_like_a_formula_leaves_as_text_and_comes_back_the_same(commission: Actor, own) -> None:
    name = "=HYPERLINK(1)"
    batch = _upload(commission, csv(DEPARTMENTS, department(own.slug, name)), "科室.csv")
    commands.take_over_import(actor=commission, batch_id=batch.id, skip_bad=False)
    stored = models.Department.objects.get(institution=own, specialty_code="03", name__contains="HYPERLINK")
    (file,) = export_workbook(
        "3402", on=date(2019, 9, 1), registers=["departments"], encoding="utf-8-sig", institution_id=own.id
    )
    assert f"'{name}" in file.content.decode("utf-8-sig")
    back = _upload(commission, file.content, "科室.csv")
    counted = back.counts["registers"]["departments"]
    assert (counted["unchanged"], counted["created"], counted["changed"]) == (counted["rows"], 0, 0)
    assert stored.name == name


def test_duplicates_across_files_are_found(commission: Actor, own) -> None:
    one = csv(DEPARTMENTS, department(own.slug, "老年医学科"))
    other = csv(DEPARTMENTS, department(own.slug, "老年医学科", "03.01"))
    tried = commands.try_files(
        actor=commission,
        sources=[commands.Source("甲-科室.csv", one), commands.Source("乙-科室.csv", other)],
        pack_id="wuhu",
        on=DAY,
    )
    places = {str(row.place) for row in tried.bad}
    assert places == {"甲-科室.csv 甲-科室!2", "乙-科室.csv 乙-科室!2"}
    assert all(p.message.zh for row in tried.bad for p in row.problems)
