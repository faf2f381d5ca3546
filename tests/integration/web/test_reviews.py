"""The auditor's list, and the desk's side: emergency access and consents, as pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access import models
from tiercare.apps.access.queries import reviews
from tiercare.apps.access.rules import SCOPE_OF, Role
from tiercare.apps.access.rules.sessions import FRESH_AT, FRESH_MINUTES
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands, queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

from ..residents.care import WHY, reads, synthetic_clock, tomorrow
from ..residents.conftest import Site, given, register, site

__all__ = ["given", "register", "site", "synthetic_clock"]


@pytest.fixture
def signed_in(site: Site) -> Callable[..., tuple[Client, Actor]]:
    """A client acting in a role at one of the places, and the actor that it is."""

    def run(role: Role, place: str = "stranger", name: str = "示例医师") -> tuple[Client, Actor]:
        actor = site.actor(role, place, name)
        account = models.Account.objects.create(
            id=actor.account_id,
            username=f"t.{role.value}.{place}",
            display_name=name,
            password="!",
            synthetic=True,
        )
        grant = models.Grant.objects.create(
            account=account,
            role=role.value,
            scope=SCOPE_OF[role].value,
            division_code=actor.division_code,
            institution_id=actor.institution_id,
            place_name="测试地点",
            period=DateRange(date(2019, 1, 1), None),
        )
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return client, actor

    return run


def text(response) -> str:
    return response.content.decode()


def test_from_the_closed_record_through_the_glass_to_the_review(site, register, signed_in) -> None:
    key = register()
    client, doctor = signed_in(Role.CLINICIAN)
    form = client.get(f"/consents/{key}/glass")
    assert form.status_code == 200 and "王" not in text(form).replace("王*", "")
    assert not Event.objects.filter(kind="access.record_read", actor_id=doctor.account_id).exists()
    lacking = client.post(f"/consents/{key}/glass", {"reason": "life_at_risk", "explanation": "急"})
    assert lacking.status_code == 422 and "不足 10 个字" in text(lacking) and "急</textarea>" in text(lacking)
    opened = client.post(f"/consents/{key}/glass", {"reason": "life_at_risk", "explanation": WHY})
    assert opened.headers["Location"].startswith(f"/residents/{key}?")
    assert reads(doctor, key) == "emergency"

    auditor, _ = signed_in(Role.AUDITOR, name="示例审计")
    listed = text(auditor.get("/reviews"))
    assert "示例医师" in listed and WHY in listed and "王*明" not in listed and "紧急调阅审核" in listed
    (review,) = reviews.reviews(site.actor(Role.AUDITOR))
    glass = review.id
    page = text(auditor.get(f"/reviews/{glass}"))
    assert "王*明" in page and "王小明" not in page and "紧急调阅" in page
    undecided = auditor.post(f"/reviews/{glass}", {"remark": "x"})
    assert undecided.status_code == 422
    decided = auditor.post(f"/reviews/{glass}", {"outcome": "justified", "remark": "抢救记录相符"})
    assert decided.headers["Location"].startswith("/reviews?")
    assert "没有等待审核的紧急调阅" in text(auditor.get("/reviews"))
    assert "理由成立" in text(auditor.get("/reviews?done=1"))
    seen = queries.my_readings(site.resident(key), key).seen
    assert "review" in [each.reading.what for each in seen]


def test_objections_are_answered_on_their_page(site, register, signed_in) -> None:
    key = register()
    reads(site.actor(Role.PRIMARY_DOCTOR, name="示例医生"), key)
    event = Event.objects.get(kind="access.record_read", actor_name="示例医生")
    objection = commands.object_to_reading(site.resident(key), key, event_id=event.id, text="我没有去过")
    auditor, _ = signed_in(Role.AUDITOR, name="示例审计")
    assert "我没有去过" in text(auditor.get("/reviews/objections"))
    page = text(auditor.get(f"/reviews/objections/{objection}"))
    assert "示例医生" in page and "王*明" in page and "王小明" not in page
    undecided = auditor.post(f"/reviews/objections/{objection}", {"answer": "经核查属实"})
    assert undecided.status_code == 422 and "经核查属实</textarea>" in text(undecided)
    auditor.post(f"/reviews/objections/{objection}", {"answer": "经核查属实", "upheld": "1"})
    assert "异议成立" in text(auditor.get("/reviews/objections?done=1"))
    (mine,) = queries.my_objections(site.resident(key), key)
    assert mine.upheld and mine.answer == "经核查属实"


@pytest.mark.parametrize(
    "role",
    [Role.CLINICIAN, Role.REGISTRAR, Role.PRIMARY_DOCTOR, Role.COMMISSION, Role.OPERATOR, Role.INDEX_KEEPER],
)
def test_only_auditors_review(site, signed_in, role) -> None:
    client, _ = signed_in(role)
    for where in ("/reviews", "/reviews?done=1", "/reviews/objections", f"/reviews/{uuid7()}"):
        assert client.get(where).status_code == 403
    assert "紧急调阅审核" not in text(client.get("/reviews"))


def test_what_is_not_of_the_area_is_not_there(site, signed_in) -> None:
    client, _ = signed_in(Role.AUDITOR, name="示例审计")
    for where in (f"/reviews/{uuid7()}", f"/reviews/objections/{uuid7()}"):
        assert client.get(where).status_code == 404
    for page in ("0", "-1", "x", "9" * 30):
        assert client.get(f"/reviews?page={page}").status_code == 200


def test_the_list_of_reviews_costs_the_same_however_long(
    site, register, signed_in, django_assert_num_queries
) -> None:
    client, _ = signed_in(Role.AUDITOR, name="示例审计")
    client.get("/reviews")
    for number, name in enumerate(("王小明", "李四海", "赵晓红")):
        doctor = site.actor(Role.CLINICIAN, "stranger", f"医师{number}")
        commands.break_glass(doctor, register(name), reason="other", explanation=WHY)
        if number in (0, 2):
            with django_assert_num_queries(15):
                assert text(client.get("/reviews")).count("<tr data-row>") == number + 1


def test_the_desk_records_a_signed_paper_and_takes_it_back(site, register, signed_in) -> None:
    key = register()
    client, _ = signed_in(Role.REGISTRAR, "township", "示例登记员")
    page = text(client.get(f"/consents/{key}"))
    assert "王*明" in page and "王小明" not in page
    asked = {
        "grantee": str(site.stranger),
        "purposes": ["treatment"],
        "until": tomorrow().isoformat(),
        "evidence": "",
        "given_by": "guardian",
    }
    lacking = client.post(f"/consents/{key}", asked)
    assert lacking.status_code == 422 and "没有填写授权书编号" in text(lacking)
    client.post(f"/consents/{key}", {**asked, "evidence": "授权书 1"})
    page = text(client.get(f"/consents/{key}"))
    assert "授权书 1" in page and "监护人授权" in page and f"至 {tomorrow().isoformat()}" in page
    doctor = site.actor(Role.CLINICIAN, "stranger")
    assert reads(doctor, key) == "consent"
    (row,) = queries.shared(site.resident(key), key).consents
    client.post(f"/consents/{key}/{row.id}/withdraw")
    assert reads(doctor, key) == ""


ASKED = {"destination": "江苏省南京市", "evidence": "申请 1"}


def test_the_desk_that_keeps_the_file_hands_it_over_having_shown_again_who_it_is(
    site, register, signed_in
) -> None:
    key = register()
    client, _ = signed_in(Role.REGISTRAR, "township", "示例登记员")
    assert f"/consents/{key}/move" in text(client.get(f"/consents/{key}"))
    session = client.session
    session[SIGNED_IN_AT] -= 60 * FRESH_MINUTES
    session.save()
    assert client.get(f"/consents/{key}/move").headers["Location"].startswith("/confirm")
    late = client.post(f"/consents/{key}/move", ASKED)
    assert "Content-Disposition" not in late.headers and "kept" in text(late)
    session[FRESH_AT] = session[SIGNED_IN_AT] + 60 * FRESH_MINUTES
    session.save()
    file = client.post(f"/consents/{key}/move", ASKED)
    assert file.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PRIMARY_DOCTOR, Role.REFERRAL_OFFICE])
def test_nobody_but_the_desk_hands_a_file_over(site, register, signed_in, role) -> None:
    key = register()
    client, _ = signed_in(role, "township")
    assert f"/consents/{key}/move" not in text(client.get(f"/consents/{key}"))
    refused = client.post(f"/consents/{key}/move", ASKED)
    assert refused.status_code == 403 and "Content-Disposition" not in refused.headers


def test_a_desk_without_a_ground_is_refused_and_learns_nothing(site, register, signed_in) -> None:
    key = register()
    client, _ = signed_in(Role.REGISTRAR)
    answers = [client.get(f"/consents/{each}") for each in (key, uuid7())]
    assert [each.status_code for each in answers] == [403, 403]
    assert "王" not in text(answers[0])
    assert client.get(f"/consents/{key}/glass").status_code == 403


@pytest.mark.parametrize(("role", "may"), [(Role.CLINICIAN, True), (Role.REGISTRAR, False)])
def test_the_button_of_emergency_access_is_for_those_who_may(site, signed_in, role, may) -> None:
    client, _ = signed_in(role)
    page = client.get(f"/residents/{uuid7()}")
    assert page.status_code == 403
    assert ("/glass" in text(page)) is may
