"""The map of grids: today beside a plan, a township moved and weighed, versions, what-ifs, layers, gaps, files, opinions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.rules import KIND_NAMES
from tiercare.apps.planning import commands
from tiercare.apps.planning.queries import Ground, ground_of, plans
from tiercare.apps.planning.rules.plans import Stage
from tiercare.apps.terms.models import Division
from tiercare.engines.planning.regions import neighbours

from ..planning.regions import altered
from ..planning.test_plans import CITY, WISHES, one_moved
from .capacity_desk import text_of
from .conftest import FRAME

pytestmark = pytest.mark.django_db
ON = date(2019, 7, 1)
Open = Callable[..., Client]


@pytest.fixture
def ground(wuhu: str) -> Ground:
    return ground_of(wuhu, on=ON)


def to(address: str, **query: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in {**FRAME, **query}.items())
    return f"{address}?{asked}"


def sent(lead_of: Mapping[str, str], **also: str) -> dict[str, str]:
    """The form of the page with a plan on the screen."""
    return {"lead_of": json.dumps(dict(lead_of)), **also}


def saved(client: Client, lead_of: Mapping[str, str], **also: str) -> str:
    """The address of the version that was kept."""
    answer = client.post(to("/planning/plans"), sent(lead_of, title="示例方案", **also))
    assert answer.status_code == 302, text_of(answer, answer.status_code)
    return str(answer["Location"])


def test_the_page_draws_every_township_in_todays_grid(client_of: Open, ground: Ground) -> None:
    html = text_of(client_of().get(to("/planning")))
    assert html.count('class="cell ') == len(ground.region.places)
    assert html.count('class="seat"') == len(ground.region.leads)
    for lead in ground.region.leads:
        assert lead.name in html
    edges = re.findall(r'class="edge( is-border)?" href="#e-\d+" data-one="(\d+)" data-other="(\d+)"', html)
    today = ground.region.today
    assert {frozenset(each[1:]) for each in edges} == {frozenset(pair) for pair in ground.region.beside}
    assert all(bool(border) is (today[one] != today[other]) for border, one, other in edges)
    assert "示意或估算" in html
    assert "改划 0 个乡镇" in html
    shown = json.loads(re.findall(r'id="planning-data" type="application/json">(.*?)</script>', html)[0])
    assert shown["today"] == dict(ground.region.today)
    assert {lead["no"] for lead in shown["leads"]} == set(range(1, len(ground.region.leads) + 1))


def test_a_moved_township_is_weighed_with_what_it_breaks(client_of: Open, ground: Ground) -> None:
    region = ground.region
    names = {place.key: place.name for place in region.places}
    beside = neighbours(region)
    # A township that touches nothing of the grid it is given to lies apart from it.
    seats = {lead.place for lead in region.leads}
    key, lead = next(
        (place.key, lead.key)
        for place in region.places
        for lead in region.leads
        if place.key not in seats
        and place.area in lead.areas
        and all(region.today[other] != lead.key for other in beside[place.key])
    )
    client = client_of()
    answer = text_of(client.post(to("/planning/weigh"), sent({**region.today, key: lead})))
    assert "改划 1 个乡镇" in answer
    apart = [
        each for each in re.findall(r'<li data-broken="([^"]*)">([^<]*)', answer) if key in each[0].split()
    ]
    assert any("不连片" in words for _keys, words in apart)
    assert names[key] in answer
    assert re.search(r'id="grids".*class="is-changed"', answer, re.DOTALL)


def test_cards_that_a_move_breaks_are_named_with_their_clause(client_of: Open, ground: Ground) -> None:
    region = ground.region
    lead = next(each for each in region.leads if each.name == "无为县人民医院")
    other = next(each for each in region.leads if each.name == "无为县中医医院")
    # A county hospital that lies in the grid of another would serve across grids.
    drawn = {**region.today, lead.place: other.key}
    answer = text_of(client_of().post(to("/planning/weigh"), sent(drawn)))
    assert "/clauses/NHC-07" in answer
    assert "不在它自己的网格里" in answer
    assert "家基层机构随乡镇转到新的医联体" in answer
    back = text_of(client_of(Role.AUDITOR).post(to("/planning/weigh"), sent(region.today)))
    assert "没有新违反的，也没有改好的" in back
    assert "随乡镇转到" not in back


def test_a_weight_changes_what_a_move_costs(client_of: Open, ground: Ground) -> None:
    drawn, _key = one_moved(ground.region, WISHES)
    client = client_of()

    def change(minutes: str) -> float:
        answer = text_of(client.post(to("/planning/weigh"), sent(drawn, change=minutes)))
        return float(re.findall(r"改换</th><td class=\"num\">([\d.]+)", answer)[0])

    assert change("0") == 0
    assert change("1000") > change("100") > 0


@pytest.mark.parametrize(
    "posted",
    [
        {"lead_of": "nothing"},
        {"lead_of": '{"340202001": "nobody"}'},
        {"lead_of": "[]"},
        {"change": "-1"},
        {"farthest": "near"},
        {"uneven": "nan"},
        {"what_if": "[1]"},
        {"what_if": '[{"act": "close", "lead": "nobody"}]'},
        {"what_if": '[{"act": "dance"}]'},
        {"what_if": '[{"lead": 7}]'},
        {"what_if": '[{"act": "upgrade", "lead": "LEAD", "share": "many"}]'},
        {"what_if": '[{"act": "upgrade", "lead": "LEAD", "areas": 5}]'},
        {"what_if": '[{"act": "upgrade", "lead": "LEAD", "room": "x"}]'},
        {"what_if": '[{"act": "merge", "lead": "LEAD", "into": "LEAD"}]'},
        {"what_if": '[{"act": "open", "institution": ["x"]}]'},
        {"what_if": '[{"act": "upgrade", "lead": "LEAD", "share": -1}]'},
        {"what_if": '[{"act": "upgrade", "lead": "LEAD", "share": NaN}]'},
    ],
)
def test_what_is_no_plan_is_refused_with_a_way_on(
    client_of: Open, ground: Ground, posted: dict[str, str]
) -> None:
    posted = {name: value.replace("LEAD", ground.region.leads[0].key) for name, value in posted.items()}
    answer = client_of().post(to("/planning/weigh"), sent(ground.region.today) | posted)
    assert answer.status_code == 422
    assert "refusal-way" in answer.content.decode()


def test_a_township_is_moved_without_any_script(client_of: Open, ground: Ground) -> None:
    drawn, key = one_moved(ground.region, WISHES)
    answer = client_of().post(to("/planning"), sent(ground.region.today, place=key, to=drawn[key]))
    html = text_of(answer)
    assert "改划 1 个乡镇" in html
    assert f'class="ring is-changed" href="#c-{key}"' in html
    kept = re.findall(r'name="lead_of" value="([^"]*)"', html)[0].replace("&quot;", '"')
    assert json.loads(kept) == drawn


@pytest.mark.clause("NHC-01", "WH-01")
def test_versions_are_numbered_and_hold_consortia_of_every_kind(client_of: Open, ground: Ground) -> None:
    client = client_of()
    drawn, key = one_moved(ground.region, WISHES)
    first = saved(client, ground.region.today)
    second = saved(client, drawn, words="示例：按路程", version="1")
    assert (first[-7:], second[-7:]) == ("&plan=1", "&plan=2")
    html = text_of(client.get(second))
    for kind, name in KIND_NAMES.items():
        count = sum(1 for each in ground.network.of_kind(kind))
        assert f"{name.zh} {count}" in html
    for consortium in ground.network.consortia.values():
        assert consortium.beyond or consortium.name in html
    assert "由 1 号改来" in html
    assert f'class="ring is-changed" href="#c-{key}"' in html
    listed = text_of(client.get(to("/planning/plans")))
    assert listed.index("plan=2") < listed.index("plan=1")
    assert "草案" in listed
    compared = text_of(client.get(to("/planning/compare", a="1", b="2")))
    assert compared.count('class="plan-map"') == 2
    assert "2 号：每人" in compared


@pytest.mark.clause("NHC-01")
def test_resources_lie_over_demand_as_the_pack_lists_them(
    client_of: Open, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, net = client_of(), ground.network

    def page(layer: str) -> str:
        return text_of(client.get(to("/planning/layers", layer=layer)))

    html = page("resources")
    for area in net.areas.values():
        beds = sum(each.beds for each in net.local() if each.division == area.code)
        assert area.name in html
        assert f"{beds:,}" in html
        assert f"{area.population:,}" in html
    assert html.count('class="county') == len(net.areas)
    for word in ("医疗卫生机构", "床位", "执业人员", "常住人口", "居民就诊"):
        assert word in html
    altered(monkeypatch, "NHC-01", plan_resources=("institutions",), plan_demand=("population",))
    less = page("resources")
    assert "执业人员" not in less
    assert "居民就诊" not in less
    assert "医疗卫生机构" in less


@pytest.mark.clause("WH-01")
def test_the_inputs_of_a_plan_are_layers_as_the_pack_lists_them(
    client_of: Open, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, net = client_of(), ground.network
    words = {"public_health": "公共卫生", "disease_control": "疾病预防控制", "information": "信息化"}
    for layer, name in words.items():
        html = text_of(client.get(to("/planning/layers", layer=layer)))
        assert re.search(rf'aria-current="true">{name} <small>WH-01', html)
    nodes = sum("telemedicine_node" in each.facilities for each in net.local())
    assert f'<td class="num">{nodes}</td>' in html
    assert 0 < html.count('<use class="sign') <= nodes, (
        "each node whose place is known has its sign on the map"
    )
    altered(monkeypatch, "WH-01", inputs=("resources", "public_health", "information"))
    less = text_of(client.get(to("/planning/layers", layer="disease_control")))
    assert "疾病预防控制" not in less
    assert "公共卫生" in less


def test_a_search_is_asked_for_looked_at_and_opened(client_of: Open, ground: Ground) -> None:
    client = client_of()
    asked = client.post(to("/planning/search"), sent(ground.region.today, seed="3"))
    assert asked.status_code == 302
    waiting = text_of(client.get(asked["Location"]))
    assert "data-again" in waiting
    twice = client.post(to("/planning/search"), sent(ground.region.today))
    assert twice.status_code == 409, "one search of a region at a time"
    key = UUID(re.findall(r"searches/([0-9a-f-]+)", asked["Location"])[0])
    assert commands.run_search(key) is Stage.DONE
    done = text_of(client.get(asked["Location"]))
    opened = re.findall(r'data-open="([^"]*)"', done)[0].replace("&amp;", "&")
    html = text_of(client.get(opened))
    assert "计算得出" in html
    assert "规则都符合" in html
    assert ("已证最优" in html) or ("最多差" in html)


def test_a_search_that_finds_nothing_says_why_and_one_can_be_stopped(
    client_of: Open, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of()
    asked = client.post(to("/planning/search"), sent(ground.region.today))
    page = asked["Location"]
    key = UUID(re.findall(r"searches/([0-9a-f-]+)", page)[0])
    stopped = client.post(to(f"/planning/searches/{key}/stop"))
    assert stopped.status_code == 302
    assert "已停止" in text_of(client.get(page))
    again = client.post(to("/planning/search"), sent(ground.region.today))
    lost = UUID(re.findall(r"searches/([0-9a-f-]+)", again["Location"])[0])
    # The region loses what it was to be divided by between the asking and the search.
    Division.objects.filter(level="TOWNSHIP").update(population=None)
    assert commands.run_search(lost) is Stage.FAILED
    html = text_of(client.get(again["Location"]))
    assert "没有可行方案" in html
    assert "data-again" not in html


def test_a_version_of_an_older_ground_says_so(client_of: Open, ground: Ground) -> None:
    client = client_of()
    address = saved(client, ground.region.today)
    assert "底数已变" not in text_of(client.get(address))
    place = ground.region.places[0].key
    Division.objects.filter(code=place).update(population=123_456)
    assert "底数已变" in text_of(client.get(address))


def test_what_if_a_lead_is_closed_or_opened(client_of: Open, ground: Ground) -> None:
    client = client_of()
    lead = next(
        each for each in ground.region.leads if ground.network.consortia[each.key].division == "340221"
    )
    answer = text_of(
        client.post(
            to("/planning"), sent(ground.region.today, supposing="add", if_act="close", if_lead=lead.key)
        )
    )
    assert f"撤下 {lead.name}" in answer
    assert "is-changed" in answer
    shown = json.loads(re.findall(r'id="planning-data" type="application/json">(.*?)</script>', answer)[0])
    assert lead.key not in shown["held"].values()
    leading = {house.id for each in ground.region.leads for house in ground.network.leads(each.key)}
    choices = answer[answer.index('id="if-house"') :].split("</select>")[0]
    offered = set(re.findall(r'value="([0-9a-f-]{36})"', choices))
    house = next(each for each in ground.network.local() if each.id in offered - leading)
    opened = client.post(
        to("/planning"), sent(ground.region.today, supposing="add", if_act="open", if_house=house.id)
    )
    assert f"增设 {house.name}" in text_of(opened)
    wrong = client.post(
        to("/planning"), sent(ground.region.today, supposing="add", if_act="upgrade", if_lead=lead.key)
    )
    assert wrong.status_code == 422


def test_gaps_are_listed_with_the_cheapest_ways(client_of: Open, wuhu: str) -> None:
    html = text_of(client_of().get(to("/planning/gaps")))
    assert "最省的办法" in html
    assert "示意价" in html
    assert html.count('class="gap-part"') >= 1


def test_files_hold_what_is_on_the_screen(client_of: Open, ground: Ground) -> None:
    client = client_of()
    drawn, key = one_moved(ground.region, WISHES)
    answer = client.post(to("/planning/plan.geojson"), sent(drawn))
    assert answer["Content-Type"] == "application/geo+json"
    found = json.loads(answer.content)["features"]
    assert len(found) == len(ground.region.places)
    assert [each["id"] for each in found if each["properties"]["changed"]] == [key]
    assert {each["geometry"]["type"] for each in found} <= {"Polygon", "MultiPolygon", "Point"}
    content = client.post(to("/planning/plan.xlsx"), sent(drawn)).content
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    assert len(book.get_sheet_by_index(0).to_python()) == len(ground.region.leads) + 1
    assert len(book.get_sheet_by_index(1).to_python()) == len(ground.region.places) + 1
    assert client.post(to("/planning/plan.exe"), sent(drawn)).status_code == 404
    sheet = text_of(client.post(to("/planning/sheet"), sent(drawn)))
    assert sheet.count('class="plan-map"') == 2


def test_others_look_and_try_but_do_not_keep(client_of: Open, ground: Ground) -> None:
    client = client_of(Role.CONSORTIUM_OFFICE)
    html = text_of(client.get(to("/planning")))
    assert "data-propose" not in html
    assert "data-save" not in html
    assert "由卫生健康行政部门办理" in html
    drawn, _key = one_moved(ground.region, WISHES)
    assert "改划 1 个乡镇" in text_of(client.post(to("/planning/weigh"), sent(drawn)))
    assert client.post(to("/planning/plans"), sent(drawn, title="示例")).status_code == 403
    assert client.post(to("/planning/search"), sent(drawn)).status_code == 403
    assert Client().get(to("/planning")).status_code == 302


def test_a_region_without_grids_says_what_to_do(client_of: Open, wuhu: str) -> None:
    client = client_of()
    html = text_of(client.get("/planning?region=taiyuan&on=2019-07-01"))
    assert "没有登记网格" in html
    assert "登记网格" in html
    assert "region=wuhu" in html, "a region that has some is offered"


def test_a_plan_is_put_to_those_it_concerns_and_their_answers_stand_with_it(
    client_of: Open, ground: Ground
) -> None:
    client = client_of()
    drawn, _key = one_moved(ground.region, WISHES)
    address = saved(client, drawn)
    form = text_of(client.get(to("/planning/plans/1/discuss")))
    parties = re.findall(r'name="party" value="([^"]*)"', form)
    assert len(parties) >= 2
    (line,) = plans.plans(CITY, "3402")
    days = {"opinions_by": 7, "due_on": 20, "start": 20}
    today = ledger.today()
    sending = {name: (today + timedelta(days=n)).isoformat() for name, n in days.items()}
    nobody = client.post(to("/planning/plans/1/discuss"), {"words": "请提意见", **sending})
    assert nobody.status_code == 422
    asked = client.post(to("/planning/plans/1/discuss"), {"words": "请提意见", "party": parties, **sending})
    assert asked.status_code == 302, text_of(asked, asked.status_code)
    matter = text_of(client.get(asked["Location"]))
    assert "在地图上看第 1 号方案" in matter
    assert "汇总意见，报审定" in matter
    assert "下达整改" not in matter
    page = text_of(client.get(address))
    assert page.count("还没有答复") == len(parties)
    county = client_of(Role.COMMISSION, next(each[:6] for each in parties if each.endswith(":")))
    opinion = re.findall(r'plan-opinions.*?href="([^"?]*)', page, re.DOTALL)[0]
    assert "您的意见" in text_of(county.get(to(opinion)))
    assert "示例方案" in text_of(county.get(address)), "who is asked sees what about"
    silent = county.post(to(f"{opinion}/submit"), {"words": "没有选", "version": _version(county, opinion)})
    assert silent.status_code == 422
    said = county.post(
        to(f"{opinion}/submit"), {"words": "路程近了", "agrees": "yes", "version": _version(county, opinion)}
    )
    assert said.status_code == 302, re.findall(r"refusal-why.*?</p>", said.content.decode(), re.DOTALL)
    after = text_of(client.get(address))
    assert re.search(r"tag-met[^§]{0,200}同意", after[after.index("plan-opinions") :])
    assert line.number == 1


def _version(client: Client, address: str) -> str:
    found = re.findall(r'name="version" value="(\d+)"', text_of(client.get(to(address))))
    return found[0] if found else ""
