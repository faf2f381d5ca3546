"""The directory through the API: pages without gap or repeat, filters, tags, one thing with its history."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.api import shapes
from tiercare.apps.network import models
from tiercare.apps.network.rules import Role
from tiercare.kernel.ids import stable_id

from .asking import AUGUST, DAY, get, problem, walk

LISTS = ("organizations", "locations", "services", "practitioners", "practitioner-roles", "affiliations")
PAGES: Mapping[str, type[shapes.PageOut]] = {
    "organizations": shapes.OrganizationPage,
    "locations": shapes.LocationPage,
    "services": shapes.ServicePage,
    "practitioners": shapes.PractitionerPage,
    "practitioner-roles": shapes.PractitionerRolePage,
    "affiliations": shapes.AffiliationPage,
}
ONES: Mapping[str, type[shapes.Schema]] = {
    "organizations": shapes.OrganizationOne,
    "locations": shapes.LocationOne,
    "services": shapes.ServiceOne,
    "practitioners": shapes.PractitionerOne,
    "practitioner-roles": shapes.PractitionerRoleOne,
    "affiliations": shapes.AffiliationOne,
}


@pytest.fixture
def wired(wuhu: str, serve, api: Client) -> Client:
    """The commission of 芜湖, signed in, with the region laid down and somebody working in it."""
    hospitals = models.InstitutionVersion.objects.filter(period__contains=DAY, level=3, category="GENERAL")
    for number, version in enumerate(hospitals.order_by("institution__slug")[:2]):
        always = {"institution_id": version.institution_id, "period": DateRange(date(2018, 1, 1))}
        for name, specialty in (("心内科", "03.04"), ("儿科", "07"), ("内科", "03")):
            models.Department.objects.create(name=name, specialty_code=specialty, **always)
        for n in range(9):
            person = models.Clinician.objects.create(
                code=f"d-{number}-{n}", name=f"演示医师{n}", scope_code="03", synthetic=True
            )
            models.PracticeSite.objects.create(clinician=person, ground="REGISTERED", **always)
    return api


def ids(client: Client, path: str, between: Callable[[], None] = lambda: None, **query: object) -> list[str]:
    """Ids of a whole list."""
    return [row["id"] for row in walk(client, path, between, **query)]


def _versions(model: type, **of: object) -> int:
    return model._default_manager.filter(period__contains=DAY, **of).count()


def _institution(code: str, name: str) -> None:
    thing = models.Institution.objects.create(slug=code)
    models.InstitutionVersion.objects.create(
        institution=thing,
        period=DateRange(date(2019, 1, 1)),
        name=name,
        category="CLINIC",
        level=0,
        owner="PRIVATE",
        affiliation="NONE",
        division_code="340202",
    )


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_its_documented_shape_and_each_of_its_things_too(wired: Client, name: str) -> None:
    body = get(wired, name, limit=200, count="true")
    PAGES[name].model_validate(body)
    assert body["total"] >= len(body["items"]) > 0
    one = get(wired, f"{name}/{body['items'][0]['id']}", history="true")
    ONES[name].model_validate(one)
    history = one.pop("history")
    assert {key: one[key] for key in body["items"][0]} == body["items"][0]
    assert history


def test_a_list_holds_what_stands_that_day_and_its_total_is_told_only_when_asked(wired: Client) -> None:
    institutions, consortia = _versions(models.InstitutionVersion), _versions(models.ConsortiumVersion)
    body = get(wired, "organizations", limit=1, count="true")
    assert body["total"] == institutions + consortia
    assert "total" not in get(wired, "organizations", limit=1)
    assert len(ids(wired, "organizations", limit=50)) == institutions + consortia
    assert get(wired, "locations", count="true")["total"] == institutions
    affiliations = sum(map(_versions, (models.Membership, models.Joining, models.Trusteeship)))
    assert get(wired, "affiliations", count="true")["total"] == affiliations
    assert get(wired, "services", count="true")["total"] == _versions(models.Department)
    assert get(wired, "practitioner-roles", count="true")["total"] == _versions(models.PracticeSite)
    people = models.PracticeSite.objects.filter(period__contains=DAY).values("clinician_id").distinct()
    assert get(wired, "practitioners", count="true")["total"] == people.count()
    assert get(wired, "organizations", on="1900-01-01")["items"] == []


@pytest.mark.parametrize("name", LISTS)
def test_paging_shows_every_row_once(wired: Client, name: str) -> None:
    whole = ids(wired, name, limit=200)
    assert ids(wired, name, limit=7) == whole
    assert len(set(whole)) == len(whole)


def test_paging_neither_skips_nor_repeats_while_others_write(wired: Client) -> None:
    whole = ids(wired, "organizations", limit=200)
    names = iter(f"{sign}{n}" for n in range(1000) for sign in "az0m")

    def others_write() -> None:
        name = next(names)
        _institution(name, name)

    seen = ids(wired, "organizations", others_write, limit=5)
    assert len(set(seen)) == len(seen)
    assert [key for key in seen if key in set(whole)] == whole


def test_the_next_page_stays_on_the_same_day_and_is_a_link_too(wired: Client) -> None:
    answer = wired.get("/api/network/organizations", {"limit": 1})
    body = answer.json()
    assert f"on={body['on']}" in body["next"]
    assert answer["Link"] == f'<{body["next"]}>; rel="next"'


def _cursor(*said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def test_a_cursor_of_another_question_is_refused(wired: Client) -> None:
    first = get(wired, "organizations", limit=1, type="institution")
    cursor = first["next"].split("cursor=")[1]
    mark = json.loads(base64.urlsafe_b64decode(cursor + "=="))[-1]
    for query in (
        {"cursor": cursor},
        {"cursor": cursor, "type": "institution", "on": "2019-08-02"},
        {"cursor": "zzz", "type": "institution"},
        {"cursor": _cursor("a", "no-id", mark), "type": "institution"},
        {"cursor": _cursor("a\0", str(uuid4()), mark), "type": "institution"},
        {"cursor": _cursor(mark), "type": "institution"},
        {"cursor": _cursor(1, 2, mark), "type": "institution"},
        {"cursor": _cursor("a", "b", "c", mark), "type": "institution"},
        {"cursor": base64.urlsafe_b64encode(b"7").decode().rstrip("="), "type": "institution"},
    ):
        answer = wired.get("/api/network/organizations", {"on": AUGUST, "limit": 1, **query})
        assert problem(answer, 422)["errors"][0]["at"] == "cursor", query


def test_filters_narrow(wired: Client) -> None:
    def found(path: str, **query: object) -> list[dict[str, Any]]:
        return get(wired, path, limit=200, **query)["items"]

    tertiary = found("organizations", level=3, category="GENERAL", owner="PUBLIC", area="3402")
    assert tertiary and {(row["level"], row["category"], row["type"]) for row in tertiary} == {
        (3, "GENERAL", "institution")
    }
    groups = found("organizations", kind="CITY_GROUP")
    assert groups and {row["kind"] for row in groups} == {"CITY_GROUP"}
    assert found("organizations", kind="CITY_GROUP", category="GENERAL") == []
    area = tertiary[0]["division"]
    assert {row["division"] for row in found("organizations", area=area)} == {area}
    assert found("organizations", area="11") == []
    assert len(found("organizations", area="00")) == len(found("organizations"))
    code = tertiary[0]["code"]
    assert code in {row["code"] for row in found("organizations", q=tertiary[0]["name"][2:6])}
    assert found("organizations", q="100%_\\") == []
    assert {row["position"] is not None for row in found("locations", mapped="true")} == {True}
    key = found("services")[0]["organization"]["id"]
    assert {row["organization"]["id"] for row in found("services", organization=key)} == {key}
    assert {row["specialty"] for row in found("services", specialty="03")} == {"03", "03.04"}
    assert {row["specialty"] for row in found("services", specialty="03.04")} == {"03.04"}
    assert found("practitioners", scope="07") == [] != found("practitioners", scope="03")
    joined = found("affiliations", kind="JOINING")
    assert joined and {(row["role"], row["participant"]["type"]) for row in joined} == {
        ("WHOLE", "consortium")
    }
    lead = found("affiliations", role="LEAD")[0]["participant"]["id"]
    assert {row["participant"]["id"] for row in found("affiliations", role="LEAD", organization=lead)} == {
        lead
    }
    post = found("practitioner-roles")[0]
    person = post["practitioner"]["id"]
    assert {row["practitioner"]["id"] for row in found("practitioner-roles", practitioner=person)} == {person}
    there = {row["id"] for row in found("practitioners", organization=post["organization"]["id"])}
    assert person in there
    assert there == set(
        map(
            str,
            models.PracticeSite.objects.filter(
                institution_id=post["organization"]["id"], period__contains=DAY
            ).values_list("clinician_id", flat=True),
        )
    )


def test_an_affiliation_counts_in_the_area_of_either_side(wired: Client) -> None:
    row = models.Membership.objects.filter(period__contains=DAY, role="MEMBER").first()
    assert row is not None
    models.InstitutionVersion.objects.filter(institution_id=row.institution_id).update(
        division_code="340111", township_code="340111001"
    )
    for area in ("3401", "340111", "340111001", "3402"):
        assert str(row.id) in ids(wired, "affiliations", area=area, limit=200), area
    assert str(row.id) not in ids(wired, "affiliations", area="340111002", limit=200)


def test_part_of_is_what_joined_as_a_whole_and_what_a_tight_consortium_runs(wired: Client) -> None:
    joining = models.Joining.objects.filter(period__contains=DAY).first()
    assert joining is not None
    parents = models.Joining.objects.filter(child=joining.child_id, period__contains=DAY)
    part_of = get(wired, f"organizations/{joining.child_id}")["part_of"]
    assert UUID(part_of["id"]) in set(parents.values_list("parent_id", flat=True))
    tight = models.ConsortiumVersion.objects.filter(period__contains=DAY, tight=True).first()
    assert tight is not None
    member = models.Membership.objects.filter(
        consortium_id=tight.consortium_id, role="MEMBER", period__contains=DAY
    ).first()
    assert member is not None
    assert get(wired, f"organizations/{member.institution_id}")["part_of"]["name"] == tight.name
    models.ConsortiumVersion.objects.filter(consortium_id=tight.consortium_id).update(tight=False)
    assert get(wired, f"organizations/{member.institution_id}")["part_of"] != part_of


def test_history_tells_what_a_thing_was_and_an_ended_one_is_still_found(wired: Client) -> None:
    version = models.InstitutionVersion.objects.filter(period__contains=DAY, level=3).first()
    assert version is not None
    start = version.period.lower
    version.period = DateRange(start, date(2019, 10, 1))
    version.save()
    version.pk, version.name = uuid4(), "更名后的医院（演示）"
    version.period = DateRange(date(2019, 10, 1), date(2020, 1, 1))
    version.save(force_insert=True)
    path = f"organizations/{version.institution_id}"
    told = get(wired, path, history="true")
    assert [row["period"]["start"] for row in told["history"]] == [start.isoformat(), "2019-10-01"]
    assert [row["active"] for row in told["history"]] == [True, False]
    assert told["name"] == told["history"][0]["name"] != "更名后的医院（演示）"
    ended = get(wired, path, on="2021-01-01")
    assert (ended["active"], ended["name"]) == (False, "更名后的医院（演示）")
    assert problem(wired.get(f"/api/network/organizations/{uuid4()}"), 404)["code"] == "network.no_such_thing"


def test_an_unchanged_list_is_not_read_again_and_a_changed_one_is(wired: Client) -> None:
    path = "/api/network/organizations"
    query = {"on": AUGUST, "limit": 10}
    tag = wired.get(path, query)["ETag"]
    assert tag.startswith('W/"')
    with CaptureQueriesContext(connection) as asked:
        again = wired.get(path, query, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert not any("network_institutionversion" in query["sql"] for query in asked.captured_queries)
    assert wired.get(path, query | {"limit": 11}, headers={"If-None-Match": tag}).status_code == 200
    assert wired.get(path, query | {"on": "2019-08-02"}, headers={"If-None-Match": tag}).status_code == 200
    hospital = get(wired, "organizations", type="institution", level=3)["items"][0]
    standing = get(wired, "registers/institutions", region="wuhu", institution=hospital["id"])["items"][0]
    cells = {**standing, "from": AUGUST, "beds": hospital["beds"] + 1}
    written = wired.post(
        "/api/network/registers",
        json.dumps(
            {"region": "wuhu", "on": AUGUST, "entries": [{"register": "institutions", "cells": cells}]}
        ),
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert written.status_code == 201, written.content
    assert wired.get(path, query, headers={"If-None-Match": tag}).status_code == 200


HOSTILE = [
    ("on", "20190801"),
    ("on", "2019-13-01"),
    ("on", "yesterday"),
    ("on", "2019-08-01T00:00:00"),
    ("limit", "0"),
    ("limit", "201"),
    ("limit", "many"),
    ("area", "3402\0"),
    ("area", "34O2"),
    ("area", "340"),
    ("area", "9" * 10_000),
    ("q", "\0"),
    ("q", "x" * 10_000),
    ("cursor", "x" * 10_000),
    ("cursor", "%00"),
    ("count", "perhaps"),
]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(("at", "value"), HOSTILE)
def test_a_hostile_value_is_refused_by_the_name_of_its_parameter(
    wired: Client, name: str, at: str, value: str
) -> None:
    found = problem(wired.get(f"/api/network/{name}", {at: value}), 422)
    assert [error["at"] for error in found["errors"]] == [at]


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("organizations", "kind", "CLUB"),
        ("organizations", "category", "BAR\0"),
        ("organizations", "level", "4"),
        ("organizations", "owner", "x" * 10_000),
        ("services", "organization", "1"),
        ("services", "specialty", "03%"),
        ("practitioners", "scope", "_" * 10_000),
        ("practitioner-roles", "ground", "\0"),
        ("affiliations", "role", "BOSS"),
    ],
)
def test_so_is_one_of_a_filter(wired: Client, name: str, at: str, value: str) -> None:
    found = problem(wired.get(f"/api/network/{name}", {at: value}), 422)
    assert {error["at"].split(".")[0] for error in found["errors"]} == {at}


def test_a_misspelt_filter_does_not_answer_with_everything(wired: Client) -> None:
    found = problem(wired.get("/api/network/organizations", {"categroy": "CLINIC", "x\0": "1"}), 422)
    assert [error["at"] for error in found["errors"]] == ["categroy", "x?"]
    assert "category" in found["way_on"]


@pytest.fixture
def many(wuhu: str) -> Iterator[None]:
    """Three hundred more institutions."""
    for n in range(300):
        _institution(f"many-{n:03}", f"诊所{n}（演示）")
    yield


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_queries_however_long_it_is(wired: Client, many: None, name: str) -> None:
    for limit in (1, 200):
        with CaptureQueriesContext(connection) as asked:
            get(wired, name, limit=limit)
        ours = [query["sql"] for query in asked.captured_queries if "network_" in query["sql"]]
        assert len(ours) == 2, ours  # the stamp and the page
        assert len(asked) == QUERIES, [query["sql"][:90] for query in asked.captured_queries]
        with CaptureQueriesContext(connection) as asked:
            get(wired, name, limit=limit, count="true")
        assert len(asked) == QUERIES + 1


# Session, account, grants, the read guard's clock, the stamp, the page.
QUERIES = 3


def test_every_role_of_a_member_can_be_asked_for(wired: Client) -> None:
    roles = get_args(shapes.AffiliationRole)
    assert set(Role) < set(roles)
    assert (
        sum(get(wired, "affiliations", role=role, count="true")["total"] for role in roles)
        == (get(wired, "affiliations", count="true")["total"])
    )


def test_ids_are_those_of_the_network(wired: Client) -> None:
    key = stable_id("network", "wuhu", "consortium", "urban-rural-second")
    assert get(wired, f"organizations/{key}")["type"] == "consortium"
