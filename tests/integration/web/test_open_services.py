"""The public directory of what stands open to all who are qualified, by its page and by the API."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.clause("WH-04")
def test_anybody_reads_the_directory(wuhu) -> None:
    visitor = Client()
    page = visitor.get(
        "/public/services/wuhu", {"service": "rehab_nursing", "near": "340202", "sort": "near"}
    )
    told = page.content.decode()
    assert page.status_code == 200
    assert "康复护理：全市有资格的机构都在这里" in told
    assert "WH-04" in told
    api = visitor.get(
        "/api/public/services/wuhu", {"service": "rehab_nursing", "near": "340202", "sort": "near"}
    )
    items = api.json()["items"]
    assert items
    assert [each["name"] in told for each in items] == [True] * len(items)
    away = [each["km"] for each in items if each["km"] is not None]
    assert away == sorted(away)
    assert visitor.get("/api/public/services/wuhu", {"sort": "consortium"}).status_code == 422
    assert "没有写明哪些服务充分竞争" in visitor.get("/public/services/taiyuan").content.decode()
    assert visitor.get("/public/services/nowhere").status_code == 404
