"""YN-91: decisions that show the latest result, and pay by its factor to the fen; through pages, commands and the API."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.integration.evaluation import assessments as made
from tests.integration.evaluation.assessments import JINGHU, YIJIANG, commission
from tests.integration.referrals.places import altered
from tests.integration.referrals.seen import in_force
from tests.integration.web.test_assessments import as_, lead

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands.uses import Asked, Run, open_decision, open_pay_run
from tiercare.apps.evaluation.queries import uses as queries
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import File, Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network.models import Clinician, PracticeSite
from tiercare.apps.network.queries.holders import holders
from tiercare.engines.sheets import Table, write_xlsx
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refused

__all__ = ["as_"]  # fixtures
pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 \n%%EOF"
FRAME = "region=wuhu&on=2019-07-01"
STATEMENTS = 6  # of the list: the wall raised and lowered in its savepoint, and one that reads


@pytest.fixture(autouse=True)
def _yunnan(wuhu: str, settings, tmp_path) -> None:
    """The text that links results is in force in the city."""
    settings.FACTS_ROOT = tmp_path / "facts"


@pytest.fixture
def linked() -> UUID:
    """A locked assessment (鏡湖 the better of the two), and then the text that links results comes into force."""
    made.planted()
    assessment = made.locked()
    in_force("yunnan", "3402")
    return assessment


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {each.code for each in caught.value.refusals}


def colleague() -> Actor:
    """Another person of the same commission."""
    return replace(commission(), account_id=stable_id("test-account", "colleague"), name="同事")


def due():
    return clock.today() + timedelta(days=20)


def result(key: str) -> dict:
    unit = next(each for each in queries.units(commission()) if (each.level, each.key) == ("consortium", key))
    found = queries.result_of(commission(), unit)
    assert found is not None
    return found


def asked(key: str = JINGHU, *, use: str = "award", level: str = "consortium", **more) -> UUID:
    return open_decision(commission(), Asked(use, level, key, "示例事由", due(), **more))


def decided(
    matter: UUID, outcome: str, *, why: str = "", files: tuple[File, ...] = (File("批复.pdf", PDF),)
) -> State:
    said = Said("会议研究", {"outcome": outcome, "why": why}, files)
    return commands.act(commission(), matter_id=matter, act=Act.SUBMIT, said=said)


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def changed(monkeypatch, **values) -> None:
    for key, value in values.items():
        packs = altered(f"YN-91.{key}", value)
        monkeypatch.setattr(mandates, "packs", lambda extra=(), packs=packs: packs)


@pytest.mark.clause("YN-91")
def test_forms_show_the_latest_result_and_pay_reads_its_factor(
    linked, as_: Callable[..., Client], monkeypatch
) -> None:
    city = as_(Role.COMMISSION)
    found = {key: result(key) for key in (JINGHU, YIJIANG)}
    assert found[JINGHU]["assessment"] == str(linked) and found[JINGHU]["locked_on"]
    # The four forms show it.
    for use in ("appointment", "award", "study", "promotion"):
        sent = {"unit": f"consortium:{JINGHU}", "use": use, "words": "示例", "due_on": due().isoformat()}
        answer = city.post(f"/assessments/uses/new?{FRAME}", sent, follow=True)
        shown = text(answer)
        assert answer.status_code == 200 and found[JINGHU]["points"] in shown and "2019年测试方案" in shown
        assert found[JINGHU]["digest"][:16] in shown, "and where it is computed again"
    # The pay run reads the factor.
    sent = {"period": "2019", "words": "", "due_on": due().isoformat()}
    sent |= {f"amount.{JINGHU}": "100,000.01", f"amount.{YIJIANG}": ""}
    answer = city.post(f"/assessments/uses/pay/new?{FRAME}", sent, follow=True)
    law = queries.law_for(commission())
    factor = law.factor(Decimal(found[JINGHU]["points"]))
    assert answer.status_code == 200 and f" {factor} " in text(answer)
    # Nothing but what the pack links: without promotion and pay there is neither.
    changed(monkeypatch, linked_to=("appointment", "award"))
    with pytest.raises(Refused) as caught:
        asked(use="promotion")
    assert codes(caught) == {"evaluation.use_not_linked"}
    with pytest.raises(Refused) as caught:
        open_pay_run(commission(), Run("2019", {JINGHU: 100}, "", due()))
    assert codes(caught) == {"evaluation.pay_not_linked"}


def test_the_factor_is_the_packs(linked, monkeypatch) -> None:
    points = Decimal(result(JINGHU)["points"])
    before = queries.law_for(commission()).factor(points)
    changed(monkeypatch, use_factors=(0.5, 0.6, 0.7))
    after = queries.law_for(commission()).factor(points)
    assert after < before
    matter = open_pay_run(commission(), Run("2019", {JINGHU: 100_000_01}, "", due()))
    (line,) = queries.use(commission(), matter).standing.payload["lines"]
    assert Decimal(line["factor"]) == after
    exact = Decimal(100_000_01) * after
    assert line["paid"] == int(exact.quantize(Decimal(1), rounding="ROUND_HALF_UP"))


def test_a_law_that_cannot_be_used_is_told(linked, monkeypatch, as_) -> None:
    changed(monkeypatch, use_points=(60, 60, 95))
    with pytest.raises(Refused) as caught:
        queries.law_for(commission())
    assert codes(caught) == {"evaluation.unusable_law"}
    assert as_(Role.COMMISSION).get(f"/assessments/uses?{FRAME}").status_code == 422


def test_a_decision_against_the_result_needs_a_reason_and_its_document(linked, monkeypatch) -> None:
    points = Decimal(result(YIJIANG)["points"])
    changed(monkeypatch, use_low_points=int(points) + 1)
    matter = asked(YIJIANG)
    with pytest.raises(Refused) as caught:
        decided(matter, "granted")
    assert codes(caught) == {"evaluation.why_against"}
    with pytest.raises(Refused) as caught:
        decided(matter, "granted", why="当年接收灾区病人", files=())
    assert codes(caught) == {"evaluation.no_document"}
    with pytest.raises(Refused) as caught:
        decided(matter, "perhaps")
    assert codes(caught) == {"evaluation.no_outcome"}
    assert decided(matter, "granted", why="当年接收灾区病人") is State.SUBMITTED
    assert commands.act(commission(), matter_id=matter, act=Act.CLOSE) is State.CLOSED
    # With another line the same needs none.
    changed(monkeypatch, use_low_points=1)
    assert decided(asked(YIJIANG), "granted") is State.SUBMITTED
    changed(monkeypatch, use_high_points=0)
    with pytest.raises(Refused) as caught:
        decided(asked(YIJIANG), "declined")
    assert codes(caught) == {"evaluation.why_against"}


def test_a_clinicians_form_shows_the_units_result_and_says_so(linked, as_) -> None:
    unit = next(
        each
        for each in queries.units(commission())
        if each.level == "institution" and JINGHU in each.consortia
    )
    house = holders(on=clock.today()).institutions[unit.key][0]
    doctor = Clinician.objects.create(name="示例大夫", initials="SLDF", scope_code="02", synthetic=True)
    PracticeSite.objects.create(
        clinician=doctor, institution_id=house, ground="REGISTERED", period=("2020-01-01", None)
    )
    matter = asked(unit.key, level="institution", use="promotion", clinician_id=doctor.id)
    shown = text(as_(Role.COMMISSION).get(f"/assessments/uses/{matter}?{FRAME}"))
    assert "示例大夫" in shown and "不是对个人或下属机构的评分" in shown and result(JINGHU)["points"] in shown
    with pytest.raises(Refused) as caught:
        asked(unit.key, level="institution", clinician_id=stable_id("nobody"))
    assert codes(caught) == {"evaluation.clinician_not_there"}


def test_a_decision_keeps_the_result_as_it_stood(linked, as_) -> None:
    matter = asked()
    before = queries.use(commission(), matter).standing.payload["result"]
    assert before["digest"] == result(JINGHU)["digest"]
    made_later = queries.digests_now(commission(), [before["assessed"]])
    assert made_later == {before["assessed"]: before["digest"]}
    page = as_(Role.COMMISSION).get(f"/assessments/{linked}/units/{before['assessed']}?{FRAME}&again=1")
    assert page.status_code == 200 and before["digest"][:16] in page.content.decode()


def test_who_has_no_locked_result_is_refused_or_paid_by_one_as_the_pack_says(wuhu: str, monkeypatch) -> None:
    made.planted()
    assessment = made.opened()
    in_force("yunnan", "3402")
    assert queries.latest_locked(commission(), queries.units(commission())) == {}
    with pytest.raises(Refused) as caught:
        open_pay_run(commission(), Run("2019", {JINGHU: 100, YIJIANG: 200}, "", due()))
    assert codes(caught) == {"evaluation.without_result"}
    # Approved is not locked: a decision shows it and says so, money waits.
    made.reported(assessment)
    made.reviewed(assessment)
    made.done(assessment, Act.SUBMIT, Act.APPROVE)
    assert result(JINGHU)["locked_on"] is None
    with pytest.raises(Refused):
        open_pay_run(commission(), Run("2019", {JINGHU: 100}, "", due()))
    changed(monkeypatch, use_without_result="one")
    matter = open_pay_run(commission(), Run("2019", {JINGHU: 100}, "", due()))
    (line,) = queries.use(commission(), matter).standing.payload["lines"]
    assert (line["factor"], line["paid"], line["result"]) == ("1", 100, None)


def test_a_pay_run_is_approved_by_a_second_person_and_then_locked(linked, as_) -> None:
    matter = open_pay_run(commission(), Run("2019", {JINGHU: 12_345_67, YIJIANG: 7_654_33}, "示例", due()))
    step = Said(words="已核对")
    commands.act(commission(), matter_id=matter, act=Act.SUBMIT, said=step)
    with pytest.raises(Refused) as caught:
        commands.act(commission(), matter_id=matter, act=Act.APPROVE)
    assert codes(caught) == {"evaluation.second_person"}
    assert queries.use(commission(), matter).standing.state is State.SUBMITTED
    assert commands.act(colleague(), matter_id=matter, act=Act.APPROVE) is State.APPROVED
    assert commands.act(commission(), matter_id=matter, act=Act.LOCK) is State.LOCKED
    with pytest.raises(Refused):
        commands.act(commission(), matter_id=matter, act=Act.REOPEN, said=step)
    payload = queries.use(commission(), matter).standing.payload
    city = as_(Role.COMMISSION)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(city.get(f"/assessments/uses/{matter}/file?{FRAME}").content)
    )
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == [JINGHU, YIJIANG, "合计"]
    assert (
        sum(round(float(row[6]) * 100) for row in rows[1:3])
        == payload["paid"]
        == round(float(rows[3][6]) * 100)
    )
    assert "已锁定" in text(city.get(f"/assessments/uses/{matter}?{FRAME}"))


def test_nobody_is_paid_twice_for_a_period(linked) -> None:
    first = open_pay_run(commission(), Run("2019", {JINGHU: 100}, "", due()))
    with pytest.raises(Refused) as caught:
        open_pay_run(commission(), Run("2019", {JINGHU: 100, YIJIANG: 5}, "", due()))
    assert codes(caught) == {"evaluation.paid_before"}
    open_pay_run(commission(), Run("2019", {YIJIANG: 5}, "", due()))
    open_pay_run(commission(), Run("2019Q1", {JINGHU: 100}, "", due()))
    commands.act(commission(), matter_id=first, act=Act.WITHDRAW, said=Said(words="重算"))
    assert open_pay_run(commission(), Run("2019", {JINGHU: 100}, "", due()))


def test_the_whole_is_kept_where_the_pack_says_so(linked, monkeypatch) -> None:
    changed(monkeypatch, use_total="kept")
    matter = open_pay_run(commission(), Run("2019", {JINGHU: 10_000_01, YIJIANG: 10_000_00}, "", due()))
    payload = queries.use(commission(), matter).standing.payload
    assert payload["paid"] == payload["set_down"] == 20_000_01
    paid = {each["key"]: each["paid"] for each in payload["lines"]}
    assert paid[JINGHU] > paid[YIJIANG], "the better gets more of it"


def test_amounts_come_from_a_table_too_and_faults_are_told_at_their_place(linked, as_) -> None:
    city = as_(Role.COMMISSION)
    blank = CalamineWorkbook.from_filelike(
        io.BytesIO(city.get(f"/assessments/uses/pay/table?{FRAME}").content)
    )
    head, *lines = blank.get_sheet_by_index(0).to_python()
    assert head == ["单位代码", "单位名称", "金额（元）"]
    assert [row[0] for row in lines].count(JINGHU) == 1

    def send(*rows):
        table = write_xlsx([Table("金额", tuple(head), list(rows))])
        sent = {"period": "2019Q4", "due_on": due().isoformat(), "words": ""}
        sent["table"] = SimpleUploadedFile("金额.xlsx", table)
        return city.post(f"/assessments/uses/pay/new?{FRAME}", sent, follow=True)

    assert "1,234.50" in text(send((JINGHU, "", 1234.5), (YIJIANG, "", None)))
    assert "1234.567" in text(send((JINGHU, "", "1234.567")))
    assert send((JINGHU, "", -1)).status_code == 422
    assert "前面已经有了" in text(send((JINGHU, "", 1), (JINGHU, "", 2)))
    assert "没有这样的单位" in text(send(("nobody", "", 1)))
    assert send().status_code == 422


def test_who_may_and_what_a_lead_hospital_sees(linked, as_, monkeypatch) -> None:
    office = made.lead_of(JINGHU)
    assert {each.key for each in queries.units(office) if each.level == "consortium"} & {JINGHU, YIJIANG} == {
        JINGHU
    }
    matter = asked()
    with pytest.raises(Refused):
        queries.use(office, matter)  # the commission's own
    house = as_(Role.CONSORTIUM_OFFICE, institution=lead())
    assert str(matter) not in house.get(f"/assessments/uses?{FRAME}").content.decode()
    assert (
        as_(Role.CONSORTIUM_OFFICE, institution=lead()).get(f"/assessments/uses/{matter}").status_code == 404
    )
    assert as_(Role.AUDITOR).get(f"/assessments/uses/{matter}?{FRAME}").status_code == 200
    assert as_(Role.AUDITOR).get(f"/assessments/uses/new?{FRAME}").status_code == 403
    in_force("wuhu", "3402")
    assert queries.law_for(commission()) is None
    with pytest.raises(Refused) as caught:
        asked()
    assert codes(caught) == {"evaluation.results_not_linked"}
    assert "这里只能查看" in text(as_(Role.COMMISSION).get(f"/assessments/uses?{FRAME}"))


def test_the_list_costs_the_same_however_many(linked, django_assert_num_queries) -> None:
    asked()
    with django_assert_num_queries(STATEMENTS) as one:
        queries.uses(commission(), kind=KindId.RESULT_USE)
    for _each in range(3):
        asked(YIJIANG)
    with django_assert_num_queries(len(one.captured_queries)):
        assert len(queries.uses(commission(), kind=KindId.RESULT_USE)) == 4


def test_other_systems_read_them(linked, as_) -> None:
    matter = open_pay_run(commission(), Run("2019", {JINGHU: 100_00}, "", due()))
    decision = asked()
    city = as_(Role.COMMISSION)
    body = city.get("/api/assessments/uses").json()
    assert {each["id"] for each in body["items"]} == {str(matter), str(decision)}
    one = city.get(f"/api/assessments/uses/{matter}").json()
    assert one["kind"] == "PAY_RUN" and one["lines"][0]["set_down_fen"] == 100_00
    assert (
        city.get(f"/api/assessments/uses/{decision}").json()["result"]["points"] == result(JINGHU)["points"]
    )
