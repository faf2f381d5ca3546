"""Planned centres, service areas and who provides what, by their pages, files and endpoints."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.planning.models import Centre, ServiceArea
from tiercare.apps.planning.queries.serving import serving_of
from tiercare.kernel.ids import uuid7

from ..evaluation.boards_made import laid as lay_rows
from ..evaluation.computed import keep_small_year
from ..network.acts import altered
from .conftest import FRAME
from .test_panels import SHANGHAI, root, visits

__all__ = ["root"]
QUERY = "region=wuhu&on=2019-07-01"


def words(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def hospital(wuhu: str) -> UUID:
    found = network.institution_by_slug("wuhu-yijishan_hospital", on=ledger.today())
    assert found is not None
    return found


def send(client: Client, address: str, **fields: object):
    return client.post(f"{address}?{QUERY}", {**fields, "once": str(uuid7())})


@pytest.mark.clause("NHC-24")
def test_a_proposal_is_planned_shown_on_the_map_and_changed(client_of, root, hospital, monkeypatch) -> None:
    seen = {"specialty": "03.04", "diagnosis": "I21.9"}
    lay_rows(
        root,
        "3402",
        "visits",
        visits("340202", {**seen, "place": SHANGHAI, "times": 40}, {**seen, "times": 60}),
    )
    keep_small_year()
    client = client_of()
    board = words(client.get("/specialty-centres", FRAME))
    assert "心血管内科专业" in board and "出省 40 人次" in board and "还没有规划的中心" in board
    form = client.get("/specialty-centres/new", {**FRAME, "specialty": "03.04", "kind": "provincial"})
    assert f'value="{hospital}"' in words(form)
    sent = {
        "kind": "provincial",
        "specialty": "03.04",
        "institution": str(hospital),
        "area": ["340202", "340221"],
    }
    assert send(client, "/specialty-centres/new", **sent, words="示例建设").status_code == 302
    centre = Centre.objects.get()
    assert (centre.demand["outside"], centre.demand["all"]) == (40, 100)
    board = words(client.get("/specialty-centres", FRAME))
    assert board.count("is-served") == 2 + 1  # two counties on the map, and the legend
    assert "已规划" in board and "弋矶山" in board
    page = words(client.get(f"/specialty-centres/{centre.series}", FRAME))
    assert "镜湖区" in page and "列入规划时" in page and "示例建设" in page
    changed = send(client, f"/specialty-centres/{centre.series}", **sent, state="NAMED", version="1")
    assert changed.status_code == 302
    late = send(client, f"/specialty-centres/{centre.series}", **sent, state="DROPPED", version="1")
    assert late.status_code == 409 and "已有人改过" in words(late)
    assert "第 2 版" in words(client.get(f"/specialty-centres/{centre.series}", FRAME))
    file = client.get("/specialty-centres/list", FRAME).content.decode("utf-8-sig")
    assert "已命名" in file and "弋矶山" in file
    wrong = send(client, "/specialty-centres/new", **(sent | {"kind": "national", "area": []}))
    assert wrong.status_code == 422 and "没有写服务区域" in words(wrong)
    # Those who only read the network see it and cannot plan.
    office = client_of(Role.REFERRAL_OFFICE)
    assert "弋矶山" in words(office.get("/specialty-centres", FRAME))
    assert "规划一个中心" not in words(office.get("/specialty-centres", FRAME))
    assert send(office, "/specialty-centres/new", **sent).status_code == 403
    # Another pack proposes nothing and offers no such kind.
    packs = altered("NHC-24.center_types", ())
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    assert "不提建议" in words(client.get("/specialty-centres", FRAME))
    assert "没有列出中心的类别" in words(client.get("/specialty-centres/new", FRAME))


@pytest.mark.clause("NHC-24")
def test_other_systems_plan_and_read_centres(client_of, hospital) -> None:
    client = client_of()

    def post(address: str, **body: object):
        key = {"Idempotency-Key": str(uuid7())}
        return client.post(address, json.dumps(body), content_type="application/json", headers=key)

    sent = {"kind": "provincial", "specialty": "03.04", "institution": str(hospital), "area": ["340202"]}
    made = post("/api/localities/centres", region="3402", **sent)
    assert made.status_code == 201, made.content
    series = made.json()["series"]
    assert (
        post(f"/api/localities/centres/{series}", version=1, state="BUILDING", **sent).json()["version"] == 2
    )
    (item,) = client.get("/api/localities/centres", {"region": "3402"}).json()["items"]
    assert (item["version"], item["state"], item["area"]) == (2, "BUILDING", ["340202"])
    versions = client.get(f"/api/localities/centres/{series}").json()["items"]
    assert [each["version"] for each in versions] == [2, 1]
    assert client.get("/api/localities/centres/proposed", {"pack": "wuhu"}).json() == {
        "span": "",
        "items": [],
    }
    assert post("/api/localities/centres", region="3402", **(sent | {"kind": "national"})).status_code == 422


@pytest.mark.clause("XH-89")
def test_who_is_left_out_stands_on_the_map_and_an_area_is_laid_down(client_of, monkeypatch) -> None:
    client = client_of()
    before = serving_of("3402", on=ledger.today())
    page = words(client.get("/serving", FRAME))
    assert "基层服务区域" in page and "areas-town" in page
    own = next(each for each in serving_of("3402", on=_on()).served if each.places)
    place = own.places[0]
    county = own.division
    form = words(client.get(f"/serving/{own.id}", FRAME))
    assert f'value="{place}" checked' in form
    InstitutionVersion.objects.filter(institution_id=own.id).update(owner="PRIVATE")
    sent = {"place": [place], "since": "2019-07-01"}
    wrong = send(client, f"/serving/{own.id}", form="government_run", **sent)
    assert wrong.status_code == 422 and "不能记作政府举办" in words(wrong)
    bought = send(client, f"/serving/{own.id}", form="purchased_service", contract="示例合同", **sent)
    assert bought.status_code == 302
    page = words(client.get("/serving", {**FRAME, "area": county}))
    assert "示例合同" in page and "政府购买服务" in page
    file = client.get("/serving/list", {**FRAME, "area": county}).content.decode("utf-8-sig")
    assert "示例合同" in file
    told = client.get("/api/localities/serving", {"region": county, "on": "2019-07-01"}).json()
    (mine,) = [each for each in told["items"] if each["institution"] == own.id]
    assert (mine["form"], mine["recorded"], mine["places"]) == ("purchased_service", True, [place])
    key = {"Idempotency-Key": str(uuid7())}
    body = json.dumps(
        {"form": "purchased_service", "places": [place], "contract": "示例二", "on": "2019-08-01"}
    )
    answer = client.post(
        f"/api/localities/serving/{own.id}", body, content_type="application/json", headers=key
    )
    assert answer.status_code == 200, answer.content
    # What was laid down earlier ends that day; laid down for an earlier day it holds until then.
    body = json.dumps(
        {"form": "purchased_service", "places": [place], "contract": "示例三", "on": "2019-07-15"}
    )
    key = {"Idempotency-Key": str(uuid7())}
    answer = client.post(
        f"/api/localities/serving/{own.id}", body, content_type="application/json", headers=key
    )
    assert answer.status_code == 200, answer.content
    kept = ServiceArea.objects.filter(institution_id=own.id).order_by("period")
    assert [(each.contract, each.period.upper and each.period.upper.isoformat()) for each in kept] == [
        ("示例合同", "2019-07-15"),
        ("示例三", "2019-08-01"),
        ("示例二", None),
    ]
    office = client_of(Role.REFERRAL_OFFICE)
    assert office.get("/serving", FRAME).status_code == 200
    assert office.get(f"/serving/{own.id}", FRAME).status_code == 403
    assert before.forms is None


def _on():
    from datetime import date

    return date(2019, 7, 1)
