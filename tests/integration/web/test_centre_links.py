"""The section of a specialty alliance's page about its provincial centres (NHC-18), and the same through the API."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import models
from tiercare.kernel.ids import stable_id, uuid7

from ..evaluation.boards_made import laid as lay_rows
from ..evaluation.computed import keep_small_year
from ..network.acts import altered
from .conftest import FRAME
from .test_panels import SHANGHAI, THEN, lines, page, root, told, visits

__all__ = ["root"]

QUERY = "?region=wuhu&on=2019-07-01"
ON = date(2019, 7, 1)


def _key(kind: str, name: str) -> str:
    return str(stable_id("network", "wuhu", kind, name))


ALLIANCE = _key("consortium", "alliance-cardiology")
CENTRE = _key("institution", "yijishan_hospital")


def _shown(client: Client, key: str = ALLIANCE, on: str = "2019-07-01") -> str:
    answer = client.get(f"/consortia/{key}", {**FRAME, "on": on})
    assert answer.status_code == 200
    return answer.content.decode()


def _send(client: Client, key: str = ALLIANCE, **fields: str) -> Any:
    return client.post(f"/consortia/{key}/centres{QUERY}", {**fields, "once": str(uuid7())})


def test_the_commission_links_and_ends_on_the_page_of_the_alliance(client_of) -> None:
    client = client_of()
    assert "还没有对接省级医疗中心" in _shown(client) and f'value="{CENTRE}"' in _shown(client)
    assert "对接的省级医疗中心" not in _shown(client, _key("consortium", "city-jinghu")), "alliances only"
    answer = _send(client, institution=CENTRE, start="2019-07-01")
    assert answer.status_code == 302 and answer["Location"].endswith("#centres")
    assert "还没有对接省级医疗中心" not in _shown(client)
    assert f'value="{CENTRE}"' not in _shown(client), "what is linked is not offered again"
    wrong = _send(client, institution=_key("institution", "second_hospital"), start="2019-07-01")
    assert wrong.status_code == 422 and "隶属关系" in wrong.content.decode()
    link = models.CentreLink.objects.get()
    assert (str(link.consortium_id), link.linked_by) == (ALLIANCE, "测试·commission")
    assert _send(client, link=str(link.id), end="2019-12-01").status_code == 302
    assert "当日不在对接期内" in _shown(client, on="2019-12-01") and "当日不在对接期内" not in _shown(client)


def test_an_office_sees_the_centres_and_is_told_who_links_them(client_of) -> None:
    client_of()
    models.CentreLink.objects.create(
        consortium_id=ALLIANCE, institution_id=CENTRE, period=(ON, None), linked_by="市卫健委"
    )
    office = client_of(Role.REFERRAL_OFFICE)
    shown = _shown(office)
    assert "弋矶山" in shown and "市卫健委" in shown and "结束对接" not in shown
    assert _send(office, institution=CENTRE, start="2019-07-01").status_code == 403


def test_the_api_links_reads_and_ends(client_of) -> None:
    client = client_of()
    address = f"/api/network/consortia/{ALLIANCE}/centres"

    def post(to: str, body: dict[str, str]) -> Any:
        return client.post(
            to, body, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
        )

    assert client.get(address, {"on": "2019-07-01"}).json()["centres"] == []
    made = post(address, {"institution_id": CENTRE, "start": "2019-07-01"})
    assert made.status_code == 201 and made.json()["period"] == {"start": "2019-07-01", "end": None}
    (read,) = client.get(address, {"on": "2019-07-01"}).json()["centres"]
    assert (read["institution_id"], read["holds"], read["fits"]) == (CENTRE, True, True)
    twice = post(address, {"institution_id": CENTRE, "start": "2019-08-01"})
    assert twice.status_code in (409, 422)
    ended = post(f"/api/network/centres/{made.json()['id']}/end", {"end": "2019-12-01"})
    assert ended.status_code == 200 and ended.json()["period"]["end"] == "2019-12-01"
    unknown = post(f"/api/network/centres/{uuid4()}/end", {"end": "2019-12-01"})
    assert unknown.status_code == 404


@pytest.mark.clause("NHC-18")
def test_the_share_across_the_province_stands_beside_the_linked_centre(
    client_of, root: Path, monkeypatch
) -> None:
    seen = {"specialty": "03.04", "diagnosis": "I21.9"}
    lay_rows(
        root,
        "3402",
        "visits",
        visits(
            "340202",
            {**seen, "place": SHANGHAI, "times": 4},
            {**seen, "times": 16},
            {**seen, "place": SHANGHAI, "times": 3, "on": THEN},
            {**seen, "times": 7, "on": THEN},
            {"specialty": "03.01", "diagnosis": "J44.1", "times": 5},
        ),
    )
    keep_small_year()
    client = client_of()
    panel = "cross_province_by_specialty"
    (before,) = [each for each in lines(page(client, panel, "wuhu", span="2019")) if "心血管专科联盟" in each]
    assert "弋矶山" not in before and "没有衔接省级医疗中心" in before
    # By an altered pack the hospital is no provincial centre: the link is refused, and the share stands alone.
    ours = mandates.packs()
    stricter = altered("NHC-18.centre_ranks", ("national",))
    monkeypatch.setattr(mandates, "packs", lambda extra=(): stricter)
    refused = _send(client, institution=CENTRE, start="2019-07-01")
    assert refused.status_code == 422 and "国家级" in refused.content.decode()
    monkeypatch.setattr(mandates, "packs", lambda extra=(): ours)
    assert _send(client, institution=CENTRE, start="2019-07-01").status_code == 302
    (after,) = [each for each in lines(page(client, panel, "wuhu", span="2019")) if "心血管专科联盟" in each]
    assert "弋矶山" in after and "20 %" in after and "下降 10 个百分点" in after and "上年 30 %" in after
    (line,) = [each for each in told(client, panel, "wuhu", span="2019")["lines"] if each["key"] == ["03.04"]]
    share = line["numbers"][0]
    assert (share["numerator"], share["denominator"]) == ("4", "20")
    assert (Fraction(share["value"]), Fraction(share["before"])) == (Fraction(1, 5), Fraction(3, 10))
    assert Fraction(share["change"]) == Fraction(-1, 10)
