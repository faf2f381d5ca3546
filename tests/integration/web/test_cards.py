"""The desk that scans, the list of who came, and the card on paper, as a browser without scripts and one with htmx see them."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import segno
from django.http import HttpResponse
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access import models
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import SCOPE_OF, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.models import Membership
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Arrival, Card
from tiercare.apps.residents.queries import card_keys
from tiercare.apps.residents.rules import card_tokens
from tiercare.apps.residents.rules.cards import WRONG_SECONDS_AN_HOUR, grouped
from tiercare.web.cards import qr
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

from ..residents.conftest import Site, given, id_number, register, site

__all__ = ["given", "register", "site"]  # fixtures of the residents' tests

BORN = date(1968, 5, 17)
FRAME = "?region=wuhu&on=2019-07-01"


@pytest.fixture
def signed_in(site: Site) -> Callable[..., Client]:
    """A client whose session acts in ``role`` at one of the three institutions."""

    def run(role: Role = Role.REGISTRAR, place: str = "county_hospital") -> Client:
        account = models.Account.objects.create(
            username=f"test.{role.value}.{place}", display_name="示例人员", password="!"
        )
        grant = models.Grant.objects.create(
            account=account,
            role=role.value,
            scope=SCOPE_OF[role].value,
            division_code=site.division[:6],
            institution_id=getattr(site, place),
            place_name="测试地点",
            period=DateRange(date(2019, 1, 1), None),
        )
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return client

    return run


@pytest.fixture
def resident(register) -> UUID:
    return register("王小明", number=id_number(BORN), birth_date=BORN)


@pytest.fixture
def card(site, resident) -> Card:
    commands.issue_card(site.actor(Role.REGISTRAR), resident)
    return in_use(site, resident)


@pytest.fixture
def desk(signed_in) -> Client:
    return signed_in()


def in_use(site: Site, resident: UUID) -> Card:
    with scoped(site.actor(Role.REGISTRAR)):
        return Card.objects.get(resident_id=resident, ended_at=None)


def token(site: Site, resident: UUID) -> str:
    return queries.show_token(site.resident(resident))


def post(client: Client, path: str, **form: str) -> HttpResponse:
    return client.post(f"/cards{path}{FRAME}", form)


def told(answer: HttpResponse) -> str:
    """The part of the page that answers a scan."""
    text = answer.content.decode()
    return text[text.index('id="result"') :]


def arrivals_at(site: Site, place: str = "county_hospital") -> list[tuple[str, bool]]:
    with scoped(site.actor(Role.REGISTRAR, place)):
        return list(Arrival.objects.order_by("id").values_list("use", "by_token"))


def test_the_box_is_ready_and_offers_what_the_region_opens(desk: Client) -> None:
    page = desk.get("/cards").content.decode()
    assert re.search(r'<input[^>]*name="text"[^>]*autofocus[^>]*data-scan', page)
    for name in ("基层首诊", "远程会诊", "双向转诊"):
        assert name in page
    assert "献血服务" not in page and "/clauses/WH-59" in page


def test_one_scan_and_the_resident_has_arrived(site, desk: Client, resident, card) -> None:
    answer = post(desk, "/read", text=token(site, resident) + "\n", use="first_contact")
    page = told(answer)
    assert answer.status_code == 200 and "王*明" in page and "已登记到院：基层首诊" in page
    assert f"/residents/{resident}" in page and "340223********" in page
    assert "王小明" not in page and id_number(BORN) not in page and card.number not in page
    assert arrivals_at(site) == [("first_contact", True)]
    assert answer["Cache-Control"] == "no-store"


def test_who_it_is_first_then_a_click_on_what_for(site, desk: Client, resident, card) -> None:
    page = told(post(desk, "/read", text=token(site, resident), use=""))
    presence = re.search(r'name="presence" value="([^"]+)"', page)
    assert presence is not None and arrivals_at(site) == []
    arrive = {"presence": presence[1], "use": "two_way_referral"}
    assert "已登记到院：双向转诊" in told(post(desk, "/arrive", **arrive))
    again = post(desk, "/arrive", **arrive)
    assert again.status_code == 409 and "已经为这次扫卡登记过" in told(again)
    assert arrivals_at(site) == [("two_way_referral", True)]


def test_a_number_asks_for_a_second_item_and_gives_none_away(site, desk: Client, resident, card) -> None:
    number = {"text": grouped(card.number), "use": "first_contact"}
    page = told(post(desk, "/read", **number))
    assert "王*明" in page and 'name="second"' in page
    assert id_number(BORN)[-4:] not in page and "1968 年生" not in page and "presence" not in page
    wrong = post(desk, "/read", **number, second="0000")
    assert wrong.status_code == 422 and 'name="second"' in told(wrong) and arrivals_at(site) == []
    assert "已登记到院" in told(post(desk, "/read", **number, second="1968-05-17"))
    assert arrivals_at(site) == [("first_contact", False)]


def test_guesses_of_the_second_item_end(site, desk: Client, card) -> None:
    answers = [
        post(desk, "/read", text=card.number, second=f"000{guess}").status_code
        for guess in range(WRONG_SECONDS_AN_HOUR + 1)
    ]
    assert answers == [422] * WRONG_SECONDS_AN_HOUR + [429]


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("", 422, "既不是电子健康卡"),
        ("TC1.坏的", 422, "不是完整的"),
        ("TC1." + "A" * 1_000_000, 422, "不是完整的"),
        ("9" * 1_000_000, 422, "既不是电子健康卡"),
        ("80000000000000\x00", 422, "既不是电子健康卡"),
        ("<script>alert(1)</script>", 422, "既不是电子健康卡"),
    ],
)
def test_what_is_no_card_is_explained(desk: Client, text: str, status: int, said: str) -> None:
    answer = post(desk, "/read", text=text, use="first_contact")
    assert answer.status_code == status and said in told(answer)
    assert "<script>alert" not in answer.content.decode() and len(answer.content) < 60_000


def test_yesterdays_anothers_unknown_and_replayed_codes_are_explained(site, desk, resident, card) -> None:
    key, now = card_keys.signing_key(), ledger.now()
    other = card_tokens.Ed25519PrivateKey.generate()
    used = token(site, resident)
    post(desk, "/read", text=used, use="first_contact")
    cases = {
        card_tokens.sign(key, card_id=card.id, now=now - timedelta(days=1)): (422, "已经过期"),
        card_tokens.sign(other, card_id=card.id, now=now): (422, "不是本平台发的"),
        card_tokens.sign(key, card_id=uuid4(), now=now): (404, "没有这张卡"),
        used: (409, "已经用过一次"),
    }
    for text, (status, said) in cases.items():
        answer = post(desk, "/read", text=text, use="first_contact")
        assert answer.status_code == status and said in told(answer)
        assert text not in answer.content.decode(), "a code is not shown again"
        ways = "/residents/new" in told(answer)
        assert ways is ("没有这张卡" in said or "不是本平台" in said), (
            "an unknown card leads to search and registration"
        )
    assert arrivals_at(site) == [("first_contact", True)]


def test_htmx_gets_refusals_as_a_page_it_can_take_its_part_of(desk: Client) -> None:
    answer = desk.post(f"/cards/read{FRAME}", {"text": "坏的"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "既不是电子健康卡" in told(answer)


def test_a_mistyped_number_stays_to_be_mended(desk: Client) -> None:
    answer = post(desk, "/read", text="8012 3456 7890 1234")
    page = answer.content.decode()
    assert 'value="8012 3456 7890 1234"' in page and "data-keep-typed" in page


@pytest.mark.clause("WH-41")
def test_an_institution_that_is_no_member_is_told_so_before_it_scans(site, desk, resident, card) -> None:
    Membership.objects.filter(institution_id=site.county_hospital).update(
        period=DateRange(date(2019, 1, 1), ledger.today())
    )
    assert "不在可以使用电子健康卡的医联体内" in desk.get("/cards").content.decode()
    answer = post(desk, "/read", text=token(site, resident), use="first_contact")
    assert answer.status_code == 403 and "WH-41" in told(answer) and "王*明" not in told(answer)
    assert arrivals_at(site) == []


def test_todays_list_is_masked_and_leads_to_the_record(site, desk: Client, resident, card) -> None:
    assert "今天还没有人扫卡到院" in desk.get("/cards/arrivals").content.decode()
    post(desk, "/read", text=token(site, resident), use="first_contact")
    page = desk.get("/cards/arrivals").content.decode()
    assert "王*明" in page and f"/residents/{resident}" in page and "王小明" not in page
    assert "没有人为“远程会诊”到院" in desk.get("/cards/arrivals?use=teleconsultation").content.decode()
    assert "王*明" in desk.get("/cards/arrivals?use=first_contact").content.decode()
    assert "<script>" not in desk.get("/cards/arrivals?use=<script>").content.decode()
    assert desk.get("/cards/arrivals?before=坏的").status_code == 200


def test_a_card_is_issued_printed_and_replaced(site, signed_in, resident) -> None:
    client = signed_in(place="township")
    here = f"/of/{resident}"
    page = client.get(f"/cards{here}").content.decode()
    assert "还没有在用的卡" in page
    key = str(uuid4())
    for _ in range(2):
        assert post(client, f"{here}/issue", once=key).status_code == 302
    number = in_use(site, resident).number
    page = client.get(f"/cards{here}").content.decode()
    assert number not in page and f"{number[:4]} **** **** {number[-4:]}" in page
    assert post(client, f"{here}/issue", once=str(uuid4())).status_code == 409
    paper = client.get(f"/cards{here}/sheet").content.decode()
    assert grouped(number) in paper and "王*明" in paper and "王小明" not in paper
    assert (
        qr.drawn(number).path in paper and "style=" not in paper.split("<article", 1)[1].split("</article")[0]
    )
    assert post(client, f"{here}/replace", once=str(uuid4())).status_code == 302
    assert in_use(site, resident).number != number
    assert post(client, f"{here}/burn", once=str(uuid4())).status_code == 404


def test_without_a_ground_the_card_page_says_what_to_do(signed_in, resident, card) -> None:
    client = signed_in(place="stranger")
    for path in ("", "/sheet"):
        answer = client.get(f"/cards/of/{resident}{path}")
        assert answer.status_code == 403 and "没有查看这份档案的依据" in answer.content.decode()


def test_any_desk_blocks_a_lost_card_by_an_exact_number(site, signed_in, desk, resident, card) -> None:
    before = token(site, resident)
    stranger = signed_in(place="stranger")
    page = post(stranger, "/lost", number=id_number(BORN)).content.decode()
    assert "已挂失" in page and "王*明" in page and id_number(BORN) not in page
    assert "已经挂失" in told(post(desk, "/read", text=before, use="first_contact"))
    again = post(stranger, "/lost", number=id_number(BORN))
    assert again.status_code == 404 and id_number(BORN) not in again.content.decode()


def test_a_clinician_scans_but_issues_and_blocks_nothing(signed_in, resident, card) -> None:
    doctor = signed_in(Role.CLINICIAN)
    assert doctor.get("/cards").status_code == 200
    assert doctor.get("/cards/lost").status_code == 403
    assert doctor.get(f"/cards/of/{resident}").status_code == 403


def test_a_drawn_code_has_every_dark_module_and_a_quiet_zone() -> None:
    text = "8012345678901234"
    matrix, drawn = segno.make_qr(text, error="m").matrix, qr.drawn(text)
    dark = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn.path):
        dark |= {(int(x) + step, int(y)) for step in range(int(width))}
    assert dark == {(x + 4, y + 4) for y, row in enumerate(matrix) for x, bit in enumerate(row) if bit}
    assert drawn.size == len(matrix) + 8


def test_the_api_scans_once_per_key_and_keeps_what_was_tried(site, desk: Client, resident, card) -> None:
    def send(path: str, body: dict[str, object], key: str = "") -> HttpResponse:
        headers = {"Idempotency-Key": key or str(uuid4())}
        return desk.post(
            f"/api/cards{path}", json.dumps(body), content_type="application/json", headers=headers
        )

    key = str(uuid4())
    body = {"text": token(site, resident), "use": "first_contact"}
    first, again = send("/scan", body, key), send("/scan", body, key)
    assert first.status_code == 200 and first.content == again.content
    assert first.json()["name"] == "王*明" and first.json()["present"] is True
    assert arrivals_at(site) == [("first_contact", True)]
    assert send("/scan", body).json()["code"] == "cards.replayed"
    for guess in range(WRONG_SECONDS_AN_HOUR):
        wrong = send("/scan", {"text": card.number, "second": f"000{guess}", "use": "first_contact"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "cards.second_differs")
    stopped = send("/scan", {"text": card.number, "second": "19680517"})
    assert stopped.status_code == 429 and stopped["Retry-After"]
    assert send("/scan", {"text": "x" * 1_000_000}).status_code == 422
    assert send("/scan", body | {"institution_id": str(site.township)}).status_code == 422
    assert send("", {"resident_id": str(resident)}).json()["code"] == "cards.has_one"
    renewed = send("", {"resident_id": str(resident), "replace": True})
    assert renewed.status_code == 201
    assert send(f"/{renewed.json()['id']}/block", {}).status_code == 200
    assert send(f"/{renewed.json()['id']}/block", {}).json()["code"] == "cards.has_none"
    assert send(f"/{uuid4()}/block", {}).json()["code"] == "access.no_basis"


def test_a_device_verifies_with_the_published_keys_alone(site, resident, card) -> None:
    answer = Client().get("/api/cards/keys")
    assert answer.status_code == 200
    keys = {
        bytes.fromhex(key["kid"]): base64.urlsafe_b64decode(key["x"] + "=") for key in answer.json()["keys"]
    }
    claims = card_tokens.verify(token(site, resident), keys, ledger.now())
    assert isinstance(claims, card_tokens.Claims) and claims.card_id == card.id
    assert answer.json()["lifetime_seconds"] == 300
