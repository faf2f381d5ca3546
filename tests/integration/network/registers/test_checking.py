"""Rows checked before they are taken over: every kind of problem, with its place and the way on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.rules import Role
from tiercare.apps.network import models
from tiercare.apps.network.commands.registers import Checked, RowProblem, check_entries
from tiercare.apps.network.rules.entries import Entry
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .conftest import FROM, GROUP, HOSPITAL, OTHER_GROUP, SECOND, YIJISHAN, kept, of_everything, row, standing

SYSTEM = Actor.system("test")
CREDIT = "91110000600037341L"


def check(*entries: Entry, actor: Actor = SYSTEM, region: str = "3402") -> Checked:
    return check_entries(actor, entries, region=region)


def only(checked: Checked) -> RowProblem:
    assert len(checked.problems) == 1, checked.problems
    return checked.problems[0]


def member(place: str = "成员!2", **cells: str) -> Entry:
    said = {"consortium": "new-group", "institution": "new-hospital", "role": "成员单位"} | FROM
    return row("memberships", place, **(said | cells))


def hospital(place: str = "机构!2", **cells: str) -> Entry:
    return row("institutions", place, **(HOSPITAL | cells))


def commission(division: str) -> Actor:
    return Actor(name="演示", role=Role.COMMISSION, account_id=uuid7(), division_code=division)


def test_rows_may_rest_on_rows_of_the_same_set_and_name_them_in_full(wuhu: str) -> None:
    named = member(institution="新医院（演示）", consortium="新医联体（演示）")
    checked = check(named, row("consortia", **GROUP), hospital())
    assert checked.problems == ()
    assert checked.ready[0].identity == ("new-group", "new-hospital")
    assert checked.ready[0].place == "成员!2"


def test_names_stand_for_codes_in_parties_too(wuhu: str) -> None:
    name = models.InstitutionVersion.objects.get(institution__slug=SECOND).name
    paper = row(
        "agreements", code="a-1", title="协议", parties=f"{name}、gov:340202", signed_on="2020-05-01", **FROM
    )
    assert check(paper).ready[0].several("parties") == ("gov:340202", SECOND)


def test_an_unknown_code_is_told_with_what_was_meant(wuhu: str) -> None:
    problem = only(check(hospital(), row("consortia", **GROUP), member(institution="new-hospitel")))
    assert (problem.place, problem.register, problem.column) == ("成员!2", "memberships", "institution")
    assert problem.value == "new-hospitel"
    assert problem.message.zh == "没有编码或名称为“new-hospitel”的机构。"
    assert "new-hospital（新医院（演示））" in problem.fix.zh


def test_a_name_that_two_bear_names_neither(wuhu: str) -> None:
    two = [hospital(), hospital("机构!3", code="twin-hospital")]
    problem = only(check(*two, row("consortia", **GROUP), member(institution="新医院（演示）")))
    assert problem.column == "institution"
    assert "new-hospital、twin-hospital" in problem.message.zh
    assert check(*two, row("consortia", **GROUP), member()).problems == ()


def test_a_name_of_another_day_is_told_with_its_code(wuhu: str) -> None:
    kept([hospital(), hospital(name="改名医院", **{"from": "2020-05-01"}), row("consortia", **GROUP)])
    problem = only(check(member(institution="新医院（演示）")))
    assert "new-hospital" in problem.fix.zh
    assert check(member(institution="改名医院")).problems == ()


def test_a_row_that_rests_on_a_wrong_row_falls_with_it(wuhu: str) -> None:
    checked = check(row("consortia", **GROUP), hospital(division="990101"), member())
    assert [(p.place, p.column) for p in checked.problems] == [
        ("机构!2", "division"),
        ("成员!2", "institution"),
    ]
    assert "有问题" in checked.problems[1].message.zh


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"division": "340299"}, "division", "区划代码 340299 在 2020-01-01 无效"),
        ({"division": "340203", "from": "2021-03-01"}, "division", "340209"),
        ({"division": "34"}, "division", "省级代码"),
        ({"township": "340299001"}, "township", "340299001"),
        ({"specialties": "03、88"}, "specialties", "88"),
        ({"key_specialties": "03.99=省级"}, "key_specialties", "03.99"),
    ],
)
def test_codes_must_stand_on_the_first_day(wuhu: str, cells: dict[str, str], column: str, said: str) -> None:
    problem = only(check(hospital(**cells), region=""))
    assert (problem.place, problem.column) == ("机构!2", column)
    assert said in problem.message.zh + problem.fix.zh


def test_a_retired_code_was_good_before_it_retired(wuhu: str) -> None:
    assert check(hospital(division="340203", **{"from": "2019-07-01"})).problems == ()
    assert check(hospital(division="340203", **{"from": "2010-07-01"})).problems == (), (
        "before the records begin"
    )
    early = only(check(hospital(division="340209", **{"from": "2018-07-01"})))
    assert "340203" in early.fix.zh, "made by a change, so it did not stand before"


def test_a_township_lies_in_its_county(wuhu: str) -> None:
    there = models.InstitutionVersion.objects.exclude(township_code="").filter(division_code="340202").first()
    assert there is not None
    assert check(hospital(township=there.township_code)).problems == ()
    problem = only(check(hospital(township=there.township_code, division="340207")))
    assert problem.column == "township"
    assert "340202" in problem.message.zh


def test_what_is_said_twice_names_both_places(wuhu: str) -> None:
    problem = only(check(hospital(), hospital("机构!9")))
    assert problem.place == "机构!9"
    assert "机构!2" in problem.message.zh
    both = check(hospital(), hospital("机构!9", beds="7"))
    assert [p.place for p in both.problems] == ["机构!2", "机构!9"]
    assert not both.ready


def test_rows_of_one_thing_for_the_same_days_must_agree(wuhu: str) -> None:
    kept([hospital(), row("consortia", **GROUP)])
    first = member(to="2021-01-01")
    second = member("成员!3", role="协作医院", **{"from": "2020-10-01"})
    problem = only(check(first, second))
    assert (problem.place, problem.column) == ("成员!3", "from")
    assert "成员!2" in problem.message.zh
    assert check(member(), second).problems == (), "with no end the first one ends where the second begins"


def test_a_kind_never_changes(wuhu: str) -> None:
    kept([row("consortia", **GROUP)])
    problem = only(check(row("consortia", "医联体!4", **(GROUP | {"kind": "县域医共体"}))))
    assert (problem.place, problem.column) == ("医联体!4", "kind")
    assert "城市医联体" in problem.message.zh


def test_a_credit_code_belongs_to_one(wuhu: str) -> None:
    kept([hospital(credit_code=CREDIT)])
    problem = only(check(hospital("机构!5", code="other-hospital", credit_code=CREDIT)))
    assert (problem.place, problem.column, problem.value) == ("机构!5", "credit_code", CREDIT)
    assert "new-hospital" in problem.message.zh
    twice = [hospital(f"机构!{n}", code=f"h-{n}", credit_code="911100007109310534") for n in (6, 7)]
    assert "机构!6" in only(check(*twice)).message.zh


@pytest.mark.parametrize(
    ("day", "said"),
    [("2019-06-01", "早于“新医联体（演示）”的起始日期 2020-01-01"), ("2022-02-01", "已于 2022-01-01 终止")],
)
def test_a_row_begins_while_what_it_names_stands(wuhu: str, day: str, said: str) -> None:
    group = row("consortia", **(GROUP | {"to": "2022-01-01"}))
    problem = only(check(group, member(institution=YIJISHAN, **{"from": day})))
    assert (problem.place, problem.column) == ("成员!2", "from")
    assert said in problem.message.zh


def test_a_row_that_has_no_room_names_what_is_in_its_way(wuhu: str) -> None:
    kept([hospital(), row("consortia", **GROUP), member(**{"from": "2022-01-01"})])
    problem = only(check(member(to="2022-06-01")))
    assert (problem.place, problem.column) == ("成员!2", "to")
    assert "2022-01-01" in problem.message.zh
    assert check(member(to="2022-01-01")).problems == ()


def test_only_what_stands_can_be_void(wuhu: str) -> None:
    kept([hospital(), row("consortia", **GROUP), member()])
    problem = only(check(member(op="作废", **{"from": "2020-07-01"})))
    assert (problem.place, problem.column) == ("成员!2", "from")
    assert "2020-06-01" in problem.fix.zh
    assert check(member(op="作废")).problems == ()


def test_what_others_rest_on_is_void_only_with_them(wuhu: str) -> None:
    kept([hospital(), row("consortia", **GROUP), member()])
    void = hospital(op="作废")
    problem = only(check(void))
    assert (problem.place, problem.column) == ("机构!2", "code")
    assert "成员" in problem.message.zh
    assert check(void, member(op="作废")).problems == ()


def test_an_agreement_with_wording_here_is_ended_not_void(wuhu: str) -> None:
    paper = row("agreements", "协议!2", code="a-1", title="协议", parties=f"{SECOND}、gov:340202",
                signed_on="2020-05-01", **FROM)  # fmt: skip
    kept([paper])
    void = Entry(paper.register, paper.values, type(paper.op).VOID, "协议!2")
    assert check(void).problems == ()
    models.Agreement.objects.filter(slug="a-1").update(texts={"duties": "…"})
    assert only(check(void)).column == "code"


def test_nothing_joins_or_runs_itself(wuhu: str) -> None:
    joins = row("joinings", "整体加入!2", parent="new-group", child="new-group", **FROM)
    assert only(check(row("consortia", **GROUP), joins)).column == "child"
    runs = row("trusteeships", "托管!2", trustee=SECOND, entrusted=SECOND, **FROM)
    assert only(check(runs)).place == "托管!2"


def test_one_code_is_one_person(wuhu: str) -> None:
    cells = {"code": "d-1", "ground": "注册", "scope": "02"} | FROM
    one = row("clinicians", "医务人员!2", name="演示甲", institution=YIJISHAN, **cells)
    other = row("clinicians", "医务人员!3", name="演示乙", institution=SECOND, **cells)
    problem = only(check(one, other))
    assert (problem.place, problem.column) == ("医务人员!3", "name")
    assert "医务人员!2" in problem.message.zh


def test_an_obligation_stands_once(wuhu: str) -> None:
    paper = row(
        "agreements",
        code="a-1",
        title="协议",
        parties=f"{SECOND}、gov:340202",
        signed_on="2020-05-01",
        **FROM,
    )
    cells = {"agreement": "a-1", "debtor": SECOND, "creditor": "gov:340202", "text": "派医师"}
    one = row("obligations", "义务!2", due="2021-06-30", **cells)
    other = row("obligations", "义务!3", due="2022-06-30", **cells)
    problem = only(check(paper, one, other))
    assert (problem.place, problem.column) == ("义务!2", "due")


def test_a_commission_keeps_its_own_area_and_what_reaches_into_it(wuhu: str) -> None:
    kept([row("consortia", **GROUP)])
    county = commission("340202")
    assert check(hospital(), member(), actor=county).problems == ()
    problem = only(check(hospital(division="340207"), actor=county))
    assert (problem.place, problem.column) == ("机构!2", "division")
    elsewhere = commission("340207")
    home = models.InstitutionVersion.objects.get(institution__slug=SECOND).division_code
    assert not home.startswith("340207")
    assert only(check(member(institution=SECOND), actor=elsewhere)).place == "成员!2"


def test_an_institution_is_not_moved_out_of_an_area_by_another(wuhu: str) -> None:
    kept([hospital()])
    moved = hospital(division="340207", **{"from": "2021-01-01"})
    assert only(check(moved, actor=commission("340207"))).column == "division"
    assert check(moved, actor=commission("3402")).problems == ()


def test_an_institution_keeps_its_own_registers_and_no_other(wuhu: str) -> None:
    kept(of_everything())
    key = models.Institution.objects.get(slug="new-hospital").id
    office = Actor(
        name="演示", role=Role.REFERRAL_OFFICE, account_id=uuid7(), division_code="340202", institution_id=key
    )
    own = row("departments", "科室!2", institution="new-hospital", name="儿科", specialty="07", **FROM)
    other = row("departments", "科室!3", institution=SECOND, name="儿科", specialty="07", **FROM)
    checked = check(own, other, actor=office)
    assert checked.ready == (own,)
    assert only(checked).place == "科室!3"
    assert only(check(hospital(beds="9"), actor=office)).column == "division"


def test_a_row_of_elsewhere_is_not_for_this_region(wuhu: str) -> None:
    assert "不在本地区" in only(check(hospital(), region="44")).message.zh
    assert check(hospital(), region="00").problems == ()


def test_what_cards_speak_about_is_no_problem_of_a_row(wuhu: str) -> None:
    leads = [member(role="牵头医院"), member("成员!3", institution=SECOND, role="牵头医院")]
    circle = [
        row("trusteeships", trustee=SECOND, entrusted=YIJISHAN, **FROM),
        row("trusteeships", trustee=YIJISHAN, entrusted=SECOND, **FROM),
    ]
    assert check(hospital(), row("consortia", **GROUP), *leads, *circle).problems == ()


def test_hostile_names_are_told_as_they_are(wuhu: str) -> None:
    name = "{0}%s“'\"; {x!r}"
    problem = only(check(row("consortia", **GROUP), member(institution=name)))
    assert name in problem.message.zh
    assert problem.value == name
    kept([hospital(name=name), row("consortia", **OTHER_GROUP)])
    early = member(consortium="other-group", institution=name, **{"from": "2020-01-01"})
    assert check(early).problems == ()


def test_a_check_writes_nothing(wuhu: str) -> None:
    before = standing()
    with CaptureQueriesContext(connection) as asked:
        check(*of_everything())
    assert all(query["sql"].lstrip("(").startswith("SELECT") for query in asked)
    assert standing() == before


def test_as_many_queries_for_many_rows_as_for_few(wuhu: str) -> None:
    def batch(size: int) -> Iterable[Entry]:
        for n in range(size):
            yield hospital(f"机构!{n}", code=f"b-{n}", name=f"医院{n}")
            yield member(f"成员!{n}", institution=f"b-{n}")
            yield row("departments", institution=f"医院{n}", name="内科", specialty="03", **FROM)

    kept([row("consortia", **GROUP)])
    with CaptureQueriesContext(connection) as few:
        check(*batch(5))
    with CaptureQueriesContext(connection) as many:
        checked = check(*batch(3400))
    assert len(checked.ready) == 10200
    assert len(many) == len(few)
    assert len(many) <= 25


def test_a_file_of_nothing_but_wrong_rows_is_answered_in_bounded_queries(wuhu: str) -> None:
    rows = [
        member(
            f"成员!{n}", institution=f"nobody-{n}", **{"from": date(2000 + n % 20, 1 + n % 12, 1).isoformat()}
        )
        for n in range(500)
    ]
    with CaptureQueriesContext(connection) as asked:
        checked = check(row("consortia", **GROUP), *rows)
    assert len({p.place for p in checked.problems}) == 500
    assert len(asked) <= 25
