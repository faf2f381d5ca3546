"""Plans of institutions (XH-12): numbered versions, what goes beyond is marked and waits for an override, and the comparison."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import connection

from tiercare.apps.ledger.models import Event
from tiercare.apps.network import models
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.commands import institution_plans as keeping
from tiercare.apps.network.queries import institution_plans as plans
from tiercare.apps.network.queries.drafts import present_rows
from tiercare.apps.network.rules.drafting import Change
from tiercare.apps.network.rules.institution_plans import PlanKind
from tiercare.apps.network.rules.reorganising import Present
from tiercare.apps.network.rules.reorganising.present import Rows
from tiercare.kernel.actor import Actor

from .regions import altered, change, commission, key_of, laid_down, refusals

AREA = "440705"
START, LATER = date(2018, 1, 1), date(2020, 1, 1)
ON = date(2018, 6, 1)


@pytest.fixture
def district(wuhu: str) -> Actor:
    laid_down("xinhui")
    return commission(AREA, "演示·区卫健局甲")


@pytest.fixture
def another(district: Actor) -> Actor:
    return commission(AREA, "演示·区卫健局乙")


def lines(*rows: tuple[str, ...]) -> keeping.ReadLines:
    names = ("area", "subject", "kind", "level", "allowed")
    found = [(f"#{n}", dict(zip(names, row, strict=True))) for n, row in enumerate(rows, start=1)]
    return keeping.read_lines(found, division=AREA)


def kept(actor: Actor, read: keeping.ReadLines, start: date = START, **more: str) -> models.InstitutionPlan:
    draft = keeping.PlanDraft("新会区医疗机构设置规划（演示）", start, start, **more)
    return keeping.keep_institution_plan(
        actor=actor, division=AREA, kind=PlanKind.INSTITUTION_SETTING, draft=draft, read=read
    )


def institution(**cells: str) -> tuple[str, dict[str, str]]:
    row = {
        "code": "xinhui-demo-rehab",
        "name": "演示康复医院",
        "category": "REHABILITATION",
        "level": "2",
        "owner": "PRIVATE",
        "affiliation": "NONE",
        "division": AREA,
        "beds": "120",
        "facilities": "referral_office",
        "from": ON.isoformat(),
    }
    return "institutions", row | cells


def proposed(actor: Actor, what: Change, title: str = "设置演示康复医院") -> UUID:
    return drafts.propose_changes(actor=actor, region=AREA, title=title, change=what).id


NO_REHAB = (AREA, "institutions", "REHABILITATION", "", "0")


@pytest.mark.clause("XH-12")
def test_what_exceeds_the_plan_is_marked_and_needs_an_override(
    district: Actor, another: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(district, lines(NO_REHAB, (AREA, "beds", "", "", "100000")))
    application = proposed(district, change(institution()))
    (mark,) = drafts.ready(models.Application.objects.get(id=application)).marks
    assert (mark.existing, mark.applied, mark.over) == (0, 1, 1)
    refused = refusals(lambda: drafts.approve_application(actor=another, application_id=application))
    assert refused["application_exceeds_plan"].clauses == ("XH-12",)
    assert "康复医院" in refused["application_exceeds_plan"].sentence("zh")
    assert "override_without_reason" in refusals(
        lambda: drafts.override_plan(actor=another, application_id=application, reason=" ")
    )
    own = refusals(lambda: drafts.override_plan(actor=district, application_id=application, reason="有需要"))
    assert "application_own" in own, "an override is a decision: nobody's about their own application"
    outside = commission("340202")
    assert refusals(lambda: drafts.override_plan(actor=outside, application_id=application, reason="有需要"))
    drafts.override_plan(actor=another, application_id=application, reason="全区没有一家康复机构（演示）")
    (override,) = plans.overrides(application)
    assert (override.by_name, override.marks[0]["over"]) == ("演示·区卫健局乙", 1)
    assert Event.objects.filter(kind="network.plan_overridden").count() == 1
    drafts.approve_application(actor=another, application_id=application)
    assert models.InstitutionVersion.objects.filter(institution__slug="xinhui-demo-rehab").count() == 1

    # Where the pack limits beds alone, the same application is not marked.
    second = change(institution(code="xinhui-demo-rehab-2", name="演示康复医院二"))
    waiting = proposed(district, second)
    assert "application_exceeds_plan" in refusals(
        lambda: drafts.approve_application(actor=another, application_id=waiting)
    )
    altered(monkeypatch, "XH-12", plan_limits=("beds",))
    drafts.approve_application(actor=another, application_id=waiting)


def test_an_override_speaks_of_the_excess_it_saw_and_no_larger_one(district: Actor, another: Actor) -> None:
    kept(district, lines((AREA, "beds", "REHABILITATION", "", "100")))
    application = proposed(district, change(institution(beds="120")))
    drafts.override_plan(actor=another, application_id=application, reason="演示理由")
    drafts.return_application(actor=another, application_id=application, reason="请核对床位")
    for beds, fits in (("150", False), ("110", True)):
        drafts.resubmit_application(
            actor=district, application_id=application, title="再报", change=change(institution(beds=beds))
        )
        assert drafts.ready(models.Application.objects.get(id=application)).overridden is fits
        if not fits:
            drafts.return_application(actor=another, application_id=application, reason="超过已同意的")


def test_what_makes_an_excess_no_larger_is_not_marked(district: Actor, another: Actor) -> None:
    kept(district, lines((AREA, "beds", "GENERAL", "2", "10"), (AREA, "equipment", "ct", "", "1")))
    hospital = models.Institution.objects.get(id=key_of("xinhui", "institution", "xinhui_hospital"))
    here = Present(ON, present_rows(institutions=[hospital.slug], on=ON))
    fewer = Rows(here)
    fewer.begin(here.institution(hospital.slug), beds=800)
    application = proposed(district, Change(fewer.told()), "压减床位")
    assert not drafts.ready(models.Application.objects.get(id=application)).marks
    drafts.approve_application(actor=another, application_id=application)
    scanners = {"institution": hospital.slug, "kind": "ct", "count": "2", "from": ON.isoformat()}
    application = proposed(district, change(("equipment", scanners)))
    (mark,) = drafts.ready(models.Application.objects.get(id=application)).marks
    assert (mark.line.kind, mark.applied, mark.over) == ("ct", 2, 1)


def test_versions_are_numbered_and_the_one_before_ends_and_stays(district: Actor) -> None:
    kept(district, lines(NO_REHAB))
    assert "institution_plan_not_after" in refusals(lambda: kept(district, lines(NO_REHAB)))
    kept(
        district,
        lines((AREA, "institutions", "REHABILITATION", "", "2")),
        start=LATER,
        document="新卫〔2020〕1号（演示）",
    )
    newest, first = plans.versions(AREA)
    assert [(each.number, each.start, each.end) for each in (first, newest)] == [
        (1, START, LATER),
        (2, LATER, None),
    ]
    assert first.lines[0].allowed == 0 and newest.lines[0].allowed == 2
    assert [each.number for each in plans.in_force(AREA, on=ON)] == [1]
    with connection.cursor() as cursor:  # nobody who serves rewrites what was said
        cursor.execute("UPDATE network_institutionplanline SET allowed = 99")
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM network_institutionplan")
        assert cursor.rowcount == 0


def test_a_file_says_what_is_wrong_row_by_row_and_comes_back_the_same(district: Actor) -> None:
    bad = (
        "区划代码,规划对象,类别,级别,规划数\n"
        "440705,机构数,康复医院,,2\n"
        "340202,机构数,综合医院,,2\n"
        "440705,床位数,CT,,2\n"
        "440705,机构数,康复医院,,3\n"
        "440705,飞机,,,1\n"
    ).encode()
    read = keeping.read_file("规划.csv", bad, division=AREA)
    assert sorted(fault["place"].rpartition("!")[2] for fault in read.faults) == ["3", "4", "5", "6"]
    assert refusals(lambda: kept(district, read))["institution_plan_lines_are_bad"].fields == {"count": 4}
    good = lines((AREA, "institutions", "REHABILITATION", "2", "2"), ("440705101", "beds", "", "", "60"))
    plan = kept(district, good)
    version = plans.version(plan.id)
    assert version is not None
    file = plans.lines_file(version.lines)
    again = keeping.read_file(file.name, file.content, division=AREA)
    assert not again.faults
    assert {line.identity: line.allowed for line in again.lines} == {
        line.identity: line.allowed for line in version.lines
    }


def test_allowed_existing_and_applied_for_stand_side_by_side(district: Actor) -> None:
    kept(
        district,
        lines((AREA, "beds", "REHABILITATION", "", "100"), ("440705101", "institutions", "", "", "9")),
    )
    proposed(district, change(institution()))
    found = {each.line.subject.value: each for each in plans.compared(AREA, "xinhui", on=ON)}
    assert (found["beds"].existing, found["beds"].adds, found["beds"].left) == (0, 120, -20)
    assert [each.title for each in found["beds"].applied] == ["设置演示康复医院"]
    there = found["institutions"].houses
    assert found["institutions"].existing == len(there) > 0
    assert "大泽镇卫生院" in {house.name for house, _ in there}


def test_a_county_s_commission_keeps_no_plan_of_another(district: Actor) -> None:
    outside = commission("440703")
    assert refusals(lambda: kept(outside, lines(NO_REHAB)))


def test_a_region_whose_texts_limit_nothing_marks_nothing(district: Actor) -> None:
    kept(district, lines(NO_REHAB))
    changes = drafts.changes_of(models.Application(payload=change(institution()).payload))
    assert plans.marks_of(changes, AREA, "xinhui", on=ON)
    assert not plans.marks_of(changes, AREA, "cn", on=ON)


def test_who_puts_a_change_into_effect_alone_needs_an_override_too(district: Actor) -> None:
    kept(district, lines(NO_REHAB))
    draft = drafts.draft_changes(actor=district, region=AREA, title="设置", change=change(institution()))
    assert "application_exceeds_plan" in refusals(
        lambda: drafts.apply_draft(actor=district, application_id=draft.id)
    )
    drafts.override_plan(actor=district, application_id=draft.id, reason="省里已批准（演示）")
    drafts.apply_draft(actor=district, application_id=draft.id)
    assert models.InstitutionVersion.objects.filter(institution__slug="xinhui-demo-rehab").exists()
    assert "application_state" in refusals(
        lambda: drafts.override_plan(actor=district, application_id=draft.id, reason="再来一次")
    )
