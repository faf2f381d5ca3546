"""One's own sessions: seen, ended one by one or together, and ended by whoever closes or re-keys the account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tiercare.apps.access import commands
from tiercare.apps.access.commands import own_sessions
from tiercare.apps.access.commands.sessions import clear_expired, end_sessions
from tiercare.apps.access.models import Account, Rate, Session
from tiercare.apps.access.queries.sessions import handle_of
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.queries import events
from tiercare.jobs.tasks import clear_expired_sessions
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import PASSWORD, acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]

COOKIE = "tiercare_session"
NEW = "seven quiet copper kettles"


@pytest.fixture(autouse=True)
def plain_static_files(settings) -> None:
    """Icons without the manifest that ``make setup`` writes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def key_of(client: Client) -> str:
    return client.cookies[COOKIE].value


def is_out(client: Client) -> bool:
    return client.get("/").status_code == 302


@pytest.fixture
def doctor(open_account) -> Account:
    return open_account("wang.li", Role.CLINICIAN)


@pytest.fixture
def three(doctor, post_sign_in, clock) -> tuple[Client, Client, Client]:
    """The same person at three machines, a minute after each other."""
    found = []
    for number, agent in enumerate(("Windows NT Edg/142", "Android Chrome/142", "curl")):
        client = Client(headers={"User-Agent": agent})
        post_sign_in(client, source=f"203.0.113.{number}")
        found.append(client)
        clock.pass_(minutes=1)
    return found[0], found[1], found[2]


def rows(page: str) -> list[str]:
    return re.findall(r"<tr>\s*<td.*?</tr>", page, re.DOTALL)


def test_the_list_names_device_and_masked_address_and_marks_this_one(three) -> None:
    page = three[1].get("/sessions").content.decode()
    here, *others = rows(page)
    assert "Android · Chrome" in here and "就是这里" in here and "handle" not in here
    assert ["未知设备" in row for row in others] == [True, False]  # the latest used first
    assert "Windows · Edge" in others[1]
    assert page.count("203.0.*.*") == 3 and "203.0.113" not in page
    assert not any(key_of(client) in page for client in three)


def test_sessions_that_ran_out_and_those_of_others_are_not_listed(
    three, open_account, post_sign_in, clock
) -> None:
    open_account("zhao", Role.CLINICIAN)
    post_sign_in(Client(), "zhao")
    clock.pass_(minutes=26)
    three[0].get("/")
    clock.pass_(minutes=5)
    assert len(rows(three[0].get("/sessions").content.decode())) == 1


def test_one_is_ended_and_the_others_go_on(three, doctor) -> None:
    response = three[0].post("/sessions", {"handle": handle_of(key_of(three[1]))})
    assert (response.status_code, response["Location"]) == (302, "/sessions")
    assert [is_out(client) for client in three] == [False, True, False]
    (event,) = events(kind="access.sessions_ended")
    assert (event.subject_id, event.payload) == (doctor.id, {"count": 1})


def test_all_others_are_ended_at_once(three, doctor) -> None:
    three[2].post("/sessions")
    assert [is_out(client) for client in three] == [True, True, False]
    (event,) = events(kind="access.sessions_ended")
    assert event.payload == {"count": 2}
    three[2].post("/sessions")
    assert len(events(kind="access.sessions_ended")) == 1  # nothing was there to end


@pytest.mark.parametrize("handle", ["", "0" * 32, "\0", "中"])
def test_what_names_no_session_ends_none(three, handle) -> None:
    response = three[0].post("/sessions", {"handle": handle})
    assert response.status_code == 404 and "已经结束" in response.content.decode()
    assert Session.objects.count() == 3


def test_nobody_ends_the_session_of_another_person(three, open_account, post_sign_in) -> None:
    open_account("zhao", Role.CLINICIAN)
    stranger = Client()
    post_sign_in(stranger, "zhao")
    assert stranger.post("/sessions", {"handle": handle_of(key_of(three[0]))}).status_code == 404
    stranger.post("/sessions")
    assert not any(is_out(client) for client in three)


def test_a_visitor_has_no_sessions_to_end(three) -> None:
    visitor = Actor(None, "访客", "visitor")
    for act, given in (
        (own_sessions.end_session, {"handle": handle_of(key_of(three[0]))}),
        (own_sessions.end_other_sessions, {"session_key": None}),
    ):
        with pytest.raises(Refused) as caught:
            act(visitor, **given)
        assert caught.value.refusals[0].status == 401
    assert Client().get("/sessions")["Location"].startswith("/sign-in")
    assert Session.objects.count() == 3


def test_the_key_itself_is_not_told_by_its_handle(three) -> None:
    assert key_of(three[0]) not in handle_of(key_of(three[0]))
    assert handle_of(key_of(three[0])) != handle_of(key_of(three[1]))


@pytest.mark.parametrize("act", ["disable", "set_password", "enable"])
def test_closing_or_re_keying_an_account_deletes_its_sessions(three, doctor, open_account, act) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    acts = {
        "disable": lambda: commands.disable_account(operator, account_id=doctor.id),
        "set_password": lambda: commands.set_password(operator, account_id=doctor.id, password=NEW),
        "enable": lambda: commands.enable_account(operator, account_id=doctor.id, password=NEW),
    }
    acts[act]()
    assert not Session.objects.filter(account=doctor).exists()
    assert all(is_out(client) for client in three)


def test_a_refused_command_ends_no_session(three, doctor, open_account) -> None:
    elsewhere = acting(open_account("op", Role.OPERATOR, area="11"), Role.OPERATOR, area="11")
    with pytest.raises(Refused):
        commands.disable_account(elsewhere, account_id=doctor.id)
    assert Session.objects.filter(account=doctor).count() == 3


def test_changing_ones_own_password_leaves_this_session_under_a_new_key(three, doctor) -> None:
    before = key_of(three[0])
    three[0].post("/password", {"current": PASSWORD, "password": NEW, "again": NEW})
    assert key_of(three[0]) != before
    assert [is_out(client) for client in three] == [False, True, True]
    assert Session.objects.filter(account=doctor).count() == 1


def test_ending_an_accounts_sessions_spares_other_accounts(three, doctor, open_account, post_sign_in) -> None:
    open_account("zhao", Role.CLINICIAN)
    other = Client()
    post_sign_in(other, "zhao")
    assert end_sessions(doctor.id, except_key=key_of(three[2])) == 2
    assert [is_out(client) for client in (*three, other)] == [True, True, False, False]


def test_sessions_that_have_run_out_are_swept_and_old_counts_with_them(three, clock) -> None:
    Session.objects.filter(session_key=key_of(three[0])).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    Rate.objects.create(key="old", window=clock.now - timedelta(days=2), count=1)
    Rate.objects.create(key="new", window=clock.now, count=1)
    assert clear_expired_sessions(timestamp=0) == 1
    assert set(Session.objects.values_list("session_key", flat=True)) == {key_of(three[1]), key_of(three[2])}
    assert list(Rate.objects.values_list("key", flat=True)) == ["new"]
    assert clear_expired() == 0
