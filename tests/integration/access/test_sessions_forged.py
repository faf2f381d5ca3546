"""What a browser can send to pass for somebody else, or from somewhere else: none of it counts (S16, S17)."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.test import Client

from tiercare.apps.access import commands
from tiercare.apps.access.models import Account, Session
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.queries import events
from tiercare.config import env

from .conftest import PASSWORD, acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]

SESSION = "tiercare_session"


@pytest.fixture
def doctor(open_account) -> Account:
    return open_account("wang.li", Role.CLINICIAN)


def sources() -> list[str]:
    return [event.payload["source"] for event in events(kind="access.signed_in")]


def sign_in(forwarded: str, peer: str = "10.0.0.1", password: str = PASSWORD) -> int:
    data = {"username": "wang.li", "password": password}
    headers = {"X-Forwarded-For": forwarded}
    return Client().post("/sign-in", data, REMOTE_ADDR=peer, headers=headers).status_code


def test_a_forged_forwarding_header_neither_names_nor_multiplies_the_source(doctor) -> None:
    answers = [sign_in(f"203.0.113.{number}", password="not the password") for number in range(6)]
    assert answers == [401] * 5 + [429]
    assert {event.payload["source"] for event in events(kind="access.sign_in_failed")} == {"10.0.0.1"}


def test_behind_a_trusted_proxy_visitors_count_by_their_own_address(doctor, settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/24")]
    answers = [sign_in("203.0.113.5", password="not the password") for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert sign_in("203.0.113.6") == 302
    assert sign_in("203.0.113.7, 203.0.113.5") == 429  # what the visitor wrote stands to the left
    assert sign_in("203.0.113.5", peer="198.51.100.1") == 302  # the peer is no proxy of ours
    assert set(sources()) == {"203.0.113.6", "198.51.100.1"}


def test_an_ipv6_network_counts_as_one(doctor) -> None:
    answers = [
        sign_in("", peer=f"2001:db8:1:2::{number:x}", password="not the password") for number in range(6)
    ]
    assert answers == [401] * 5 + [429]
    assert sign_in("", peer="2001:db8:1:3::1") == 302
    assert sources() == ["2001:db8:1:3::1"]


def test_the_session_remembers_where_it_began(doctor, client) -> None:
    response = client.post(
        "/sign-in",
        {"username": "wang.li", "password": PASSWORD},
        REMOTE_ADDR="10.0.0.9",
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/144.0"},
    )
    assert response.status_code == 302
    row = Session.objects.get(account=doctor)
    assert (row.source, row.device) == ("10.0.0.9", "Windows · Firefox")
    assert row.started_at is not None


def test_a_list_of_proxies_is_read_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("TIERCARE_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7,2001:db8::/32")
    read = [ip_network(word) for word in env.words("TIERCARE_TRUSTED_PROXIES")]
    assert [str(each) for each in read] == ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]


@pytest.mark.parametrize("way", ["sign-out", "switch", "idle", "disabled", "password reset"])
def test_a_cookie_kept_from_before_is_worth_nothing(
    doctor, client, post_sign_in, clock, open_account, way
) -> None:
    post_sign_in(client)
    kept = client.cookies[SESSION].value
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    if way == "idle":
        clock.pass_(minutes=30)
        client.get("/")
        clock.pass_(minutes=-30)
    elif way == "disabled":
        commands.disable_account(operator, account_id=doctor.id)
    elif way == "password reset":
        commands.set_password(operator, account_id=doctor.id, password="seven quiet copper kettles")
    else:
        client.post(f"/{way}")
    thief = Client()
    thief.cookies[SESSION] = kept
    assert thief.get("/")["Location"].startswith("/sign-in")
    assert thief.get("/api/session").status_code == 401
    assert not Session.objects.filter(session_key=kept).exists()


def test_a_planted_key_is_neither_taken_nor_kept(doctor, client, post_sign_in) -> None:
    """Fixation: a key that the server never gave out is not taken over, nor one that it gave to a visitor."""
    planted = "z" * 32
    client.cookies[SESSION] = planted
    post_sign_in(client)
    assert client.cookies[SESSION].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_the_data_of_one_session_does_not_open_another_persons_row(
    doctor, client, open_account, post_sign_in
) -> None:
    """Even who could write a row cannot sign data: swapped between rows, it opens nothing."""
    open_account("boss", Role.COMMISSION)
    post_sign_in(client)
    other = Client()
    post_sign_in(other, "boss")
    mine = Session.objects.get(session_key=client.cookies[SESSION].value)
    theirs = Session.objects.get(session_key=other.cookies[SESSION].value)
    Session.objects.filter(pk=mine.pk).update(session_data=theirs.session_data)
    assert client.get("/")["Location"].startswith("/sign-in")
    assert other.get("/").status_code == 200
