"""Inspections, rectifications, goals, reports and alerts, through the commands: what the clauses ask for happens, and an altered
pack changes it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tiercare.apps.evaluation import commands
from tiercare.apps.evaluation.commands import supervision
from tiercare.apps.evaluation.queries.boards import Asked, Box, board, waiting
from tiercare.apps.evaluation.queries.quality import quality_work
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.standing import Party
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.refusal import Refused

from ..residents.care import codes, later, synthetic_clock
from ..residents.conftest import site
from .supervised import Parties, do, file, oversight_altered, parties, shown, stored, today

__all__ = ["parties", "site", "synthetic_clock"]


def refused(what) -> set[str]:
    with pytest.raises(Refused) as caught:
        what()
    return codes(caught)


def journey(parties: Parties, inspection, entry) -> None:
    """Put right at the second try; then both are closed."""
    mending = supervision.rectify(parties.city, matter_id=inspection, entry_id=entry)
    parties.rest_is_well(inspection)
    do(parties.city, inspection, Act.SUBMIT, "示例：评估报告")
    assert refused(lambda: do(parties.city, inspection, Act.CLOSE)) == {"evaluation.children_open"}
    do(parties.member, mending, Act.SUBMIT, "示例：设备已修复", files=(file(),))
    do(parties.city, mending, Act.RETURN, "示例：请补验收单")
    do(parties.member, mending, Act.SUBMIT, "示例：补交验收单", files=(file("验收单.pdf"),))
    assert do(parties.city, mending, Act.CLOSE, "") is State.CLOSED
    assert do(parties.city, inspection, Act.CLOSE, "") is State.CLOSED


@pytest.mark.clause("WH-54")
def test_an_evaluation_has_method_parties_goals_and_ends(parties: Parties, monkeypatch, tmp_path) -> None:
    key = parties.inspection()
    payload = stored(key).payload
    assert {item["party"] for item in payload["items"]} == {"residents", "institutions", "governments"}
    assert refused(lambda: parties.inspection(mode="survey")) == {"evaluation.no_mode"}
    goal = next(item["id"] for item in payload["items"] if item["goal"])
    without = {"item": goal, "judgement": "met", "words": "示例"}
    assert refused(lambda: supervision.judge(parties.city, matter_id=key, **without)) == {
        "evaluation.goal_numbers"
    }
    entry = parties.finding(key)
    assert refused(lambda: do(parties.city, key, Act.SUBMIT)) == {"evaluation.not_all_judged"}
    journey(parties, key, entry)
    later(days=1)
    late = parties.inspection(due_on=today())
    later(days=2)
    assert [line.id for line in board(parties.city, Asked(Box.LATE)).lines] == [late]
    with oversight_altered(monkeypatch, tmp_path, "wuhu", "days: 60", "days: 61"):
        longer = stored(parties.inspection())
    assert (longer.due_on - stored(parties.inspection()).due_on) == timedelta(days=1)


def test_what_was_found_is_taken_up_once_and_before_the_end(parties: Parties) -> None:
    key = parties.inspection()
    entry = parties.finding(key)
    parties.rest_is_well(key)
    do(parties.city, key, Act.SUBMIT)
    assert refused(lambda: do(parties.city, key, Act.CLOSE)) == {"evaluation.finding_open"}
    mending = supervision.rectify(parties.city, matter_id=key, entry_id=entry)
    row = stored(mending)
    assert row.owner_institution == parties.site.township and row.due_on == today() + timedelta(days=15)
    assert row.clauses == ["WH-54"], "what asked for the inspection asks for this"
    assert stored(key).due_on > row.due_on, "whoever waits for it is not late meanwhile"
    again = refused(lambda: supervision.rectify(parties.city, matter_id=key, entry_id=entry))
    assert again == {"evaluation.taken_up"}
    assert refused(lambda: supervision.rectify(parties.city, matter_id=key, entry_id=uuid4())) == {
        "evaluation.no_finding"
    }


def test_a_finding_corrected_asks_for_nothing(parties: Parties) -> None:
    key = parties.inspection()
    entry = parties.finding(key)
    supervision.judge(
        parties.city,
        matter_id=key,
        item="capability",
        judgement="met",
        words="示例：误记",
        instead_of=str(entry),
    )
    parties.rest_is_well(key)
    do(parties.city, key, Act.SUBMIT)
    assert do(parties.city, key, Act.CLOSE, "") is State.CLOSED


def test_a_grave_finding_wants_a_document_and_fewer_days(parties: Parties, monkeypatch, tmp_path) -> None:
    key = parties.inspection()
    entry = parties.finding(key, severity="grave")
    mending = supervision.rectify(parties.city, matter_id=key, entry_id=entry)
    assert stored(mending).due_on == today() + timedelta(days=7)
    assert refused(lambda: do(parties.member, mending, Act.SUBMIT)) == {"evaluation.proof_needed"}
    assert do(parties.member, mending, Act.SUBMIT, files=(file(),)) is State.SUBMITTED
    with oversight_altered(monkeypatch, tmp_path, "cn", "days: 7, file: true", "days: 9"):
        other = parties.inspection()
        entry = parties.finding(other, severity="grave")
    mending = supervision.rectify(parties.city, matter_id=other, entry_id=entry)
    assert stored(mending).due_on == today() + timedelta(days=9)
    assert do(parties.member, mending, Act.SUBMIT) is State.SUBMITTED, "words suffice there"


@pytest.mark.clause("NHC-13")
def test_a_lead_checks_its_members_and_nobody_else(parties: Parties, monkeypatch, tmp_path) -> None:
    key = supervision.inspect(
        parties.lead, template="member_quality", mode="quality_check", subject=parties.township
    )
    entry = parties.finding(key, by=parties.lead, item="infection")
    mending = supervision.rectify(parties.lead, matter_id=key, entry_id=entry)
    row = stored(mending)
    assert row.owner_institution == parties.site.township and row.due_on is not None
    do(parties.member, mending, Act.SUBMIT, "示例：已整改", files=(file(),))
    assert do(parties.lead, mending, Act.CLOSE, "") is State.CLOSED
    assert [proof["name"] for entry_ in shown(parties.lead, mending).entries for proof in entry_.proofs]
    outside = parties.choice(parties.site.stranger)
    asked = {"template": "member_quality", "mode": "quality_check"}
    assert refused(lambda: supervision.inspect(parties.lead, subject=outside, **asked)) == {
        "evaluation.no_subject"
    }
    assert refused(
        lambda: supervision.inspect(
            parties.lead, template="effect_evaluation", mode="site_visit", subject=parties.township
        )
    ) == {"evaluation.no_template"}
    # Whatever way it comes, the command itself refuses whom the hospital does not lead.
    what = commands.Issue(KindId.RECTIFICATION, "示例", Party("340202", parties.site.stranger), today())
    assert refused(lambda: commands.issue(parties.lead, what)) == {"evaluation.no_member"}
    assert refused(lambda: supervision.inspect(parties.member, subject=outside, **asked)) == {
        "access.not_your_right"
    }
    # The pack says that leads do this check, what it looks at and how long they have.
    with oversight_altered(monkeypatch, tmp_path / "days", "cn", "{id: infection,", "{id: hygiene,"):
        other = supervision.inspect(parties.lead, subject=parties.township, **asked)
    assert refused(lambda: parties.finding(other, by=parties.lead, item="infection")) == {
        "evaluation.no_such_item"
    }
    entry = parties.finding(other, by=parties.lead, item="hygiene")
    assert supervision.rectify(parties.lead, matter_id=other, entry_id=entry)
    with oversight_altered(monkeypatch, tmp_path / "lead", "cn", "by_lead: true", "by_lead: false"):
        told = refused(lambda: supervision.inspect(parties.lead, subject=parties.township, **asked))
        assert told == {"evaluation.no_template"}
        assert supervision.inspect(parties.county, subject=parties.township, **asked)


@pytest.mark.clause("NHC-85")
def test_the_national_template_is_filled_by_region_and_period(
    parties: Parties, monkeypatch, tmp_path
) -> None:
    asked = {
        "template": "pilot_assessment",
        "mode": "evaluation",
        "subject": "division:340223",
        "owner": "division:340223",
        "period": "2026",
    }
    key = supervision.inspect(parties.city, **asked)
    row = stored(key)
    assert "国卫体改发〔2017〕54号" in row.title and (row.owner_area, row.owner_institution) == (
        "340223",
        None,
    )
    supervision.judge(
        parties.county,
        matter_id=key,
        item="two_way",
        judgement="partly",
        severity="minor",
        words="示例：下转少",
    )
    entry = shown(parties.county, key).entries[-1].id
    mending = supervision.rectify(parties.county, matter_id=key, entry_id=entry)
    assert stored(mending).parent_id == key and stored(mending).owner_area == "340223"
    parties.rest_is_well(key, by=parties.county)
    do(parties.county, key, Act.SUBMIT)
    assert refused(lambda: do(parties.county, key, Act.CLOSE)) == {"evaluation.issuer_only"}
    do(parties.county, mending, Act.SUBMIT)
    do(parties.county, mending, Act.CLOSE, "")
    assert do(parties.city, key, Act.CLOSE, "") is State.CLOSED
    # Another document in the pack: its name, its way and its items, and no longer ours.
    was = "（国卫体改发〔2017〕54号）, en"
    with oversight_altered(monkeypatch, tmp_path / "name", "cn", was, "（示例〔2027〕1号）, en"):
        assert "示例〔2027〕1号" in stored(supervision.inspect(parties.city, **asked)).title
    was = "modes: [supervision, evaluation, site_visit]\n    subjects: [division]"
    now = "modes: [supervision]\n    subjects: [consortium]"
    with oversight_altered(monkeypatch, tmp_path / "modes", "cn", was, now):
        assert refused(lambda: supervision.inspect(parties.city, **asked)) == {"evaluation.no_mode"}
        told = refused(lambda: supervision.inspect(parties.city, **(asked | {"mode": "supervision"})))
        assert told == {"evaluation.no_subject"}


def test_two_boxes_and_what_went_up_the_line(parties: Parties) -> None:
    key = parties.inspection()
    mending = supervision.rectify(parties.city, matter_id=key, entry_id=parties.finding(key))
    assert waiting(parties.member) == (1, 0)
    assert {line.id for line in board(parties.city, Asked(Box.ISSUED)).lines} == {mending}
    assert {line.id for line in board(parties.city, Asked(Box.MINE)).lines} == {key}
    later(days=16)
    assert waiting(parties.member) == (1, 1)
    assert commands.escalate_overdue() == 1
    assert commands.escalate_overdue() == 0, "twice in a minute counts once"
    later(days=5)
    assert commands.escalate_overdue() == 1, "and again after the pause of the pack"
    raised = board(parties.city, Asked(Box.RAISED))
    assert [(line.id, line.escalated) for line in raised.lines] == [(mending, 2)]
    assert board(parties.elsewhere, Asked(Box.RAISED)).lines == []
    do(parties.member, mending, Act.SUBMIT)
    assert board(parties.city, Asked(Box.RAISED)).lines == []


def test_nothing_is_opened_from_what_is_over(parties: Parties) -> None:
    key = parties.inspection()
    entry = parties.finding(key)
    do(parties.city, key, Act.WITHDRAW)
    assert refused(lambda: supervision.rectify(parties.city, matter_id=key, entry_id=entry)) == {
        "evaluation.parent_over"
    }


def test_quality_work_shows_rules_checks_and_what_is_open(parties: Parties) -> None:
    key = supervision.inspect(
        parties.lead, template="member_quality", mode="quality_check", subject=parties.township
    )
    supervision.rectify(
        parties.lead, matter_id=key, entry_id=parties.finding(key, by=parties.lead, item="drugs")
    )
    work = [each for each in quality_work(parties.city) if each.checks]
    assert [(len(each.checks), len(each.open)) for each in work] == [(1, 1)]
    assert quality_work(parties.stranger) == [] or all(
        not each.checks for each in quality_work(parties.stranger)
    )


def test_the_clock_is_the_platforms(parties: Parties) -> None:
    later(days=400)
    key = parties.inspection()
    assert stored(key).first_due_on == ledger.today() + timedelta(days=60)
