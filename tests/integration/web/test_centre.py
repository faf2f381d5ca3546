"""The admission centre's pages: the worklist, a case with its steps, what the centre runs, and the figures."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.cases import case_shown, open_cases
from tiercare.apps.capacity.queries.centre import unit_of
from tiercare.apps.capacity.rules.cases import FUNCTIONS, CaseKind, Step, StepState
from tiercare.apps.capacity.rules.criteria import Stage
from tiercare.apps.ledger import queries as ledger

from ..capacity.admitting import centre
from ..capacity.conftest import later, synthetic_clock
from ..residents.conftest import id_number
from .capacity_desk import acting_at, given, hospital, office, register, sent, site, text_of

__all__ = ["acting_at", "centre", "given", "hospital", "office", "register", "site", "synthetic_clock"]


def act(office: Client, case, name: str, **values):
    return office.post(f"/centre/cases/{case}/{name}", sent(**values))


def marked(page: str) -> str:
    """The step that comes next, as the page shows it."""
    found = re.search(
        r'<li class="case-step is-next".*?</li>\s*<li|<li class="case-step is-next".*', page, re.S
    )
    assert found is not None
    return found[0]


# --- the worklist --------------------------------------------------------------------------------------


def test_the_worklist_says_who_comes_next_and_hides_names(centre, office) -> None:
    centre.begin(centre.patient("王小明"), disease="肺炎")
    later(hours=30)
    centre.begin(centre.patient("李小红", request=uuid4()))
    later(hours=26)
    page = text_of(office.get("/centre"))
    assert page.index("李*红") < page.index("王*明")
    assert "王小明" not in page and "李小红" not in page
    assert "绿色通道" in page and "1 天 2 小时" in page and "2 天 8 小时" in page
    assert "已过" in page  # the first step was due on the day after
    assert "王*明" not in text_of(office.get("/centre?kind=DAY_SURGERY"))
    assert "没有符合条件的" in text_of(office.get("/centre?step=operation"))
    assert "肺炎" in text_of(office.get(f"/centre?department={centre.surgery}"))
    assert "王*明" in text_of(office.get("/centre?department=x&page=-3&kind=?&step="))


def test_a_long_worklist_costs_no_more_statements(centre, office) -> None:
    counts = []
    for names in (("王小明",), ("李小红", "张小军", "赵小燕", "孙小丽", "周小刚", "吴小芳")):
        for name in names:
            centre.begin(centre.patient(name))
        with CaptureQueriesContext(connection) as asked:
            text_of(office.get("/centre"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_an_office_of_the_consortium_keeps_the_centre_and_sees_nobody(centre, acting_at) -> None:
    case = centre.begin(centre.patient())
    keeper = acting_at(Role.CONSORTIUM_OFFICE)
    answer = keeper.get("/centre")
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/centre/settings")
    assert keeper.get(f"/centre/cases/{case}").status_code == 403
    assert "6 项开了 6 项" in text_of(keeper.get("/centre/settings"))


# --- opening -------------------------------------------------------------------------------------------


def test_a_case_is_opened_by_number_and_what_is_wrong_is_said_beside_what_was_typed(centre, office) -> None:
    resident = centre.patient("王小明")
    centre.level(2)
    answer = office.post("/centre/new", {"text": id_number()})
    assert answer.status_code == 302 and f"resident={resident}" in answer.url
    page = text_of(office.get(answer.url))
    assert "三级医院" in page and 'value="DAY_SURGERY"' not in page  # why not, instead of a choice that fails
    typed = {"resident": str(resident), "kind": "ADMISSION", "disease": "肺炎"}
    page = text_of(office.post("/centre/new", sent(**typed, department="没有的科")), 422)
    assert 'id="department-error"' in page and 'value="肺炎"' in page and 'value="没有的科"' in page
    assert "没有选择科室" in text_of(office.post("/centre/new", sent(**typed)), 422)
    form = sent(**typed, department="puwaike")
    page = text_of(office.post("/centre/new", form), 422)
    form = sent(**typed, department="普外科")
    first, again = office.post("/centre/new", form), office.post("/centre/new", form)
    assert first.status_code == again.status_code == 302 and first.url == again.url
    assert open_cases(centre.hospital.office).total == 1
    assert "没有登记过" in text_of(office.post("/centre/new", {"text": "不是号码"}), 422)


def test_whom_the_hospital_does_not_look_after_is_not_shown(centre, office, register) -> None:
    stranger = register("李小红")
    page = office.get(f"/centre/new?resident={stranger}").content.decode()
    assert "李小红" not in page and "李*红" not in page
    answer = office.post("/centre/new", sent(resident=str(stranger), kind="ADMISSION", department="普外科"))
    assert answer.status_code in (403, 404)
    assert open_cases(centre.hospital.office).total == 0


# --- a case --------------------------------------------------------------------------------------------


@pytest.mark.clause("TY-63")
def test_all_six_functions_of_a_patient_are_done_on_one_page(centre, office) -> None:
    begun = ledger.today()
    case = centre.begin(centre.patient())
    address, shown = f"/centre/cases/{case}", case_shown(centre.hospital.office, case)
    page = text_of(office.get(address))
    names = ("检查检验预约", "医保审核", "办理入院", "健康教育", "出院结算", "随访")
    assert all(f"<strong>{name}</strong>" in page for name in names)
    for each in shown.steps:
        later(hours=2)
        ticked = [str(n) for n in range(3)]
        answer = act(office, case, "step", step=each.step.value, ticked=ticked, note=f"办 {each.step.value}")
        assert answer.status_code == 302 and answer.url.startswith(f"{address}?")
    page = text_of(office.get(address))
    assert "已办结" in page and all(f"办 {each.step.value}" in page for each in shown.steps)
    # twelve hours went by: a case begun in the afternoon ends on the next day
    figures = text_of(office.get(f"/centre/figures?first={begun}&last={ledger.today()}"))
    for name in names:
        assert re.search(
            rf"<td>{name}</td><td class=\"num\"><strong>2\.0</strong></td><td class=\"num\">1", figures
        )
    centre.run(Step.ADMISSION)
    page = text_of(office.get(f"/centre/cases/{centre.begin(centre.patient('李小红'))}"))
    assert "<strong>医保审核</strong>" not in page  # a function that is off is no step


def test_a_step_that_is_refused_keeps_what_was_ticked_and_typed(centre, office) -> None:
    case = centre.begin(centre.patient(), CaseKind.ELECTIVE_SURGERY)
    page = text_of(act(office, case, "step", step="booking", ticked=["1"], note="改到周三"), 422)
    assert "还有未核对的项目" in page and 'value="改到周三"' in page
    assert re.search(r'name="ticked" value="1" checked', page)
    assert not re.search(r'name="ticked" value="0" checked', page)
    assert text_of(act(office, case, "step", step="operation"), 409)
    assert text_of(act(office, case, "step", step="nothing"), 404)
    assert "要写明理由" in text_of(act(office, case, "leave-out", step="booking"), 422)
    assert act(office, case, "leave-out", step="booking", reason="已在门诊约好").status_code == 302
    assert "已在门诊约好" in text_of(office.get(f"/centre/cases/{case}"))
    assert text_of(act(office, case, "cancel"), 422)
    assert act(office, case, "cancel", reason="患者改去外院").status_code == 302
    assert "已取消" in text_of(office.get(f"/centre/cases/{case}"))


def test_criteria_are_shown_where_they_are_asked_and_propose_the_way_down(centre, office) -> None:
    keep = {"institution_id": centre.hospital.id, "disease": "急性阑尾炎"}
    commands.keep_criteria(
        centre.hospital.office, stage=Stage.DISCHARGE, items=["体温正常", "切口<无渗出>"], **keep
    )
    centre.run(Step.ADMISSION)
    case = centre.begin(centre.patient(), disease="急性阑尾炎")
    assert "体温正常" not in text_of(office.get(f"/centre/cases/{case}"))
    act(office, case, "step", step="admission", ticked=["0", "1"])
    page = text_of(office.get(f"/centre/cases/{case}"))
    assert "体温正常" in marked(page) and "切口&lt;无渗出&gt;" in page
    page = text_of(act(office, case, "step", step="discharge", ticked=["0", "1"], met=["体温正常"]), 422)
    assert "出院标准没有全部符合" in page and re.search(r'value="体温正常" checked', page)
    assert "建议下转" not in page
    met = ["体温正常", "切口<无渗出>"]
    assert act(office, case, "step", step="discharge", ticked=["0", "1"], met=met).status_code == 302
    assert "建议下转" in text_of(office.get(f"/centre/cases/{case}"))


def test_the_bed_that_is_kept_is_shown_and_left_from_the_case(centre, office) -> None:
    keeper, resident = centre.hospital.office, centre.patient()
    centre.run(Step.ADMISSION)
    case = centre.begin(resident)
    assert "等床" in text_of(office.get(f"/centre/cases/{case}"))
    bed = commands.keep_bed(keeper, institution_id=centre.hospital.id, ward="外科病区", number="7")
    stay = commands.plan_stay(
        keeper, bed_id=bed.id, resident_id=resident, starts=ledger.now() + timedelta(hours=1), case_id=case
    )
    assert "已留床：外科病区 7" in text_of(office.get(f"/centre/cases/{case}"))
    assert act(office, case, "step", step="admission", ticked=["0", "1"]).status_code == 302
    later(hours=5)
    assert act(office, case, "leave-bed", stay=str(uuid4())).status_code == 409
    assert act(office, case, "leave-bed", stay=str(stay.id)).status_code == 302
    assert "已离床" in text_of(office.get(f"/centre/cases/{case}"))
    assert case_shown(keeper, case).next.state is StepState.OPEN  # the evaluation is a step of its own


def test_the_sheet_for_the_patient_hides_the_name(centre, office) -> None:
    case = centre.begin(centre.patient("王小明"), CaseKind.ELECTIVE_SURGERY, disease="胆囊结石")
    page = text_of(office.get(f"/centre/cases/{case}/sheet"))
    assert "王*明" in page and "王小明" not in page
    assert "术前评估" in page and "成人陪同" in page and "医保卡" in page


# --- what the centre runs ------------------------------------------------------------------------------


def test_what_the_centre_runs_is_ticked_and_counts_from_today(centre, office) -> None:
    later(days=1)
    answer = office.post("/centre/settings/unit", sent(functions=["admission", "exam_booking", "operation"]))
    assert answer.status_code == 302
    today = unit_of(centre.hospital.id)
    assert (today.functions, today.day_surgery) == (frozenset({"admission", "exam_booking"}), False)
    before = unit_of(centre.hospital.id, on=ledger.today() - timedelta(days=1))
    assert before.functions == {step.value for step in FUNCTIONS} and before.day_surgery
    assert "6 项开了 2 项" in text_of(office.get("/centre/settings"))


def test_the_catalogue_and_the_criteria_are_kept(centre, office) -> None:
    assert office.post("/centre/settings/procedure", sent(name="疝修补术")).status_code == 302
    page = text_of(office.post("/centre/settings/procedure", sent(name="疝修补术")), 409)
    assert "目录中已有这个术式" in page and 'id="name-error"' in page
    key = re.search(r'name="procedure" value="([^"]+)"', page)
    assert key is not None
    assert office.post("/centre/settings/retire", sent(procedure=key[1])).status_code == 302
    assert office.post("/centre/settings/retire", sent(procedure=key[1])).status_code == 404
    typed = {"disease": "肺炎", "stage": "ADMISSION", "items": "甲\n\n乙\n"}
    assert office.post("/centre/settings/criteria", sent(**typed)).status_code == 302
    page = text_of(office.get("/centre/settings"))
    assert "第 1 版，2 条" in page
    page = text_of(office.post("/centre/settings/criteria", sent(**(typed | {"items": "甲\n甲"}))), 422)
    assert 'id="items-error"' in page and ">甲\n甲</textarea>" in page
    assert office.post("/centre/settings/criteria", sent(**(typed | {"items": "丙"}))).status_code == 302
    page = text_of(office.get("/centre/settings"))
    assert "第 2 版，1 条" in page
    key = re.search(r'name="criteria" value="([^"]+)"', page)
    assert key is not None
    assert office.post("/centre/settings/end", sent(criteria=key[1])).status_code == 302
    assert "还没有标准" in text_of(office.get("/centre/settings"))
    assert office.post("/centre/settings/nothing", sent()).status_code == 404


# --- figures -------------------------------------------------------------------------------------------


def test_the_share_is_drawn_month_by_month_as_it_was_counted(centre, office) -> None:
    centre.run(Step.ADMISSION)
    procedure = commands.enter_procedure(
        centre.hospital.office, institution_id=centre.hospital.id, name="疝修补术"
    )
    first, day, elective = ledger.today(), CaseKind.DAY_SURGERY, CaseKind.ELECTIVE_SURGERY
    for kinds in ((day, elective), (day, day, day, elective)):  # 1 of 2, then 3 of 4 in a later month
        for number, kind in enumerate(kinds):
            name = ("王小明", "李小红", "张小军", "赵小燕", "孙小丽", "周小刚")[number + (len(kinds) - 2)]
            case = centre.begin(centre.patient(name), kind, procedure_id=procedure if kind is day else None)
            for step in (Step.BOOKING, Step.PRE_ASSESSMENT, Step.ADMISSION, Step.OPERATION):
                centre.finish(case, step, kind)
        later(days=32)
    page = text_of(office.get(f"/centre/figures?first={first}&last={ledger.today()}"))
    assert re.findall(r"<strong>(\d+\.\d%)</strong></td></tr>", page) == ["50.0%", "75.0%"]
    assert '<polyline points="36,67 596,40"/>' in page  # 12 + 110 × (1 − share), rounded


def test_figures_give_no_value_where_nothing_was_counted(centre, acting_at) -> None:
    official = acting_at(Role.COMMISSION)
    page = text_of(official.get("/centre/figures"))
    assert "还没有办好的入院和手术" in page and "没有做完的择期手术" in page
    assert "<strong>0.0" not in page
    assert "请选择起止日期" in text_of(official.get("/centre/figures?first=2026-02-01&last=2026-01-01"), 422)
    assert text_of(official.get("/centre/figures?first=x"), 422)
    assert acting_at(Role.CLINICIAN).get("/centre/figures").status_code == 403
