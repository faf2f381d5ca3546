"""The keeper's pages and API: working through pairs, deciding, undoing; no number in the clear anywhere."""

from __future__ import annotations

import json
import re
from itertools import combinations
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.residents.conftest import given, id_number, register, site

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import queries
from tiercare.apps.residents.models import Duplicate, Merge, Resident
from tiercare.apps.residents.rules import IdentityKind, Sex
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.web.duplicates.presenters import per_cent
from tiercare.web.duplicates.views import PER_PAGE

from .conftest import FRAME

__all__ = ["given", "register", "site"]  # fixtures

PLATFORM = Actor.system("test")
QUERY = "?region=wuhu&on=2019-07-01"
WHY = "本人持证到窗口核对"
CANARY, CANARY_PHONE = id_number(sequence=77), "13877776666"
NO_NUMBER = {"identity_kind": IdentityKind.NONE, "number": "", "birth_date": None}
# Session, frame, wall and what the list asks: pairs, names and numbers, areas and institutions, counts, the record.
LIST_STATEMENTS = 20
PAIR_STATEMENTS = 19


@pytest.fixture
def keeper(client_of) -> Client:
    return client_of(Role.INDEX_KEEPER)


@pytest.fixture
def two(register) -> tuple[UUID, UUID]:
    """A resident with a number, and a nameless one."""
    known = register("王小明", number=CANARY, phone=CANARY_PHONE)
    return known, register("无名氏", **NO_NUMBER, sex=Sex.UNKNOWN)


def report(one: UUID, other: UUID, weight: float = 9.0, reasons: tuple[str, ...] = ()) -> None:
    with scoped(PLATFORM, area=EVERYWHERE):
        first, second = sorted((one, other))
        Duplicate.objects.create(
            first_id=first, second_id=second, division_code="340223", weight=weight, reasons=list(reasons),
            source="desk",
        )  # fmt: skip


def body(response) -> str:
    text = response.content.decode()
    assert CANARY not in text and CANARY_PHONE not in text
    return text


def rows_of(text: str) -> int:
    return text.count("<tr data-row>")


def test_the_list_says_how_likely_and_why(keeper, two) -> None:
    report(*two, weight=3.2, reasons=("name.sound", "birth.same", "phone.other", "number.other", "relatives"))
    text = body(keeper.get("/duplicates", FRAME))
    assert "90%" in text and "王*明" in text and "王小明" not in text
    for words in ("姓名同音", "同一天出生", "电话不同", "各有一个身份证号码", "也可能是一家人", "1 对待核对"):
        assert words in text
    assert text.count("chip-against") == 3
    keeper.cookies["tiercare_language"] = "en"
    assert "names sound the same" in body(keeper.get("/duplicates", FRAME))


def test_only_the_keeper_of_the_area_sees_anything(client_of, two) -> None:
    report(*two)
    paths = ["/duplicates", "/duplicates/unclaimed", "/duplicates/merges"]
    pair = f"/duplicates/{two[0]}/{two[1]}"
    for role in (Role.REGISTRAR, Role.COMMISSION, Role.OPERATOR, Role.AUDITOR):
        client = client_of(role)
        assert {client.get(path, FRAME).status_code for path in [*paths, pair]} == {403}
        assert "/duplicates" not in client.get("/", FRAME).content.decode()
    elsewhere = client_of(Role.INDEX_KEEPER, area="3401")
    assert elsewhere.get(pair, FRAME).status_code == 404
    for path in paths:
        text = body(elsewhere.get(path, FRAME))
        assert "王" not in text.split("<main")[1] and str(two[0]) not in text
    assert elsewhere.post(f"{pair}/merge{QUERY}", {"kept": two[0], "reason": WHY}).status_code == 404
    assert queries.person_of(two[1]) == (two[1],)


def test_side_by_side_shows_what_would_happen_and_writes_only_the_reading(keeper, two) -> None:
    report(*two)
    before = {event.id for event in Event.objects.all()}
    text = body(keeper.get(f"/duplicates/{two[0]}/{two[1]}", FRAME))
    main = text.split("<main")[1]
    assert "王小明" in main and "无名氏" in main and "340223********" in main and "138****6666" in main
    assert "1968-05-17" in main
    assert main.count('class="differs"') == 1  # the name; nothing else is said by both and differs
    assert "将能查看档案甲" not in main  # the same desk registered both
    assert re.findall(r'value="([^"]+)" checked', main) == [str(two[0])], "the one with a document is offered"
    new = Event.objects.exclude(id__in=before)
    assert [event.kind for event in new] == ["access.record_read"]
    with scoped(PLATFORM, area=EVERYWHERE):
        assert not Merge.objects.exists()


def test_deciding_is_one_command_and_leads_back_to_the_list(keeper, two) -> None:
    report(*two)
    path = f"/duplicates/{two[1]}/{two[0]}"
    form = {"kept": two[0], "reason": WHY, "once": str(uuid4())}
    done = keeper.post(f"{path}/merge{QUERY}", form)
    assert (done.status_code, done.url) == (302, f"/duplicates{QUERY}")
    assert queries.person_of(two[1]) == (two[0], two[1])
    assert keeper.post(f"{path}/merge{QUERY}", form).status_code == 302, "sent twice is done once"
    assert Event.objects.filter(kind="residents.merged").count() == 1
    assert "没有待核对的档案" in body(keeper.get("/duplicates", FRAME))
    again = keeper.get(path, FRAME)
    assert again.status_code == 409 and "已经是同一人" in body(again)


def test_two_people_are_not_proposed_again(keeper, two) -> None:
    report(*two)
    path = f"/duplicates/{two[0]}/{two[1]}"
    done = keeper.post(f"{path}/dismiss{QUERY}", {"reason": "两人同时到场"})
    assert done.status_code == 302
    assert "没有待核对的档案" in body(keeper.get("/duplicates", FRAME))
    text = body(keeper.get(path, FRAME))
    assert "以前被判定为两个人" in text and "不再提示" not in text


@pytest.mark.parametrize("act", ["merge", "dismiss"])
def test_a_refused_decision_keeps_what_was_typed_in_its_own_form(keeper, two, act: str) -> None:
    report(*two)
    sent = {"kept": two[1], "reason": "是吗"}
    refused = keeper.post(f"/duplicates/{two[0]}/{two[1]}/{act}{QUERY}", sent)
    text = body(refused)
    assert refused.status_code == 422 and "没有写明理由" in text
    field = {"merge": "same-reason", "dismiss": "other-reason"}[act]
    assert text.count('value="是吗"') == 1 and text.count('aria-invalid="true"') == 1
    assert re.search(rf'id="{field}" name="reason" value="是吗"', text)
    assert re.findall(r'value="([^"]+)" checked', text) == [str(two[1])]


def test_what_leads_must_be_one_of_the_two(keeper, two) -> None:
    for kept in ("", str(uuid7()), "x"):
        refused = keeper.post(f"/duplicates/{two[0]}/{two[1]}/merge{QUERY}", {"kept": kept, "reason": WHY})
        assert refused.status_code == 422
    assert queries.person_of(two[1]) == (two[1],)


def test_two_valid_numbers_cannot_be_merged_and_the_page_says_so(keeper, two, register) -> None:
    other = register("李晓红", number=id_number(sequence=79))
    path = f"/duplicates/{two[0]}/{other}"
    text = body(keeper.get(path, FRAME))
    assert "各有一个有效的居民身份证号码" in text and 'aria-disabled="true"' in text
    assert f"{path}/merge" not in text
    assert keeper.post(f"{path}/merge{QUERY}", {"kept": other, "reason": WHY}).status_code == 409


def test_the_history_undoes(keeper, two) -> None:
    keeper.post(f"/duplicates/{two[0]}/{two[1]}/merge{QUERY}", {"kept": two[0], "reason": WHY})
    text = body(keeper.get("/duplicates/merges", FRAME))
    assert WHY in text and "每日情况" in text
    (merge_id,) = set(re.findall(r"/duplicates/merges/([0-9a-f-]{36})/part", text))
    path = f"/duplicates/merges/{merge_id}/part{QUERY}"
    refused = keeper.post(path, {"reason": "错"})
    assert refused.status_code == 422 and '<details class="parting" open>' in body(refused)
    assert keeper.post(path, {"reason": "两人同时到场核对"}).status_code == 302
    assert queries.person_of(two[1]) == (two[1],)
    text = body(keeper.get("/duplicates/merges", FRAME))
    assert "已撤销" in text and "两人同时到场核对" in text
    assert keeper.post(path, {"reason": "两人同时到场核对"}).status_code == 404


def test_a_nameless_patient_is_claimed_by_the_card_that_was_found(keeper, two) -> None:
    text = body(keeper.get("/duplicates/unclaimed", FRAME))
    assert str(two[1]) in text and str(two[0]) not in text
    found = keeper.post(f"/duplicates/claim{QUERY}", {"entry": two[1], "number": CANARY})
    assert found.url == f"/duplicates/{two[0]}/{two[1]}{QUERY}", "no number in the address"
    nobody = keeper.post(f"/duplicates/claim{QUERY}", {"entry": two[1], "number": id_number(sequence=99)})
    assert nobody.status_code == 404 and "没有别的居民用这个号码" in body(nobody)
    assert keeper.post(f"/duplicates/claim{QUERY}", {"entry": "x", "number": CANARY}).status_code == 422
    assert keeper.get("/duplicates/claim", FRAME).status_code == 302
    keeper.post(f"/duplicates/{two[0]}/{two[1]}/merge{QUERY}", {"kept": two[0], "reason": WHY})
    assert "没有待认领的临时档案" in body(keeper.get("/duplicates/unclaimed", FRAME))


def test_a_shared_telephone_offers_everybody_who_has_it(keeper, two, register) -> None:
    wife = register("李晓红", phone=CANARY_PHONE, number=id_number(sequence=81), sex=Sex.MALE)
    text = body(keeper.post(f"/duplicates/claim{QUERY}", {"entry": two[1], "number": CANARY_PHONE}))
    offered = set(re.findall(rf"/duplicates/([0-9a-f-]{{36}})/{two[1]}", text))
    assert offered == {str(two[0]), str(wife)}


def test_pages_follow_and_filter(keeper, two, register) -> None:
    people = [register(name, **NO_NUMBER) for name in ("李晓红", "赵铁柱", "钱多多", "孙悟净", "周小燕")]
    with scoped(PLATFORM, area=EVERYWHERE):
        Resident.objects.filter(pk__in=people).update(temporary=False)
    everybody = list(combinations([*people, *two], 2))
    assert len(everybody) == PER_PAGE + 1
    for one, other in everybody:
        report(one, other)
    first = body(keeper.get("/duplicates", FRAME))
    assert rows_of(first) == PER_PAGE
    (following,) = re.findall(r'href="(/duplicates\?[^"]*after=[^"]*)"', first)
    second = body(keeper.get(following.replace("&amp;", "&")))
    assert rows_of(second) == 1
    shown = re.findall(r"/duplicates/([0-9a-f-]{36}/[0-9a-f-]{36})", first + second)
    assert len(set(shown)) == len(everybody)
    temporary = body(keeper.get("/duplicates", FRAME | {"temporary": "1"}))
    assert rows_of(temporary) == 6


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/duplicates", {"after": "x", "weight": "1"}),
        ("/duplicates", {"after": str(UUID(int=1)), "weight": "nan"}),
        ("/duplicates", {"after": str(UUID(int=1))}),
        ("/duplicates/merges", {"before": str(UUID(int=1)), "at": "yesterday"}),
        ("/duplicates/merges", {"before": str(UUID(int=1)), "at": "2026-01-01T00:00:00"}),
        ("/duplicates/unclaimed", {"before": "x"}),
    ],
)
def test_a_place_that_is_none_is_told(keeper, path: str, query: dict[str, str]) -> None:
    assert keeper.get(path, FRAME | query).status_code in (404, 422)


def test_the_pages_take_the_same_queries_however_much_they_show(keeper, two, register) -> None:
    people = [
        *two,
        *(register(name, **NO_NUMBER) for name in ("李晓红", "赵铁柱", "钱多多", "孙悟净", "周小燕")),
    ]
    report(*two)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert keeper.get(path, FRAME).status_code == 200
        return len(caught)

    asked("/duplicates")
    assert asked("/duplicates") == LIST_STATEMENTS
    for one, other in combinations(people, 2):
        if {one, other} != set(two):
            report(one, other)
    assert asked("/duplicates") == LIST_STATEMENTS
    assert asked(f"/duplicates/{two[0]}/{two[1]}") == PAIR_STATEMENTS


def test_a_probability_is_never_said_to_be_sure() -> None:
    assert [per_cent(p) for p in (1.0, 0.991, 0.99, 0.5, 0.01, 0.001, 0.0)] == [
        "> 99%", "> 99%", "99%", "50%", "1%", "< 1%", "< 1%",
    ]  # fmt: skip


# --- the same through the API


def post(client: Client, path: str, sent: dict[str, object], key: str = ""):
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"/api/duplicates{path}", json.dumps(sent), "application/json", headers=headers)


def test_the_api_lists_merges_parts_and_dismisses_once(keeper, two) -> None:
    report(*two, weight=3.2, reasons=("name.sound",))
    answer = keeper.get("/api/duplicates")
    assert answer.status_code == 200 and CANARY not in body(answer)
    (pair,) = answer.json()["items"]
    assert {pair["first"]["id"], pair["second"]["id"]} == {str(each) for each in two}
    assert (pair["likelihood"], pair["reasons"][0]["key"]) == (0.9019, "name.sound")

    key, sent = str(uuid4()), {"kept": str(two[0]), "merged": str(two[1]), "reason": WHY}
    first, again = post(keeper, "/merge", sent, key), post(keeper, "/merge", sent, key)
    assert (first.status_code, first.content) == (201, again.content)
    merge_id = first.json()["merge"]
    assert queries.person_of(two[1])[0] == two[0]
    parted = post(keeper, "/part", {"merge": merge_id, "reason": WHY})
    assert (parted.status_code, parted.json()) == (200, {"decision": "parted"})
    report_again = post(keeper, "/dismiss", {"first": str(two[0]), "second": str(two[1]), "reason": WHY})
    assert report_again.status_code == 409 and report_again.json()["code"] == "residents.pair_not_waiting"


def test_the_api_dismisses(keeper, two) -> None:
    report(*two)
    done = post(keeper, "/dismiss", {"first": str(two[0]), "second": str(two[1]), "reason": WHY})
    assert (done.status_code, done.json()) == (200, {"decision": "different"})
    assert keeper.get("/api/duplicates").json() == {"items": [], "next": None}


def test_the_api_pages(keeper, two, register) -> None:
    people = [
        *two,
        *(register(name, **NO_NUMBER) for name in ("李晓红", "赵铁柱", "钱多多", "孙悟净", "周小燕")),
    ]
    pairs = list(combinations(people, 2))
    for number, (one, other) in enumerate(pairs):
        report(one, other, weight=number / 7)
    page = keeper.get("/api/duplicates").json()
    rest = keeper.get("/api/duplicates", {"cursor": page["next"]}).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (PER_PAGE, len(pairs) - PER_PAGE, None)


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/merge", {"reason": "是"}, 422),
        ("/merge", {"reason": WHY, "by": "admin"}, 422),
        ("/part", {"merge": str(UUID(int=7)), "reason": WHY}, 404),
        ("/dismiss", {"first": str(UUID(int=7)), "second": str(UUID(int=8)), "reason": WHY}, 404),
    ],
)
def test_the_api_refuses_with_a_problem(keeper, two, path: str, sent: dict[str, object], status: int) -> None:
    if path == "/merge":
        sent = {"kept": str(two[0]), "merged": str(two[1])} | sent
    answer = post(keeper, path, sent)
    assert answer.status_code == status and answer["Content-Type"] == "application/problem+json"
    assert queries.person_of(two[1]) == (two[1],)


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "0x1p+1~x"}, {"temporray": "1"}])
def test_the_api_knows_its_parameters(keeper, query: dict[str, str]) -> None:
    assert keeper.get("/api/duplicates", query).status_code == 422


def test_the_api_is_for_the_keeper(client_of, two) -> None:
    report(*two)
    desk = client_of(Role.REGISTRAR)
    assert desk.get("/api/duplicates").status_code == 403
    sent = {"kept": str(two[0]), "merged": str(two[1]), "reason": WHY}
    assert post(desk, "/merge", sent).status_code == 403
    assert Client().get("/api/duplicates").status_code == 401
