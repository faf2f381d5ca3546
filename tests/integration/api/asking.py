"""Asking the API and reading its answers, for all of its tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.test import Client

AUGUST = "2019-08-01"
DAY = date(2019, 8, 1)


def get(client: Client, path: str, **query: object) -> Any:
    """What stands there on the first of August."""
    answer = client.get(f"/api/network/{path}", {"on": AUGUST, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def walk(
    client: Client, path: str, between: Callable[[], None] = lambda: None, **query: object
) -> list[dict[str, Any]]:
    """A whole list, page after page as ``next`` says, with something happening between pages."""
    body = get(client, path, **query)
    found = list(body["items"])
    while body["next"] is not None:
        between()
        body = client.get(body["next"]).json()
        found += body["items"]
    return found


def problem(answer: HttpResponse, status: int) -> dict[str, Any]:
    """The answer as a problem that says what is wrong and what to do."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.content)
    assert found["detail"] and found["way_on"] and found["errors"]
    return found
