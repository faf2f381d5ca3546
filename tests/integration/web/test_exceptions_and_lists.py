"""Granting, refusing and revoking exceptions; filling in a list: one command each, nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.models import Waiver
from tiercare.apps.network import models

from .conftest import FRAME

CARD = "wuhu/one_tertiary_partner_per_community"


@pytest.fixture
def second_partner(wuhu: str) -> str:
    """A county community with two tertiary partners; answers the finding's subject."""
    first, second = models.Joining.objects.filter(parent__kind="URBAN_RURAL").order_by("parent__slug")[:2]
    models.Joining.objects.create(
        parent=second.parent, child=first.child, period=DateRange(date(2019, 6, 30), None)
    )
    return f"consortium:{first.child_id}"


def _typed(subject: str, **more: str) -> dict[str, str]:
    return {
        "card": CARD,
        "subject": subject,
        "reason": "过渡期",
        "start": "2019-07-01",
        "end": "2019-12-31",
    } | more


def _query(path: str) -> str:
    return f"{path}?region=wuhu&on=2019-07-01"


def test_an_exception_is_one_event_and_shows_on_the_board(client_of, second_partner: str) -> None:
    client = client_of()
    assert "tag-violated" in client.get("/compliance/WH-27", FRAME).content.decode()
    response = client.post(_query("/compliance/WH-27/waive"), _typed(second_partner))
    assert (response.status_code, response.url) == (302, _query("/compliance/WH-27"))
    granted = Waiver.objects.get()
    assert (granted.period.lower, granted.period.upper) == (date(2019, 7, 1), date(2020, 1, 1))
    assert granted.subject_name.endswith("医共体")  # told by the server, not by the form
    assert Event.objects.filter(kind="mandates.waiver_granted").count() == 1
    page = client.get("/compliance/WH-27", FRAME).content.decode()
    assert "tag-waived" in page
    assert "过渡期" in page

    response = client.post(_query(f"/waivers/{granted.id}/revoke"))
    assert response.status_code == 302
    assert "tag-violated" in client.get("/compliance/WH-27", FRAME).content.decode()
    again = client.post(_query(f"/waivers/{granted.id}/revoke"))
    assert again.status_code == 404
    assert "没有这条有效的豁免" in again.content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": " "}, "豁免要写明理由"),
        ({"end": ""}, "截止日期"),
        ({"end": "2019-06-01"}, "截止日期"),
        ({"start": "昨天"}, "日期请写成 2019-07-01 的样子"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(
    client_of, second_partner: str, wrong: dict[str, str], words: str
) -> None:
    typed = _typed(second_partner, reason="说了很多的理由") | wrong
    response = client_of().post(_query("/compliance/WH-27/waive"), typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert 'aria-invalid="true"' in page
    assert typed["reason"].strip() in page
    assert not Waiver.objects.exists()


def test_must_cannot_be_waived_even_by_a_crafted_form(client_of, wuhu: str) -> None:
    typed = _typed("institution:x", card="cn/telemedicine_covers_primary_care")
    response = client_of().post(_query("/compliance/NHC-75/waive"), typed)
    assert response.status_code == 422
    assert "不能豁免" in response.content.decode()
    assert not Waiver.objects.exists()


@pytest.mark.parametrize(("role", "area"), [(Role.CLINICIAN, "3402"), (Role.COMMISSION, "5323")])
def test_others_may_not_waive(client_of, second_partner: str, role: Role, area: str) -> None:
    client = client_of(role, area)
    page = client.get("/compliance/WH-27", FRAME).content.decode()
    assert 'aria-disabled="true"' in page
    response = client.post(_query("/compliance/WH-27/waive"), _typed(second_partner))
    assert response.status_code == 403
    assert not Waiver.objects.exists()


def test_a_list_is_filled_in_from_a_day_on(client_of, wuhu: str) -> None:
    client = client_of()
    typed = {"items": "市一院 | First hospital\n\n市二院\n", "start": "2019-07-01"}
    response = client.post(_query("/lists/tertiary_general_hospitals"), typed)
    assert response.status_code == 302
    _, items = mandates.named_list("wuhu", "tertiary_general_hospitals", on=date(2019, 7, 1))
    assert [(item.zh, item.en) for item in items] == [("市一院", "First hospital"), ("市二院", "市二院")]
    _, before = mandates.named_list("wuhu", "tertiary_general_hospitals", on=date(2019, 6, 30))
    assert list(before) == []
    assert "地区已填" in client.get("/lists", FRAME).content.decode()
    refused = client.post(_query("/lists/tertiary_general_hospitals"), typed | {"items": "只改了这个"})
    assert refused.status_code == 422
    assert "请选更晚的日期" in refused.content.decode()
    assert "只改了这个" in refused.content.decode()


def test_others_may_not_fill_in_a_list(client_of, wuhu: str) -> None:
    client = client_of(Role.AUDITOR)
    assert "aria-disabled" in client.get("/lists/tertiary_general_hospitals", FRAME).content.decode()
    response = client.post(_query("/lists/tertiary_general_hospitals"), {"items": "x", "start": "2019-07-01"})
    assert response.status_code == 403


def test_a_form_sent_twice_is_done_once_and_leads_to_the_same_page(client_of, second_partner: str) -> None:
    """A double click, or a line that dropped before the answer came."""
    client = client_of()
    page = client.get("/compliance/WH-27", FRAME).content.decode()
    key = re.search(r'name="once" value="([^"]+)"', page)
    assert key is not None
    form = _typed(second_partner, once=key.group(1))
    first, again = (client.post(_query("/compliance/WH-27/waive"), form) for _ in range(2))
    assert (first.status_code, again.status_code) == (302, 302)
    assert first.url == again.url
    assert Waiver.objects.count() == 1
    assert Event.objects.filter(kind="mandates.waiver_granted").count() == 1
    other = client.post(_query("/compliance/WH-27/waive"), form | {"reason": "另一个理由"})
    assert other.status_code == 422
    assert Waiver.objects.count() == 1
