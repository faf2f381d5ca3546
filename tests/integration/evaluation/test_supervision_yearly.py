"""The year's goals and reports: numbers with a course, sheets with answers, who has not said or filed anything."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tiercare.apps.evaluation.commands import reporting, supervision
from tiercare.apps.evaluation.commands.running import run
from tiercare.apps.evaluation.queries.book import oversight_of
from tiercare.apps.evaluation.queries.goals import goals
from tiercare.apps.evaluation.queries.library import library, shelf
from tiercare.apps.evaluation.queries.oversight import roll
from tiercare.apps.evaluation.rules import oversight as rules
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import commands as ledger
from tiercare.engines.policy.load import PackErrors
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused

from ..referrals.places import altered, lay_down
from ..residents.care import codes, later, synthetic_clock
from ..residents.conftest import site
from .facts_made import lay
from .supervised import (
    SYSTEM,
    Parties,
    commission_of,
    do,
    file,
    office_at,
    oversight_altered,
    parties,
    shown,
    stored,
    today,
)

__all__ = ["parties", "site", "synthetic_clock"]


def refused(what) -> set[str]:
    with pytest.raises(Refused) as caught:
        what()
    return codes(caught)


def at(year: int, month: int, day: int) -> None:
    """The platform's clock at noon of that day."""
    from datetime import datetime

    ledger.set_clock(SYSTEM, at=datetime(year, month, day, 12, tzinfo=ZONE))


def only_goal(parties: Parties):
    (found,) = goals(parties.city, year=2030)
    return found


@pytest.mark.clause("NHC-87")
def test_a_goal_is_red_when_nobody_says_anything_or_it_falls_behind(
    parties: Parties, monkeypatch, tmp_path
) -> None:
    at(2030, 1, 10)
    key = supervision.set_goal(
        parties.city,
        goal="key_task",
        year=2030,
        subject="division:340223",
        target="120",
        title="示例重点任务",
    )
    row = stored(key)
    assert (row.due_on, row.owner_area, row.period) == (date(2030, 12, 31), "340223", "2030")
    again = {
        "goal": "key_task",
        "year": 2030,
        "subject": "division:340223",
        "target": "9",
        "title": "示例重点任务",
    }
    assert refused(lambda: supervision.set_goal(parties.city, **again)) == {"evaluation.goal_set"}
    assert not only_goal(parties).red
    at(2030, 4, 13)
    assert only_goal(parties).owes, "ninety-two days of the pack have gone by"
    do(parties.county, key, Act.NOTE, "示例：已完成二十项", figures={"actual": "20"})
    found = only_goal(parties)
    assert not found.owes and found.behind and found.actual == 20, "a third of 120 is planned by then"
    assert Decimal(33) < found.planned < Decimal(35)
    do(parties.county, key, Act.NOTE, "示例：补报", figures={"actual": "41"})
    assert not only_goal(parties).red
    assert refused(lambda: do(parties.county, key, Act.NOTE, figures={"actual": "很多"})) == {
        "evaluation.no_number"
    }
    assert refused(lambda: do(parties.county, key, Act.SUBMIT)) == {"evaluation.no_number"}
    do(parties.county, key, Act.SUBMIT, figures={"actual": "120"})
    assert do(parties.city, key, Act.CLOSE, "") is State.CLOSED
    at(2030, 5, 1)
    packs = altered("NHC-87.supervision_progress_days", 10)
    monkeypatch.setattr("tiercare.apps.mandates.queries.packs", lambda: packs)
    monkeypatch.setattr("tiercare.apps.evaluation.queries.ours.mandates.packs", lambda: packs)
    other = supervision.set_goal(
        parties.city, goal="key_task", year=2030, subject="division:340222", target="5"
    )
    assert stored(other).payload["interval"] == 10
    at(2030, 5, 12)
    assert {each.line.id for each in goals(parties.city, year=2030) if each.owes} == {other}


def test_an_indicator_says_what_a_goal_stands_at(parties: Parties, tmp_path) -> None:
    at(2019, 12, 1)
    supervision.set_goal(
        parties.city, goal="first_contact", year=2019, subject="division:340202", target="99%"
    )
    lay(tmp_path / "facts")
    run(parties.city, "wuhu", root=tmp_path / "facts")
    (found,) = goals(parties.city, year=2019)
    assert found.points and all(each.counted for each in found.points)
    assert found.actual is not None and found.behind


def test_a_number_is_taken_as_people_write_it() -> None:
    assert rules.number("65%") == Decimal("0.65") == rules.number(" 0.65 ")
    assert rules.number("1,200") == rules.number("1，200") == Decimal(1200)
    assert all(rules.number(each) is None for each in ("", "很多", "NaN", "Infinity", "1e99", None))


@pytest.mark.clause("CX-43")
def test_counties_file_experience_and_who_has_not_is_listed(parties: Parties, monkeypatch, tmp_path) -> None:
    lay_down("chuxiong")
    prefecture = commission_of("5323")
    counties = roll(prefecture).filers["counties"]
    assert len(counties) >= 10
    asked = reporting.ask_reports(prefecture, topic="experience", period="2026H1")
    assert asked == len(counties)
    assert reporting.ask_reports(prefecture, topic="experience", period="2026H1") == 0, (
        "nobody is asked twice"
    )
    here = shelf(prefecture, oversight_of("chuxiong").reports["experience"], period="2026H1")
    assert len(here.missing) == len(counties) and not here.filed
    mine = here.missing[0]
    county = commission_of(mine.standing.owner.area)
    answer = {"topic": "grid"}
    assert refused(lambda: do(county, mine.id, Act.SUBMIT, figures=answer)) == {"evaluation.document_needed"}
    assert refused(lambda: do(county, mine.id, Act.SUBMIT, figures={"topic": "别的"}, files=(file(),))) == {
        "evaluation.field_missing"
    }
    do(county, mine.id, Act.SUBMIT, "示例：经验总结", figures=answer, files=(file("经验.pdf"),))
    here = shelf(prefecture, oversight_of("chuxiong").reports["experience"], period="2026H1")
    assert [each.id for each in here.filed] == [mine.id] and len(here.missing) == len(counties) - 1
    assert here.counts["topic"]["grid"] == 1
    assert [(each.topic, each.period) for each in library(prefecture)] == [("experience", "2026H1")]
    wrong = refused(lambda: reporting.ask_reports(prefecture, topic="experience", period="2026"))
    assert wrong == {"evaluation.no_period"}
    with oversight_altered(monkeypatch, tmp_path, "chuxiong", "per: half", "per: year"):
        assert reporting.ask_reports(prefecture, topic="experience", period="2026") == len(counties)


@pytest.mark.clause("NHC-57")
def test_every_primary_institution_says_where_it_stands_in_four_programmes(
    parties: Parties, monkeypatch, tmp_path
) -> None:
    everybody = roll(parties.county).filers["primary"]
    assert everybody and reporting.ask_reports(
        parties.county, topic="capability_programmes", period="2026"
    ) == len(everybody)
    topic = oversight_of("wuhu").reports["capability_programmes"]
    here = shelf(parties.county, topic, period="2026")
    mine = next(each for each in here.missing if each.standing.owner.institution_id == parties.site.township)
    answers = {
        "quality_service_campaign": "recommended",
        "capability_appraisal": "passed",
        "community_specialty": "under_way",
        "community_hospital_pilot": "none",
    }
    assert refused(
        lambda: do(parties.member, mine.id, Act.SUBMIT, figures={"capability_appraisal": "passed"})
    ) == {"evaluation.field_missing"}
    do(parties.member, mine.id, Act.SUBMIT, figures=answers, files=(file("证书.pdf"),))
    assert stored(mine.id).result == answers and stored(mine.id).period == "2026"
    here = shelf(parties.county, topic, period="2026")
    assert here.counts["quality_service_campaign"] == {"recommended": 1}
    # The clause lists the programmes: with three of them the sheet asks for three, and one that asks for four is none.
    packs = altered(
        "NHC-57.programmes", ["quality_service_campaign", "capability_appraisal", "community_specialty"]
    )
    monkeypatch.setattr("tiercare.apps.evaluation.queries.book.mandates.packs", lambda: packs)
    with pytest.raises(PackErrors):
        oversight_of("wuhu")
    was = "      - {id: community_hospital_pilot, name: {zh: 社区医院建设试点, en: Community-hospital pilot}, answers: *passed}\n"
    with oversight_altered(monkeypatch, tmp_path, "cn", was, ""):
        reporting.ask_reports(parties.county, topic="capability_programmes", period="2027")
        topic = oversight_of("wuhu").reports["capability_programmes"]
    owed = shelf(parties.county, topic, period="2027").missing
    mine = next(each for each in owed if each.standing.owner.institution_id == parties.site.township)
    assert refused(lambda: do(parties.member, mine.id, Act.SUBMIT, figures=answers)) == {
        "evaluation.unknown_field"
    }
    del answers["community_hospital_pilot"]
    assert do(parties.member, mine.id, Act.SUBMIT, figures=answers) is State.SUBMITTED


@pytest.mark.clause("NHC-33")
def test_county_hospitals_say_which_standard_they_reached(parties: Parties, monkeypatch, tmp_path) -> None:
    topic = oversight_of("wuhu").reports["county_capability"]
    asked = reporting.ask_reports(parties.city, topic="county_capability", period="2026")
    hospitals = shelf(parties.city, topic, period="2026").missing
    assert asked == len(hospitals) > 0
    for each, standard in zip(hospitals, ("recommended", "basic"), strict=False):
        house = office_at(each.standing.owner.institution_id)
        do(house, each.id, Act.SUBMIT, figures={"standard": standard, "reached_on": "2025-11-30"})
    counts = shelf(parties.city, topic, period="2026").counts["standard"]
    assert counts["recommended"] == 1 and sum(counts.values()) == min(asked, 2)
    # Where the pack knows another ladder of standards, its words are the answers and ours are none.
    was, now = "{id: recommended, name: {zh: 推荐标准,", "{id: advanced, name: {zh: 高级标准,"
    with oversight_altered(monkeypatch, tmp_path, "cn", was, now):
        reporting.ask_reports(parties.city, topic="county_capability", period="2027")
        other = oversight_of("wuhu").reports["county_capability"]
        one = shelf(parties.city, other, period="2027").missing[0]
        house = office_at(one.standing.owner.institution_id)
        ours = {"standard": "recommended"}
        assert refused(lambda: do(house, one.id, Act.SUBMIT, figures=ours)) == {"evaluation.field_missing"}
        do(house, one.id, Act.SUBMIT, figures={"standard": "advanced"})
        assert shelf(parties.city, other, period="2027").counts["standard"] == {"advanced": 1}


@pytest.mark.clause("YN-15")
def test_consortia_are_rated_in_five_respects(parties: Parties, monkeypatch, tmp_path) -> None:
    lay_down("chuxiong")
    prefecture = commission_of("5323")
    reporting.ask_reports(prefecture, topic="maturity", period="2026")
    topic = oversight_of("chuxiong").reports["maturity"]
    assert topic.until == date(2020, 12, 31)
    mine = shelf(prefecture, topic, period="2026").missing[0]
    fields = ("service", "responsibility", "interest", "management", "development")
    assert tuple(each.id for each in topic.sheet) == fields
    lead = office_at(mine.standing.owner.institution_id)
    do(lead, mine.id, Act.SUBMIT, figures=dict(zip(fields, "54321", strict=True)))
    here = shelf(prefecture, topic, period="2026")
    assert here.scores == {str(mine.id): 15}
    with oversight_altered(monkeypatch, tmp_path, "yunnan", "score: 5", "score: 10"):
        here = shelf(prefecture, oversight_of("chuxiong").reports["maturity"], period="2026")
    assert here.scores == {str(mine.id): 20}


@pytest.mark.clause("YN-62")
def test_core_systems_are_checked_and_adverse_events_told(parties: Parties, monkeypatch, tmp_path) -> None:
    lay_down("chuxiong")
    prefecture = commission_of("5323")
    hospital = roll(prefecture).filers["county_hospitals"][0]
    house = office_at(hospital.party.institution_id)
    told = reporting.file_unasked(
        house,
        topic="adverse_event",
        words="示例：给药错误，未造成后果",
        figures={"grade": "three", "happened_on": "2026-03-02"},
    )
    assert stored(told).issuer_area == hospital.party.area and stored(told).state == "SUBMITTED"
    county = commission_of(hospital.party.area)
    mending = supervision.rectify(county, matter_id=told, words="示例：核查给药流程")
    assert stored(mending).owner_institution == hospital.party.institution_id
    assert refused(lambda: do(county, told, Act.CLOSE)) == {"evaluation.children_open"}
    check = supervision.inspect(
        prefecture, template="core_systems", mode="quality_check", subject=hospital.choice
    )
    parties.finding(check, by=prefecture, item="critical_values")
    entry = shown(prefecture, check).entries[-1].id
    put_right = supervision.rectify(prefecture, matter_id=check, entry_id=entry)
    do(house, put_right, Act.SUBMIT, files=(file(),))
    assert do(prefecture, put_right, Act.CLOSE, "") is State.CLOSED
    wrong = {"topic": "adverse_event", "words": "示例", "figures": {"grade": "three"}}
    assert refused(lambda: reporting.file_unasked(house, **wrong)) == {"evaluation.field_missing"}
    was, now = (
        "发生日期, en: Happened on}, type: day",
        "发生日期, en: Happened on}, type: day, optional: true",
    )
    with oversight_altered(monkeypatch, tmp_path / "sheet", "yunnan", was, now):
        assert stored(reporting.file_unasked(house, **wrong)).state == "SUBMITTED"
    # Which core systems there are and how they are checked is the pack's as well.
    asked = {"template": "core_systems", "mode": "quality_check", "subject": hospital.choice}
    with oversight_altered(
        monkeypatch, tmp_path / "items", "yunnan", "{id: critical_values,", "{id: transfusion,"
    ):
        other = supervision.inspect(prefecture, **asked)
    told = refused(lambda: parties.finding(other, by=prefecture, item="critical_values"))
    assert told == {"evaluation.no_such_item"} and parties.finding(other, by=prefecture, item="transfusion")
    was = "modes: [quality_check, special_inspection]"
    with oversight_altered(monkeypatch, tmp_path / "modes", "yunnan", was, "modes: [special_inspection]"):
        assert refused(lambda: supervision.inspect(prefecture, **asked)) == {"evaluation.no_mode"}


@pytest.mark.clause("YN-40")
def test_quality_rules_and_checks_stand_with_the_consortium(parties: Parties, monkeypatch, tmp_path) -> None:
    from tiercare.apps.evaluation.queries.quality import quality_work

    lay_down("chuxiong")
    prefecture = commission_of("5323")
    reporting.ask_reports(prefecture, topic="quality_rules", period="2026")
    mine = shelf(prefecture, oversight_of("chuxiong").reports["quality_rules"], period="2026").missing[0]
    lead = office_at(mine.standing.owner.institution_id)
    assert refused(lambda: do(lead, mine.id, Act.SUBMIT)) == {"evaluation.document_needed"}
    do(lead, mine.id, Act.SUBMIT, "示例：质量管理制度", files=(file("制度.pdf"),))
    with oversight_altered(monkeypatch, tmp_path / "file", "yunnan", "    file: true\n", ""):
        reporting.ask_reports(prefecture, topic="quality_rules", period="2027")
        shelved = shelf(prefecture, oversight_of("chuxiong").reports["quality_rules"], period="2027").missing
        next_year = next(each for each in shelved if each.standing.subject_key == mine.standing.subject_key)
        assert do(lead, next_year.id, Act.SUBMIT, "示例：制度没有修订") is State.SUBMITTED, "words suffice"
    consortium = f"{mine.standing.subject_type}:{mine.standing.subject_key}"
    check = supervision.inspect(
        prefecture, template="consortium_quality", mode="quality_check", subject=consortium
    )
    entry = parties.finding(check, by=prefecture, item="rules")
    mending = supervision.rectify(prefecture, matter_id=check, entry_id=entry)
    work = next(each for each in quality_work(prefecture) if each.key == mine.standing.subject_key)
    assert {each.id for each in work.rules} == {mine.id, next_year.id}
    assert [each.id for each in work.checks] == [check]
    (deficiency,) = work.open
    assert deficiency.id == mending and deficiency.standing.due_on == today() + timedelta(days=15)
    assert deficiency.standing.owner.institution_id == mine.standing.owner.institution_id
    with oversight_altered(
        monkeypatch, tmp_path / "days", "cn", "en: serious}, days: 15", "en: serious}, days: 20"
    ):
        later_check = supervision.inspect(
            prefecture, template="consortium_quality", mode="quality_check", subject=consortium
        )
    entry = parties.finding(later_check, by=prefecture, item="rules")
    longer = stored(supervision.rectify(prefecture, matter_id=later_check, entry_id=entry))
    assert longer.due_on == today() + timedelta(days=20)


@pytest.mark.clause("YN-98")
def test_three_kinds_of_inspection_are_planned_done_and_closed(
    parties: Parties, monkeypatch, tmp_path
) -> None:
    lay_down("chuxiong")
    kinds_go_the_whole_way(parties, commission_of("5323"), "province_inspection", "quality")
    was = "modes: [survey, special_inspection, regular_evaluation]"
    now = "modes: [survey, mystery_visit]"
    with oversight_altered(monkeypatch, tmp_path, "yunnan", was, now), pytest.raises(PackErrors):
        oversight_of("chuxiong")
    packs = altered("YN-98.modes", ["survey", "mystery_visit"])
    monkeypatch.setattr("tiercare.apps.evaluation.queries.book.mandates.packs", lambda: packs)
    with oversight_altered(monkeypatch, tmp_path, "yunnan", was, now):
        kinds_are_the_clauses(commission_of("5323"), "province_inspection", "special_inspection")


@pytest.mark.clause("XH-112")
def test_survey_supervision_and_evaluation_go_the_whole_way(parties: Parties, monkeypatch, tmp_path) -> None:
    lay_down("xinhui")
    kinds_go_the_whole_way(parties, commission_of("440705"), "guidance", "two_way")
    was, now = "modes: [survey, supervision, evaluation]", "modes: [survey, mystery_visit]"
    packs = altered("XH-112.modes", ["survey", "mystery_visit"])
    monkeypatch.setattr("tiercare.apps.evaluation.queries.book.mandates.packs", lambda: packs)
    with pytest.raises(PackErrors):
        oversight_of("xinhui")
    with oversight_altered(monkeypatch, tmp_path, "xinhui", was, now):
        kinds_are_the_clauses(commission_of("440705"), "guidance", "evaluation")


def kinds_are_the_clauses(commission, template: str, gone: str) -> None:
    """Under a clause that lists 调研 and 暗访 a visit unannounced can be planned, and what it lists no longer cannot."""
    about = next(each for each in roll(commission).subjects.values() if each.group == "institution")
    asked = {"template": template, "subject": about.choice}
    assert stored(supervision.inspect(commission, mode="mystery_visit", **asked)).state == "OPEN"
    assert refused(lambda: supervision.inspect(commission, mode=gone, **asked)) == {"evaluation.no_mode"}


def kinds_go_the_whole_way(parties: Parties, commission, template: str, item: str) -> None:
    area = commission.division_code
    pack = "xinhui" if area == "440705" else "chuxiong"
    modes = oversight_of(pack).inspections[template].modes
    assert len(modes) == 3
    about = next(each for each in roll(commission).subjects.values() if each.group == "institution")
    house = office_at(about.party.institution_id)
    for mode in modes:
        key = supervision.inspect(commission, template=template, mode=mode.value, subject=about.choice)
        entry = parties.finding(key, by=commission, item=item)
        parties.rest_is_well(key, by=commission)
        mending = supervision.rectify(commission, matter_id=key, entry_id=entry)
        do(commission, key, Act.SUBMIT)
        do(house, mending, Act.SUBMIT, files=(file(),))
        do(commission, mending, Act.CLOSE, "")
        assert do(commission, key, Act.CLOSE, "") is State.CLOSED
    assert refused(
        lambda: supervision.inspect(commission, template=template, mode="mystery_visit", subject=about.choice)
    ) == {"evaluation.no_mode"}


def test_late_is_late_and_later_is_not_earlier(parties: Parties) -> None:
    at(2030, 1, 10)
    supervision.set_goal(parties.city, goal="key_task", year=2030, subject="division:340223", target="1")
    later(days=360)
    (found,) = goals(parties.city, year=2030)
    assert found.line.standing.overdue and found.red
