"""A second factor makes two steps of signing in; half a sign-in can do nothing; weighty steps ask once more."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tiercare.apps.access import commands
from tiercare.apps.access.commands import second_factor
from tiercare.apps.access.models import Account, Session
from tiercare.apps.access.queries import second_factor as own
from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.sessions import FRESH_MINUTES, HALF_OPEN_LIMIT
from tiercare.apps.ledger.queries import events
from tiercare.web.fresh import recently_confirmed

from .conftest import PASSWORD, Site, acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]

SESSION = "tiercare_session"
LONG_AGO = timedelta(minutes=FRESH_MINUTES)


@recently_confirmed()
def weighty(request: HttpRequest) -> HttpResponse:
    fields = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    return HttpResponse(f"{request.method} {fields}")


@login_not_required
def held(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.actor.role}|{request.actor.account_id}|{request.grants}")


class WeightySite(Site):
    urlpatterns = (*Site.urlpatterns, path("weighty", weighty), path("held", held))


@pytest.fixture(autouse=True)
def served(settings, site, tmp_path) -> None:
    settings.ROOT_URLCONF = WeightySite
    settings.HOME = tmp_path  # where the keys are made that seal the secret


@pytest.fixture
def doctor(open_account) -> Account:
    return open_account("wang.li", Role.CLINICIAN)


@pytest.fixture
def code(doctor, clock) -> Callable[[], str]:
    """The doctor has a second factor; answers a code that was not used yet."""
    me = acting(doctor, Role.CLINICIAN)
    second_factor.begin(me)
    app = pyotp.TOTP(own.own_enrolment(me).secret.replace(" ", ""))
    second_factor.confirm(me, code=app.at(clock.now))

    def new() -> str:
        clock.pass_(seconds=30)
        return app.at(clock.now)

    return new


@pytest.fixture
def half(client, code, post_sign_in) -> Client:
    response = post_sign_in(client, next="/weighty?page=2")
    assert response["Location"] == "/sign-in/code?next=%2Fweighty%3Fpage%3D2"
    return client


@pytest.fixture
def signed_in(client, doctor, post_sign_in) -> Client:
    post_sign_in(client)
    return client


def text(response) -> str:
    return response.content.decode()


def is_out(client: Client) -> bool:
    return client.get("/").get("Location", "").startswith("/sign-in")


def test_half_a_sign_in_opens_nothing(half) -> None:
    for address in ("/", "/role", "/password", "/sessions", "/confirm", "/weighty"):
        assert half.get(address)["Location"].startswith("/sign-in?next="), address
        assert half.post(address)["Location"].startswith("/sign-in?next="), address
    assert half.get("/api/session").status_code == 401
    assert text(half.get("/held")) == "visitor|None|()"
    assert Session.objects.get().account_id is None
    assert not events(kind="access.signed_in")


def test_the_right_code_completes_it_under_a_new_key(half, code, doctor) -> None:
    before = half.cookies[SESSION].value
    page = text(half.get("/sign-in/code?next=/weighty"))
    assert 'autocomplete="one-time-code"' in page and 'value="/weighty"' in page
    response = half.post("/sign-in/code", {"code": code(), "next": "/weighty"})
    assert (response.status_code, response["Location"]) == (302, "/weighty")
    assert half.cookies[SESSION].value != before
    assert text(half.get("/held")).startswith(f"clinician|{doctor.id}|")
    (event,) = events(kind="access.signed_in")
    assert event.subject_id == doctor.id
    thief = Client()
    thief.cookies[SESSION] = before
    assert is_out(thief)
    assert thief.get("/sign-in/code")["Location"].startswith("/sign-in?")


@pytest.mark.parametrize("typed", ["000000", "", "1" * 41, "\0"])
def test_a_wrong_code_leaves_it_half(half, code, typed) -> None:
    response = half.post("/sign-in/code", {"code": typed})
    assert response.status_code in {401, 422}
    assert is_out(half)
    assert half.post("/sign-in/code", {"code": code()}).status_code == 302
    assert not is_out(half)


def test_too_many_wrong_codes_must_wait(half, post_sign_in) -> None:
    answers = []
    for _ in range(6):
        answers.append(half.post("/sign-in/code", {"code": "000000"}).status_code)
        post_sign_in(half)  # the right password again and again buys no attempt
    assert answers == [401] * 5 + [429]


def test_it_waits_five_minutes_and_no_longer(half, code, clock) -> None:
    right = code()
    clock.pass_(seconds=HALF_OPEN_LIMIT.total_seconds())
    assert half.post("/sign-in/code", {"code": right})["Location"].startswith("/sign-in?")
    assert is_out(half)


@pytest.mark.parametrize("change", ["disabled", "re-keyed"])
def test_it_dies_with_its_password_and_its_account(half, code, doctor, open_account, change) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    if change == "disabled":
        commands.disable_account(operator, account_id=doctor.id)
    else:
        commands.set_password(operator, account_id=doctor.id, password="seven quiet copper kettles")
    response = half.post("/sign-in/code", {"code": code()})
    assert response.status_code == 401 and "已作废" in text(response)
    assert is_out(half)


def test_the_device_is_known_only_after_both_steps(half, code) -> None:
    assert "tiercare_device" not in half.cookies
    half.post("/sign-in/code", {"code": code()})
    assert half.cookies["tiercare_device"].value


def test_a_weighty_page_opens_after_signing_in_and_asks_when_that_is_long_ago(signed_in, clock) -> None:
    assert signed_in.get("/weighty").status_code == 200
    clock.pass_(seconds=LONG_AGO.total_seconds() - 1)
    assert signed_in.get("/weighty").status_code == 200
    clock.pass_(seconds=1)
    assert signed_in.get("/weighty?page=2")["Location"] == "/confirm?next=%2Fweighty%3Fpage%3D2"
    asked = signed_in.get("/weighty", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/x"})
    assert asked["HX-Redirect"] == "/confirm?next=%2Fx"
    posted = signed_in.post(
        "/weighty", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/x"}
    )
    assert posted["HX-Redirect"] == "/confirm?next=%2Fx"


def test_the_password_confirms_under_a_new_key(signed_in, clock, doctor) -> None:
    clock.pass_(minutes=FRESH_MINUTES)
    before = signed_in.cookies[SESSION].value
    response = signed_in.post("/confirm", {"password": PASSWORD, "next": "/weighty"})
    assert (response.status_code, response["Location"]) == (302, "/weighty")
    assert signed_in.get("/weighty").status_code == 200
    assert signed_in.cookies[SESSION].value != before
    (event,) = events(kind="access.confirmed")
    assert event.actor_id == doctor.id
    clock.pass_(minutes=FRESH_MINUTES)
    assert signed_in.get("/weighty").status_code == 302


def test_a_wrong_password_confirms_nothing_and_is_slowed(signed_in, clock) -> None:
    clock.pass_(minutes=FRESH_MINUTES)
    answers = [signed_in.post("/confirm", {"password": "not the password"}).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert signed_in.post("/confirm", {}).status_code == 422
    assert signed_in.get("/weighty").status_code == 302
    assert not is_out(signed_in)


def test_with_a_second_factor_the_code_confirms_and_the_password_does_not(half, code, clock) -> None:
    half.post("/sign-in/code", {"code": code()})
    clock.pass_(minutes=FRESH_MINUTES)
    page = text(half.get("/confirm"))
    assert 'name="code"' in page and 'name="password"' not in page
    assert half.post("/confirm", {"password": PASSWORD}).status_code == 422
    assert half.get("/weighty").status_code == 302
    assert half.post("/confirm", {"code": code(), "next": "/weighty"})["Location"] == "/weighty"
    assert half.get("/weighty").status_code == 200


def test_what_was_typed_is_carried_over_the_confirmation(signed_in, clock) -> None:
    clock.pass_(minutes=FRESH_MINUTES)
    typed = {
        "signed_by": "王丽\"'<b>&",
        "many": ["一", "二"],
        "password": "a new one",
        "csrfmiddlewaretoken": "t",
    }
    asked = text(signed_in.post("/weighty?page=2", typed))
    assert "没有丢" in asked and "a new one" not in asked and "a+new+one" not in asked
    (kept,) = re.findall(r'name="kept" value="([^"]*)"', asked)
    kept = kept.replace("&amp;", "&")
    again = signed_in.post("/confirm", {"password": "wrong", "next": "/weighty?page=2", "kept": kept})
    assert again.status_code == 401 and 'name="kept"' in text(again)
    done = text(signed_in.post("/confirm", {"password": PASSWORD, "next": "/weighty?page=2", "kept": kept}))
    assert 'action="/weighty?page=2"' in done and "<b>" not in done and PASSWORD not in done
    fields = re.findall(r'name="(signed_by|many|password)" value="([^"]*)"', done)
    assert [name for name, _ in fields] == ["signed_by", "many", "many"]
    assert [value for _, value in fields[1:]] == ["一", "二"]


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_confirming_leads_to_no_other_site(signed_in, evil) -> None:
    response = signed_in.post("/confirm", {"password": PASSWORD, "next": evil})
    assert response["Location"] == "/"
    done = text(signed_in.post("/confirm", {"password": PASSWORD, "next": evil, "kept": "a=1"}))
    assert 'action="/"' in done and "evil" not in done


def test_nobody_confirms_as_a_visitor(client) -> None:
    assert client.post("/confirm", {"password": PASSWORD})["Location"].startswith("/sign-in")
    assert client.get("/weighty")["Location"].startswith("/sign-in")
