"""The residents' own pages: what they show, to whom, and that they reach nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver

from tiercare.apps.access.models import Account
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.sessions import FRESH_MINUTES
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Card, RecordMove
from tiercare.kernel.ids import uuid7
from tiercare.web.middleware import SEEN_AT, SIGNED_IN_AT

from ..residents.care import WHY, codes, reads, tomorrow
from ..residents.conftest import given, register, site
from ..residents.test_consents import make_guardian
from ..residents.test_resident_sign_in import NUMBER, PHONE, code_of, sent

__all__ = ["codes", "given", "register", "site"]

DEVICE = "tiercare_device"


@pytest.fixture
def of() -> Callable[[UUID], Client]:
    """A client in which the resident is signed in."""

    def signed_in(resident_id: UUID) -> Client:
        account = Account.objects.create(
            username=f"r.{resident_id.hex}", display_name="王*明", resident_id=resident_id, password="!"
        )
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session.save()
        return client

    return signed_in


@pytest.fixture
def card(site, register) -> UUID:
    """A resident with a telephone and a card."""
    key = register("王小明", phone=PHONE)
    with scoped(site.actor(Role.REGISTRAR)):
        Card.objects.create(
            resident_id=key,
            number=NUMBER,
            institution_id=site.township,
            division_code="340223",
            issued_at=ledger.now(),
        )
    return key


def text(response) -> str:
    return response.content.decode()


def test_from_the_card_to_the_own_pages_and_out_again(card) -> None:
    client = Client()
    assert client.get("/me").headers["Location"] == "/me/sign-in"
    assert client.get("/me/sign-in").status_code == 200
    step = client.post("/me/sign-in", {"card": NUMBER})
    assert (step.status_code, step.headers["Location"]) == (302, "/me/sign-in/code")
    wrong = client.post("/me/sign-in/code", {"code": "abc"})
    assert wrong.status_code == 401 and "验证码不对" in text(wrong)
    held = client.cookies["tiercare_session"].value
    done = client.post("/me/sign-in/code", {"code": code_of(sent()[0])})
    assert (done.status_code, done.headers["Location"]) == (302, "/me")
    assert client.cookies["tiercare_session"].value != held
    page = client.get("/me")
    assert page.headers["Cache-Control"] == "no-store"
    assert "王*明" in text(page) and "3402 2300 0000 0017" in text(page) and "<svg" in text(page)
    assert client.post("/me/sign-out").headers["Location"] == "/me/sign-in"
    assert client.get("/me/readings").headers["Location"] == "/me/sign-in"


def test_a_card_that_nobody_has_looks_the_same(card) -> None:
    answers = []
    for number in (NUMBER, "3402230000000099"):
        client = Client()
        first = client.post("/me/sign-in", {"card": number})
        second = client.get("/me/sign-in/code")
        third = client.post("/me/sign-in/code", {"code": "12345"})
        shown = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text(third))
        answers.append(
            (first.status_code, first.headers["Location"], second.status_code, third.status_code, shown)
        )
        assert number not in text(second) + text(third)
    assert answers[0] == answers[1]


def test_a_code_page_without_a_card_leads_back_and_an_empty_card_is_told(site) -> None:
    client = Client()
    assert client.get("/me/sign-in/code").headers["Location"] == "/me/sign-in"
    empty = client.post("/me/sign-in", {"card": " "})
    assert empty.status_code == 422 and "没有填写健康卡卡号" in text(empty)


@pytest.mark.clause("TY-103")
def test_who_read_is_told_in_plain_words_with_refusals_and_emergencies_marked(site, register, of) -> None:
    key = register()
    doctor = site.actor(Role.CLINICIAN, "stranger", "示例医师")
    reads(doctor, key)
    commands.break_glass(doctor, key, reason="cannot_consent", explanation=WHY)
    reads(doctor, key)
    client = of(key)
    page = text(client.get("/me/readings"))
    assert "示例医师" in page and "没让看" in page and "紧急调阅" in page and WHY in page
    assert "还在审核" in page and "您自己" not in page
    assert WHY in text(client.get("/me/readings?only=emergency"))
    refused = text(client.get("/me/readings?only=refused"))
    assert "没让看" in refused and WHY not in refused
    assert "您自己" in text(client.get("/me/readings?own=1"))


def test_the_list_is_paged_and_costs_the_same_however_long(
    site, register, of, django_assert_num_queries
) -> None:
    key = register()
    doctor = site.actor(Role.PRIMARY_DOCTOR, name="示例医生")
    for _ in range(23):
        reads(doctor, key)
    client = of(key)
    client.get("/me/readings")
    with django_assert_num_queries(17):
        first = text(client.get("/me/readings"))
    assert first.count("me-line-who") == 20
    link = first.partition("&amp;before=")[2].partition('"')[0]
    with django_assert_num_queries(17):
        last = text(client.get(f"/me/readings?before={link}"))
    assert 3 <= last.count("me-line-who") < 20 and "更早的" not in last
    assert client.get("/me/readings?before=99999999999999999999999&only=x").status_code == 200


@pytest.mark.clause("TY-103")
def test_consent_is_given_and_withdrawn_in_two_forms(site, register, of) -> None:
    key = register()
    client, doctor = of(key), site.actor(Role.CLINICIAN, "stranger")
    name = queries.grantees_like(site.resident(key), "医院", division_code="340223")[0].name
    found = client.post("/me/consents/find", {"named": name})
    assert name in text(found)
    asked = {"grantee": str(site.stranger), "purposes": ["treatment"], "until": tomorrow().isoformat()}
    lacking = client.post("/me/consents", {**asked, "purposes": []})
    assert lacking.status_code == 422 and "没有选择授权的用途" in text(lacking)
    assert client.post("/me/consents", asked).headers["Location"] == "/me/consents"
    assert reads(doctor, key) == "consent"
    (row,) = queries.shared(site.resident(key), key).consents
    assert "您可以随时撤回" in text(client.get("/me/consents"))
    client.post(f"/me/consents/{row.id}/withdraw")
    assert reads(doctor, key) == ""
    again = client.post(f"/me/consents/{row.id}/withdraw")
    assert again.status_code == 404 and "已经撤回" in text(again)


def test_an_objection_is_made_from_the_list_and_shows_its_answer(site, register, of) -> None:
    key = register()
    reads(site.actor(Role.PRIMARY_DOCTOR, name="示例医生"), key)
    event = Event.objects.get(kind="access.record_read", actor_name="示例医生")
    client = of(key)
    assert "示例医生" in text(client.get(f"/me/readings/{event.id}"))
    empty = client.post(f"/me/readings/{event.id}", {"text": " "})
    assert empty.status_code == 422
    made = client.post(f"/me/readings/{event.id}", {"text": "我没有去过"})
    assert made.headers["Location"] == "/me/objections"
    page = text(client.get("/me/objections"))
    assert "我没有去过" in page and "等待答复" in page
    assert client.get(f"/me/readings/{uuid7()}").status_code == 404


def test_a_guardian_opens_the_same_pages_for_the_ward_and_for_nobody_else(site, register, of) -> None:
    child = register("王小宝", birth_date=ledger.today() - timedelta(days=900))
    father, other = register("王大明"), register("李四海")
    make_guardian(site, child, father)
    client = of(father)
    assert f"/me/of/{child}" in text(client.get("/me/family"))
    for page in ("", "/readings", "/consents", "/objections", "/move"):
        mine = client.get(f"/me/of/{child}{page}")
        assert mine.status_code == 200 and "王*宝" in text(mine) and f"/me/of/{child}/readings" in text(mine)
        theirs = client.get(f"/me/of/{other}{page}")
        assert theirs.status_code == 403 and "李*海" not in text(theirs)
        assert client.get(f"/me/of/{uuid7()}{page}").status_code == 403
    given = {"grantee": str(site.stranger), "purposes": ["treatment"], "until": tomorrow().isoformat()}
    assert client.post(f"/me/of/{other}/consents", given).status_code == 403
    assert client.post(f"/me/of/{child}/consents", given).headers["Location"] == f"/me/of/{child}/consents"
    assert reads(site.actor(Role.CLINICIAN, "stranger"), child) == "consent"


def test_the_record_is_taken_along_as_an_attachment_once(site, register, of) -> None:
    key = register()
    client = of(key)
    file = client.post("/me/move", {"destination": "江苏省南京市"})
    assert file.headers["Content-Disposition"] == 'attachment; filename="record-move.json"'
    assert file.headers["Cache-Control"] == "no-store" and file.headers["X-Content-Type-Options"] == "nosniff"
    assert set(file.json()) == {"file", "receipt"}
    again = client.post("/me/move", {"destination": "江苏省南京市"})
    assert again.status_code == 409 and "只发放一次" in text(again)
    with scoped(site.resident(key), persons=[key]):
        assert RecordMove.objects.count() == 1


def test_a_card_is_taken_replaced_and_blocked(site, register, of) -> None:
    key = register()
    client = of(key)
    assert "现在领取" in text(client.get("/me"))
    client.post("/me/card/issue")
    first = text(client.get("/me/card/qr"))
    assert "<svg" in first and "every 60s" in first and text(client.get("/me/card/qr")) != first
    assert client.post("/me/card/issue").status_code == 409
    client.post("/me/card/replace")
    with scoped(site.resident(key), persons=[key]):
        assert Card.objects.count() == 2 and Card.objects.filter(ended_at=None).count() == 1
    client.post("/me/card/lost")
    assert "现在领取" in text(client.get("/me"))


def test_larger_letters_stay_on_this_device(register, of) -> None:
    client = of(register())
    assert "me-large" not in text(client.get("/me"))
    client.post("/me/letters", {"letters": "large"})
    assert 'class="me me-large"' in text(client.get("/me"))
    client.post("/me/letters", {"letters": "usual"})
    assert "me-large" not in text(client.get("/me"))


def pages() -> list[str]:
    """Every page of the site that takes no argument and is not a resident's or about the own account."""
    found = []

    def walk(patterns, before: str) -> None:
        for pattern in patterns:
            where = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, where)
            elif "<" not in where and "(" not in where:
                found.append("/" + where)

    walk(get_resolver().url_patterns, "")
    open_to_all = ("/me", "/healthz", "/static", "/sign", "/language", "/switch", "/forget-device", "/api/")
    own_account = ("/password", "/role", "/sessions", "/confirm", "/second-factor", "/invitation")
    return [each for each in found if not each.startswith((*open_to_all, *own_account))]


def test_a_resident_reaches_nothing_else(site, register, of) -> None:
    """Every other page leads to their own, whether it is about themself, somebody else or nobody."""
    key, other = register(), register("李四海")
    client = of(key)
    about = [f"/{each}/{who}" for each in ("residents", "consents", "cards/of") for who in (key, other)]
    staffs = ["/password", "/role", "/confirm", "/second-factor", f"/residents/{key}/print"]
    where = [*pages(), *staffs, *about, f"/consents/{other}/glass", f"/consents/{key}/move"]
    led = {page: client.get(page) for page in where}
    assert len(pages()) > 15
    assert {page: answer.get("Location") for page, answer in led.items()} == dict.fromkeys(where, "/me")
    assert client.get("/sessions").status_code == 200


def test_a_form_of_staff_does_nothing_for_a_resident(site, register, of) -> None:
    key = register(phone=PHONE)
    client = of(key)
    before = Event.objects.count()
    answers = [
        client.post(f"/residents/{key}/reveal"),
        client.post(f"/residents/{key}/correct", {"phone": "13900002222", "version": "1"}),
        client.post(f"/consents/{key}/move", {"destination": "江苏省南京市", "evidence": "1"}),
        client.post("/password", {"current": "!", "password": "four unrelated herons"}),
    ]
    assert [answer.get("Location") for answer in answers] == ["/me"] * len(answers)
    assert Event.objects.count() == before
    part = client.get("/residents/search", headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == "/me"


def test_the_pages_of_a_ward_are_read_on_record(site, register, of) -> None:
    """The page of taking along shows the ward's masked name and no more; looking for institutions shows nothing."""
    child = register("王小宝", birth_date=ledger.today() - timedelta(days=900))
    father = register("王大明")
    make_guardian(site, child, father)
    client = of(father)

    def recorded() -> list[str]:
        seen = queries.my_readings(site.resident(child), child).seen
        return [each.reading.what for each in seen if each.reading.basis == "guardian"]

    assert "王*宝" in text(client.get(f"/me/of/{child}/move"))
    assert recorded() == ["identity"]
    found = text(client.post(f"/me/of/{child}/consents/find", {"named": "医院"}))
    assert "医院" in found and "王" not in found and recorded() == ["identity"]


def test_the_record_is_taken_along_only_soon_after_signing_in(site, register, of) -> None:
    key = register()
    client = of(key)
    session = client.session
    session[SIGNED_IN_AT] -= 60 * FRESH_MINUTES
    session.save()
    page = text(client.get("/me/move"))
    assert "先退出" in page and "disabled" in page
    late = client.post("/me/move", {"destination": "江苏省南京市"})
    assert late.status_code == 403 and "重新登录" in text(late)
    with scoped(site.resident(key), persons=[key]):
        assert RecordMove.objects.count() == 0


def test_a_device_is_known_once_its_resident_has_signed_in(card) -> None:
    client = Client()
    client.post("/me/sign-in", {"card": NUMBER})
    assert DEVICE not in client.cookies
    client.post("/me/sign-in/code", {"code": code_of(sent()[0])})
    cookie = client.cookies[DEVICE]
    assert cookie["httponly"] and NUMBER not in cookie.value
    client.post("/me/sign-out")
    for stranger in range(5):  # others use up what they may ask for
        Client(REMOTE_ADDR=f"10.0.0.{stranger}").post("/me/sign-in", {"card": NUMBER})
    assert Client().post("/me/sign-in", {"card": NUMBER}).status_code == 429
    assert client.post("/me/sign-in", {"card": NUMBER}).status_code == 302
    done = client.post("/me/sign-in/code", {"code": code_of(sent()[-1])})
    assert done.headers["Location"] == "/me"
    assert "王*明" not in text(Client(headers={"Cookie": str(cookie)}).get("/sign-in?people=1"))


def test_a_code_is_typed_where_it_was_asked_for(card) -> None:
    """Whoever reads the message over a shoulder cannot use it elsewhere, not even having asked for one as well."""
    mine, strangers = Client(), Client()
    mine.post("/me/sign-in", {"card": NUMBER})
    strangers.post("/me/sign-in", {"card": NUMBER})
    first, second = code_of(sent()[0]), code_of(sent()[1])
    if first != second:
        assert strangers.post("/me/sign-in/code", {"code": first}).status_code == 401
    assert mine.post("/me/sign-in/code", {"code": first}).headers["Location"] == "/me"


@pytest.mark.parametrize("where", ["/me", "/me/readings", "/me/consents", "/me/move", "/me/family"])
def test_staff_are_told_that_these_pages_are_not_theirs(client_of, where) -> None:
    answer = client_of(Role.AUDITOR).get(where)
    assert answer.status_code == 403 and "me-nav" not in text(answer)
