"""Signing in: the right person gets in, nobody learns which names exist, guessing slows and locks nobody out."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tiercare.apps.access import commands
from tiercare.apps.access.commands import signing_in
from tiercare.apps.access.models import Account, SignInFailures
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.queries import events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]


def text(response) -> str:
    return response.content.decode()


def test_the_page_asks_in_chinese_and_its_inputs_are_labelled(client) -> None:
    response = client.get("/sign-in", headers={"accept-language": "en"})
    page = text(response)
    assert response.status_code == 200
    assert "<title>登录</title>" in page
    assert 'for="id_username"' in page and 'id="id_username"' in page
    assert 'autocomplete="current-password"' in page
    assert "演示账户" not in page


def test_a_person_signs_in_and_acts_in_the_only_role_held(client, open_account, post_sign_in) -> None:
    account = open_account("wang.li", Role.COMMISSION)
    response = post_sign_in(client, "WANG.li")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert text(client.get("/")).startswith("王丽|commission|3402|None|")
    (event,) = events(kind="access.signed_in")
    assert (event.subject_id, event.payload, event.actor_role) == (
        account.id,
        {"source": "10.0.0.1"},
        "visitor",
    )


def test_unknown_name_and_wrong_password_answer_alike(client, open_account, post_sign_in) -> None:
    open_account("wang.li", Role.CLINICIAN)
    wrong = post_sign_in(client, "wang.li", "not the password")
    unknown = post_sign_in(client, "nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    bare = [re.sub(r'value="[^"]*"', "", text(response)) for response in (wrong, unknown)]
    assert bare[0] == bare[1]
    assert "登录名或口令不对" in bare[0] and "平台管理员" in bare[0]


def test_an_unknown_name_costs_one_hashing_as_a_known_one(
    client, open_account, post_sign_in, monkeypatch
) -> None:
    open_account("wang.li")
    work = []
    hasher = signing_in.make_password
    monkeypatch.setattr(signing_in, "make_password", lambda raw: work.append("made") or hasher(raw))
    check = Account.check_password
    monkeypatch.setattr(
        Account, "check_password", lambda self, raw: work.append("checked") or check(self, raw)
    )
    post_sign_in(client, "wang.li", "not the password")
    assert work == ["checked"]
    post_sign_in(client, "nobody", "not the password")
    assert work == ["checked", "made"]


def test_a_failure_is_told_to_the_ledger_without_the_typed_name(client, open_account, post_sign_in) -> None:
    account = open_account("wang.li")
    post_sign_in(client, "wang.li", "not the password")
    post_sign_in(client, "MyPassword!typed-here", "not the password")
    unknown, known = events(kind="access.sign_in_failed")
    assert known.subject_id == account.id
    assert known.payload == {"source": "10.0.0.1", "reason": "access.wrong_name_or_password", "failures": 1}
    assert unknown.subject_id != account.id
    assert not SignInFailures.objects.filter(name_hash__icontains="mypassword").exists()
    assert "mypassword" not in str(unknown.__dict__).lower()


def test_a_disabled_account_is_told_so_only_with_its_password(client, open_account, post_sign_in) -> None:
    account = open_account("wang.li")
    Account.objects.filter(pk=account.pk).update(is_active=False)
    knows = post_sign_in(client)
    guesses = post_sign_in(client, password="not the password")
    assert knows.status_code == 403 and "已停用" in text(knows) and "平台管理员" in text(knows)
    assert guesses.status_code == 401 and "已停用" not in text(guesses)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "data", [{}, {"username": "wang.li"}, {"password": "x"}, {"username": "\x00", "password": "\x00"}]
)
def test_an_incomplete_form_names_what_is_missing(client, data) -> None:
    response = client.post("/sign-in", data)
    assert response.status_code == 422
    assert "请填写" in text(response) or "null" in text(response).lower() or "空" in text(response)


def test_an_endless_password_is_not_hashed(client, open_account, post_sign_in, monkeypatch) -> None:
    open_account("wang.li")
    monkeypatch.setattr(Account, "check_password", lambda self, raw: pytest.fail("hashed"))
    assert post_sign_in(client, password="x" * 129).status_code == 401


def test_guessing_from_one_source_slows_down_even_with_the_right_password(
    client, open_account, post_sign_in, clock
) -> None:
    open_account("wang.li", Role.CLINICIAN)
    for _ in range(5):
        assert post_sign_in(client, password="not the password").status_code == 401
    slowed = post_sign_in(client)
    assert slowed.status_code == 429
    assert "15 秒后再试" in text(slowed) and "其他账户不受影响" in text(slowed)
    clock.pass_(seconds=16)
    assert post_sign_in(client).status_code == 302
    assert not SignInFailures.objects.exists()


def test_waiting_grows_but_an_attempt_while_waiting_does_not_prolong_it(
    client, open_account, post_sign_in, clock
) -> None:
    open_account("wang.li")
    for _ in range(5):
        post_sign_in(client, password="not the password")
    for _ in range(20):
        assert post_sign_in(client).status_code == 429
    clock.pass_(seconds=16)
    assert post_sign_in(client, password="not the password").status_code == 401
    clock.pass_(seconds=16)
    assert "14 秒后再试" in text(post_sign_in(client))


def test_nobody_can_lock_a_clinic_or_a_doctor_out(open_account, post_sign_in) -> None:
    """S17: the same doctor from another source, and a colleague behind the same address, still get in."""
    open_account("wang.li", Role.CLINICIAN)
    open_account("zhao", Role.CLINICIAN)
    for _ in range(30):
        post_sign_in(Client(), "wang.li", "not the password", source="10.0.0.1")
    assert post_sign_in(Client(), "wang.li", source="10.0.0.1").status_code == 429
    assert post_sign_in(Client(), "wang.li", source="10.0.0.2").status_code == 302
    assert post_sign_in(Client(), "zhao", source="10.0.0.1").status_code == 302


def test_unknown_names_are_slowed_alike_and_forgotten_after_a_day(client, post_sign_in, clock) -> None:
    for _ in range(5):
        post_sign_in(client, "nobody")
    assert post_sign_in(client, "nobody").status_code == 429
    clock.pass_(hours=25)
    assert post_sign_in(client, "somebody").status_code == 401
    assert SignInFailures.objects.count() == 1


def test_a_key_planted_before_signing_in_is_worth_nothing(client, open_account, post_sign_in) -> None:
    open_account("wang.li", Role.CLINICIAN)
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.cookies["tiercare_session"] = planted
    post_sign_in(client)
    assert client.cookies["tiercare_session"].value != planted
    assert "planted" not in client.session
    thief = Client()
    thief.cookies["tiercare_session"] = planted
    assert thief.get("/")["Location"].startswith("/sign-in")


def test_signing_in_again_takes_a_new_key_too(client, open_account, post_sign_in) -> None:
    open_account("wang.li", Role.CLINICIAN)
    post_sign_in(client)
    first = client.cookies["tiercare_session"].value
    post_sign_in(client)
    assert client.cookies["tiercare_session"].value != first


@pytest.mark.parametrize(
    "evil",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil",
        "/\t/evil.example",
        "evil",
    ],
)
def test_a_foreign_next_is_not_followed(client, open_account, post_sign_in, evil) -> None:
    open_account("wang.li", Role.CLINICIAN)
    assert post_sign_in(client, next=evil)["Location"] == "/"
    assert client.get("/sign-in", {"next": evil})["Location"] == "/"
    assert client.post("/language", {"language": "en", "next": evil})["Location"] == "/"


def test_a_next_of_this_site_is_followed(client, open_account, post_sign_in) -> None:
    open_account("wang.li", Role.CLINICIAN)
    sent = client.get("/writing?page=2")
    assert sent["Location"] == "/sign-in?next=%2Fwriting%3Fpage%3D2"
    assert post_sign_in(client, next="/writing?page=2")["Location"] == "/writing?page=2"


def test_claims_in_the_form_are_ignored(client, open_account, post_sign_in) -> None:
    """S4: role, institution and the like come from the grant, never from input."""
    open_account("wang.li", Role.CLINICIAN)
    claims = {
        "role": "commission",
        "institution_id": "00000000-0000-0000-0000-000000000001",
        "division_code": "11",
        "is_active": "1",
        "synthetic": "1",
        "grant_id": "00000000-0000-0000-0000-000000000001",
    }
    post_sign_in(client, **claims)
    name, role, division, institution, _ = text(client.get("/", claims)).split("|")
    assert (name, role, division) == ("王丽", "clinician", "3402")
    assert not institution.endswith("01")
    assert not Account.objects.get().synthetic


def test_the_form_is_refused_without_its_token(open_account) -> None:
    open_account("wang.li", Role.CLINICIAN)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in", {"username": "wang.li", "password": "x"}).status_code == 403
    assert strict.post("/sign-out").status_code == 403


def test_a_demonstration_lists_its_accounts_and_fills_in_the_name(
    client, synthetic, system, open_account
) -> None:
    open_account("wang.li")
    commands.create_account(
        system,
        username="wuhu.commission",
        display_name="演示·委",
        password="nine loud river stones",
        synthetic=True,
    )
    page = text(client.get("/sign-in"))
    assert "演示·委" in page and "?username=wuhu.commission" in page
    assert "wang.li" not in page
    assert 'value="wuhu.commission"' in text(client.get("/sign-in?username=wuhu.commission"))


def test_what_is_filled_in_is_escaped(client) -> None:
    page = text(client.get("/sign-in", {"username": '"><script>alert(1)</script>', "next": '/"><script>'}))
    assert "<script>" not in page
