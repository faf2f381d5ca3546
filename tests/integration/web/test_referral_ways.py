"""The pages and the API beside the statistics: first contact, hops and the register, by right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.network.models import InstitutionVersion

from ..referrals.counting import at, laid
from ..referrals.seen import Seen, in_force, last_month
from ..referrals.test_clauses_first_contact import month_of
from .capacity_desk import acting_at, given, register, site, text_of

__all__ = ["acting_at", "given", "register", "site"]
pytestmark = pytest.mark.django_db
PAGES = ("first-contact", "first-contact/cases?section=consortia", "hops", "register")


@pytest.fixture
def seen(site) -> Seen:
    in_force("chuxiong", "3402")  # yunnan's clauses hold there too
    InstitutionVersion.objects.filter(institution_id=site.county_hospital).update(level=2)
    return Seen(site, last_month())


def asked(seen: Seen) -> str:
    return f"first={seen.month}&last={seen.month + timedelta(days=27)}"


def test_where_care_begins_is_shown_by_month_and_opens_the_visits_behind(
    acting_at, seen: Seen, register: Callable[..., UUID]
) -> None:
    one, *_ = month_of(seen, register)
    seen.signed(one)
    official = acting_at(Role.COMMISSION)
    page = text_of(official.get(f"/referrals/statistics/first-contact?{asked(seen)}"))
    for words in (
        "各医联体的基层首诊率",
        "CX-06",
        "NHC-43",
        "签约居民在本医联体基层首诊",
        "YN-48",
        "相隔不超过 30 天",
    ):
        assert words in page
    assert "重点人群的基层首诊率" not in page, "no text in force asks for it here"
    assert f"{seen.month:%Y-%m}" in page and "40.0%" in page and "2 / 5" in page and "1 / 2" in page
    behind = f"/referrals/statistics/first-contact/cases?section=consortia&consortium={seen.consortium()}&{asked(seen)}"
    listed = text_of(official.get(behind))
    assert listed.count("<tr data-row") == 5 and "王小明" not in listed
    assert text_of(official.get(f"{behind}&counted=yes")).count("<tr data-row") == 2
    assert 'role="alert"' in text_of(official.get("/referrals/statistics/first-contact?first=x"), 422)
    text_of(official.get(f"/referrals/statistics/first-contact/cases?section=groups&{asked(seen)}"), 404)
    text_of(official.get(f"/referrals/statistics/first-contact/cases?section=none&{asked(seen)}"), 422)
    official.cookies["tiercare_language"] = "en"
    assert "no more than 30 days apart" in text_of(
        official.get(f"/referrals/statistics/first-contact?{asked(seen)}")
    )


def test_of_nothing_there_is_no_share(acting_at, seen: Seen) -> None:
    page = text_of(acting_at(Role.COMMISSION).get(f"/referrals/statistics/first-contact?{asked(seen)}"))
    assert page.count("不可计算") == 3 and "%</strong>" not in page


def test_hops_and_the_register(acting_at, seen: Seen, register: Callable[..., UUID]) -> None:
    t, h, resident = seen.site.township, seen.site.county_hospital, register("王小明")
    sent = at(seen.month + timedelta(days=3))
    laid("up", t, h, resident, sent, [(Act.REDIRECT, 2, "no_capacity", seen.site.stranger), (Act.ACCEPT, 3)])
    official = acting_at(Role.COMMISSION)
    page = text_of(official.get(f"/referrals/statistics/hops?{asked(seen)}"))
    assert "YN-22" in page and "乡 → 县" in page and "2.0 小时" in page and "急危重症患者抢救" in page
    assert page.count('class="hop-when"') == 2 and "王小明" not in page
    assert page.count('href="/lists/duties_') == 3 and "不是文件原文" in page
    page = text_of(official.get(f"/referrals/statistics/register?{asked(seen)}"))
    assert page.count("<tr data-row") == 1 and "上转" in page and "王小明" not in page
    assert (
        text_of(official.get(f"/referrals/statistics/register?only=appointment&{asked(seen)}")).count(
            "data-row"
        )
        == 0
    )
    office = acting_at(Role.REFERRAL_OFFICE)
    assert "/requests/" in text_of(office.get(f"/referrals/statistics/register?{asked(seen)}"))


def test_where_no_text_names_levels_none_are_shown(acting_at) -> None:
    assert "没有规定三级分工" in text_of(acting_at(Role.COMMISSION).get("/referrals/statistics/hops"))


def test_the_api_says_the_same(acting_at, seen: Seen, register: Callable[..., UUID]) -> None:
    month_of(seen, register)
    official = acting_at(Role.COMMISSION)
    told = official.get(f"/api/referrals/statistics/first-contact?{asked(seen)}").json()
    assert [each["section"] for each in told["sections"]] == ["consortia", "specialist", "signed"]
    own = next(each for each in told["sections"][0]["lines"] if each["consortium"] == str(seen.consortium()))
    assert (own["part"], own["whole"], own["share"], own["hidden"]) == (2, 5, 0.4, False)
    told = official.get(f"/api/referrals/statistics/hops?{asked(seen)}").json()
    assert told["levels"] == ["county", "township", "village"] and told["between"] == told["chains"] == []
    assert set(told["duties"]) == {"county", "township", "village"} == set(told["ours"])


def test_who_watches_over_nothing_sees_nothing(acting_at) -> None:
    for page in PAGES:
        assert acting_at(Role.CLINICIAN).get(f"/referrals/statistics/{page}").status_code == 403
