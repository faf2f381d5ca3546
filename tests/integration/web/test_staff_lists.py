"""Lists of staff: who there is, narrowed and page by page, and who may do what where."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from tiercare.apps.access import models
from tiercare.apps.access.queries import staff
from tiercare.apps.access.queries.staff import Narrowed
from tiercare.apps.access.rules import Reach, Right, Role, reach
from tiercare.apps.network.models import InstitutionVersion
from tiercare.kernel.ids import uuid7

from .conftest import FRAME
from .staff import HOSPITAL, acting, at, demonstration, person, township_centre

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client_of) -> Client:
    return demonstration(client_of(Role.OPERATOR))


@pytest.fixture
def hospital(wuhu) -> InstitutionVersion:
    return township_centre()


def test_the_list_counts_narrows_and_searches(operator, wuhu) -> None:
    person("active.one")
    person("waits", password="!x")
    person("closed", is_active=False)
    person("roleless", None)
    person("far", area="3201")
    keeper = person("keeper", Role.INDEX_KEEPER)
    models.Account.objects.create(username="resident", display_name="居民", resident_id=uuid7())
    held = models.Grant.objects.get(account=person("left"))
    held.period = DateRange(date(2019, 1, 1), date(2020, 1, 1))
    held.save()
    found = staff.staff_list(acting(operator))
    assert {row.username for row in found.rows} == {
        *("active.one", "waits", "closed", "keeper", "left", "test.operator.3402")
    }
    assert (found.total, found.everybody) == (6, 6)
    assert dict(found.counts) == {
        Narrowed.ACTIVE: 3,
        Narrowed.INVITED: 2,  # the tests' operator has no password either
        Narrowed.DISABLED: 1,
        Narrowed.ROLELESS: 1,
        Narrowed.UNSECURED: 1,
    }
    for narrowed, names in {
        Narrowed.ROLELESS: {"left"},
        Narrowed.DISABLED: {"closed"},
        Narrowed.UNSECURED: {"keeper"},
    }.items():
        assert {row.username for row in staff.staff_list(acting(operator), narrowed=narrowed).rows} == names
    page = operator.post(at("accounts:list"), {"q": "ＫＥＥＰ"})
    assert "符合 1 个，共 6 个账户" in page.text and str(keeper.id) in page.text
    page = operator.post(at("accounts:list"), {"role": "index_keeper", "q": "nobody"})
    assert "没有符合条件的账户" in page.text


@pytest.mark.parametrize("of_all", [False, True])
def test_an_installation_demands_the_second_factor_of_some_or_of_all(client_of, settings, of_all) -> None:
    settings.SECOND_FACTOR_OF_ALL = of_all
    desk = client_of(Role.REGISTRAR)
    assert desk.get("/cards").status_code == 200, "demonstration accounts are exempt either way"
    models.Account.objects.filter(username__startswith="test.").update(synthetic=False)
    answer, told = desk.get("/cards"), desk.get("/api/session").json()
    page = desk.get("/second-factor").text
    if of_all:
        assert answer.headers["Location"].startswith("/second-factor")
        assert told["role"] == "unassigned" and "全体工作人员" in page
    else:
        assert (answer.status_code, told["role"]) == (200, "registrar") and "全体工作人员" not in page
    keeper = person("keeper", Role.INDEX_KEEPER, area="3402")
    operator = demonstration(client_of(Role.OPERATOR))
    models.Account.objects.exclude(pk=acting(operator).account_id).update(synthetic=False)
    found = staff.staff_list(acting(operator), narrowed=Narrowed.UNSECURED).rows
    assert {row.username for row in found} == (
        {"test.registrar.3402", keeper.username} if of_all else {keeper.username}
    )
    assert all(row.needs_factor for row in found)


def test_a_long_list_is_shown_a_page_at_a_time(operator, wuhu) -> None:
    accounts = models.Account.objects.bulk_create(
        models.Account(username=f"p{n:03}", display_name=f"甲{n:03}", password="kept") for n in range(120)
    )
    models.Grant.objects.bulk_create(
        models.Grant(
            account=account,
            role="clinician",
            scope="INSTITUTION",
            division_code="340221",
            place_name="示例医院",
            institution_id=HOSPITAL,
            period=DateRange(date(2019, 1, 1), None),
        )
        for account in accounts
    )
    seen: list[str] = []
    for number in (1, 2, 3):
        listed = staff.staff_list(acting(operator), page=number)
        assert (listed.total, listed.pages) == (121, 3)
        seen += [row.username for row in listed.rows]
    assert len(seen) == len(set(seen)) == 121
    page = operator.post(at("accounts:list"), {"q": "甲", "page": "3"})
    assert "第 3 页，共 3 页" in page.text and "甲119" in page.text and "甲000" not in page.text
    assert operator.post(at("accounts:list"), {"page": "99"}).status_code == 200
    assert operator.post(at("accounts:list"), {"page": "x" * 300}).status_code == 200


def test_the_number_of_statements_does_not_grow_with_the_list(
    operator, wuhu, django_assert_num_queries
) -> None:
    person("one")
    me = acting(operator)
    with django_assert_num_queries(5):
        staff.staff_list(me)
    for number in range(20):
        person(f"more.{number}")
    with django_assert_num_queries(5):
        staff.staff_list(me)


def test_who_can_do_what_where(operator, wuhu, hospital) -> None:
    here = person("here")
    models.Grant.objects.filter(account=here).update(
        institution_id=hospital.institution_id, division_code=hospital.division_code
    )
    person("sister")
    person("closed", is_active=False)
    province = person("province", Role.COMMISSION, area="34")
    county = person("county", Role.COMMISSION, area=hospital.division_code)
    elsewhere = person("elsewhere", Role.COMMISSION, area="340208")
    me = acting(operator)
    division = hospital.division_code
    broken = staff.who_holds(
        me, Right.GLASS_BREAK, division_code=division, institution_id=hospital.institution_id
    )
    assert ([row.id for row in broken.rows], broken.total, broken.beyond) == ([here.id], 1, 0)
    decides = staff.who_holds(me, Right.NETWORK_DECIDE, division_code=division)
    assert ([row.id for row in decides.rows], decides.beyond) == ([county.id], 1)
    assert province.id not in {row.id for row in decides.rows} | {elsewhere.id}
    page = operator.get(
        at("accounts:holders"), FRAME | {"right": "glass.break", "institution": hospital.name}
    )
    assert "共 1 个账户" in page.text and "HERE" in page.text and "SISTER" not in page.text
    page = operator.get(at("accounts:holders"), FRAME | {"right": "network.decide", "area": "340208"})
    assert "ELSEWHERE" in page.text and "PROVINCE" not in page.text and "另有 1 个" in page.text
    assert "没有这家机构" in operator.get(at("accounts:holders"), FRAME | {"institution": "无此院"}).text


def test_the_table_on_the_page_is_the_table_of_rights(operator, wuhu) -> None:
    page = operator.get(at("accounts:rights"))
    body = page.text.split("<tbody>")[1].split("</tbody>")[0]
    assert body.count("<tr>") == len(Right)
    assert all(row.count("<td>") == len(Role) for row in body.split("<tr>")[1:])
    of_oneself = sum(reach(role, right) is Reach.SELF for role in Role for right in Right)
    assert "紧急调阅居民档案" in body and body.count("reach-self") == of_oneself > 0
