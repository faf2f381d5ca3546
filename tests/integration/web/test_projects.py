"""Work programmes and their projects, through pages, commands and the API: what a clause lists is there, what it does not is not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.referrals.seen import in_force

from tiercare.apps.evaluation.commands.projects import ask_yearly
from tiercare.apps.evaluation.queries import projects as queries
from tiercare.apps.evaluation.queries.oversight import roll
from tiercare.apps.evaluation.queries.projects import Count, Wanted
from tiercare.apps.evaluation.rules.projects import parts_now
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as clock
from tiercare.kernel.actor import Actor

from ..evaluation.supervised import PDF, Parties, commands, do, office_at, parties, shown, stored
from ..residents.conftest import site
from .test_supervision import as_, posted, read, sent

__all__ = ["as_", "parties", "site"]
from .projects_desk import (
    AT,
    changed,
    choice,
    counts,
    county_hospital,
    due,
    ended,
    opened,
    prefixed,
    refused,
    step,
    words,
)

# --- CX-01 ---------------------------------------------------------------------------------------------


@pytest.mark.clause("CX-01")
def test_five_priorities_hold_every_task_and_the_dashboard_counts_them_by_county(
    parties: Parties, as_, monkeypatch
) -> None:
    in_force("chuxiong", "3402")
    city, county = parties.city, parties.county
    goal = {"goal": "示例：全县建成"}
    for programme in words("CX-01.focus"):
        opened(city, programme, "division:340223", plan=goal)
    late = opened(city, "consortium", "division:340207", plan=goal)
    done = opened(city, "consortium", "division:340223", plan=goal)
    ended(county, done, outcome="示例：建成")
    do(city, done, Act.CLOSE, "")
    matter_due(late, clock.today() - timedelta(days=1))
    # A task of what stands under a priority counts there, and nowhere else.
    hospital = parties.choice(parties.site.county_hospital)
    opened(city, "weak_specialty", hospital, plan={"specialty": "icu", "measure": "talent"})
    found = counts(city)
    assert set(found) == set(words("CX-01.focus"))
    assert found["consortium"] == {"340223": Count(1, 1, 0), "340207": Count(1, 0, 1)}
    assert found["county_capacity"]["340223"] == Count(2, 0, 0)
    assert found["single_disease"] == {"340223": Count(1, 0, 0)}
    page = read(as_(city).get(f"/projects{AT}"))
    for name in (
        "医联体建设",
        "区域医疗中心建设",
        "县级医院能力建设",
        "重大疾病单病种管理",
        "三级医院日间服务",
    ):
        assert name in page
    assert "南陵县" in page and "鸠江区" in page
    behind = read(as_(city).get(f"/projects/list{AT}&top=consortium&box=late"))
    assert str(late) in behind and str(done) not in behind
    # What another reads is their own: the county sees its tasks, another city none.
    assert set(counts(county)["consortium"]) == {"340223"}
    assert not any(counts(parties.elsewhere).values())
    # A priority that the text lists no longer is gone, with its tasks refused by the clause.
    changed(monkeypatch, "CX-01.focus", [each for each in words("CX-01.focus") if each != "consortium"])
    assert refused(lambda: opened(city, "consortium", "division:340223", plan=goal)) == {
        "evaluation.programme_not_listed": ("CX-01",)
    }
    assert refused(lambda: opened(city, "feature_department", "division:340223")) == {
        "evaluation.programme_not_listed": ("CX-01",)
    }
    page = read(as_(city).get(f"/projects/new{AT}"))
    assert "医联体建设" not in page and "三级医院日间服务" in page
    assert counts(city)["consortium"]["340223"] == Count(1, 1, 0), "what was begun is ended"


def matter_due(key: UUID, day: date) -> None:
    """As time goes by."""
    from tiercare.apps.access.queries import scoped
    from tiercare.apps.evaluation.models import Matter

    with scoped(Actor.system("test"), area="*"):
        Matter.objects.filter(id=key).update(due_on=day)


def test_the_dashboard_asks_as_often_for_many_as_for_one(parties: Parties) -> None:
    hospital = parties.choice(parties.site.county_hospital)
    plan = {"specialty": "icu", "measure": "talent"}

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as told:
            queries.dashboard(parties.city)
        return len(told)

    opened(parties.city, "weak_specialty", hospital, plan=plan)
    asked()
    before = asked()
    for _ in range(7):
        opened(parties.city, "weak_specialty", hospital, plan=plan)
    assert asked() == before


# --- XH-01 ---------------------------------------------------------------------------------------------


def test_the_roll_out_goes_in_the_order_of_its_starting_points(parties: Parties, monkeypatch) -> None:
    in_force("xinhui", "3402")
    city, county = parties.city, parties.county
    key = opened(city, "roll_out", "division:340223")
    stands = parts_now(stored(key).payload, [])
    assert [each.part["id"] for each in stands] == [*words("XH-01.entry"), *words("XH-01.breakthrough")]
    assert refused(lambda: step(county, key, "chronic")).keys() == {"evaluation.earlier_first"}
    step(county, key, "family_doctor")
    assert refused(lambda: ended(county, key, outcome="示例")).keys() == {"evaluation.parts_left"}
    for part in ("common", "frequent"):
        step(county, key, part)
    step(county, key, "chronic", "dropped")
    assert ended(county, key, outcome="示例") is State.SUBMITTED
    # The other way round where the text has them so.
    changed(monkeypatch, "XH-01.breakthrough", ["chronic", "common"])
    other = opened(city, "roll_out", "division:340223")
    step(county, other, "family_doctor")
    assert step(county, other, "chronic") is State.OPEN
    assert refused(lambda: step(county, other, "frequent")).keys() == {"evaluation.no_such_part"}


# --- NHC-23 --------------------------------------------------------------------------------------------


@pytest.mark.clause("NHC-23")
def test_a_candidate_is_kept_with_five_measures_each_proven(parties: Parties, as_, monkeypatch) -> None:
    city = parties.city
    provincial = choice(city, "provincial_hospitals")
    owner = office_at(
        next(s for s in roll(city).subjects.values() if s.choice == provincial).party.institution_id
    )
    plan = {"centre": "regional", "field": "示例：综合"}
    assert refused(lambda: opened(city, "centre_candidate", parties.township, plan=plan)) == {
        "evaluation.not_of_programme": ("NHC-23",)
    }
    assert refused(lambda: opened(city, "centre_candidate", provincial, plan={"field": "示例"})).keys() == {
        "evaluation.field_missing"
    }
    here = posted(
        as_(city).post(
            f"/projects/new{AT}",
            sent(programme="centre_candidate", subject=provincial, due_on=due(), **prefixed(plan)),
        )
    )
    key = UUID(re.search(r"matters/([0-9a-f-]{36})", here)[1])
    measures = words("NHC-23.measures")
    assert [each["id"] for each in stored(key).payload["parts"]] == measures
    page = read(as_(owner).get(here))
    assert "国家区域医疗中心" in page and "加大投入" in page and "已完成 0 / 5 项" in page
    part = f"/projects/{key}/parts{AT}"
    bare = read(as_(owner).post(part, sent(part="policy", state="done", words="示例：已出台")), 422)
    assert "证明材料" in bare and "示例：已出台" in bare
    proof = SimpleUploadedFile("批文.pdf", PDF, "application/pdf")
    posted(as_(owner).post(part, sent(part="policy", state="done", words="示例：已出台", file=proof)))
    posted(as_(owner).post(part, sent(part="talent", state="under_way", words="示例：引进中")))
    page = read(as_(city).get(here))
    assert "已完成 1 / 5 项" in page and "批文.pdf" in page and "进行中" in page
    for measure in measures:
        step(owner, key, measure, proof=True)
    assert ended(owner, key, outcome="under_review") is State.SUBMITTED
    # A measure that the text does not name is not asked for.
    changed(monkeypatch, "NHC-23.measures", measures[:3])
    other = opened(city, "centre_candidate", provincial, plan=plan)
    assert [each["id"] for each in stored(other).payload["parts"]] == measures[:3]
    assert refused(lambda: step(owner, other, measures[4])).keys() == {"evaluation.no_such_part"}


# --- NHC-27 --------------------------------------------------------------------------------------------


def sheet(**more: str) -> dict[str, str]:
    numbers = {
        "physicians": "120",
        "seniors": "20",
        "recruited": "5",
        "new_techniques": "3",
        "major_operations": "900",
        "key_specialties": "2",
        "second_level": "30",
    }
    return numbers | more


@pytest.mark.clause("NHC-27")
def test_the_sheet_is_asked_yearly_and_stands_beside_the_year_before(
    parties: Parties, as_, monkeypatch
) -> None:
    city, hospital = parties.city, county_hospital(parties)
    year = clock.today().year
    for when, physicians in ((year - 1, "120"), (year, "131")):
        answer = as_(city).post(f"/projects/yearly{AT}", sent(programme="county_capability", year=str(when)))
        assert "programme=county_capability" in posted(answer)
        key = next(
            each.id
            for each in queries.projects(hospital, Wanted(programme="county_capability", year=str(when)))[0]
        )
        assert refused(lambda key=key: ended_sheet(hospital, key, sheet(physicians="很多"))).keys() == {
            "evaluation.field_missing"
        }
        ended_sheet(hospital, key, sheet(physicians=physicians))
    assert ask_yearly(city, programme="county_capability", year=str(year)) == 0, "each is asked once"
    _before, lines = queries.beside(city, stored_standing(city, key))
    told = {each.field["id"]: (each.now, each.before, each.change) for each in lines}
    assert told["physicians"] == ("131", "120", "+11") and told["seniors"][2] == "0"
    page = read(as_(city).get(f"/supervision/matters/{key}{AT}"))
    assert f"{year} 年与 {year - 1} 年对照" in page and "+11" in page
    assert all(name in page for name in ("人才", "技术", "临床专科"))
    # A domain that the text does not name is not asked for.
    changed(monkeypatch, "NHC-27.core", ["talent", "specialty"])
    ask_yearly(city, programme="county_capability", year=str(year + 1))
    (other,) = queries.projects(hospital, Wanted(programme="county_capability", year=str(year + 1)))[0]
    fields = {each["id"] for each in other.standing.payload["sheet"]}
    assert "new_techniques" not in fields and "physicians" in fields


def ended_sheet(actor: Actor, key: UUID, figures: Mapping[str, str]) -> State:
    return commands.act(actor, matter_id=key, act=Act.SUBMIT, said=Said("示例：填报", figures))


def stored_standing(actor: Actor, key: UUID):
    return shown(actor, key).standing


# --- the rest ------------------------------------------------------------------------------------------


def test_who_has_no_part_sees_nothing_and_who_issues_nothing_opens_nothing(parties: Parties, as_) -> None:
    hospital = parties.choice(parties.site.county_hospital)
    key = opened(parties.city, "weak_specialty", hospital, plan={"specialty": "icu", "measure": "talent"})
    assert queries.projects(parties.stranger, Wanted())[0] == []
    assert queries.projects(parties.elsewhere, Wanted())[0] == []
    assert [each.id for each in queries.projects(county_hospital(parties), Wanted())[0]] == [key]
    assert (
        as_(parties.stranger).post(f"/projects/{key}/parts{AT}", sent(part="a", state="done")).status_code
        == 404
    )
    answer = as_(parties.member).post(
        f"/projects/new{AT}", sent(programme="weak_specialty", subject=hospital)
    )
    assert answer.status_code == 403
    assert read(as_(parties.member).get(f"/projects{AT}"))


def test_wrong_years_and_programmes_are_told(parties: Parties) -> None:
    city = parties.city
    for year in ("26", "去年", "9999"):
        assert refused(
            lambda year=year: ask_yearly(city, programme="county_capability", year=year)
        ).keys() == {"evaluation.no_year"}
    assert refused(lambda: ask_yearly(city, programme="weak_specialty", year="2026")).keys() == {
        "evaluation.not_yearly"
    }
    assert refused(lambda: opened(city, "nothing", "division:340223")).keys() == {"evaluation.no_programme"}
    hospital = parties.choice(parties.site.county_hospital)
    assert refused(
        lambda: opened(
            city, "weak_specialty", hospital, plan={"specialty": "icu", "measure": "talent", "x": "1"}
        )
    ).keys() == {"evaluation.unknown_field"}
    key = opened(city, "weak_specialty", hospital, plan={"specialty": "icu", "measure": "talent"})
    owner = county_hospital(parties)
    for figures, code in (
        ({"percent": "140%"}, "no_percent"),
        ({"part": "x", "state": "done"}, "no_such_part"),
        ({"colour": "red"}, "unknown_field"),
    ):
        said = Said("示例", figures)
        assert refused(
            lambda said=said: commands.act(owner, matter_id=key, act=Act.NOTE, said=said)
        ).keys() == {f"evaluation.{code}"}


def test_pages_are_whole_in_english(parties: Parties, as_) -> None:
    hospital = parties.choice(parties.site.county_hospital)
    key = opened(parties.city, "weak_specialty", hospital, plan={"specialty": "icu", "measure": "talent"})
    city = as_(parties.city)
    city.cookies["tiercare_language"] = "en"
    for address in (
        "/projects",
        "/projects/list",
        "/projects/new",
        "/projects/standards/weak_specialties",
        f"/supervision/matters/{key}",
    ):
        read(city.get(f"{address}{AT}"))
    assert city.get(f"/projects/standards/nothing{AT}").status_code == 404


def test_the_same_by_the_api_once_for_each_key(parties: Parties, as_) -> None:
    city, owner = as_(parties.city), as_(county_hospital(parties))
    hospital = parties.choice(parties.site.county_hospital)

    def post(browser: Client, address: str, body: dict[str, object], key: str, status: int = 201):
        answer = browser.post(
            f"/api/{address}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": key},
        )
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    told = city.get("/api/projects/programmes").json()
    assert "weak_specialty" in {each["id"] for each in told["programmes"]}
    body = {
        "programme": "weak_specialty",
        "subject": hospital,
        "plan": {"specialty": "icu", "measure": "talent"},
        "due_on": due(),
    }
    made = post(city, "projects", body, "the-same-project")
    assert post(city, "projects", body, "the-same-project") == made
    assert city.get("/api/projects/counts").json()["items"][0]["open"] >= 1
    (one,) = owner.get("/api/projects?programme=weak_specialty&box=open").json()["items"]
    assert one["id"] == made["id"] and one["plan"]["specialty"] == "icu" and one["planned"] == due()
    figures = {"done_on": clock.today().isoformat(), "outcome": "示例"}
    done = post(
        owner,
        f"supervision/matters/{made['id']}/acts/submit",
        {"words": "示例", "version": 1, "sheet": figures},
        "hand-in-once",
        200,
    )
    assert done["state"] == "SUBMITTED"
    post(city, "projects/yearly", {"programme": "county_capability", "year": "2030"}, "ask-for-sheets")
    lines = city.get("/api/projects/standards/weak_specialties").json()["items"]
    assert any(each["subject"] == hospital for each in lines)
