"""YN-96: each department sees its own duties; insurance supervision gets the paid visits that rules flag."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook
from tests.integration.evaluation.facts_made import LEAD, OTHER_LEAD, commission, lay
from tests.integration.referrals.places import altered
from tests.integration.web.test_assessments import as_
from tests.unit.measures.frames import filled

from tiercare.apps.access.models import Account
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands.claims import list_claims, look, raise_claim
from tiercare.apps.evaluation.commands.departments import end_post, name_post
from tiercare.apps.evaluation.queries import departments as queries
from tiercare.apps.evaluation.queries.matters import Wanted, matters
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import Party
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refused

__all__ = ["as_"]  # fixtures
pytestmark = pytest.mark.django_db
PACK, FRAME = "yunnan", "region=yunnan"
INSURANCE = "human_resources_social_security"
HERE = f"/board/departments/{INSURANCE}"


@pytest.fixture(autouse=True)
def _facts(wuhu: str, settings, tmp_path) -> None:
    """Two years of visits, and stays that the rules flag, all made up."""
    settings.FACTS_ROOT = tmp_path / "facts"
    lay(settings.FACTS_ROOT, more=PLANTED)


def stay(key: str, first: date, last: date, **more) -> dict:
    given = {
        "visit": key,
        "person": "P-1",
        "kind": "inpatient",
        "admitted": first,
        "date": last,
        "days": (last - first).days,
    }
    given |= {
        "institution": LEAD,
        "tier": "tertiary",
        "place": "340202",
        "home": "340202",
        "insured": "340202",
    }
    given |= {"diagnosis": "I10", "arrival": "self", "cost": 300_000, "fund": 200_000, "own": 100_000}
    return filled("visits", **(given | more))


PLANTED = [
    stay("first", date(2019, 3, 1), date(2019, 3, 8)),
    stay("again", date(2019, 3, 15), date(2019, 3, 20)),  # seven days after
    stay("dear", date(2019, 4, 1), date(2019, 4, 2), person="P-2", cost=900_000, fund=700_000, own=200_000),
    stay(
        "sums",
        date(2019, 5, 1),
        date(2019, 5, 6),
        person="P-3",
        institution=OTHER_LEAD,
        place="340203",
        own=99_999,
    ),
]


def insurer(area: str = "3402") -> Actor:
    return replace(
        commission(area),
        account_id=stable_id("test-account", "insurer", area),
        name="医保经办",
        role=Role.INSURANCE.value,
    )


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {each.code for each in caught.value.refusals}


def text(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def totals(actor: Actor, span: str = "2019") -> dict[str, int]:
    found, _period, synthetic = look(actor, pack=PACK, span=span)
    assert synthetic
    return {each.rule.id: each.total for each in found}


def changed(monkeypatch, name: str, value) -> None:
    packs = altered(name, value)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)


def names_of(found) -> list[str]:
    return [each.id for each in found]


@pytest.mark.clause("YN-96")
def test_departments_see_their_duties_and_insurance_gets_the_flagged_visits(
    as_: Callable[..., Client], monkeypatch
) -> None:
    desk = as_(Role.INSURANCE)
    # Their own workspace, at once; nothing of the others.
    answer = desk.get(f"/board/departments?{FRAME}", follow=True)
    shown = text(answer)
    assert answer.redirect_chain and "监管医保医疗服务" in shown and "完善医疗服务价格" not in shown
    assert desk.get(f"/board/departments/price?{FRAME}").status_code == 403
    ids = set(re.findall(r"/clauses/(YN-\d+)", answer.content.decode()))
    body = "省人力资源社会保障厅"
    assert ids == {
        each.id
        for each in mandates.packs().clauses_for(PACK)
        if body in (*each.responsible, *each.supporting)
    }
    # The visits that rules flag: counts, then the list, unnamed.
    counts = text(desk.get(f"{HERE}/claims?{FRAME}&span=2019"))
    assert "同院同病短期再住院" in counts and "合成数据" in counts and "在与医保交换结算单之前" in counts
    listed = desk.post(f"{HERE}/claims/listed?{FRAME}", {"rule": "readmitted", "span": "2019"})
    assert "2019-03-15 — 2019-03-20" in text(listed) and "P-1" not in listed.content.decode()
    assert totals(insurer()) == {
        "fund_over_cost": 0,
        "sums_differ": 1,
        "readmitted": 1,
        "dear_short_stay": 1,
        "elsewhere_meanwhile": 0,
    }
    # The pack says otherwise: six days, and a department less.
    changed(monkeypatch, "YN-96.readmitted_days", 6)
    assert totals(insurer())["readmitted"] == 0
    changed(monkeypatch, "YN-96.short_stay_yuan", 9001)
    assert totals(insurer())["dear_short_stay"] == 0
    changed(monkeypatch, "YN-96.departments", ("health", "price", "finance"))
    assert desk.get(f"{HERE}?{FRAME}").status_code == 404
    with pytest.raises(Refused):
        look(insurer(), pack=PACK, span="2019")


def test_who_sees_which(as_) -> None:
    on = clock.today()
    every = ["health", "price", "finance", INSURANCE, "development_bank"]
    assert names_of(queries.workspaces(commission(), PACK, on=on)) == every
    assert names_of(queries.workspaces(insurer(), PACK, on=on)) == [INSURANCE]
    for role in (Role.AUDITOR, Role.CONSORTIUM_OFFICE):
        assert queries.workspaces(replace(insurer(), role=role.value), PACK, on=on) == []
    assert queries.workspaces(commission(), "wuhu", on=on) == [], "no text of 芜湖 divides duties so"
    assert (
        text(as_(Role.COMMISSION).get("/board/departments?region=wuhu")).count("当地的文件没有按部门分工")
        == 1
    )
    assert as_(Role.AUDITOR).get(f"{HERE}/claims?{FRAME}").status_code == 403
    assert queries.workspaces(commission(), PACK, on=date(2017, 6, 30))[0].id == "development_bank", (
        "before the text"
    )


def test_whoever_is_named_to_a_department_sees_that_one_only(as_) -> None:
    desk = as_(Role.INSURANCE)
    officer = Account.objects.get(id=desk.session["_auth_user_id"])
    city = as_(Role.COMMISSION)
    sent = {"username": officer.username, "since": clock.today().isoformat(), "once": str(uuid7())}
    answer = city.post(f"/board/departments/price/posts?{FRAME}", sent, follow=True)
    assert "已任命" in text(answer) and officer.display_name in text(answer)
    shown = text(desk.get(f"/board/departments?{FRAME}", follow=True))
    assert "完善医疗服务价格" in shown and "监管医保医疗服务" not in shown
    assert desk.get(f"{HERE}?{FRAME}").status_code == 403
    assert desk.get(f"{HERE}/claims?{FRAME}").status_code == 403, "prices supervise no insured services"
    # Twice is refused; a stranger too; ended, the role counts again.
    assert (
        city.post(f"/board/departments/price/posts?{FRAME}", sent | {"once": str(uuid7())}).status_code == 409
    )
    unknown = sent | {"username": "nobody", "once": str(uuid7())}
    assert city.post(f"/board/departments/price/posts?{FRAME}", unknown).status_code == 422
    (post,) = queries.posts(commission(), "price")
    with pytest.raises(Refused):
        end_post(insurer(), post_id=post.id)
    end_post(commission(), post_id=post.id)
    assert desk.get(f"{HERE}?{FRAME}").status_code == 200
    with pytest.raises(Refused) as caught:
        end_post(commission(), post_id=post.id)
    assert codes(caught) == {"evaluation.no_such_post"}
    later = name_post(
        commission(),
        pack=PACK,
        department="price",
        username=officer.username,
        since=clock.today() + timedelta(days=3),
    )
    assert desk.get(f"{HERE}?{FRAME}").status_code == 200 and later, "not before its day"


def test_open_matters_are_the_departments_own(as_) -> None:
    def issue(clause: str, title: str):
        return commands.issue(
            commission(),
            commands.Issue(
                KindId.RECTIFICATION,
                title,
                Party("3402"),
                clock.today() + timedelta(days=9),
                clauses=(clause,),
                pack=PACK,
                payload={"file": False},
            ),
        )

    def naming(*wanted: str, never: str) -> str:
        return next(
            each.id
            for each in mandates.packs().clauses_for(PACK)
            if set(wanted) <= set(each.responsible) and never not in (*each.responsible, *each.supporting)
        )

    issue(naming("省物价局", never="省财政厅"), "价格事项")
    issue(naming("省财政厅", never="省物价局"), "财政事项")

    def open_of(key: str) -> list[str]:
        found = queries.workspace(commission(), PACK, key, on=clock.today())
        return [each.standing.title for each in found.matters]

    assert (open_of("price"), open_of("finance"), open_of("development_bank")) == (
        ["价格事项"],
        ["财政事项"],
        [],
    )
    assert "价格事项" in text(as_(Role.COMMISSION).get(f"/board/departments/price?{FRAME}"))
    assert "财政事项" not in text(as_(Role.COMMISSION).get(f"/board/departments/price?{FRAME}"))


def test_listing_is_on_record_and_raising_makes_one_matter_that_can_be_put_right(as_) -> None:
    before = set(Event.objects.values_list("id", flat=True))
    found = list_claims(insurer(), pack=PACK, rule="sums_differ", span="2019")
    (event,) = Event.objects.exclude(id__in=before)
    assert (event.kind, event.payload["indicator"], event.payload["cases"]) == (
        "evaluation.cases_listed",
        "claims:sums_differ",
        1,
    )
    (row,) = found.rows
    assert (row.institution, row.cost, row.own) == (OTHER_LEAD, 300_000, 99_999)
    desk = as_(Role.INSURANCE)
    sent = {"rule": "sums_differ", "span": "2019", "mark": row.mark, "institution": "", "once": str(uuid7())}
    assert "已提请" in text(desk.post(f"{HERE}/claims/raise?{FRAME}", sent, follow=True))
    again = desk.post(f"{HERE}/claims/raise?{FRAME}", sent | {"once": str(uuid7())})
    assert again.status_code == 409
    with pytest.raises(Refused) as caught:
        raise_claim(insurer(), pack=PACK, rule="sums_differ", span="2019", mark="0")
    assert codes(caught) == {"evaluation.claim_not_listed"}
    (alert,) = matters(commission(), Wanted(kinds=(KindId.ALERT,)))
    assert alert.standing.subject_key == OTHER_LEAD and row.mark in alert.standing.payload["content"]["zh"]
    page = as_(Role.COMMISSION).get(f"/supervision/matters/{alert.id}?region=wuhu")
    assert page.status_code == 200 and row.mark in page.content.decode()
    assert [
        each.standing.title
        for each in queries.workspace(insurer(), PACK, INSURANCE, on=clock.today()).matters
    ] == [alert.standing.title]


def test_an_insurer_of_a_county_sees_its_own(as_) -> None:
    county = totals(insurer("340203"))
    assert (county["sums_differ"], county["readmitted"]) == (1, 0)
    found = list_claims(insurer("340202"), pack=PACK, rule="readmitted", span="2019", institution=LEAD)
    assert (found.total, found.institutions) == (1, ((LEAD, 1),))
    assert totals(insurer(), "2018") == dict.fromkeys(totals(insurer()), 0)


def test_the_file_and_bad_input(as_) -> None:
    desk = as_(Role.INSURANCE)
    answer = desk.post(f"{HERE}/claims/file?{FRAME}", {"rule": "dear_short_stay", "span": "2019"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2 and rows[1][7:10] == [9000, 7000, 2000] and "P-2" not in str(rows)
    assert desk.post(f"{HERE}/claims/file?{FRAME}", {"rule": "nothing", "span": "2019"}).status_code == 404
    assert (
        desk.post(f"{HERE}/claims/listed?{FRAME}", {"rule": "readmitted", "span": "2019-13"}).status_code
        == 422
    )
    assert desk.get(f"{HERE}/claims?{FRAME}&span=x").status_code == 422
    assert desk.get(f"/board/departments/nothing?{FRAME}").status_code == 404
    assert as_(Role.COMMISSION).get(f"/board/departments/price/claims?{FRAME}").status_code == 403


def test_without_any_visits_the_page_says_what_to_do(as_, settings, tmp_path) -> None:
    settings.FACTS_ROOT = tmp_path / "none"
    assert "还没有就诊数据" in text(as_(Role.INSURANCE).get(f"{HERE}/claims?{FRAME}"))
