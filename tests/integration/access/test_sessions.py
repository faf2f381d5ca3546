"""Every request: who acts, for how long, with which headers, in which language, and no writing by reading."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tiercare.apps.access import commands
from tiercare.apps.access.models import Account, Grant
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.guard import WroteInARead
from tiercare.apps.ledger.queries import events
from tiercare.kernel.period import Period

from .conftest import CITY, PASSWORD, acting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def doctor(open_account) -> Account:
    return open_account("wang.li", Role.CLINICIAN)


@pytest.fixture
def signed_in(client, doctor, post_sign_in) -> Client:
    post_sign_in(client)
    return client


def is_out(client: Client) -> bool:
    response = client.get("/")
    return response.status_code == 302 and response["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "address", ["/sign-in", "/public", "/nowhere", "/broken", "/writing", "/api/session", "/api/no"]
)
def test_every_answer_carries_the_headers(client, address) -> None:
    client.raise_request_exception = False
    response = client.get(address)
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]


def test_pages_of_a_signed_in_person_are_not_kept(signed_in) -> None:
    assert signed_in.get("/")["Cache-Control"] == "no-store"
    assert signed_in.get("/api/session")["Cache-Control"] == "no-store"


def test_the_session_cookie_is_out_of_reach_of_scripts(client, doctor, post_sign_in) -> None:
    cookie = post_sign_in(client).cookies["tiercare_session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_pages_are_closed_unless_opened(client) -> None:
    assert is_out(client)
    assert text(client.get("/public")) == "visitor"


def test_an_htmx_request_of_a_visitor_leads_the_whole_page_to_sign_in(client) -> None:
    response = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/writing"})
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/sign-in?next=%2Fwriting"


def test_a_session_ends_when_idle_and_lives_on_when_used(signed_in, clock) -> None:
    for _ in range(4):
        clock.pass_(minutes=29)
        assert not is_out(signed_in)
    clock.pass_(minutes=31)
    assert is_out(signed_in)
    clock.pass_(minutes=-31)
    assert is_out(signed_in)  # it is gone on the server, not only refused


def test_a_session_ends_after_a_shift_however_busy(signed_in, clock) -> None:
    for _ in range(23):
        clock.pass_(minutes=20)
        assert not is_out(signed_in)
    clock.pass_(minutes=20)
    assert is_out(signed_in)


def test_a_disabled_account_is_out_at_once_everywhere_and_for_good(
    signed_in, doctor, open_account, post_sign_in
) -> None:
    second = Client()
    post_sign_in(second)
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    commands.disable_account(operator, account_id=doctor.id)
    assert is_out(signed_in)
    commands.enable_account(operator, account_id=doctor.id, password="seven quiet copper kettles")
    assert is_out(signed_in)
    assert is_out(second)  # it made no request while the account was closed, and must not come back to life


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(signed_in, post_sign_in) -> None:
    other = Client()
    post_sign_in(other)
    new = "seven quiet copper kettles"
    response = signed_in.post("/password", {"current": PASSWORD, "password": new, "again": new})
    assert response.status_code == 302
    assert not is_out(signed_in)
    assert is_out(other)


def test_signing_out_ends_the_session_on_the_server(signed_in, doctor) -> None:
    key = signed_in.cookies["tiercare_session"].value
    assert signed_in.get("/sign-out").status_code == 405
    assert signed_in.post("/sign-out")["Location"] == "/sign-in"
    thief = Client()
    thief.cookies["tiercare_session"] = key
    assert is_out(thief)
    assert [event.kind for event in events(actor_id=doctor.id)] == ["access.signed_out"]


def test_a_revoked_role_is_gone_with_the_next_request(signed_in, doctor, open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    commands.revoke(operator, grant_id=Grant.objects.get(account=doctor).id)
    response = signed_in.get("/")
    assert response["Location"] == "/role?next=%2F"
    assert "请联系平台管理员授权" in text(signed_in.get("/role"))


@pytest.fixture
def two_roles(doctor, system) -> dict[Role, str]:
    commands.grant(
        system,
        account_id=doctor.id,
        role=Role.INSURANCE,
        place_name="无为市",
        division_code="340281",
        period=Period(date(2018, 1, 1)),
    )
    return {Role(grant.role): str(grant.id) for grant in Grant.objects.filter(account=doctor)}


def test_with_several_roles_one_is_picked_first_and_can_be_switched(
    client, doctor, two_roles, post_sign_in
) -> None:
    post_sign_in(client)
    assert client.get("/")["Location"] == "/role?next=%2F"
    page = text(client.get("/role"))
    assert "医师 · 示例医院" in page and "医保部门 · 无为市" in page
    for role in (Role.INSURANCE, Role.CLINICIAN):
        assert client.post("/role", {"grant_id": two_roles[role], "next": "/"})["Location"] == "/"
        assert text(client.get("/")).split("|")[1] == role
    assert [event.payload["role"] for event in events(kind="access.role_chosen")] == [
        "clinician",
        "insurance",
    ]


def test_losing_the_picked_role_does_not_silently_give_another(
    client, two_roles, post_sign_in, system
) -> None:
    post_sign_in(client)
    client.post("/role", {"grant_id": two_roles[Role.INSURANCE]})
    commands.revoke(system, grant_id=two_roles[Role.INSURANCE])
    assert client.get("/")["Location"] == "/role?next=%2F"


@pytest.mark.parametrize("grant_id", ["", "commission", "00000000-0000-0000-0000-000000000001"])
def test_a_role_of_nobody_is_refused_with_the_list(signed_in, grant_id) -> None:
    response = signed_in.post("/role", {"grant_id": grant_id, "role": "commission", "division_code": CITY})
    assert response.status_code in {404, 422}
    assert "角色" in text(response) and "医师 · 示例医院" in text(response)
    assert text(signed_in.get("/")).split("|")[1] == "clinician"


def test_a_password_set_by_another_is_changed_before_anything_else(signed_in, doctor) -> None:
    Account.objects.filter(pk=doctor.pk).update(must_change_password=True)
    assert signed_in.get("/")["Location"] == "/password?next=%2F"
    assert signed_in.get("/api/session").json()["role"] == "unassigned"
    assert "别人设置的" in text(signed_in.get("/password"))
    new = "seven quiet copper kettles"
    assert (
        signed_in.post(
            "/password", {"current": PASSWORD, "password": new, "again": new, "next": "/"}
        ).status_code
        == 302
    )
    assert text(signed_in.get("/")).split("|")[1] == "clinician"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"current": "wrong"}, "现在的口令不对"),
        ({"password": "short", "again": "short"}, "口令须为 12 至 128 个字符"),
        ({"again": "another purple barn door"}, "不一致"),
        ({"again": ""}, "请再填一次"),
    ],
)
def test_a_new_password_that_will_not_do_is_explained(signed_in, change, said) -> None:
    new = "seven quiet copper kettles"
    response = signed_in.post("/password", {"current": PASSWORD, "password": new, "again": new} | change)
    assert response.status_code == 422
    assert said in text(response)
    assert new not in text(response)


def test_reading_writes_nothing(signed_in, doctor) -> None:
    with pytest.raises(WroteInARead):
        signed_in.get("/writing")
    doctor.refresh_from_db()
    assert doctor.display_name == "王丽"
    assert text(signed_in.post("/writing")) == "written"


def test_the_language_is_chinese_until_english_is_picked(signed_in) -> None:
    assert signed_in.get("/", headers={"accept-language": "en-GB"})["Content-Language"] == "zh-hans"
    response = signed_in.post("/language", {"language": "en", "next": "/"})
    assert response["Location"] == "/" and response.cookies["tiercare_language"]["httponly"]
    assert text(signed_in.get("/")).endswith("|en")
    signed_in.post("/language", {"language": "zh-hans"})
    assert text(signed_in.get("/")).endswith("|zh-hans")


@pytest.mark.parametrize("language", ["", "fr", "../en", "en\r\nSet-Cookie: x=y"])
def test_an_unknown_language_changes_nothing(client, language) -> None:
    response = client.post("/language", {"language": language})
    assert response.status_code == 302 and "tiercare_language" not in response.cookies
    client.cookies["tiercare_language"] = "fr"
    assert client.get("/public")["Content-Language"] == "zh-hans"
