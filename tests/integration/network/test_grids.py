"""The planning map (CX-07): townships in no grid and in two are reported by name; against plain SQL, and on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from tiercare.apps.network import models, queries
from tiercare.apps.network.commands import lay_down_region
from tiercare.engines.policy import PackSet, State, Verdict
from tiercare.kernel.actor import Actor

from ..web.conftest import client_of, plain_static_files
from .acts import ALWAYS, PACKS, altered

__all__ = ["client_of", "plain_static_files"]

CARD, ON = "chuxiong/every_township_in_one_grid", date(2018, 12, 31)
LVHE = "532301103"  # 楚雄市吕合镇

# Of every township of the prefecture: in how many grids it lies, by itself or with its county.
WITNESS = """
SELECT d.name, (SELECT count(DISTINCT p.grid_id) FROM network_gridplace p
                WHERE p.period @> %(on)s::date AND p.division_code IN (d.code, c.code))
FROM terms_division d JOIN terms_division c ON c.id = d.parent_id
JOIN network_planningarea a ON a.division_code = c.code AND a.period @> %(on)s::date
WHERE d.level = 'TOWNSHIP' AND starts_with(c.code, '5323') AND d.period @> %(on)s::date AND c.period @> %(on)s::date
"""


@pytest.fixture
def chuxiong(wuhu: str) -> None:
    if not models.LaidDown.objects.filter(pack="chuxiong").exists():
        lay_down_region(actor=Actor.system("test"), pack_id="chuxiong")


def _verdict(packs: PackSet = PACKS) -> Verdict:
    verdicts = queries.check("chuxiong", on=ON, packs=packs).compliance.verdicts
    return next(v for v in verdicts if v.card.key == CARD)


def _said(verdict: Verdict) -> list[str]:
    return [verdict.sentence(each, "zh") for each in verdict.findings]


def _agrees(verdict: Verdict) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WITNESS, {"on": ON})
        found = dict(cursor.fetchall())
    wrong = sorted(name for name, count in found.items() if count != 1)
    return verdict.checked == len(found) and wrong == sorted(str(f.fields["place"]) for f in verdict.findings)


def _map(client: Client, area: str = "5323") -> str:
    """The words of the planning map."""
    answer = client.get("/explorer", {"region": "chuxiong", "on": ON.isoformat(), "area": area})
    assert answer.status_code == 200
    return answer.content.decode()


def _left_out() -> models.GridPlace:
    place = models.GridPlace.objects.get(division_code=LVHE)
    place.delete()
    return place


@pytest.mark.clause("CX-07")
def test_townships_left_out_and_put_in_twice_are_errors_by_name(
    chuxiong: None, client_of: Callable[..., Client]
) -> None:
    whole = _verdict()
    assert whole.state is State.MET and whole.checked > 100 and _agrees(whole)
    place = _left_out()
    verdict = _verdict()
    assert verdict.state is State.VIOLATED and _agrees(verdict)
    assert _said(verdict) == ["楚雄市吕合镇没有划入网格（现归属：无）。"]
    client = client_of(area="5323")
    page = client.get(
        "/rules/chuxiong/every_township_in_one_grid", {"region": "chuxiong", "on": ON.isoformat()}
    )
    assert "楚雄市吕合镇没有划入网格" in page.content.decode()
    assert "漏划 1 个、重划 0 个" in _map(client) and "楚雄市 吕合镇" in _map(client, "532301")
    assert "没有漏划和重划" in _map(client, "532322"), "another county"
    # By a pack whose text divides no areas nobody is asked.
    assert _verdict(altered("CX-07.principle", ("planned_development",))).state is State.NOT_APPLICABLE
    # Put back with all of its county, the others of the county lie in two.
    models.GridPlace.objects.create(grid=place.grid, division_code="532301", period=ALWAYS)
    twice = _verdict()
    assert f"漏划 0 个、重划 {len(twice.findings)} 个" in _map(client)
    assert twice.state is State.VIOLATED and _agrees(twice) and len(twice.findings) == 5
    assert all("重复划入网格" in said and "吕合镇" not in said for said in _said(twice))


def test_a_county_without_townships_on_record_is_one_place(chuxiong: None) -> None:
    models.PlanningArea.objects.filter(region="5323").update(period=ALWAYS)
    models.PlanningArea.objects.create(
        region="5323", division_code="532399", name="示例县", kind="COUNTY", period=ALWAYS
    )
    assert _said(_verdict()) == ["示例县没有划入网格（现归属：无）。"]
