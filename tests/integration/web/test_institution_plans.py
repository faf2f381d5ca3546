"""The pages of plans of institutions, of hospitals with too many beds and of flows; and what an application's page asks for first."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access import models as access
from tiercare.apps.access.rules import SCOPE_OF, Role
from tiercare.apps.network import models
from tiercare.apps.network.commands import lay_down_region
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.web.middleware import GRANT, SEEN_AT, SIGNED_IN_AT

FRAME = "?region=xinhui&on=2018-06-01"
YUNNAN = "?region=chuxiong&on=2019-03-01"
VERSION = {
    "kind_of_plan": "INSTITUTION_SETTING",
    "title": "新会区医疗机构设置规划（演示）",
    "document": "",
    "adopted_on": "2018-01-01",
    "start": "2018-01-01",
    "words": "",
}
LINES: dict[str, list[str]] = {
    "line-area": ["440705", "440705", "440705"],
    "line-subject": ["institutions", "beds", "beds"],
    "line-kind": ["NURSING", "GENERAL", ""],
    "line-level": ["", "2", ""],
    "line-allowed": ["1", "2000", ""],  # one nursing home stands there already
    "line-note": ["", "", ""],
}


Acting = Callable[..., Client]


@pytest.fixture
def acting(wuhu: str) -> Acting:
    """A client whose session acts in a role, each for a person of their own."""

    def signed_in(role: Role, area: str, name: str = "first", institution: UUID | None = None) -> Client:
        account = access.Account.objects.create(
            username=f"test.{name}.{area}", display_name=f"测试·{name}", password="!", synthetic=True
        )
        grant = access.Grant.objects.create(
            account=account, role=role.value, scope=SCOPE_OF[role].value, division_code=area, place_name="测试地点",
            institution_id=institution, period=DateRange(date(2019, 1, 1), None),
        )  # fmt: skip
        client = Client()
        client.force_login(account)
        session = client.session
        session[SIGNED_IN_AT] = session[SEEN_AT] = time.time()
        session[GRANT] = str(grant.id)
        session.save()
        return client

    return signed_in


@pytest.fixture
def district(acting: Acting, settings: Any, tmp_path: Path) -> Client:
    settings.FACTS_ROOT = tmp_path / "facts"
    lay_down_region(actor=Actor.system("test"), pack_id="xinhui")
    return acting(Role.COMMISSION, "440705")


@pytest.fixture
def prefecture(acting: Acting, settings: Any, tmp_path: Path) -> Client:
    settings.FACTS_ROOT = tmp_path / "facts"
    lay_down_region(actor=Actor.system("test"), pack_id="chuxiong")
    return acting(Role.COMMISSION, "5323")


def test_a_version_is_typed_in_compared_and_taken_away(district: Client) -> None:
    empty = district.get(f"/institution-plans{FRAME}").content.decode()
    assert "没有执行中的规划" in empty
    answer = district.post(f"/institution-plans/versions{FRAME}", VERSION | LINES)
    assert answer.status_code == 302, answer.content.decode()
    shown = district.get(answer.url).content.decode()
    assert "第 1 版" in shown and "执行中" in shown and "护理院" in shown
    page = district.get(f"/institution-plans{FRAME}").content.decode()
    assert "二级综合医院" in page and "XH-12" in page and "都在规划之内" in page
    csv = district.get(f"/institution-plans{FRAME}&format=utf-8").content.decode("utf-8-sig")
    assert "二级综合医院,2000,1400,0,600" in csv and "江门市新会区人民医院 900" in csv
    for address in ("format=xlsx", "format=gb18030"):
        assert district.get(f"/institution-plans{FRAME}&{address}").status_code == 200
    plan = models.InstitutionPlan.objects.get()
    assert district.get(f"/institution-plans/versions/{plan.id}/export{FRAME}").status_code == 200
    assert district.get(f"/institution-plans/versions/template{FRAME}").status_code == 200
    english = district.get(f"/institution-plans{FRAME}", headers={"accept-language": "en"})
    assert english.status_code == 200


def test_a_form_or_a_file_with_a_wrong_row_keeps_nothing_and_loses_nothing(district: Client) -> None:
    wrong = VERSION | LINES | {"line-area": ["340202", "440705", "440705"]}
    answer = district.post(f"/institution-plans/versions{FRAME}", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422 and "不是本规划地区内的区划代码" in page
    assert 'value="340202"' in page and "新会区医疗机构设置规划（演示）" in page
    file = SimpleUploadedFile(
        "规划.csv", "区划代码,规划对象,类别,级别,规划数\n440705,机构数,护理院,,1\n".encode()
    )
    answer = district.post(f"/institution-plans/versions/file{FRAME}", VERSION | {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    assert models.InstitutionPlan.objects.get().lines.get().allowed == 1
    missing = district.post(f"/institution-plans/versions/file{FRAME}", VERSION)
    assert missing.status_code == 422


@pytest.mark.clause("XH-120")
def test_from_the_list_two_clicks_propose_a_conversion_that_the_plan_then_marks(
    district: Client, acting: Acting
) -> None:
    assert district.post(f"/institution-plans/versions{FRAME}", VERSION | LINES).status_code == 302
    page = district.get(f"/institution-plans/surplus{FRAME}").content.decode()
    assert "没有上报" in page and "转为" not in page.split("<table", 1)[1].split("</table>", 1)[0]
    hospital = models.Institution.objects.get(
        id=stable_id("network", "xinhui", "institution", "xinhui_second_hospital")
    )
    asked = {"institution": hospital.slug, "category": "NURSING", "start": "2018-06-01"}
    tried = district.post(f"/changes/new{FRAME}&act=convert", asked | {"do": "try"})
    assert "提交审批" in tried.content.decode() and "转为护理院" not in tried.content.decode()
    sent = district.post(f"/changes/new{FRAME}&act=convert", asked | {"do": "submit"})
    assert sent.status_code == 302, sent.content.decode()
    application = models.Application.objects.get()
    assert application.title == "江门市新会区第二人民医院转为护理院"
    other = acting(Role.COMMISSION, "440705", "second")
    address = f"/applications/{application.id}"
    shown = other.get(f"{address}{FRAME}").content.decode()
    assert "对照区域规划" in shown and "超出区域规划" in shown
    refused = other.post(f"{address}/approve{FRAME}")
    assert refused.status_code == 409 and "XH-12" in refused.content.decode()
    without = other.post(f"{address}/override{FRAME}", {"override": ""})
    assert without.status_code == 422
    assert other.post(f"{address}/override{FRAME}", {"override": "区里没有护理院"}).status_code == 302
    assert "区里没有护理院" in other.get(f"{address}{FRAME}").content.decode()
    assert other.post(f"{address}/approve{FRAME}").status_code == 302
    kinds = models.InstitutionVersion.objects.filter(institution=hospital).order_by("period")
    assert [each.category for each in kinds] == ["GENERAL", "NURSING"]
    assert "区里没有护理院" in other.get(f"{address}{FRAME}").content.decode(), "kept and shown afterwards"


def _nursing_home() -> models.Institution:
    made = models.Institution.objects.create(slug="chuxiong-demo-nursing-home")
    models.InstitutionVersion.objects.create(
        institution=made, period=DateRange(date(2012, 1, 1), None), name="演示护理院", category="NURSING", level=1,
        owner="PRIVATE", affiliation="NONE", division_code="532301", beds=60,
    )  # fmt: skip
    return made


@pytest.mark.clause("YN-01")
def test_institutions_confirm_with_their_own_accounts_and_the_page_keeps_the_scores(
    prefecture: Client, acting: Acting
) -> None:
    home = _nursing_home()
    lead = stable_id("network", "chuxiong", "institution", "prefecture_peoples_hospital")
    asked = {
        "consortium": "楚雄州人民医院医疗集团",
        "institution": home.slug,
        "role": "MEMBER",
        "start": "2019-03-01",
        "consented_on": "2019-03-01",
    }
    sent = prefecture.post(f"/changes/new{YUNNAN}&act=join", asked | {"do": "submit"})
    assert sent.status_code == 302, sent.content.decode()
    address = sent.url.partition("?")[0]
    decides = acting(Role.COMMISSION, "5323", "second")
    page = decides.get(f"{address}{YUNNAN}").content.decode()
    assert "双向选择" in page and "0/2" in page and "待确认" in page and "予以确认" not in page
    assert decides.post(f"{address}/approve{YUNNAN}").status_code == 409

    desks = [acting(Role.REFERRAL_OFFICE, "5323", f"desk{n}", each) for n, each in enumerate((home.id, lead))]
    waiting = desks[0].get(f"/applications{YUNNAN}").content.decode()
    assert (
        "等本机构确认" in waiting
        and "等本机构确认" not in prefecture.get(f"/applications{YUNNAN}").content.decode()
    )
    assert "予以确认" in desks[0].get(f"{address}{YUNNAN}").content.decode()
    assert desks[0].post(f"{address}/confirm{YUNNAN}", {"agreed": "no", "words": ""}).status_code == 422
    for desk in desks:
        assert desk.post(f"{address}/confirm{YUNNAN}", {"agreed": "yes"}).status_code == 302
    assert decides.post(f"{address}/confirm{YUNNAN}", {"agreed": "yes"}).status_code == 403
    assert "等本机构确认" not in desks[0].get(f"/applications{YUNNAN}").content.decode()

    unsaid = decides.post(f"{address}/scores{YUNNAN}", {"words-YN-01-sustainable": "只写了依据"})
    assert unsaid.status_code == 422 and "只写了依据" in unsaid.content.decode()
    said = {"grade-YN-01-sustainable": "PARTLY", "words-YN-01-sustainable": "州财政补助三年（演示）"}
    assert decides.post(f"{address}/scores{YUNNAN}", said).status_code == 302
    page = decides.get(f"{address}{YUNNAN}").content.decode()
    assert "州财政补助三年（演示）" in page and "部分符合" in page and "2/2" in page
    assert decides.post(f"{address}/approve{YUNNAN}").status_code == 302


@pytest.mark.clause("YN-16")
def test_the_flow_report_is_a_page_and_a_file(prefecture: Client) -> None:
    page = prefecture.get(f"/institution-plans/flows{YUNNAN}").content.decode()
    assert "没有登记" in page or "还没有登记" in page
    csv = prefecture.get(f"/institution-plans/flows{YUNNAN}&format=utf-8").content.decode("utf-8-sig")
    assert csv.startswith("类型,编号,日期")
    assert prefecture.get(f"/institution-plans/flows{YUNNAN}&first=2019-13-01").status_code == 422
    assert prefecture.get("/institution-plans/flows?region=wuhu&on=2019-07-01").status_code in (403, 404)
