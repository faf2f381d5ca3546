"""What the pages and the read API tell, against what was laid down."""

from __future__ import annotations

from datetime import date

import pytest

from tiercare.apps.network import queries
from tiercare.apps.network.queries.answers import as_json
from tiercare.apps.network.queries.detail import Standing, consortium_detail, standing
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import FRAME

ON = date(2019, 7, 1)


def test_rows_of_consortia(wuhu: str) -> None:
    rows = queries.consortium_rows(wuhu, on=ON)
    jinghu = next(row for row in rows if row.name == "镜湖区城市医联体")
    assert (jinghu.lead_name, jinghu.area_name, jinghu.basis, jinghu.since) == (
        *("芜湖市第二人民医院", "镜湖区", "DOCUMENT"),
        date(2019, 6, 25),
    )
    assert queries.consortium_row(jinghu.id, on=ON) == jinghu
    assert jinghu.id not in {row.id for row in queries.consortium_rows(wuhu, on=date(2019, 6, 24))}
    assert {row.division_code[:4] for row in queries.institution_rows(wuhu, on=ON)} == {"3402"}


def test_a_consortium_of_another_day_is_refused_with_a_way_on(wuhu: str) -> None:
    jinghu = queries.consortium_rows(wuhu, on=ON)[0]
    for key, day in ((jinghu.id, date(2010, 1, 1)), (uuid7(), ON)):
        with pytest.raises(Refused) as refused:
            consortium_detail(key, on=day)
        assert refused.value.refusals[0].status == 404


def test_the_frame_of_a_laid_down_region(wuhu: str) -> None:
    assert [(row.pack, row.region) for row in queries.laid_down_regions()] == [("wuhu", "3402")]
    assert queries.demonstration_day("wuhu") == ON
    assert queries.demonstration_day("taiyuan") is None
    assert queries.region_of("cn") == "00"
    with pytest.raises(Refused):
        queries.region_of("atlantis")


@pytest.mark.parametrize(
    ("met_on", "expected"),
    [(None, Standing.OVERDUE), (date(2019, 6, 1), Standing.MET), (date(2019, 8, 1), Standing.OVERDUE)],
)
def test_an_obligation_on_a_day_knows_nothing_of_later(met_on: date | None, expected: Standing) -> None:
    assert standing(date(2019, 6, 30), met_on, ON) is expected
    assert standing(ON, None, ON) is Standing.DUE


def test_the_verdict_is_the_same_by_api_and_by_command_line(client_of) -> None:
    answer = client_of().get("/api/network/check", FRAME).json()
    expected = as_json(queries.check("wuhu", on=ON))
    assert {key: answer[key] for key in expected} == expected
    assert answer["violations"] == 0
    card = next(card for card in answer["cards"] if card["card"] == "telemedicine_covers_primary_care")
    assert card["measure"] == {"numerator": 56, "denominator": 71, "share": 56 / 71}
    assert card["parameters"]["target"]["clause"] == "NHC-75"
    assert all(finding["message"]["en"] and finding["remedy"]["zh"] for finding in card["findings"])


def test_the_read_api(client_of) -> None:
    client = client_of()
    rows = client.get("/api/network/consortia", FRAME).json()
    one = client.get(f"/api/network/consortia/{rows[0]['id']}", {"on": "2019-07-01"}).json()
    assert one["name"] == rows[0]["name"]
    assert len(one["members"]) == rows[0]["institutions"]
    assert len(client.get("/api/policy/clauses").json()) == 556
    assert {pack["id"] for pack in client.get("/api/policy/packs").json()} >= {"cn", "wuhu", "taiyuan"}
    held = client.get("/api/policy/rules", {"region": "wuhu"}).json()
    assert {card["pack"] for card in held} == {"cn", "wuhu"}
    asked = {"key": "city_tier3_per_community", "region": "wuhu", "on": "2019-07-01"}
    answer = client.get("/api/policy/parameter", asked).json()
    assert (answer["value"], answer["clause"], answer["force"]) == (1, "WH-27", "principle")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/api/network/check", {"region": "atlantis"}, 404),
        ("/api/network/check", {"region": "wuhu", "on": "soon"}, 422),
        ("/api/policy/parameter", {"key": "no{such}", "region": "wuhu"}, 404),
        ("/api/network/consortia/018f0000-0000-7000-8000-000000000000", {}, 404),
    ],
)
def test_the_read_api_refuses_as_problems(client_of, path: str, query: dict[str, str], status: int) -> None:
    response = client_of().get(path, query)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["way_on"]


@pytest.mark.parametrize("path", ["/api/network/check", "/api/policy/packs"])
def test_the_read_api_is_for_the_signed_in(client, wuhu: str, path: str) -> None:
    assert client.get(path, FRAME).status_code == 401
