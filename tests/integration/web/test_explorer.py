"""The region explorer: what lies where, on which day, and how it is found."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tiercare.apps.network import models
from tiercare.kernel.ids import uuid7

from .conftest import FRAME

ON = date(2019, 7, 1)

_INLINE = re.compile(r"<style\b|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)|javascript:", re.IGNORECASE)


def _page(client: Client, **query: str) -> str:
    response = client.get("/explorer", FRAME | query)
    assert response.status_code == 200
    return response.content.decode()


def _institutions(page: str) -> list[str]:
    table = page[page.index('id="institutions"') :]
    return re.findall(r'<td class="whole name"><a [^>]*>([^<]+)</a>', table)


def _tree(page: str) -> dict[str, tuple[int, int]]:
    """Institutions and consortia by area, as the tree shows them."""
    found = re.findall(
        r'<span class="tree-name">([^<]+).*?</span>(\d+)</span>.*?</span>(\d*)</span></a>', page, re.DOTALL
    )
    return {name: (int(institutions), int(consortia or 0)) for name, institutions, consortia in found}


def test_the_tree_counts_what_lies_in_each_area(client_of) -> None:
    tree = _tree(_page(client_of()))
    on = models.InstitutionVersion.objects.filter(period__contains=ON)
    assert tree["芜湖市"][0] == tree["安徽省"][0] == on.filter(division_code__startswith="3402").count()
    assert tree["镜湖区"] == (
        on.filter(division_code="340202").count(),
        models.ConsortiumVersion.objects.filter(division_code="340202", period__contains=ON).count(),
    )


def test_down_to_the_township_whose_code_is_of_another_year(client_of) -> None:
    """Townships bear codes of 2023, whose digits are not those of the county of 2019."""
    page = _page(client_of(), area="340210100")
    assert re.findall(r'area=(\d+)"', page[page.index('class="trail"') : page.index("</ol>")]) == [
        "00",
        "34",
        "3402",
        "340221",
    ]
    assert "芜湖县人民医院网格" in page
    inside = models.InstitutionVersion.objects.filter(township_code="340210100", period__contains=ON)
    assert sorted(_institutions(page)) == sorted(inside.values_list("name", flat=True))


def test_the_map_draws_outlines_and_signs_and_falls_back_to_tiles(client_of) -> None:
    client = client_of()
    page = _page(client)
    assert len(re.findall(r'<path class="county', page)) == 9
    assert 'class="sign sign-square"' in page
    assert 'class="sign sign-circle sign-drawn"' in page
    assert "示意位置" in page
    assert 'class="area-tiles"' in _page(client, area="340223")  # townships have no outlines
    assert 'class="area-tiles"' in _page(client, region="cn", area="00")


def test_filters_narrow_by_name_initials_code_and_kind(client_of) -> None:
    client = client_of()
    assert _institutions(_page(client, q="第二人民医院")) == ["芜湖市第二人民医院"]
    assert "芜湖市第二人民医院" in _institutions(_page(client, q="whsdermyy"))
    assert _institutions(_page(client, q="wuhu-second_hospital")) == ["芜湖市第二人民医院"]
    assert _institutions(_page(client, q="%")) == []  # a sign of LIKE is looked for as itself
    tcm = _institutions(_page(client, category="TCM", level="3"))
    assert tcm == ["芜湖市中医医院"]
    nothing = _page(client, q="没有这样的名字")
    assert "没有符合条件的机构" in nothing
    assert "清除筛选" in nothing


def test_pages_of_fifty_without_a_gap(client_of) -> None:
    client, seen = client_of(), []
    for number in range(1, 5):
        seen += _institutions(_page(client, page=str(number)))
    on = models.InstitutionVersion.objects.filter(period__contains=ON, division_code__startswith="3402")
    assert sorted(seen) == sorted(on.values_list("name", flat=True))
    assert len(_institutions(_page(client))) == 50


def test_the_days_are_those_on_which_something_changed(client_of) -> None:
    client = client_of()
    page = _page(client)
    offered = re.findall(r'<option value="(\d{4}-\d\d-\d\d)"', page)
    assert offered == sorted(offered)
    assert {"2019-06-25", "2019-06-28", "2019-07-01"} <= set(offered)
    assert "这一天没有机构或医联体变化" in page
    june = _page(client, on="2019-06-25")
    told = june[june.index('id="happened"') : june.index("</section>")]
    assert "镜湖区城市医联体" in told
    assert "成员单位 22 家加入" in told
    assert "芜湖市妇幼保健院" in told


def test_what_leaves_and_what_is_renamed_is_told_on_its_day(client_of) -> None:
    client = client_of()
    row = models.Membership.objects.get(
        institution__slug="wuhu-demo_jinghu_private_hospital", consortium__kind="CITY_GROUP"
    )
    row.period = (row.period.lower, "2019-09-01")
    row.save()
    version = models.InstitutionVersion.objects.get(institution__slug="wuhu-second_hospital")
    models.InstitutionVersion.objects.filter(id=version.id).update(
        period=(version.period.lower, "2019-09-01")
    )
    version.id, version.name, version.period = uuid7(), "芜湖市滨江医院", ("2019-09-01", None)
    version.save(force_insert=True)
    page = _page(client, on="2019-09-01")
    told = page[page.index('id="happened"') : page.index("</section>")]
    assert "成员单位 1 家退出" in told
    assert "由“芜湖市第二人民医院”更名" in told
    assert "2019-09-01" in re.findall(r'<option value="([\d-]+)"', _page(client))


def test_an_area_elsewhere_gives_way_to_the_region_and_a_wrong_code_is_told(client_of) -> None:
    client = client_of()
    assert "芜湖市的机构网络" in _page(client, area="5323")
    wrong = client.get("/explorer", FRAME | {"area": "34; DROP"})
    assert wrong.status_code == 400
    assert "从地区树中选择" in wrong.content.decode()
    unknown = client.get("/explorer", FRAME | {"area": "340299"})
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ({}, 10),
        ({"area": "340202"}, 10),
        ({"area": "340210100"}, 9),
        ({"region": "cn", "area": "34"}, 9),
        ({"region": "cn", "area": "00"}, 7),
    ],
    ids=["prefecture", "county", "township", "province", "nation"],
)
def test_every_level_takes_exactly_its_queries(client_of, query: dict[str, str], queries: int) -> None:
    client = client_of()
    with CaptureQueriesContext(connection) as asked:
        page = _page(client, **query)
    assert len(asked) == queries, [each["sql"][:90] for each in asked]
    assert _INLINE.findall(page) == []
