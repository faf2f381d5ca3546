"""Who sees which rows of a panel, in which order, and as a file: offices their own, few cases by nobody who may not open cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.queries.panels import Laid, laid
from tiercare.apps.evaluation.queries.runs import newest_runs
from tiercare.apps.network.queries import institution_by_slug
from tiercare.engines.sheets import read
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.web.indicators import wording

from ...unit.measures.examples import every_indicator
from ..evaluation.boards_made import laid as lay_rows
from ..evaluation.computed import keep_small_year
from ..evaluation.facts_made import LEAD, OTHER_LEAD, STATION, commission, office_of
from .capacity_desk import text_of
from .test_panels import SHANGHAI, lines, page, row, told, visits

pytestmark = pytest.mark.django_db
Open = Callable[..., Client]
PANEL = "hospital_outpatient"


@pytest.fixture
def root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return settings.FACTS_ROOT


def office(slug: str) -> Actor:
    found = institution_by_slug(slug, on=date(2019, 7, 1))
    assert found is not None
    return office_of(found)


def over(actor: Actor, panel: str, **asked: str) -> Laid:
    (run,) = newest_runs(actor, "wuhu")
    return laid(actor, run, panel, **asked)


def keys(found: Laid) -> list[str]:
    return [line.key[0] for line in found.lines]


def refused(actor: Actor, panel: str, **asked: str) -> str:
    with pytest.raises(Refused) as caught:
        over(actor, panel, **asked)
    return caught.value.refusals[0].code


def hospitals(root: Path) -> None:
    came = visits(
        "340202",
        {"institution": LEAD, "tier": "tertiary", "diagnosis": "I10", "times": 2},
        {"institution": LEAD, "tier": "tertiary", "diagnosis": "C34.9", "times": 2},
        {"institution": OTHER_LEAD, "tier": "tertiary", "diagnosis": "I10", "times": 3},
        {"institution": OTHER_LEAD, "tier": "tertiary", "diagnosis": "J06.9"},
        {"institution": STATION, "tier": "primary", "diagnosis": "I10"},
    )
    lay_rows(root, "3402", "visits", came)
    keep_small_year()


def test_before_anything_was_computed_the_pages_say_what_to_do(client_of: Open, root: Path) -> None:
    me = client_of(Role.COMMISSION)
    listed = text_of(me.get("/board/panels?region=wuhu"))
    assert "医院慢性病就诊与普通门诊" in listed and "还没有计算过指标" in listed
    assert "还没有计算过指标" in page(me, PANEL, "wuhu")
    assert me.get(f"/board/panels/{PANEL}.xlsx?region=wuhu").status_code == 404
    assert "没有这张并列表" in page(me, "rows_of_nothing", "wuhu", 404)
    assert client_of(Role.CLINICIAN).get("/board/panels").status_code == 403


def test_an_office_sees_its_own_rows_and_those_it_leads(root: Path) -> None:
    hospitals(root)
    assert keys(over(commission(), PANEL)) == [OTHER_LEAD, LEAD]
    mine = over(office(LEAD), PANEL)
    assert keys(mine) == [LEAD] and mine.own
    assert keys(over(office(OTHER_LEAD), PANEL)) == [OTHER_LEAD]
    assert keys(over(office(STATION), PANEL)) == []
    assert refused(office(LEAD), "county_major_diseases") == "evaluation.of_the_area"
    assert refused(office(LEAD), "cross_province_by_disease") == "evaluation.of_the_area"


def test_an_area_a_period_or_a_panel_that_is_not_there_is_refused(root: Path) -> None:
    hospitals(root)
    assert over(commission("340203"), "county_major_diseases").area == "340203"
    assert refused(commission("340203"), PANEL, area="340202") == "access.outside_scope"
    assert refused(commission(), PANEL, area="440705") == "evaluation.no_such_area"
    assert refused(commission(), PANEL, span="2019") == refused(
        commission(), "county_major_diseases", span="2019Q1"
    )
    assert refused(commission(), "nothing") == "evaluation.no_such_panel"


def test_few_cases_are_hidden_from_those_who_may_not_open_cases(client_of: Open, root: Path) -> None:
    came = visits(
        "340202",
        {"diagnosis": "C34.9", "specialty": "19", "place": SHANGHAI, "times": 30},
        {"diagnosis": "C34.9", "specialty": "19", "times": 30},
        {"diagnosis": "I21.9", "specialty": "03.04", "place": SHANGHAI, "times": 3},
        {"diagnosis": "I21.9", "specialty": "03.04", "times": 40},
        {"diagnosis": "K80.2", "specialty": "04", "place": SHANGHAI, "times": 25},
        {"diagnosis": "K80.2", "specialty": "04", "times": 35},
    )
    lay_rows(root, "3402", "visits", came)
    keep_small_year()
    whole = told(client_of(Role.COMMISSION), "cross_province_by_disease", "wuhu", span="2019")
    assert [line["numbers"][0]["value"] for line in whole["lines"]] == ["30", "25", "3"]
    insurer = client_of(Role.INSURANCE)
    less = told(insurer, "cross_province_by_disease", "wuhu", span="2019")
    share = {line["key"][0]: line["numbers"][1] for line in less["lines"]}
    assert share["I21"]["hidden"] and share["I21"]["numerator"] is None
    # The total is known: one hidden row alone could be worked out of it.
    assert sum(each["hidden"] for each in share.values()) > 1
    assert not any(line["numbers"][0]["change"] for line in less["lines"]) and less["strengthen"] == []
    html = page(insurer, "cross_province_by_disease", "wuhu", span="2019")
    assert "例数太少，不显示" in row(html, "I21") and "也不能从别的数推出来" in html


def test_rows_are_sorted_by_any_column_and_found_by_name(client_of: Open, root: Path) -> None:
    hospitals(root)
    me = client_of(Role.COMMISSION)
    html = page(me, PANEL, "wuhu")
    assert [LEAD in each for each in html.split("panel-rows")[1:]] == [False]  # named, not by their keys
    first = [each.split(" ")[0] for each in lines(html)[1:]]
    assert [each.split(" ")[0] for each in lines(page(me, PANEL, "wuhu", sort="-1"))[1:]] == first[::-1]
    assert 'aria-sort="ascending"' in page(me, PANEL, "wuhu", sort="-1")
    by_ordinary = lines(page(me, PANEL, "wuhu", sort="2"))[1:]
    assert "25 % 1 / 4" in by_ordinary[0]
    found = lines(page(me, PANEL, "wuhu", q=LEAD))
    assert len(found) == 2 and "50 % 2 / 4" in found[1]
    assert "没有符合的行" in page(me, PANEL, "wuhu", q="nobody")


def test_the_file_holds_numbers_counts_definitions_and_that_they_are_made_up(
    client_of: Open, root: Path
) -> None:
    hospitals(root)
    me = client_of(Role.COMMISSION)
    answer = me.get(f"/board/panels/{PANEL}.xlsx?region=wuhu&span=2019Q1")
    assert answer.status_code == 200 and "2019Q1.xlsx" in answer.headers["Content-Disposition"]
    table, definitions, about = read(answer.content, "panel.xlsx", is_header=bool).sheets
    assert list(table.header[:3]) == ["机构", "机构 编码", "医院慢性病患者就诊比例"]
    by_key = {line.cells[1]: line.cells for line in table.lines}
    assert by_key[OTHER_LEAD][2] == 0.75 and list(by_key[OTHER_LEAD][5:7]) == [3, 4]
    assert "hospital_chronic_visit_share" in {line.cells[0] for line in definitions.lines}
    assert any("模拟" in str(cell) or "演示" in str(cell) for line in about.lines for cell in line.cells)


def test_the_clause_leads_to_its_panel_and_the_board_to_all(client_of: Open, root: Path) -> None:
    hospitals(root)
    me = client_of(Role.COMMISSION)
    assert f"/board/panels/{PANEL}?" in text_of(me.get("/clauses/XH-52?region=wuhu"))
    assert "/board/panels?" in text_of(me.get("/board?region=wuhu"))
    listed = me.get("/api/evaluation/panels", {"pack": "wuhu"})
    assert listed.status_code == 200 and PANEL in {each["id"] for each in listed.json()}


def test_money_is_told_in_yuan_and_the_patients_it_is_shared_among_are_people() -> None:
    of = every_indicator()["chronic_cost_per_patient"]
    assert wording.count(of.numerator, Fraction(112_133_692)) == "1,121,336.92"
    assert wording.count(of.denominator, Fraction(373)) == "373"
