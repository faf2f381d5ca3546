"""The list of institutions, the page of one, its registers; and consortia that reach beyond their area."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.models import Event
from tiercare.apps.network import models
from tiercare.kernel.ids import uuid7

from .conftest import FRAME

ON = date(2019, 7, 1)


def _id(slug: str) -> UUID:
    return models.Institution.objects.get(slug=f"wuhu-{slug}").id


def _page(client, slug: str = "second_hospital", **query: str) -> str:
    response = client.get(f"/institutions/{_id(slug)}", FRAME | query)
    assert response.status_code == 200
    return response.content.decode()


def _part(page: str, section: str) -> str:
    start = page.index(f'<h2 id="{section}"')
    return page[start : page.index("</section>", start)]


def test_the_list_shows_the_columns_asked_for_and_narrows_by_licence(client_of) -> None:
    client = client_of()
    models.InstitutionVersion.objects.filter(institution_id=_id("second_hospital")).update(
        licence_number="PDY00002", licence_until=ON - timedelta(days=1)
    )
    models.InstitutionVersion.objects.filter(institution_id=_id("first_hospital")).update(
        licence_until=ON + timedelta(days=30)
    )
    query = FRAME | {"columns": "licence", "licence": "expired"}
    page = client.get("/institutions", query).content.decode()
    assert re.findall(r"<strong>([^<]+)</strong>", _results(page)) == ["芜湖市第二人民医院"]
    assert "PDY00002" in page
    assert "已到期 1 天" in page
    soon = client.get("/institutions", query | {"licence": "soon"}).content.decode()
    assert re.findall(r"<strong>([^<]+)</strong>", _results(soon)) == ["芜湖市第一人民医院"]
    codes = client.get("/institutions", FRAME | {"columns": "codes", "q": "第二人民"}).content.decode()
    assert "wuhu-second_hospital" in _results(codes)


def _results(page: str) -> str:
    return page[page.index('id="results"') :]


def test_the_page_tells_consortia_partners_agreements_and_findings(client_of) -> None:
    page = _page(client_of())
    consortia = _part(page, "consortia")
    assert "镜湖区城市医联体" in consortia
    assert "牵头医院" in consortia
    assert "建立牵头医院与下级医疗机构的双向转诊机制" in _part(page, "agreements")
    partners = _part(page, "partners")
    assert partners.index("芜湖县人民医院") < partners.index("皖南医学院第二附属医院")  # by ties


def test_a_community_that_joined_as_a_whole_brings_its_members_along(client_of) -> None:
    whole = models.Joining.objects.filter(parent__kind="URBAN_RURAL", period__contains=ON).first()
    assert whole is not None
    inside = models.Membership.objects.filter(consortium=whole.child, role="MEMBER").first()
    assert inside is not None
    slug = inside.institution.slug.removeprefix("wuhu-")
    consortia = _part(_page(client_of(), slug), "consortia")
    parent = models.ConsortiumVersion.objects.get(consortium=whole.parent, period__contains=ON)
    child = models.ConsortiumVersion.objects.get(consortium=whole.child, period__contains=ON)
    assert parent.name in consortia
    assert f"随{child.name}整体加入" in consortia


@pytest.mark.clause("YN-59")
def test_who_works_where_in_three_ways(client_of) -> None:
    """Registered here; from elsewhere under an agreement, not registered anew; from here also elsewhere."""
    here, there = _id("second_hospital"), _id("first_hospital")
    agreement = models.Agreement.objects.filter(parties__institution_id=here, period__contains=ON).first()
    for name, registered, guest in (("甲", here, None), ("乙", there, here), ("丙", here, there)):
        person = models.Clinician.objects.create(name=name, code=f"dr-{registered.hex[:4]}-{ord(name)}")
        models.PracticeSite.objects.create(
            clinician=person, institution_id=registered, ground="REGISTERED", period=DateRange(ON, None)
        )
        if guest:
            models.PracticeSite.objects.create(
                clinician=person,
                institution_id=guest,
                ground="AGREEMENT",
                agreement=agreement,
                period=DateRange(ON, None),
            )
    people = _part(_page(client_of()), "people")
    assert "谁在这里执业（3）" in people
    assert "凭协议从别处来 1 · 在此注册并在别处执业 1" in people
    rows = dict(re.findall(r'<td class="whole name">(\S)(.*?)</tr>', people, re.DOTALL))
    assert "凭协议执业" in rows["乙"]
    assert "芜湖市第一人民医院" in rows["乙"]
    assert "芜湖市第一人民医院" in rows["丙"]
    assert "芜湖市第一人民医院" not in rows["甲"]
    before = _part(_page(client_of(Role.AUDITOR), on="2019-06-30"), "people")
    assert "还没有登记医务人员" in before


def test_history_tells_renaming_changed_values_and_what_was_merged_into_it(client_of) -> None:
    old = models.InstitutionVersion.objects.get(institution_id=_id("second_hospital"))
    models.InstitutionVersion.objects.filter(id=old.id).update(
        period=DateRange(old.period.lower, date(2019, 1, 1))
    )
    old.id, old.name, old.beds, old.period = uuid7(), "芜湖市滨江医院", 99, DateRange(date(2019, 1, 1), None)
    old.save(force_insert=True)
    models.Succession.objects.create(
        old_id=_id("fifth_hospital"), new_id=_id("second_hospital"), on=date(2019, 1, 1), kind="MERGED"
    )
    history = _part(_page(client_of()), "history")
    assert "由“芜湖市第二人民医院”更名为“芜湖市滨江医院”" in history
    assert "实有床位 2132 → 99" in history
    assert "并入本机构" in history
    assert "芜湖市第五人民医院" in history


def test_on_a_day_before_it_existed_the_page_says_so_and_leads_there(client_of) -> None:
    page = _page(client_of(), on="2001-01-01")
    assert "这家机构在 2001-01-01 不存在" in page
    assert "on=2010-01-01" in page
    assert client_of(Role.AUDITOR).get(f"/institutions/{uuid7()}", FRAME).status_code == 404


def test_nothing_changed_is_confirmed_by_who_keeps_the_register(client_of) -> None:
    """The age starts anew, the trail knows who said it, and the area's commission may; an auditor may not."""
    today = clock.today().isoformat()
    client, key = client_of(), _id("second_hospital")
    stale = _part(_page(client, on=today), "registers")
    assert stale.count("is-stale") == 4
    answer = client.post(
        f"/institutions/{key}/confirm?region=wuhu&on={today}",
        {"register": "departments", "once": str(uuid7())},
    )
    assert answer.status_code == 302
    fresh = _part(_page(client, on=today), "registers")
    assert fresh.count("is-stale") == 3
    assert "测试·commission" in fresh
    event = Event.objects.get(kind="network.register_confirmed")
    assert (event.subject_id, event.payload["register"]) == (key, "departments")
    auditor = client_of(Role.AUDITOR)
    assert "核对无变化" not in _part(_page(auditor, on=today), "registers")
    refused = auditor.post(f"/institutions/{key}/confirm", {"register": "departments", "once": str(uuid7())})
    assert refused.status_code == 403
    assert Event.objects.filter(kind="network.register_confirmed").count() == 1


def test_a_register_that_there_is_not_cannot_be_confirmed(client_of) -> None:
    answer = client_of().post(
        f"/institutions/{_id('second_hospital')}/confirm", {"register": "beds{x}", "once": str(uuid7())}
    )
    assert answer.status_code == 422
    assert "可核对" in answer.content.decode()
    assert not models.Reported.objects.exists()


def _outsider(division: str, name: str) -> models.Institution:
    institution = models.Institution.objects.create(slug=f"outside-{division}")
    models.InstitutionVersion.objects.create(
        institution=institution,
        name=name,
        category="GENERAL",
        level=3,
        owner="PUBLIC",
        affiliation="PREFECTURE",
        division_code=division,
        period=DateRange(date(2010, 1, 1), None),
    )
    return institution


@pytest.mark.clause("CX-23")
@pytest.mark.clause("CX-24")
@pytest.mark.clause("YN-26")
@pytest.mark.clause("YN-27")
def test_partners_outside_the_region_are_named_marked_counted_and_filtered(client_of) -> None:
    """A hospital of Shanghai makes an alliance cross-provincial; one of another prefecture cross-prefectural."""
    client = client_of()
    first, second, third = models.Consortium.objects.filter(kind="SPECIALTY_ALLIANCE").order_by("slug")[:3]
    before = client.get("/consortia", FRAME).content.decode()
    assert "跨省（区、市） 1" not in before
    for consortium, institution in (
        (first, _outsider("310104", "上海某医院")),
        (second, _outsider("340104", "合肥某医院")),
    ):
        models.Membership.objects.create(
            consortium=consortium, institution=institution, role="COLLABORATOR", period=DateRange(ON, None)
        )
    page = client.get("/consortia", FRAME).content.decode()
    assert "跨省（区、市） 1" in page
    assert "跨市（州） 1" in page
    named = {
        reach: re.findall(
            r"/consortia/([0-9a-f-]{36})",
            _results(client.get("/consortia", FRAME | {"reach": reach}).content.decode()),
        )
        for reach in ("PROVINCES", "PREFECTURES")
    }
    assert named == {"PROVINCES": [str(first.id)], "PREFECTURES": [str(second.id)]}
    detail = client.get(f"/consortia/{first.id}", FRAME).content.decode()
    assert "上海市" in _part(detail, "members")
    assert "跨省（区、市）" in detail
    local = client.get(f"/consortia/{third.id}", FRAME).content.decode()
    assert "跨省" not in local
    earlier = client.get("/consortia", FRAME | {"on": "2019-06-30"}).content.decode()
    assert "跨省（区、市） 1" not in earlier


def test_the_page_of_a_consortium_shows_what_is_run_as_one_and_who_consented(client_of) -> None:
    version = models.ConsortiumVersion.objects.get(name="镜湖区城市医联体")
    models.ConsortiumVersion.objects.filter(id=version.id).update(unified=["finance", "quality"])
    members = models.Membership.objects.filter(consortium_id=version.consortium_id)
    member = members.filter(role="MEMBER").first()
    assert member is not None
    members.update(consented_on=None)
    members.filter(id=member.id).update(consented_on=date(2019, 6, 20))
    models.CouncilSeat.objects.create(
        consortium_id=version.consortium_id, held_by="区财政局", office="成员", period=DateRange(ON, None)
    )
    page = client_of().get(f"/consortia/{version.consortium_id}", FRAME).content.decode()
    governance = _part(page, "governance")
    for word in ("财务", "质量", "区财政局"):
        assert word in governance
    assert f"本机构书面同意 1/{members.count()}" in page
    assert "2019-06-20" in page
    assert f"/institutions/{member.institution_id}" in page
    assert "社区卫生服务站 " in _part(page, "members")  # kinds are counted


def test_the_list_of_consortia_of_one_institution(client_of) -> None:
    page = (
        client_of().get("/consortia", FRAME | {"institution": str(_id("second_hospital"))}).content.decode()
    )
    assert "含 芜湖市第二人民医院" in page
    count = models.Membership.objects.filter(
        institution_id=_id("second_hospital"), period__contains=ON
    ).count()
    assert page.count("<tr data-row>") == count


@pytest.mark.parametrize(
    ("path", "queries"), [("/institutions", 5), ("institution", 11), ("/consortia", 10), ("consortium", 14)]
)
def test_pages_take_exactly_their_queries(client_of, path: str, queries: int) -> None:
    address = {
        "institution": f"/institutions/{_id('second_hospital')}",
        "consortium": f"/consortia/{models.Consortium.objects.get(slug__endswith='city-jinghu').id}",
    }.get(path, path)
    client = client_of()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address, FRAME).status_code == 200
    assert len(asked) == queries, [each["sql"][:90] for each in asked]
