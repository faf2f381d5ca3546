"""Changes drafted, looked at, applied, approved and undone: what a card forbids is said, and nothing stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import models, queries
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries import drafts as reading
from tiercare.apps.network.queries import worklist
from tiercare.apps.network.rules.drafting import Change, read_rows
from tiercare.apps.network.workflow import render_diagram
from tiercare.engines.policy.load import own_folder
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refused

AUGUST = date(2019, 8, 1)
START = AUGUST.isoformat()


def _actor(name: str, division: str) -> Actor:
    return Actor(uuid7(), name, "commission", division_code=division, request_id=uuid7())


@pytest.fixture
def city(wuhu: str) -> Actor:
    return _actor("演示·市卫健委", wuhu)


@pytest.fixture
def county(wuhu: str) -> Actor:
    """无为's commission; on the demonstration day it is still a county (340225)."""
    return _actor("演示·无为县卫健委", "340225")


@pytest.fixture
def dermatology(wuhu: str) -> None:
    """市二院 has a key specialty in dermatology, so that it may lead an alliance (WH-42)."""
    models.KeySpecialty.objects.create(
        institution_id=stable_id("network", "wuhu", "institution", "second_hospital"),
        code="13",
        rank="PROVINCIAL",
        period=DateRange(date(2018, 1, 1), None),
    )


@pytest.fixture
def without_approval(settings, tmp_path: Path) -> Iterator[None]:
    """芜湖's pack with one word changed: forming an alliance needs no consent beforehand."""
    copy = tmp_path / "wuhu"
    shutil.copytree(own_folder() / "wuhu", copy)
    path = copy / "cards" / "2-partners-and-alliances.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("approval_before_change: true") == 1
    path.write_text(
        text.replace("approval_before_change: true", "approval_before_change: false"), encoding="utf-8"
    )
    settings.POLICY_PACKS = [tmp_path]
    mandates.reload_packs()
    yield
    settings.POLICY_PACKS = []
    mandates.reload_packs()


def rows(*found: tuple[str, dict[str, str]]) -> Change:
    """A change of these rows."""
    entries, misread = read_rows({"register": register, "cells": cells} for register, cells in found)
    assert not misread, misread
    return Change(tuple(entries))


def alliance(code: str = "wuhu-skin", specialty: str = "13", division: str = "3402") -> Change:
    """An alliance led by 市二院, with 无为县人民医院 as a member."""
    common = {"consortium": code, "from": START}
    return rows(
        (
            "consortia",
            {
                "code": code,
                "name": "芜湖市皮肤专科联盟",
                "kind": "SPECIALTY_ALLIANCE",
                "division": division,
                "specialty": specialty,
                "from": START,
            },
        ),
        ("memberships", common | {"institution": "wuhu-second_hospital", "role": "LEAD"}),
        (
            "memberships",
            common | {"institution": "wuhu-wuwei_hospital", "role": "MEMBER", "consented_on": START},
        ),
    )


def second_partner() -> Change:
    """无为县人民医院医共体, a partner of 弋矶山医院, joins 市二院 as well, with an agreement of both."""
    return rows(
        (
            "joinings",
            {"parent": "wuhu-urban-rural-second", "child": "wuhu-community-wuwei-hospital", "from": START},
        ),
        (
            "agreements",
            {
                "code": "wuhu-second-wuwei",
                "title": "市二院与无为县人民医院合作协议",
                "consortium": "wuhu-urban-rural-second",
                "parties": "wuhu-second_hospital、wuhu-wuwei_hospital",
                "signed_on": START,
                "from": START,
                "to": "2021-01-01",
            },
        ),
    )


def refused_codes(error: pytest.ExceptionInfo[Refused]) -> dict[str, tuple[str, ...]]:
    return {r.code: r.clauses for r in error.value.refusals}


@pytest.mark.clause("WH-27")
def test_a_second_tertiary_partner_is_kept_as_a_draft_told_in_full_and_never_takes_effect(
    county: Actor, city: Actor
) -> None:
    draft = drafts.draft_changes(actor=county, region="3402", title="第二家合作医院", change=second_partner())
    assert (draft.state, draft.kind, draft.starts_on) == ("DRAFT", "JOINING", AUGUST)
    examined = drafts.examine(Change.read(draft.payload), region="3402")
    assert [v.card.key for v in examined.considered.broken] == ["wuhu/one_tertiary_partner_per_community"]
    (verdict,) = examined.considered.broken
    assert verdict.card.clauses == ("WH-27",)
    assert "弋矶山医院" in verdict.sentence(verdict.findings[0])
    assert verdict.remedy(verdict.findings[0])
    assert models.Joining.objects.filter(parent__slug="wuhu-urban-rural-second").count() == 1, "a dry run"
    assert not models.Agreement.objects.filter(slug="wuhu-second-wuwei").exists()

    with pytest.raises(Refused) as error:
        drafts.apply_draft(actor=county, application_id=draft.id)
    assert list(refused_codes(error)) == ["access.outside_scope"], "市卫健委 decides about it"
    drafts.submit_draft(actor=county, application_id=draft.id)
    with pytest.raises(Refused) as error:
        drafts.approve_application(actor=city, application_id=draft.id)
    assert refused_codes(error) == {"one_tertiary_partner_per_community": ("WH-27",)}
    draft.refresh_from_db()
    assert draft.state == "SUBMITTED"


@pytest.mark.clause("WH-27")
def test_what_would_be_allowed_is_tried_and_really_is_allowed(county: Actor, city: Actor) -> None:
    examined = drafts.examine(second_partner(), region="3402")
    found = drafts.alternatives(examined)
    assert found and not found[0].remaining
    assert "退出“弋矶山医院城乡医联体”" in found[0].told.zh
    draft = drafts.propose_changes(
        actor=county, region="3402", title="改与市二院合作", change=Change(found[0].entries)
    )
    drafts.approve_application(actor=city, application_id=draft.id)
    facts = queries.network_facts("3402", on=AUGUST)
    child = next(c for c in facts.consortia.values() if c.name == "无为县人民医院医共体")
    assert [p.name for p in facts.parents(child.id)] == ["市二院城乡医联体"]
    before = queries.network_facts("3402", on=AUGUST.replace(month=7, day=31))
    assert [p.name for p in before.parents(child.id)] == ["弋矶山医院城乡医联体"], "history stays"


@pytest.mark.clause("WH-44")
def test_an_alliance_needs_the_consent_of_the_city(county: Actor, city: Actor, dermatology: None) -> None:
    examined = drafts.examine(alliance(division="340225"), region="3402")
    assert examined.clean, "with the consent nothing speaks against it"
    assert (examined.approval.division, examined.approval.clauses) == ("3402", ("WH-44",))
    draft = drafts.draft_changes(
        actor=county, region="3402", title="组建皮肤专科联盟", change=alliance(division="340225")
    )
    assert (draft.kind, draft.decided_by_division) == ("FORM_ALLIANCE", "3402")
    with pytest.raises(Refused):
        drafts.apply_draft(actor=county, application_id=draft.id)
    drafts.submit_draft(actor=county, application_id=draft.id)
    colleague = _actor("演示·无为县卫健委另一人", "340225")
    with pytest.raises(Refused):
        drafts.approve_application(actor=colleague, application_id=draft.id)
    assert not models.Consortium.objects.filter(slug="wuhu-skin").exists()

    assert [row.id for row in worklist.application_list(city, "3402").rows][:1] == [draft.id]
    drafts.approve_application(actor=city, application_id=draft.id)
    formed = models.Consortium.objects.get(slug="wuhu-skin")
    assert (formed.approved_on, formed.approved_by) == (AUGUST, city.name), "not later than the start"
    assert formed.memberships.count() == 2
    moves = Event.objects.filter(kind="network.application_moved", subject_id=draft.id).order_by("id")
    assert [event.payload["act"] for event in moves] == ["draft", "submit", "approve"]


@pytest.mark.clause("WH-44")
def test_not_even_the_city_forms_an_alliance_without_a_second_pair_of_eyes(
    city: Actor, dermatology: None
) -> None:
    draft = drafts.draft_changes(actor=city, region="3402", title="组建皮肤专科联盟", change=alliance())
    with pytest.raises(Refused) as error:
        drafts.apply_draft(actor=city, application_id=draft.id)
    assert refused_codes(error) == {"approval_needed": ("WH-44",)}
    drafts.submit_draft(actor=city, application_id=draft.id)
    with pytest.raises(Refused) as error:
        drafts.approve_application(actor=city, application_id=draft.id)
    (refusal,) = error.value.refusals
    assert refusal.code == "application_own" and "另一位人员" in refusal.way_on()
    drafts.approve_application(actor=_actor("另一位", "3402"), application_id=draft.id)
    assert models.Consortium.objects.filter(slug="wuhu-skin").exists()


@pytest.mark.clause("WH-44")
def test_where_the_pack_asks_for_no_consent_whoever_decides_there_applies(
    county: Actor, dermatology: None, without_approval: None
) -> None:
    application = drafts.apply_changes(
        actor=county, region="3402", title="组建皮肤专科联盟", change=alliance(division="340225")
    )
    assert (application.state, application.decided_by_division) == ("APPLIED", "340225")
    assert models.Consortium.objects.get(slug="wuhu-skin").approved_by == county.name


@pytest.mark.clause("WH-43")
def test_a_second_alliance_of_a_specialty_is_refused_when_it_is_approved(county: Actor, city: Actor) -> None:
    draft = drafts.propose_changes(
        actor=county, region="3402", title="第二个神经联盟", change=alliance(specialty="03.03")
    )
    with pytest.raises(Refused) as error:
        drafts.approve_application(actor=city, application_id=draft.id)
    assert refused_codes(error)["one_alliance_per_specialty"] == ("WH-43",)
    drafts.return_application(actor=city, application_id=draft.id, reason="请加入现有联盟")
    mended = rows(
        (
            "memberships",
            {
                "consortium": "wuhu-alliance-stroke",
                "institution": "wuhu-wuwei_tcm_hospital",
                "role": "MEMBER",
                "consented_on": START,
                "from": START,
            },
        )
    )
    again = drafts.resubmit_application(
        actor=county, application_id=draft.id, title="加入脑血管联盟", change=mended
    )
    assert (again.state, again.kind, again.decided_by_division) == ("SUBMITTED", "MEMBERSHIP", "3402")
    drafts.approve_application(actor=city, application_id=draft.id)
    assert models.Membership.objects.filter(
        consortium__slug="wuhu-alliance-stroke", institution__slug="wuhu-wuwei_tcm_hospital"
    ).exists()


def _beds(county: Actor, beds: str, start: str = START) -> models.Application:
    (standing,) = [
        e
        for e in reading.present_rows(institutions=["wuhu-wuwei_hospital"], on=AUGUST)
        if e.register == "institutions" and e.text("code") == "wuhu-wuwei_hospital"
    ]
    entry = Change((standing,)).payload["entries"][0]
    entry["cells"] |= {"beds": beds, "from": start}
    change = rows((entry["register"], entry["cells"]))
    return drafts.apply_changes(actor=county, region="3402", title=f"床位 {beds}", change=change)


def _beds_on(day: date) -> int:
    row = models.InstitutionVersion.objects.get(institution__slug="wuhu-wuwei_hospital", period__contains=day)
    return row.beds


def test_a_county_changes_its_own_and_undoes_it_exactly(county: Actor) -> None:
    before = queries.network_facts("3402", on=AUGUST)
    applied = _beds(county, "1250")
    assert (applied.state, applied.decided_by_division) == ("APPLIED", "340225")
    assert (_beds_on(date(2019, 7, 31)), _beds_on(AUGUST)) == (1100, 1250)
    back = drafts.undo_application(actor=county, application_id=applied.id)
    assert (back.state, back.title) == ("DRAFT", "撤销：床位 1250")
    drafts.apply_draft(actor=county, application_id=back.id)
    assert queries.network_facts("3402", on=AUGUST) == before
    again = drafts.undo_application(actor=county, application_id=back.id)
    drafts.apply_draft(actor=county, application_id=again.id)
    assert _beds_on(AUGUST) == 1250, "an undoing is undone like anything else"


def test_what_somebody_else_rests_on_is_not_undone(county: Actor, city: Actor, dermatology: None) -> None:
    formed = drafts.propose_changes(actor=county, region="3402", title="组建", change=alliance())
    drafts.approve_application(actor=city, application_id=formed.id)
    joins = rows(
        (
            "memberships",
            {
                "consortium": "wuhu-skin",
                "institution": "wuhu-first_hospital",
                "role": "MEMBER",
                "consented_on": START,
                "from": "2019-09-01",
            },
        )
    )
    drafts.apply_changes(actor=city, region="3402", title="市一院加入", change=joins)
    back = drafts.undo_application(actor=county, application_id=formed.id)
    examined = drafts.examine(Change.read(back.payload), region="3402")
    assert not examined.clean
    drafts.submit_draft(actor=county, application_id=back.id)
    with pytest.raises(Refused):
        drafts.approve_application(actor=city, application_id=back.id)
    assert models.Consortium.objects.get(slug="wuhu-skin").memberships.count() == 3


def test_a_draft_is_only_its_authors(county: Actor, city: Actor) -> None:
    draft = drafts.draft_changes(actor=county, region="3402", title="第二家", change=second_partner())
    assert worklist.application_seen(city, draft.id) is None
    assert worklist.application_list(city, "3402").rows == ()
    assert [row.id for row in worklist.application_list(county, "3402").rows] == [draft.id]
    for act in (drafts.submit_draft, drafts.discard_draft, drafts.apply_draft):
        with pytest.raises(Refused) as error:
            act(actor=city, application_id=draft.id)
        assert "application_not_yours" in refused_codes(error)
    changed = drafts.change_draft(
        actor=county, application_id=draft.id, title="改过的", change=alliance("wuhu-other")
    )
    assert (changed.title, changed.kind) == ("改过的", "FORM_ALLIANCE")
    drafts.discard_draft(actor=county, application_id=draft.id)
    with pytest.raises(Refused) as error:
        drafts.submit_draft(actor=county, application_id=draft.id)
    assert refused_codes(error) == {"application_state": ()}


def test_nothing_is_drafted_without_title_rows_or_right(county: Actor) -> None:
    for title, change, at in (("  ", second_partner(), "title"), ("空", Change(), "entries")):
        with pytest.raises(Refused) as error:
            drafts.draft_changes(actor=county, region="3402", title=title, change=change)
        assert error.value.refusals[0].at == at
    elsewhere = _actor("别处", "4407")
    with pytest.raises(Refused):
        drafts.draft_changes(actor=elsewhere, region="3402", title="别处", change=second_partner())
    auditor = Actor(uuid7(), "审计", "auditor", division_code="3402", request_id=uuid7())
    with pytest.raises(Refused):
        drafts.draft_changes(actor=auditor, region="3402", title="审计", change=second_partner())
    assert models.Application.objects.count() == 0


def test_a_row_that_cannot_stand_is_told_and_kept_in_the_draft(county: Actor) -> None:
    nobody = rows(
        (
            "memberships",
            {
                "consortium": "wuhu-community-wuwei-hospital",
                "institution": "wuhu-nobody",
                "role": "MEMBER",
                "consented_on": START,
                "from": START,
            },
        )
    )
    draft = drafts.draft_changes(actor=county, region="3402", title="查无此院", change=nobody)
    examined = drafts.examine(Change.read(draft.payload), region="3402")
    assert [(p.place, p.column) for p in examined.considered.problems] == [("#1", "institution")]
    with pytest.raises(Refused) as error:
        drafts.apply_draft(actor=county, application_id=draft.id)
    assert error.value.refusals[0].code == "row_cannot_be_taken"


def test_the_diagram_names_every_move() -> None:
    diagram = render_diagram()
    assert "SUBMITTED --> RETURNED : 退回 return" in diagram
    assert "DRAFT --> APPLIED : 直接生效 apply" in diagram
    assert "申请人以外" in diagram
    assert "APPROVED --> [*]" in diagram and "SUBMITTED --> [*]" not in diagram
