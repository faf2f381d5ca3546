"""Panels through the page, the file and the API: what the clauses want side by side stands side by side, another pack lays something
else, and whoever may not see few cases does not see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.network.models import Consortium

from ...unit.measures.frames import filled
from ..evaluation.boards_made import laid as lay_rows
from ..evaluation.boards_made import visit, with_file
from ..evaluation.computed import keep_periods, keep_small_year
from .capacity_desk import text_of

pytestmark = pytest.mark.django_db
Open = Callable[..., Client]
Row = dict[str, Any]
XINHUI, TAIYUAN, SHANGHAI = "440705", "1401", "310101"
NOW, THEN = date(2019, 1, 9), date(2018, 1, 9)
TOWN, OTHER_TOWN = "340221102", "340221101"


@pytest.fixture
def root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return settings.FACTS_ROOT


def visits(place: str, *several: dict[str, Any]) -> list[Row]:
    """A visit of 2019 for each; ``times`` repeats it, by somebody else."""
    rows: list[Row] = []
    for each in several:
        own = {name: value for name, value in each.items() if name not in {"times", "on", "place"}}
        for _ in range(each.get("times", 1)):
            name, where = f"V{len(rows)}", each.get("place", place)
            rows.append(visit(name, each.get("on", NOW), where, **{"home": place, **own}))
    return rows


def page(client: Client, panel: str, pack: str, status: int = 200, **asked: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"region": pack, **asked}.items())
    return text_of(client.get(f"/board/panels/{panel}?{query}"), status)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def lines(html: str) -> list[str]:
    """The words of each row, the total first."""
    body = html.split("panel-rows")[1].split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [words(each) for each in body.split("<tr")[1:]]


def row(html: str, name: str) -> str:
    """The words of the row that begins so."""
    return next(each.split("> ", 1)[-1] for each in lines(html) if name in each)


def told(client: Client, panel: str, pack: str, **asked: str) -> dict[str, Any]:
    answer = client.get(f"/api/evaluation/panels/{panel}", {"pack": pack, **asked})
    assert answer.status_code == 200, answer.content
    return answer.json()


def numbers(found: dict[str, Any]) -> dict[tuple[str, ...], list[str | None]]:
    return {tuple(line["key"]): [each["value"] for each in line["numbers"]] for line in found["lines"]}


HOSPITAL = {"institution": "made-hospital", "tier": "secondary"}


@pytest.mark.clause("XH-52")
def test_both_shares_of_each_hospital_stand_by_the_quarter_against_the_year_before(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    came = visits(
        XINHUI,
        {**HOSPITAL, "diagnosis": "I10", "times": 3},
        {**HOSPITAL, "diagnosis": "J06.9", "times": 4},
        {**HOSPITAL, "diagnosis": "C34.9", "times": 3},
        {**HOSPITAL, "diagnosis": "I10", "times": 5, "on": THEN},
        {**HOSPITAL, "diagnosis": "J06.9", "times": 2, "on": THEN},
        {**HOSPITAL, "diagnosis": "C34.9", "times": 3, "on": THEN},
        {"institution": "made-centre", "diagnosis": "I10", "times": 8},
    )
    lay_rows(root, XINHUI, "visits", came)
    keep_periods("xinhui", XINHUI)
    me = client_of(Role.COMMISSION, XINHUI)
    html = page(me, "hospital_outpatient", "xinhui", span="2019Q1")
    assert "2019 年第 1 季度" in html and "made-centre" not in html
    assert "30 % 3 / 10" in row(html, "made-hospital")
    assert "下降 20 个百分点 上年 50 %" in row(html, "made-hospital")
    assert "40 % 4 / 10" in row(html, "made-hospital") and "上升 20 个百分点 上年 20 %" in row(
        html, "made-hospital"
    )
    assert "XH-52" in html and "二、三级医院门诊中慢性病人次" in html  # the definition beside the number
    with_file(monkeypatch, tmp_path, "cn", "indicators/32-specialties.yaml", CHRONIC, CHRONIC_WITHOUT)
    assert "0 % 0 / 10" in row(page(me, "hospital_outpatient", "xinhui", span="2019Q1"), "made-hospital")


CHRONIC = "value: [I10, I11, I12, I13, I15, E10, E11, E14, J44, I25, I69]"
CHRONIC_WITHOUT = "value: [E10, E11]"


@pytest.mark.clause("WH-21")
def test_minor_illness_kept_in_the_town_stands_beside_the_help_it_got(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    ill = {"diagnosis": "J06.9", "tier": "primary"}
    came = visits(
        TOWN,
        {**ill, "times": 3},
        {**ill, "tier": "secondary"},  # a hospital in the town: the second reading leaves it out
        {**ill, "place": "340202", "tier": "tertiary"},
        {**ill, "diagnosis": "C34.9", "place": "340202"},  # not for primary care
    )
    lay_rows(root, "3402", "visits", came)
    help_ = {"sender": "wuhu-county", "sender_tier": "secondary", "receiver": "c", "receiver_tier": "primary"}
    rows = [
        filled("support", act="a", direction="down", receiver_division=TOWN, days=3, month=201903, **help_),
        filled("support", act="b", direction="down", receiver_division=TOWN, days=4, month=201904, **help_),
    ]
    far = {**help_, "sender": "wuhu-far", "sender_tier": "tertiary"}
    rows.append(
        filled("support", act="c", direction="down", receiver_division=TOWN, days=50, month=201904, **far)
    )
    lay_rows(root, "3402", "support", rows)
    hospitals = [
        filled("institutions", institution=key, county_hospital=own, tier="secondary", month=201912)
        for key, own in (("wuhu-county", True), ("wuhu-far", False))
    ]
    lay_rows(root, "3402", "institutions", hospitals)
    keep_small_year()
    me = client_of(Role.COMMISSION)
    found = told(me, "town_minor_illness", "wuhu", span="2019")
    assert numbers(found) == {(TOWN,): ["4/5", "3/5", "2", "7"]}
    html = page(me, "town_minor_illness", "wuhu", span="2019")
    assert "80 % 4 / 5" in lines(html)[1] and "60 % 3 / 5" in lines(html)[1] and "县级医院帮扶人日" in html
    with_file(
        monkeypatch, tmp_path, "cn", "panels/10-panels.yaml", ONLY_DAYS, ONLY_DAYS.split("\n", maxsplit=1)[0]
    )
    assert numbers(told(me, "town_minor_illness", "wuhu", span="2019")) == {
        (TOWN,): ["4/5", "3/5", "2", "57"]
    }


ONLY_DAYS = """帮扶人日, en: Person-days of help by county hospitals}
        only: {column: sender, flag: county_hospital}"""


def patient(person: str, disease: str, month: int, cost: int, **given: Any) -> Row:
    plain = {"institution": "made-centre", "home": XINHUI, "managed": True, "measured": True, **given}
    return filled("patients", person=person, disease=disease, month=month, cost=cost, **plain)


@pytest.mark.clause("XH-53")
def test_yearly_cost_and_control_stand_together_by_institution_and_disease(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    rows = [
        *(patient("a", "hypertension", 201900 + month, 10_000) for month in range(1, 13)),
        *(patient("b", "hypertension", 201900 + month, 5_000, controlled=True) for month in range(1, 13)),
        patient("c", "diabetes", 201912, 20_000, controlled=True),
        patient("a", "hypertension", 201812, 50_000, controlled=True),
    ]
    lay_rows(root, XINHUI, "patients", rows)
    keep_periods("xinhui", XINHUI)
    me = client_of(Role.COMMISSION, XINHUI)
    html = page(me, "chronic_cost_and_control", "xinhui", span="2019")
    of = row(html, "高血压")
    assert "made-centre · 高血压" in of and "900.00 元 1,800 / 2" in of and "上年 500.00 元" in of
    assert "50 % 1 / 2" in of and "下降 50 个百分点 上年 100 %" in of
    assert "200.00 元 200 / 1" in row(html, "糖尿病") and "100 % 1 / 1" in row(html, "糖尿病")
    with_file(
        monkeypatch,
        tmp_path,
        "cn",
        "indicators/21-chronic.yaml",
        CONTROLLED,
        CONTROLLED.replace(" and controlled", "", 1),
    )
    assert "100 % 2 / 2" in row(page(me, "chronic_cost_and_control", "xinhui", span="2019"), "高血压")


CONTROLLED = """numerator: count(measured and controlled)
    denominator: count()
    direction: up

  - id: chronic_control_rate_hypertension"""


@pytest.mark.clause("NHC-32")
def test_treated_here_and_elsewhere_stand_side_by_side_by_county(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    came = visits(
        "340202",
        {"diagnosis": "C34.9", "times": 2},
        {"diagnosis": "C34.9", "place": "340203"},
        {"diagnosis": "C34.9", "place": SHANGHAI, "times": 3},
        {"diagnosis": "I63.9", "times": 5},
        {"diagnosis": "A15.0", "place": "340203"},
        {"diagnosis": "J06.9", "times": 7},  # none of the three
    )
    lay_rows(root, "3402", "visits", came)
    keep_small_year()
    me = client_of(Role.COMMISSION)
    found = told(me, "county_major_diseases", "wuhu", span="2019")
    assert numbers(found) == {("340202",): ["2", "4", "5", "0", "0", "1"]}
    assert row(page(me, "county_major_diseases", "wuhu", span="2019"), "镜湖区").startswith("镜湖区 2")
    with_file(monkeypatch, tmp_path, "cn", "indicators/32-specialties.yaml", "[C, D0, Z51.0, Z51.1]", "[D0]")
    found = told(me, "county_major_diseases", "wuhu", span="2019")
    assert numbers(found) == {("340202",): ["0", "0", "5", "0", "0", "1"]}


@pytest.mark.clause("TY-59")
def test_the_share_of_service_income_stands_beside_the_number_trained(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    place = "140105"
    income = [
        filled(
            "institutions",
            institution=name,
            division=place,
            category=category,
            service_income=service,
            medical_income=1000,
            month=month,
        )
        for name, category, service, month in (
            ("made-township", "TOWNSHIP_CENTRE", 200, 201911),
            ("made-township", "TOWNSHIP_CENTRE", 400, 201912),
            ("made-township", "TOWNSHIP_CENTRE", 100, 201812),
            ("made-clinic", "VILLAGE_CLINIC", 900, 201912),
            ("made-hospital", "GENERAL", 900, 201912),
        )
    ]
    lay_rows(root, TAIYUAN, "institutions", income)
    people = [
        filled("staff", person=f"p{at}", institution="made-township", division=place, tier="primary",
               category="TOWNSHIP_CENTRE", trained=at < 2, month=201912)
        for at in range(3)
    ]  # fmt: skip
    lay_rows(root, TAIYUAN, "staff", people)
    keep_periods("taiyuan", TAIYUAN)
    me = client_of(Role.COMMISSION, TAIYUAN)
    found = told(me, "rural_service_income", "taiyuan", span="2019")
    assert numbers(found) == {("made-township",): ["3/10", "2"], ("made-clinic",): ["9/10", "0"]}
    html = page(me, "rural_service_income", "taiyuan", span="2019")
    assert "上升 20 个百分点 上年 10 %" in row(html, "made-township") and "made-hospital" not in html
    with_file(monkeypatch, tmp_path, "cn", "indicators/22-workforce.yaml",
              "where: category in (TOWNSHIP_CENTRE, VILLAGE_CLINIC) and", "where: category == VILLAGE_CLINIC and")  # fmt: skip
    found = told(me, "rural_service_income", "taiyuan", span="2019")
    assert numbers(found) == {("made-township",): [None, "2"], ("made-clinic",): ["9/10", "0"]}


@pytest.mark.clause("NHC-25")
def test_diseases_that_leave_are_ranked_and_the_specialties_to_strengthen_with_them(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    came = visits(
        "340202",
        {"diagnosis": "I63.9", "specialty": "03.03", "place": "340203", "times": 3},
        {"diagnosis": "I63.9", "specialty": "03.03", "times": 3},
        {"diagnosis": "B65.2", "specialty": "16", "place": "340203", "times": 4},
        {"diagnosis": "J06.9", "specialty": "03.01", "times": 5, "person": "one"},
    )
    lay_rows(root, "3402", "visits", came)
    people = filled("population", division="340202", group="permanent", persons=1000, month=201901)
    lay_rows(root, "3402", "population", [people])
    keep_small_year()
    me = client_of(Role.COMMISSION)
    html = page(me, "diseases_to_strengthen", "wuhu", span="2019")
    found = told(me, "diseases_to_strengthen", "wuhu", span="2019")
    assert list(numbers(found).items()) == [
        (("B65",), ["4", "1", "4"]),
        (("I63",), ["3", "1/2", "6"]),
        (("J06",), ["0", "0", "1"]),
    ]
    assert [line["marked"] for line in found["lines"]] == [True, False, False]
    assert [(each["specialty"], each["count"]) for each in found["strengthen"]] == [
        ("16", "4"),
        ("03.03", "3"),
    ]
    ranked = words(html.split('id="strengthen-head"')[1].split("</section>")[0])
    assert (
        "要加强的专科" in ranked
        and ranked.index("传染") < ranked.index("神经")
        and "地方病" in row(html, "B65")
    )
    with_file(
        monkeypatch, tmp_path, "cn", "indicators/32-specialties.yaml", "value: [B65, E00,", "value: [E00,"
    )
    found = told(me, "diseases_to_strengthen", "wuhu", span="2019")
    assert not any(line["marked"] for line in found["lines"])


@pytest.mark.clause("NHC-15")
def test_what_people_cross_the_province_for_and_where_no_alliance_stands(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    came = visits(
        "340202",
        {"diagnosis": "C34.9", "specialty": "19", "place": SHANGHAI, "procedure": "32.4", "times": 3},
        {"diagnosis": "I21.9", "specialty": "03.04", "place": SHANGHAI, "procedure": "36.06", "times": 2},
        {"diagnosis": "K80.2", "specialty": "04", "place": "340102", "procedure": "51.23"},  # in the province
    )
    lay_rows(root, "3402", "visits", came)
    keep_small_year()
    alliance = Consortium.objects.get(slug="wuhu-alliance-cardiology")
    me = client_of(Role.COMMISSION)
    for panel, first, second in (
        ("cross_province_by_disease", "C34", "I21"),
        ("cross_province_by_operation", "32.4", "36.06"),
    ):
        found = told(me, panel, "wuhu", span="2019")
        assert [(line["key"][0], line["numbers"][0]["value"]) for line in found["lines"]] == [
            (first, "3"),
            (second, "2"),
        ]
        assert [[each["slug"] for each in line["alliances"]] for line in found["lines"]][1] == [alliance.slug]
    html = page(me, "cross_province_by_disease", "wuhu", span="2019")
    assert "没有专科联盟" not in row(html, "I21")
    with_file(monkeypatch, tmp_path, "cn", "indicators/36-across.yaml",
              "count(known(diagnosis) and province(place) != province(home))",
              "count(known(diagnosis) and county(place) != county(home))")  # fmt: skip
    found = told(me, "cross_province_by_disease", "wuhu", span="2019")
    assert [line["key"][0] for line in found["lines"]] == ["C34", "I21", "K80"]


@pytest.mark.clause("XH-77")
def test_the_named_specialties_and_techniques_by_staff_cases_and_those_who_leave(
    client_of: Open, root: Path, tmp_path: Path, monkeypatch
) -> None:
    came = visits(
        XINHUI,
        {"specialty": "16", "times": 3},
        {"specialty": "16", "place": "440703"},
        {"specialty": "04", "procedure": "51.23", "times": 2},
        {"specialty": "04", "procedure": "51.23", "place": "440703", "times": 2},
        {"specialty": "16", "times": 1, "on": THEN},
        {"specialty": "16", "place": "440703", "on": THEN},
    )
    lay_rows(root, XINHUI, "visits", came)
    people = [("a", "16"), ("b", "16"), ("c", "04"), ("d", "07.01")]
    lay_rows(root, XINHUI, "staff", [
        filled("staff", person=name, institution="made-hospital", division=XINHUI, specialty=code, month=201912)
        for name, code in people
    ])  # fmt: skip
    keep_periods("xinhui", XINHUI)
    me = client_of(Role.COMMISSION, XINHUI)
    found = numbers(told(me, "named_specialties", "xinhui", span="2019"))
    assert len(found) == 12 and next(iter(found)) == ("infection",)
    assert found["infection",] == ["2", "3", "1/4"]
    assert found["paediatrics",] == ["1", "0", None]
    assert found["laparoscopic_surgery",] == ["1", "2", "1/2"]
    html = page(me, "named_specialties", "xinhui", span="2019")
    assert "传染病" in row(html, "传染病") and "下降 25 个百分点 上年 50 %" in row(html, "传染病")
    with_file(monkeypatch, tmp_path, "xinhui", "panels/10-panels.yaml",
              'of: {visits: {specialty: ["16"]}, staff: {specialty: ["16"]}}',
              'of: {visits: {specialty: ["04"]}, staff: {specialty: ["04"]}}')  # fmt: skip
    found = numbers(told(me, "named_specialties", "xinhui", span="2019"))
    assert found["infection",] == ["1", "2", "1/2"]
