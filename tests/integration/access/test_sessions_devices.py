"""Devices: a known one keeps its owner in, offers names to the next person, and cannot be made up."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client

from tiercare.apps.access import commands
from tiercare.apps.access.models import Account, SignInFailures
from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.sessions import OFFERED_PEOPLE
from tiercare.apps.ledger.queries import events
from tiercare.kernel.ids import uuid7
from tiercare.web.access import devices

from .conftest import acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]

DEVICE, SESSION = "tiercare_device", "tiercare_session"
SAME_ADDRESS = "10.0.0.1"


def text(response) -> str:
    return response.content.decode()


def fail(post, client: Client, username: str = "wang.li", times: int = 8) -> int:
    return max(
        post(client, username, "not the password", source=SAME_ADDRESS).status_code for _ in range(times)
    )


@pytest.fixture
def doctor(open_account) -> Account:
    return open_account("wang.li", Role.CLINICIAN)


@pytest.fixture
def desk(doctor, post_sign_in) -> Client:
    """A machine on which the doctor has signed in, and out again."""
    client = Client()
    post_sign_in(client)
    client.post("/sign-out")
    return client


def test_the_cookie_is_out_of_reach_of_scripts_and_lasts_a_month(desk) -> None:
    cookie = desk.cookies[DEVICE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 30 * 24 * 3600


def test_a_stranger_behind_the_same_address_keeps_no_owner_out(desk, post_sign_in) -> None:
    """S17: without the device the name waits at this address; on it, the owner comes in at once."""
    stranger = Client()
    assert fail(post_sign_in, stranger) == 429
    assert post_sign_in(Client(), source=SAME_ADDRESS).status_code == 429
    assert post_sign_in(desk, source=SAME_ADDRESS).status_code == 302


def test_the_owners_success_does_not_free_the_stranger(desk, post_sign_in) -> None:
    stranger = Client()
    fail(post_sign_in, stranger)
    post_sign_in(desk, source=SAME_ADDRESS)
    assert post_sign_in(stranger, source=SAME_ADDRESS).status_code == 429


def test_guesses_on_the_device_itself_are_slowed_too(desk, post_sign_in) -> None:
    assert fail(post_sign_in, desk) == 429
    assert post_sign_in(desk, source="10.0.0.99").status_code == 429
    assert post_sign_in(Client(), source=SAME_ADDRESS).status_code == 302


def test_a_colleague_on_the_same_device_counts_apart(desk, open_account, post_sign_in) -> None:
    open_account("zhao", Role.CLINICIAN)
    assert fail(post_sign_in, desk, "zhao") == 429
    assert post_sign_in(desk, "zhao", source=SAME_ADDRESS).status_code == 429
    assert post_sign_in(desk, source=SAME_ADDRESS).status_code == 302


def test_the_ledger_is_told_the_address_also_where_the_device_counts(desk, post_sign_in) -> None:
    post_sign_in(desk, password="not the password", source=SAME_ADDRESS)
    (failed,) = events(kind="access.sign_in_failed")
    assert failed.payload["source"] == SAME_ADDRESS
    assert SignInFailures.objects.get().source.startswith("device:")


def altered(value: str) -> str:
    return ("A" if value[0] != "A" else "B") + value[1:]


def test_a_device_that_is_made_up_or_altered_or_old_is_a_stranger(
    desk, doctor, post_sign_in, monkeypatch
) -> None:
    good = desk.cookies[DEVICE].value
    held = {"id": "0" * 32, "accounts": [doctor.id.hex]}
    for forged in (
        altered(good),
        good.rpartition(":")[0],
        signing.dumps(held, salt="another"),
        signing.dumps(held, key="a guessed key", salt="tiercare.access.device"),
        "nonsense",
        "",
    ):
        stranger = Client()
        stranger.cookies[DEVICE] = forged
        assert "王丽" not in text(stranger.get("/sign-in?people=1"))
        assert "王丽" not in text(stranger.get(f"/sign-in?person={doctor.id}"))
    monkeypatch.setattr(devices, "_AGE", devices._AGE * 0)
    assert "王丽" not in text(desk.get("/sign-in?people=1"))


def test_the_next_person_picks_a_name_and_types_only_the_password(
    desk, doctor, open_account, post_sign_in
) -> None:
    open_account("zhao", Role.CLINICIAN)
    Account.objects.filter(username="zhao").update(display_name="赵敏")
    post_sign_in(desk, "zhao")
    key = desk.cookies[SESSION].value
    response = desk.post("/switch")
    assert (response.status_code, response["Location"]) == (302, "/sign-in?people=1")
    page = text(desk.get(response["Location"]))
    assert page.index("赵敏") < page.index("王丽")  # the latest first
    assert "wang.li" not in page
    picked = text(desk.get(f"/sign-in?person={doctor.id}"))
    assert 'value="wang.li"' in picked
    assert "autofocus" in picked[picked.index('name="password"') :].split(">")[0]
    thief = Client()
    thief.cookies[SESSION] = key
    assert thief.get("/").status_code == 302  # the session ended on the server
    assert [event.kind for event in events(kind="access.signed_out")] == ["access.signed_out"] * 2


def test_names_are_shown_only_when_asked_for(desk) -> None:
    page = text(desk.get("/sign-in"))
    assert "王丽" not in page and "从这台设备上登录过的人中选择" in page
    assert "从这台设备上登录过的人中选择" not in text(Client().get("/sign-in"))


def test_a_name_is_filled_in_only_for_people_of_this_device(desk, open_account) -> None:
    stranger = open_account("zhao", Role.CLINICIAN)
    for person in (stranger.id, uuid7(), "", "x' OR 1=1"):
        assert "zhao" not in text(desk.get("/sign-in", {"person": person}))


def test_a_closed_account_is_not_offered_and_no_more_than_a_few_are(
    doctor, open_account, post_sign_in
) -> None:
    desk = Client()
    post_sign_in(desk)
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    names = [f"colleague{number}" for number in range(OFFERED_PEOPLE + 1)]
    for name in names:
        open_account(name, Role.CLINICIAN)
        Account.objects.filter(username=name).update(display_name=f"同事{name[-1]}")
        post_sign_in(desk, name)
    desk.post("/switch")
    offered = [name for name in names if f"同事{name[-1]}" in text(desk.get("/sign-in?people=1"))]
    assert offered == names[1:]
    last = Account.objects.get(username=names[-1])
    commands.disable_account(operator, account_id=last.id)
    offered = [name for name in names if f"同事{name[-1]}" in text(desk.get("/sign-in?people=1"))]
    assert offered == names[:-1]


def test_a_forgotten_device_knows_nobody(desk, post_sign_in) -> None:
    assert "忘记这台设备" in text(desk.get("/sign-in"))
    response = desk.post("/forget-device")
    assert response.cookies[DEVICE]["max-age"] == 0
    del desk.cookies[DEVICE]
    assert "王丽" not in text(desk.get("/sign-in?people=1"))
    assert desk.get("/forget-device").status_code == desk.get("/switch").status_code == 405


def test_switching_needs_the_token_of_the_form(desk) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/switch").status_code == strict.post("/forget-device").status_code == 403
