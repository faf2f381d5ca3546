"""The page of statistics: each number with its definition, the list behind it, and the file."""

from __future__ import annotations

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.engines.sheets import read

from ..referrals.test_channels import consortium_of, desk, of
from ..referrals.test_statistics import ten, world
from .capacity_desk import acting_at, given, hospital, register, session, site, text_of

__all__ = ["acting_at", "given", "hospital", "register", "session", "site", "world"]
pytestmark = pytest.mark.django_db
PAGE = "/referrals/statistics"


def asked(world) -> str:
    return f"first={world.scope().first}&last={world.scope().last}"


def test_numbers_stand_beside_their_definitions_and_open_their_lists(acting_at, world) -> None:
    ten(world)
    official = acting_at(Role.COMMISSION)
    page = text_of(official.get(f"{PAGE}?{asked(world)}"))
    assert "3.5 : 1" in page  # 7 up, 2 down
    assert "接收过的 ÷ 已答复的" in page
    assert "88.9%" in page and "/ 9" in page  # eight of nine accepted
    assert "24.0 小时" in page and "30 分钟" in page
    assert "近期无号源、床位" in page and "心内科" in page
    listed = text_of(official.get(f"{PAGE}/cases?measure=bounced&code=no_capacity&{asked(world)}"))
    assert listed.count("<tr data-row") == 2
    assert "王小明" not in listed and "王*明" not in listed
    official.cookies["tiercare_language"] = "en"
    english = text_of(official.get(f"{PAGE}?{asked(world)}"))
    assert "Accepted ÷ answered" in english


def test_the_office_of_a_hospital_opens_the_cases(acting_at, world) -> None:
    made = ten(world)
    office = acting_at(Role.REFERRAL_OFFICE)
    listed = text_of(office.get(f"{PAGE}/cases?measure=emergency&side=in&{asked(world)}"))
    assert f"/requests/{made['emergency']}" in listed
    assert "没有这样的申请" in text_of(office.get(f"{PAGE}/cases?measure=lateral&{asked(world)}"))
    assert "没有标记为可下转的患者" in text_of(office.get(f"{PAGE}?{asked(world)}"))


def test_the_file_says_the_same(acting_at, world) -> None:
    ten(world)
    answer = acting_at(Role.COMMISSION).get(f"{PAGE}.xlsx?{asked(world)}")
    assert answer.status_code == 200
    heads = {"口径", "件数", "次数", "到院", "标记"}
    counts, _, bounced, *rest = read(
        answer.content, "statistics.xlsx", is_header=lambda cells: bool(heads & set(cells))
    ).sheets
    accepted = next(line.cells for line in counts.lines if line.cells[0] == "接收率")
    assert accepted[1:3] == (8, 9)
    assert sum(int(line.cells[4]) for line in bounced.lines) == 3
    assert [sheet.name for sheet in rest] == ["下转", "可下转患者"]


@pytest.mark.parametrize(
    "query",
    [
        "first=x",
        "first=2026-02-02&last=2026-01-01",
        "side=up",
        "institution=no",
        "institution=00000000-0000-0000-0000-000000000001",
        "year=20x6",
        "year=2190",
    ],
)
def test_what_cannot_be_asked_is_told(acting_at, query: str) -> None:
    answer = acting_at(Role.COMMISSION).get(f"{PAGE}?{query}")
    assert 'role="alert"' in text_of(answer, 422)


def test_who_watches_over_nothing_sees_nothing(acting_at) -> None:
    for address in (PAGE, f"{PAGE}/cases", f"{PAGE}.xlsx"):
        assert acting_at(Role.CLINICIAN).get(address).status_code == 403
    assert acting_at(Role.COMMISSION).get(f"{PAGE}/cases?measure=1").status_code == 422


def test_an_area_sees_what_is_connected_and_a_consortium_its_channels(acting_at, site) -> None:
    official = acting_at(Role.COMMISSION)
    page = text_of(official.get(PAGE))
    assert "转诊平台覆盖" in page and "没有指定转诊管理部门" in page and "90 天内" in page
    assert "转诊平台覆盖" not in text_of(acting_at(Role.REFERRAL_OFFICE).get(PAGE))
    group = consortium_of(site)
    assert "家不通" in text_of(official.get(f"/consortia/{group}?on={ledger.today()}"))
    for institution in {each.institution_id for each in of(site).channels} | {site.county_hospital}:
        desk(institution)
    assert "全部畅通" in text_of(official.get(f"/consortia/{group}?on={ledger.today()}"))
