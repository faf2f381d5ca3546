"""The pages of surveys: a round is opened, asked about on the telephone, answered at home, and what it came to is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.models import SurveyRound, SurveySheet
from tiercare.apps.evaluation.rules.surveys import State
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.measures.targets import Met
from tiercare.engines.sheets import read
from tiercare.kernel.ids import uuid7

from ..evaluation.facts_played import whole
from ..evaluation.test_surveys import AREA, Asked, asked
from ..records.conftest import altered
from ..residents.care import synthetic_clock
from ..residents.conftest import Site, given, register, site
from .residents_desk import at_desk, page_of
from .test_me import of

__all__ = ["asked", "at_desk", "given", "of", "register", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db
Signed = Callable[[UUID], Client]


@pytest.fixture
def office(client_of) -> Client:
    return client_of(Role.COMMISSION, AREA)


def opened(office: Client, **other: str) -> UUID:
    today = ledger.today()
    sent = {
        "once": str(uuid7()),
        "survey": "first_choice",
        "area": AREA,
        "first": today.isoformat(),
        "last": (today + timedelta(days=9)).isoformat(),
        "wanted": "20",
    }
    answer = office.post("/surveys", sent | other)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return UUID(answer["Location"].partition("?")[0].rpartition("/")[2])


def named(site: Site, place: str = "township") -> str:
    return network.names_of_institutions([getattr(site, place)], on=ledger.today())[getattr(site, place)]


def went(name: str) -> dict[str, str | list[str]]:
    return {"q-ill": "yes", "q-first": "institution", "q-institution": name, "q-why": ["near", "known"]}


@pytest.mark.clause("XH-125")
def test_from_the_office_to_the_telephone_at_home_and_to_the_target(
    asked: Asked, office: Client, of: Signed, at_desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "居民两周患病首选机构调查" in page_of(office.get("/surveys"))
    key = opened(office)
    for at in range(3):
        home = of(asked.people[at])
        assert "开始回答" in page_of(home.get("/me/asked"))
        page = page_of(home.get(f"/me/asked/{key}"))
        assert "近 2 周" in page and named(site) in page and "答卷不留姓名" in page
        sent = home.post(f"/me/asked/{key}", went(named(site)))
        assert sent.status_code == 302, sent.content.decode()[-2000:]
        assert "已答，谢谢" in page_of(home.get("/me/asked"))
    desk = at_desk(Role.PRIMARY_DOCTOR)
    listed = page_of(desk.get("/asking"))
    assert "钱多多" not in listed and "钱*多" in listed and listed.count("/asking/") == 5
    address = f"/asking/{asked.invited(asked.people[3])}"
    assert "请照着念" in page_of(desk.get(address))
    sent = {"once": str(uuid7()), "how": "TELEPHONE", **went(named(site, "county_hospital"))}
    assert desk.post(address, sent).status_code == 302
    well = {
        "once": str(uuid7()),
        "how": "DOOR",
        "q-ill": "no",
        "q-first": "bought",
    }  # hidden by then: left out
    assert desk.post(f"/asking/{asked.invited(asked.people[4])}", well).status_code == 302
    with whole():
        found = [each.answers for each in SurveySheet.objects.all()]
    assert len(found) == 5 and {"ill": False} in found
    assert sum(each.get("why") == "near|known" for each in found) == 4

    asked.refreshed()
    standing = asked.standing()
    assert standing.met is Met.MET and (standing.value.numerator, standing.value.denominator) == (3, 4)
    packs = altered("XH-125.first_choice_primary_share", 0.76)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    assert asked.standing().met is Met.NOT_MET


def test_what_is_wrong_is_said_beside_the_question(asked: Asked, office: Client, of: Signed) -> None:
    key = opened(office)
    home = of(asked.people[0])
    wrong = home.post(f"/me/asked/{key}", went("没有这家医院"))
    text = wrong.content.decode()
    assert wrong.status_code == 422 and text.count("机构名册里没有这家机构") == 2 and "没有这家医院" in text
    empty = home.post(f"/me/asked/{key}", {})
    assert empty.status_code == 422 and "还没有回答" in empty.content.decode()
    assert home.post(f"/me/asked/{key}", {"q-ill": "no"}).status_code == 302
    again = home.post(f"/me/asked/{key}", {"q-ill": "no"})
    assert again.status_code == 409 and "已经答过" in again.content.decode()


def test_one_may_decline_and_strangers_are_not_asked(
    asked: Asked, office: Client, of: Signed, register, at_desk
) -> None:
    key = opened(office)
    home = of(asked.people[0])
    assert home.post(f"/me/asked/{key}/decline").status_code == 302
    assert "已谢绝" in page_of(home.get("/me/asked"))
    late = of(register("冯小满"))
    assert "现在没有要您回答的调查" in page_of(late.get("/me/asked"))
    assert late.get(f"/me/asked/{key}").status_code == 404
    desk = at_desk(Role.PRIMARY_DOCTOR)
    address = f"/asking/{asked.invited(asked.people[1])}"
    unsaid = desk.post(f"{address}/decline", {"once": str(uuid7())})
    assert unsaid.status_code == 422 and "电话问的还是上门问的" in unsaid.content.decode()
    assert desk.post(f"{address}/decline", {"once": str(uuid7()), "how": "TELEPHONE"}).status_code == 302
    assert desk.get(address).status_code == 404, "whoever declined is not called again"
    assert {asked.invitations()[each].state for each in asked.people[:2]} == {State.DECLINED}


def test_the_number_of_whom_to_call_is_on_record(asked: Asked, office: Client, at_desk, register) -> None:
    asked.people.append(register("冯小满", phone="13955508817"))
    opened(office)
    desk = at_desk(Role.PRIMARY_DOCTOR)
    assert "13955508817" not in page_of(desk.get("/asking"))
    address = f"/asking/{asked.invited(asked.people[-1])}"
    assert "13955508817" not in page_of(desk.get(address))
    assert not Event.objects.filter(payload__what="number").exists()
    assert "13955508817" in page_of(desk.post(f"{address}/call"))
    assert Event.objects.filter(payload__what="number").exists()


def test_results_are_read_printed_and_taken_away(
    asked: Asked, office: Client, register, tmp_path: Path
) -> None:
    asked.people += [register(f"甲{chr(0x4E00 + at)}") for at in range(10)]
    key = opened(office)
    few = page_of(office.get(f"/surveys/{key}"))
    assert "患病的答卷太少" in few and "＊" in few and "达标" not in few
    for at in range(6):
        asked.answer(key, at, asked.went(asked.primary))
    for at in range(6, 11):
        asked.answer(key, at, {"ill": True, "first": "bought"})
    for at in range(11, 18):
        asked.answer(key, at, {"ill": False})
    page = page_of(office.get(f"/surveys/{key}"))
    assert "54.5 %" in page and "6 / 11" in page and "未达标" in page and "XH-125" in page
    assert "样本小，说不准" in page and "Wilson" in page
    taken = office.get(f"/surveys/{key}/table")
    heads = {"项目", "区划代码", "问题"}
    book = read(taken.content, "s.xlsx", is_header=lambda cells: bool(heads & set(cells)))
    assert [sheet.name for sheet in book.sheets] == ["概况", "各乡镇街道", "各题"]
    (place,) = book.sheets[1].lines
    assert [str(cell) for cell in place.cells][2:-1] == ["18", "18", "18", "6", "5", "7"]
    assert place.cells[-1] == "演示数据（合成）", "the database of the tests is a synthetic one"
    assert office.post(f"/surveys/{key}/stop", {"once": str(uuid7())}).status_code == 302
    assert "已结束" in page_of(office.get(f"/surveys/{key}"))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"wanted": "many"}, "抽 1 到"),
        ({"wanted": "3"}, "抽 20 到 2000 人"),
        ({"first": "2001-01-01"}, "开始日期已经过去"),
        ({"survey": "none"}, "没有这项调查"),
    ],
)
def test_a_round_that_cannot_be_keeps_what_was_typed(
    asked: Asked, office: Client, other: dict[str, str], said: str
) -> None:
    today = ledger.today().isoformat()
    sent = {"survey": "first_choice", "area": AREA, "first": today, "last": today, "wanted": "20"}
    answer = office.post("/surveys", {"once": str(uuid7()), **sent, **other})
    assert answer.status_code in (404, 422) and said in answer.content.decode()
    with whole():
        assert not SurveyRound.objects.exists()
