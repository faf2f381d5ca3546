"""The desk's form: registering, with the mistakes that people make."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents.models import Duplicate, Resident
from tiercare.apps.residents.rules import Sex
from tiercare.kernel.ids import uuid7

from .residents_desk import BIRTH, CANARY, at_desk, canary, form, given, id_number, page_of, register, site

__all__ = ["at_desk", "canary", "given", "register", "site"]  # fixtures


def test_registering_leads_to_the_new_page(at_desk, site) -> None:
    client = at_desk()
    sent = form(phone="13900001111")
    answer = client.post("/residents/new", sent)
    assert answer.status_code == 302 and re.match(r"/residents/[0-9a-f-]{36}", answer["Location"])
    assert sent["number"] not in answer["Location"]
    again = client.post("/residents/new", sent)
    assert again["Location"] == answer["Location"], "the same form sent twice is one resident"
    text = page_of(client.get(answer["Location"]))
    assert "已登记" in text and "王小明" in text and "/cards/of/" in text and "/print" in text
    with scoped(site.actor(Role.REGISTRAR)):
        assert Resident.objects.get().nation == "01"


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (
            {"number": id_number(BIRTH, 1)[:-1] + ("0" if id_number(BIRTH, 1)[-1] != "0" else "1")},
            "校验位不对",
        ),
        ({"number": "34022319681301001X"}, "号码里的出生日期不存在"),
        ({"birth_date": "1970-01-01"}, "出生日期与证件号码里的不一致"),
        ({"sex": "2"}, "性别与证件号码第 17 位不一致"),
        ({"birth_date": "31.2.1970"}, "日期不存在"),
        ({"name": ""}, "姓名不能使用：没有填写"),
        ({"name": "王\x00明"}, "看不见的控制字符"),
        ({"name": "王😀"}, "表情符号"),
        ({"county": "", "prefecture": "", "province": ""}, "没有选择所在地区"),
        ({"phone": "12345"}, "不是电话号码的样子"),
        ({"identity_kind": "passport", "number": ""}, "不是护照号码的样子"),
        ({"address": "很" * 101}, "详细地址太长"),
    ],
)
def test_a_mistake_is_said_beside_its_box_and_nothing_typed_is_lost(at_desk, site, mistake, said) -> None:
    sent = form(phone="13900001111") | mistake
    answer = at_desk().post("/residents/new", sent)
    text = answer.content.decode()
    assert answer.status_code == 422 and said in text
    assert 'id="refusals"' in text
    for name in ("address", "phone", "number"):
        if sent[name] and "\x00" not in sent[name]:
            assert f'value="{sent[name]}"' in text, name
    with scoped(site.actor(Role.REGISTRAR)):
        assert not Resident.objects.exists()


def test_somebody_alike_is_shown_beside_what_was_typed_and_the_desk_decides(at_desk, site, register) -> None:
    first = register("王小明", phone="13800001111")
    client, sent = at_desk(), form(name="王晓明", phone="13800001111")
    answer = client.post("/residents/new", sent)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "对照一下" in text and "王晓明" in text and "王*明" in text
    assert f'href="/residents/{first}' in text and "就是这位" in text and "都不是，继续建档" in text
    despite = re.findall(r'name="despite" value="([^"]+)"', text)
    assert despite == [str(first)]
    assert f'value="{sent["number"]}"' in text and 'value="13800001111"' in text
    event = Event.objects.filter(kind="access.record_read").order_by("-sequence").first()
    assert event.payload["residents"] == [str(first)], "what was shown was seen"
    done = client.post("/residents/new", sent | {"despite": despite, "once": str(uuid7())})
    assert done.status_code == 302
    with scoped(site.actor(Role.INDEX_KEEPER), area="3402"):
        assert Duplicate.objects.count() == 1


def test_a_number_that_is_somebodys_offers_no_way_past(at_desk, canary) -> None:
    answer = at_desk(place="stranger").post("/residents/new", form(number=CANARY, name="张三"))
    text = answer.content.decode()
    assert answer.status_code == 409 and "已经有人登记" in text
    assert "就是这位" in text and "都不是" not in text and "欧阳娜娜" not in text


def test_a_newborn_goes_by_the_mothers_number(at_desk, site, register) -> None:
    mother = id_number(date(1992, 3, 4), 12)
    register("李晓红", number=mother, birth_date=date(1992, 3, 4), sex=Sex.FEMALE)
    client, day = at_desk(), ledger.today()
    told = client.post(
        "/residents/new/check", {"identity_kind": "by_mother", "number": mother}
    ).content.decode()
    assert "母亲已登记" in told and "李*红" in told and mother not in told
    sent = form(
        identity_kind="by_mother", number=mother, child="2", name="李晓红之子", birth_date=day.isoformat()
    )
    answer = client.post("/residents/new", sent)
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    text = client.get(answer["Location"]).content.decode()
    assert "新生儿（随母亲登记）" in text and mother not in text
    assert "请登记监护人" in text


def test_without_a_document_the_entry_waits_to_be_claimed(at_desk) -> None:
    client = at_desk()
    answer = client.post(
        "/residents/new", form(identity_kind="none", number="", name="无名氏", birth_date="", sex="0")
    )
    text = page_of(client.get(answer["Location"]))
    assert "暂无证件" in text and "补登证件" in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("340223", "还差 12 位"),
        (id_number(BIRTH, 3), "号码校验无误"),
        (id_number(BIRTH, 3)[:-1] + ("0" if id_number(BIRTH, 3)[-1] != "0" else "1"), "校验位不对"),
        ("", "number-told"),
    ],
)
def test_the_number_is_checked_while_it_is_typed(at_desk, typed, said) -> None:
    answer = at_desk().post("/residents/new/check", {"identity_kind": "id_card", "number": typed})
    text = answer.content.decode()
    assert answer.status_code == 200 and said in text
    if "无误" in said:
        assert f'value="{BIRTH.isoformat()}"' in text and 'hx-swap-oob="true"' in text
        assert typed not in text


def test_what_somebody_chose_is_not_overwritten_by_the_number(at_desk) -> None:
    sent = {"identity_kind": "id_card", "number": id_number(BIRTH, 3), "birth_date": "1970-01-01", "sex": "2"}
    assert "hx-swap-oob" not in at_desk().post("/residents/new/check", sent).content.decode()


def test_the_areas_follow_one_from_the_other(at_desk) -> None:
    text = (
        at_desk()
        .post("/residents/areas", {"province": "34", "prefecture": "3402", "county": "110101"})
        .content.decode()
    )
    assert 'value="340223"' in text and 'value="110101"' not in text
    deeper = at_desk().post("/residents/areas", {"province": "34", "prefecture": "3402", "county": "340223"})
    assert 'value="340223" selected' in deeper.content.decode() and "340223100" in deeper.content.decode()
