"""S27: no number reaches a log, an event, an error page or an export, and no typed line break ends a line of them."""

from __future__ import annotations

import logging

import pytest
from tests.integration.residents.conftest import given, register, site
from tests.integration.web.residents_desk import CANARY, CANARY_PHONE, at_desk, canary, form

from tiercare.apps.ledger.models import Event

__all__ = ["at_desk", "canary", "given", "register", "site"]  # fixtures

EVIL = "示例路\n2026-01-01 ERROR 假的一行 \x1b[31m"


@pytest.fixture(autouse=True)
def plain_static_files(settings) -> None:
    """Pages name their static files without the manifest that ``make setup`` writes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def heard(caplog) -> pytest.LogCaptureFixture:
    """Everything that is logged, but the statements of the database, which no installation logs."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.WARNING)
    return caplog


def test_what_a_desk_types_reaches_no_log_and_no_event(at_desk, canary, heard) -> None:
    client = at_desk()
    client.post("/residents/search", {"q": CANARY})
    client.post("/residents/search", {"q": CANARY_PHONE})
    client.post("/residents/new", form(number=CANARY, phone=CANARY_PHONE))
    client.post("/residents/new", form(number=CANARY[:-1] + ("1" if CANARY[-1] != "1" else "2")))
    client.post(
        "/api/residents/find", f'{{"number": "{CANARY}", "nonsense": 1}}', content_type="application/json"
    )
    client.post("/api/residents", "{" + CANARY, content_type="application/json")
    client.get(f"/residents/{canary}")
    said = heard.text + str(list(Event.objects.values_list("payload", flat=True)))
    for secret in (CANARY, CANARY_PHONE, CANARY[:-1]):
        assert secret not in said


def test_an_error_page_repeats_nothing(at_desk, heard, monkeypatch) -> None:
    def broken(*args, **kwargs) -> None:
        raise RuntimeError("broken on purpose")

    client = at_desk()
    client.raise_request_exception = False
    monkeypatch.setattr("tiercare.apps.residents.queries.find", broken)
    for answer in (
        client.post("/residents/search", {"q": CANARY}),
        client.post("/api/residents/find", f'{{"number": "{CANARY}"}}', content_type="application/json"),
    ):
        assert answer.status_code == 500 and CANARY not in answer.content.decode()
    assert CANARY not in heard.text


def test_typed_line_breaks_and_colours_end_in_one_plain_line(at_desk, register, heard) -> None:
    refused = at_desk().post("/residents/new", form(address=EVIL, name="王\n小明"))
    assert refused.status_code == 422
    assert "假的一行" not in heard.text and "\x1b" not in heard.text
    payloads = str(list(Event.objects.values_list("payload", flat=True)))
    assert "假的一行" not in payloads
