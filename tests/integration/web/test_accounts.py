"""Account administration by an operator, the slip that opens an account, and one's own second factor."""

from __future__ import annotations

import re
from datetime import date

import pyotp
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from tiercare.apps.access import commands as access
from tiercare.apps.access import models, queries
from tiercare.apps.access.queries import second_factor
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.models import InstitutionVersion
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

from .staff import HOSPITAL, acting, at, demonstration, person, township_centre

pytestmark = pytest.mark.django_db
PASSWORD = "seven patient copper kettles"
TOKEN = re.compile(r'value="((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})"')


@pytest.fixture(autouse=True)
def surroundings(settings, tmp_path, monkeypatch) -> None:
    """Keys of the test's own, and cheap hashing."""
    settings.HOME = tmp_path
    for name, value in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def operator(client_of) -> Client:
    return demonstration(client_of(Role.OPERATOR))


@pytest.fixture
def hospital(wuhu) -> InstitutionVersion:
    return township_centre()


def invitation(hospital: InstitutionVersion, **changes: str) -> dict[str, str]:
    return {
        "username": "li.na",
        "display_name": "李娜",
        "role": "clinician",
        "institution": hospital.name,
        "area": "3402",
        "start": ledger.today().isoformat(),
        "once": str(uuid7()),
        **changes,
    }


def test_only_operators_come_in(client_of, wuhu) -> None:
    client, target = demonstration(client_of(Role.COMMISSION)), person("target")
    addresses = [at(f"accounts:{name}") for name in ("list", "new", "grant", "rights", "holders")]
    addresses += [at("accounts:detail", target.id), at("accounts:leave", target.id)]
    for address in addresses:
        assert client.get(address).status_code == 403, address
        assert Client().get(address).status_code == 302, address
    for act in ("disable", "withdraw", "remove-factor", "revoke", "roles", "slip/again", "leave"):
        assert client.post(f"/accounts/{target.id}/{act}?region=wuhu").status_code == 403, act
    target.refresh_from_db()
    assert target.is_active


def test_a_colleague_is_invited_sets_a_password_and_signs_in(operator, hospital) -> None:
    sent = invitation(hospital)
    slip = operator.post(at("accounts:new"), sent)
    assert slip.status_code == 200 and "no-store" in slip.headers["Cache-Control"]
    (token,) = TOKEN.findall(slip.text)
    assert "http://testserver/invitation" in slip.text and f"invitation#{token}" not in slip.headers.get(
        "Location", ""
    )
    account = models.Account.objects.get(username="li.na")
    (held,) = queries.grants_in_force(account.id, on=ledger.today())
    assert (held.role, held.institution_id, held.place_name) == (
        Role.CLINICIAN,
        hospital.institution_id,
        hospital.name,
    )
    again = operator.post(
        at("accounts:new"), sent
    )  # a double click makes no second account, and shows no token
    assert again.status_code == 302 and str(account.id) in again.headers["Location"]
    assert models.Account.objects.filter(username="li.na").count() == 1
    newcomer = Client()
    set_ = newcomer.post("/invitation", {"token": token, "password": PASSWORD, "again": PASSWORD})
    assert (set_.status_code, set_.headers["Location"]) == (302, "/invitation/done")
    assert newcomer.get("/invitation/done").status_code == 200
    entered = newcomer.post("/sign-in", {"username": "li.na", "password": PASSWORD})
    assert entered.status_code == 302 and "sessionid" not in entered.text
    assert newcomer.get("/?region=wuhu").status_code == 200


def test_the_token_stands_in_no_address_and_no_trail(operator, hospital) -> None:
    slip = operator.post(at("accounts:new"), invitation(hospital))
    (token,) = TOKEN.findall(slip.text)
    links = re.findall(r'(?:href|action)="([^"]*)"', slip.text)
    assert links and not any(token in link for link in links)
    told = " ".join(str(event.payload) for event in ledger.events(limit=50))
    assert token not in told and token.replace("-", "") not in told


def test_every_bad_slip_gets_the_same_page(operator, hospital) -> None:
    (token,) = TOKEN.findall(operator.post(at("accounts:new"), invitation(hospital)).text)
    account = models.Account.objects.get(username="li.na")
    operator.post(at("accounts:act", account.id, "withdraw"), {"once": str(uuid7())})
    pages = []
    for tried in (token, "0000-0000-0000-0000-0000-0000-0000"):
        answer = Client().post("/invitation", {"token": tried, "password": PASSWORD, "again": PASSWORD})
        body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.text).replace(tried, "")
        pages.append((answer.status_code, body))
    assert pages[0] == pages[1] and pages[0][0] == 422
    assert "这个邀请码打不开账户" in pages[0][1]


def test_what_is_wrong_with_an_invitation_stands_at_its_field(operator, hospital) -> None:
    answer = operator.post(at("accounts:new"), invitation(hospital, username="?", institution="没有这家"))
    assert answer.status_code == 422 and "没有这家" in answer.text
    answer = operator.post(at("accounts:new"), invitation(hospital, username="?"))
    assert answer.status_code == 422 and "登录名不能使用" in answer.text and "李娜" in answer.text
    person("taken")
    answer = operator.post(at("accounts:new"), invitation(hospital, username="taken"))
    assert answer.status_code == 409 and "已有人使用" in answer.text
    answer = operator.post(at("accounts:new"), invitation(hospital, role="resident"))
    assert answer.status_code == 422
    answer = operator.post(at("accounts:new"), invitation(hospital, role="auditor", area="3201"))
    assert answer.status_code == 422
    answer = operator.post(at("accounts:new"), invitation(hospital, last="2018-01-01"))
    assert answer.status_code == 422 and "最后一天早于第一天" in answer.text
    assert not models.Account.objects.filter(display_name="李娜").exists()


def test_an_institution_of_another_area_is_refused_by_the_command(client_of, hospital) -> None:
    counties = {"340202", "340203"} - {hospital.division_code}
    client = demonstration(client_of(Role.OPERATOR, area=counties.pop()))
    answer = client.post(at("accounts:new"), invitation(hospital))
    assert answer.status_code == 403 and "不在其中" in answer.text
    assert not models.Account.objects.filter(username="li.na").exists()


def test_a_consortium_office_is_granted_with_its_lead(operator, wuhu) -> None:
    target = person("target")
    given = {
        "role": "consortium_office",
        "consortium": "芜湖县中医医院医共体",
        "start": ledger.today().isoformat(),
    }
    answer = operator.post(at("accounts:give", target.id), given)
    assert answer.status_code == 302, answer.text
    held = models.Grant.objects.get(account=target, role="consortium_office")
    name = InstitutionVersion.objects.filter(
        institution_id=held.institution_id, period__contains=date(2019, 7, 1)
    ).values_list("name", flat=True)
    assert list(name) == ["芜湖县中医医院"] and held.consortium_id is not None


def test_somebody_from_elsewhere_is_given_a_role_by_login_name(operator, hospital) -> None:
    far = person("far", area="3201")
    assert operator.get(at("accounts:detail", far.id)).status_code == 404
    answer = operator.post(at("accounts:grant"), invitation(hospital, username="nobody"))
    assert answer.status_code == 404 and "没有这个账户" in answer.text
    answer = operator.post(at("accounts:grant"), invitation(hospital, username="FAR"))
    assert answer.status_code == 302
    page = operator.get(at("accounts:detail", far.id))
    assert hospital.name in page.text and "另有 1 项在其他地区" in page.text
    assert page.text.count('aria-disabled="true"') >= 2  # nothing of it is managed here
    refused = operator.post(at("accounts:act", far.id, "disable"))
    assert refused.status_code == 403
    far.refresh_from_db()
    assert far.is_active


def test_a_role_is_taken_back_and_the_account_disabled_and_opened_again(operator, wuhu) -> None:
    target = person("target")
    held = models.Grant.objects.get(account=target)
    answer = operator.post(at("accounts:revoke", target.id), {"grant_id": str(held.id)}, follow=True)
    assert "已收回角色" in answer.text and "已结束" in answer.text
    assert queries.grants_in_force(target.id, on=ledger.today()) == ()
    operator.post(at("accounts:act", target.id, "disable"))
    target.refresh_from_db()
    assert not target.is_active
    slip = operator.post(at("accounts:slip", target.id, "reopen"), {"once": str(uuid7())})
    assert TOKEN.search(slip.text)
    target.refresh_from_db()
    assert target.is_active
    refused = operator.post(at("accounts:slip", target.id, "reopen"), {"once": str(uuid7())})
    assert refused.status_code == 409 and "没有停用" in refused.text


@pytest.mark.parametrize(("act", "status"), [("sing", 404), ("", 404)])
def test_other_acts_do_not_exist(operator, act, status, wuhu) -> None:
    assert operator.post(f"/accounts/{person('target').id}/{act}?region=wuhu").status_code == status


def test_leaving_shows_everything_beforehand_and_does_it(operator, wuhu, hospital) -> None:
    leaver, successor = person("leaver"), person("successor")
    system = Actor.system("test")
    with queries.scoped(system, also=[HOSPITAL]):
        access.relate(
            system,
            resident_id=uuid7(),
            institution_id=HOSPITAL,
            division_code="340221",
            kind=Basis.CONTRACT,
            source_id=uuid7(),
            account_id=leaver.id,
        )
    page = operator.get(at("accounts:leave", leaver.id))
    assert page.status_code == 200
    for words in ("结束 1 项角色", "交接 1 项居民照护关系", "家庭医生签约", 'value="successor"'):
        assert words in page.text, words
    today = ledger.today().isoformat()
    answer = operator.post(at("accounts:leave", leaver.id), {"on": today})
    assert answer.status_code == 422 and "没有人负责" in answer.text
    answer = operator.post(at("accounts:leave", leaver.id), {"on": today, "successor": "nobody"})
    assert answer.status_code == 422 and "不能选" in answer.text
    answer = operator.post(
        at("accounts:leave", leaver.id), {"on": today, "successor": "successor"}, follow=True
    )
    assert "账户已停用" in answer.text
    leaver.refresh_from_db()
    assert not leaver.is_active
    with queries.scoped(system, area=queries.EVERYWHERE):
        assert models.CareRelation.objects.get().account_id == successor.id
    assert "已经停用" in operator.get(at("accounts:leave", leaver.id)).text


def _codes(text: str) -> list[str]:
    return re.findall(r">([0-9A-Z]{5}-[0-9A-Z]{5})<", text)


def test_the_second_factor_is_set_up_shown_once_renewed_and_switched_off(operator, wuhu, monkeypatch) -> None:
    me = acting(operator)
    models.Account.objects.filter(pk=me.account_id).update(synthetic=False)
    assert "等级保护三级" in operator.get("/second-factor").text
    assert operator.get("/second-factor/qr.svg").status_code == 404
    operator.post("/second-factor/begin")
    told = second_factor.own_enrolment(me)
    assert told is not None
    page = operator.get("/second-factor")
    assert told.secret in page.text and "/second-factor/qr.svg" in page.text
    picture = operator.get("/second-factor/qr.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml" and b"<svg" in picture.content
    assert "no-store" in picture.headers["Cache-Control"]
    moment = queries.wall_clock()
    monkeypatch.setattr(queries, "wall_clock", lambda: moment)
    totp = pyotp.TOTP(told.secret.replace(" ", ""))
    wrong = operator.post("/second-factor/confirm", {"code": "000000"})
    assert wrong.status_code == 422 and "对不上" in wrong.text
    shown = operator.post("/second-factor/confirm", {"code": totp.at(moment)})
    codes = _codes(shown.text)
    assert shown.status_code == 200 and len(codes) == 10
    page = operator.get("/second-factor")
    assert told.secret not in page.text and not _codes(page.text) and "10 个" in page.text
    assert operator.get("/second-factor/qr.svg").status_code == 404
    bad = operator.post("/second-factor/codes", {"renew-code": codes[0][:-1]})
    assert bad.status_code == 401 and not _codes(bad.text)
    fresh = _codes(operator.post("/second-factor/codes", {"renew-code": codes[0]}).text)
    assert len(fresh) == 10 and not set(fresh) & set(codes)
    off = operator.post("/second-factor/off", {"off-code": fresh[0]}, follow=True)
    assert "已停用第二步验证" in off.text and second_factor.own_factor(me) is None


def test_a_demonstration_account_is_told_that_it_is_exempt(operator, wuhu) -> None:
    page = operator.get("/second-factor").text
    assert "免设" in page and "请先设置，再继续办理" not in page


def test_reading_the_pages_leaves_no_trace_and_shows_no_secret_of_others(operator, wuhu) -> None:
    target = person("target")
    before = len(ledger.events(limit=500))
    for name in ("list", "new", "grant", "rights", "holders"):
        assert operator.get(at(f"accounts:{name}")).status_code == 200, name
    for name in ("detail", "leave"):
        page = operator.get(at(f"accounts:{name}", target.id))
        assert page.status_code == 200 and "argon2" not in page.text and "kept" not in page.text
    assert len(ledger.events(limit=500)) == before


def test_weighty_acts_ask_again_who_one_is(operator, wuhu) -> None:
    target = person("target")
    session = operator.session
    session["signed_in_at"] -= 3600
    session.save()
    assert operator.get(at("accounts:new")).headers["Location"].startswith("/confirm")
    for name in ("give", "leave", "remove-factor"):
        answer = operator.post(at(f"accounts:{name}", target.id), {"on": ledger.today().isoformat()})
        assert answer.status_code == 200 and "/confirm" in answer.text, name
    target.refresh_from_db()
    assert target.is_active
    assert (
        operator.post(at("accounts:act", target.id, "disable")).status_code == 302
    )  # closing a door need not wait
