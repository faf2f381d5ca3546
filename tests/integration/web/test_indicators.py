"""The pages of indicators over a year of facts made by hand: numbers beside their definitions, places, cases, who sees what."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from tiercare.apps.access import models as access
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.queries import institution_by_slug

from ..evaluation.computed import run_once
from ..evaluation.facts_made import JINGHU, LEAD, OTHER_LEAD, STATION, YIJIANG, commission, lay

SHARE = "primary_visit_share"
ON = {"region": "wuhu", "on": "2019-07-01"}
ClientOf = Callable[..., Client]


@pytest.fixture
def root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = lay(tmp_path / "facts")
    return settings.FACTS_ROOT


@pytest.fixture
def computed(root: Path) -> Path:
    run_once(commission(), "wuhu")
    return root


def plain(content: bytes) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def page(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, ON | query)
    assert answer.status_code == 200, plain(answer.content)
    return plain(answer.content)


def office(client_of: ClientOf, slug: str, role: Role = Role.CONSORTIUM_OFFICE) -> Client:
    """An office of an institution of the register."""
    client = client_of(role, "340202")
    found = institution_by_slug(slug, on=date(2019, 7, 1))
    access.Grant.objects.filter(role=role.value).update(institution_id=found)
    return client


def test_the_book_shows_every_indicator_with_its_number_and_is_found_by_initials(
    client_of: ClientOf, computed: Path
) -> None:
    client = client_of()
    text = page(client, "/indicators")
    assert "基层诊疗量占比" in text and "50 %" in text and "7 / 14" in text and "模拟数据 made ·" in text
    for asked in ("jczl", "基层诊疗", "WH-49", SHARE, "primary-care share of visits"):
        found = client.get("/indicators", ON | {"q": asked}).content.decode()
        assert f"/indicators/{SHARE}?" in found, asked
        assert "/indicators/average_stay?" not in found, asked
    assert "没有符合条件的指标" in page(client, "/indicators", q="zzzz")


def test_a_number_stands_beside_its_definition_counts_demands_and_the_year_before(
    client_of: ClientOf, computed: Path
) -> None:
    text = page(client_of(), f"/indicators/{SHARE}")
    assert "50 %" in text and "分子 7" in text and "分母 14" in text
    assert "visits[visited].count(tier == primary) where kind in (outpatient, emergency)" in text
    assert "县域医共体监测指标（2024版）第7项" in text and "WH-49" in text
    assert "比 2018 年" in text and "(50 %)" in text, "2 of 4 the year before"
    assert "按发生的机构" in text and "越高越好" in text and "分母小于 10 不排名" in text


def test_without_a_run_the_page_says_what_to_do(client_of: ClientOf, wuhu: str) -> None:
    text = page(client_of(), f"/indicators/{SHARE}")
    assert "还没有计算过指标" in text and "基层医疗卫生机构诊疗人次" in text
    assert "还没有计算过指标" in page(client_of(Role.AUDITOR), "/indicators")
    assert "还没有计算过指标" in page(client_of(Role.INSURANCE), "/scorecards")


def test_places_by_county_consortium_and_institution(client_of: ClientOf, computed: Path) -> None:
    client = client_of()
    counties = page(client, f"/indicators/{SHARE}", by="division")
    assert "镜湖区 60 % 6 / 10" in counties and "弋江区" in counties, "as they were called then"
    text = page(client, f"/indicators/{SHARE}", by="institution")
    assert "芜湖市第二人民医院" in text and "0 / 4" in text
    assert "分母小于 10，不排名" in text
    own = page(client, f"/indicators/{SHARE}", level="consortium", key=JINGHU)
    assert "60 %" in own and "全地区 50 %" in own


def test_an_office_sees_only_what_concerns_it(client_of: ClientOf, computed: Path) -> None:
    text = page(office(client_of, LEAD), f"/indicators/{SHARE}", by="institution")
    assert "芜湖市第二人民医院" in text and "50 %" in text
    assert "芜湖市中医医院" not in text and "名次" not in text
    stranger = office(client_of, OTHER_LEAD, Role.REFERRAL_OFFICE)
    other = page(stranger, f"/indicators/{SHARE}", by="consortium")
    assert "1 / 4" in other and "6 / 10" not in other
    hidden = page(stranger, f"/indicators/{SHARE}", level="consortium", key=JINGHU)
    assert "分子 6" not in hidden and "还没有数据" in hidden


def test_a_clinician_is_refused(client_of: ClientOf, computed: Path) -> None:
    client = client_of(Role.CLINICIAN)
    for path in ("/indicators", f"/indicators/{SHARE}", "/indicators/changes", "/scorecards"):
        assert client.get(path, ON).status_code == 403, path
    assert client.post(f"/indicators/{SHARE}/cases?region=wuhu", {"side": "numerator"}).status_code == 403


@pytest.mark.parametrize(
    ("level", "key", "above", "below"),
    [
        ("region", "3402", 7, 14),
        ("division", "340202", 6, 10),
        ("consortium", YIJIANG, 1, 4),
        ("institution", STATION, 6, 6),
    ],
)
def test_the_cases_are_as_many_as_the_number_says_and_listing_them_is_on_record(
    client_of: ClientOf, computed: Path, level: str, key: str, above: int, below: int
) -> None:
    client = client_of()
    for side, count in (("numerator", above), ("denominator", below)):
        address = f"/indicators/{SHARE}/cases?region=wuhu&on=2019-07-01"
        asked = client.get(address, {"level": level, "key": key, "side": side} | ON)
        assert asked.status_code == 200 and "列出个案会留下记录" in plain(asked.content)
        assert not ledger.events(kind="evaluation.cases_listed") or side == "denominator"
        answer = client.post(address, {"level": level, "key": key, "side": side, "span": "2019"})
        text = plain(answer.content)
        assert f"共 {count} 行；按口径合计 {count}" in text
        assert answer.content.decode().count("<tr><td") == count
        assert "P-" not in text and "wuhu-jinghu_fangcun-2019" not in text, "no person, no whole key"
    events = ledger.events(kind="evaluation.cases_listed")
    assert sorted(each.payload["cases"] for each in events) == sorted([above, below])
    assert {each.payload["indicator"] for each in events} == {SHARE}


def test_an_office_lists_its_own_cases_and_no_others(client_of: ClientOf, computed: Path) -> None:
    client = office(client_of, LEAD)
    address = f"/indicators/{SHARE}/cases?region=wuhu&on=2019-07-01"

    def asked(level: str, key: str) -> int:
        given = {"level": level, "key": key, "side": "denominator", "span": "2019"}
        return client.post(address, given).status_code

    assert asked("institution", LEAD) == 200
    assert asked("consortium", JINGHU) == 200, "the lead answers for its consortium"
    assert asked("institution", OTHER_LEAD) == 403
    assert asked("consortium", YIJIANG) == 403
    assert asked("region", "3402") == 403
    assert len(ledger.events(kind="evaluation.cases_listed")) == 2


def test_a_county_commission_lists_cases_of_its_county_alone(client_of: ClientOf, computed: Path) -> None:
    client = client_of(Role.COMMISSION, "340202")
    address = f"/indicators/{SHARE}/cases?region=wuhu&on=2019-07-01"
    for key, status in (("340202", 200), ("340203", 403)):
        assert client.get(address, ON | {"level": "division", "key": key}).status_code == status
    assert client.get(address, ON).status_code == 403, "the whole region is not theirs"


def test_what_was_counted_and_what_is_there_now_may_differ_and_the_page_says_so(
    client_of: ClientOf, computed: Path
) -> None:
    lay(computed, seed="again")  # the same rows once more: twice as many
    client = client_of()
    text = plain(client.post(f"/indicators/{SHARE}/cases?region=wuhu", {"side": "numerator"}).content)
    assert "共 14 行" in text and "事实数据又有变动" in text


def test_what_does_not_exist_is_said_to_the_person(client_of: ClientOf, computed: Path) -> None:
    client = client_of()
    for path, query, status, words in (
        ("/indicators/no_such", {}, 404, "没有这一项"),
        (f"/indicators/{SHARE}", {"span": "1999"}, 422, "没有这个时间段"),
        (f"/indicators/{SHARE}", {"by": "village"}, 422, "所选的条件不存在"),
        (f"/indicators/{SHARE}/cases", {"side": "left"}, 422, "所选的条件不存在"),
        (f"/indicators/{SHARE}/breakdown", {"column": "cost"}, 422, "不能按这一项展开"),
        ("/scorecards/no_such", {}, 404, "没有这张评分表"),
    ):
        answer = client.get(path, ON | query)
        assert answer.status_code == status and words in plain(answer.content), path


def test_pages_ask_a_fixed_number_of_questions(
    client_of: ClientOf, computed: Path, django_assert_max_num_queries
) -> None:
    client = client_of()
    for path, most in ((f"/indicators/{SHARE}", 30), ("/indicators", 26), ("/indicators/changes", 26)):
        client.get(path, ON)
        with django_assert_max_num_queries(most):
            client.get(path, ON)
