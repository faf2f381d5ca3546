"""One's own sessions, switching people and confirming, inside the shell that everybody works in."""

from __future__ import annotations

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tiercare.apps.access.rules import Role

from .conftest import FRAME

_INLINE = re.compile(r"<(?:style|script)\b(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def test_the_shell_leads_to_them_and_lets_another_person_take_over(client_of) -> None:
    client = client_of(Role.CLINICIAN)
    home = client.get("/", FRAME).content.decode()
    assert 'href="/sessions"' in home
    switch = home[home.index('action="/switch"') :]
    assert "换人" in switch[: switch.index("</form>")]
    assert client.post("/switch")["Location"] == "/sign-in?people=1"
    assert client.get("/", FRAME)["Location"].startswith("/sign-in")


def test_the_pages_hold_nothing_inline_and_ask_few_questions(client_of) -> None:
    client = client_of()
    asked = {}
    for address in ("/sessions", "/confirm"):
        with CaptureQueriesContext(connection) as caught:
            response = client.get(address)
        assert response.status_code == 200
        assert _INLINE.findall(response.content.decode()) == []
        asked[address] = len(caught)
    assert asked == {"/sessions": 4, "/confirm": 3}
    assert 'id="menu"' in client.get("/sessions").content.decode()
