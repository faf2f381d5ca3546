"""An assessment from its opening to the lock: who is assessed, who reports, whose numbers count, and what stays as it was."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation.commands import act
from tiercare.apps.evaluation.commands.assessing import report, review
from tiercare.apps.evaluation.models import Assessed, Value
from tiercare.apps.evaluation.queries.assessing import replayed, units_of
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.engines.measures.scoring import inputs_from
from tiercare.engines.measures.scoring.replay import digest_of
from tiercare.kernel.refusal import Refused

from . import assessments as made
from .assessments import CONTROL, JINGHU, SHARE, YIJIANG, commission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _facts(wuhu: str, settings, tmp_path) -> None:
    settings.FACTS_ROOT = tmp_path


def refused_of(run, *arguments, **named) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as caught:
        run(*arguments, **named)
    return [(each.code, each.at) for each in caught.value.refusals]


def test_everybody_of_the_area_is_assessed_and_gets_the_platforms_numbers() -> None:
    made.planted()
    assessment = made.opened()
    units = units_of(commission(), assessment)
    assert {JINGHU, YIJIANG} < {each.key for each in units} and len(units) > 2
    assert {each.report_state for each in units if each.report_id} == {"OPEN"}
    counted = {each.indicator: each.value for each in made.of(commission(), assessment, JINGHU).counted.taken}
    assert (counted[SHARE].numerator, counted[SHARE].denominator) == (500, 800)
    again = refused_of(made.opened, of=_scheme())
    assert again == [("evaluation.assessment_opened_before", "card")]


def _scheme():
    with scoped(commission(), area="3402"):
        return made.Scheme.objects.get()


@pytest.mark.clause("NHC-59")
def test_the_result_is_computed_from_what_was_accepted_and_replays_to_the_digit() -> None:
    made.planted()
    assessment = made.opened()
    own = {JINGHU: {CONTROL: {"numerator": "144", "denominator": "240", "remark": "含村卫生室"}}}
    made.reported(assessment, own)
    take = {JINGHU: {CONTROL: {"take": "unit", "why": "核对了台账"}}}
    made.reviewed(assessment, take)
    made.done(assessment, Act.SUBMIT, Act.APPROVE)
    mine = made.of(commission(), assessment, JINGHU)
    # 500/800 = 0.625: (0.625-0.4)/0.3 = 3/4 of 60 = 45; 144/240 = 0.6: (0.6-0.3)/0.4 = 3/4 of 40 = 30.
    assert mine.total == Decimal(75)
    # 200/400 = 0.5: 1/3 of 60 = 20; 40/160 = 0.25: nothing of 40.
    assert made.of(commission(), assessment, YIJIANG).total == Decimal(20)
    assert (mine.place, made.of(commission(), assessment, YIJIANG).place) == (1, 2)
    assert replayed(mine)
    made.done(assessment, Act.LOCK)
    assert replayed(made.of(commission(), assessment, JINGHU))


def test_with_the_platforms_number_and_other_weights_the_result_is_another() -> None:
    made.planted()
    assessment = made.opened(of=made.scheme(content=made.definition(20, 80)))
    made.reported(assessment)
    made.reviewed(assessment)
    made.done(assessment, Act.SUBMIT, Act.APPROVE)
    # 3/4 of 20 = 15; 120/240 = 0.5: half of 80 = 40.
    assert made.of(commission(), assessment, JINGHU).total == Decimal(55)


def test_a_number_that_differs_must_be_decided_and_the_units_own_needs_a_reason() -> None:
    made.planted()
    assessment = made.opened()
    made.reported(assessment, {JINGHU: {CONTROL: {"numerator": "144", "denominator": "240"}}})
    mine = made.of(commission(), assessment, JINGHU).report_id
    assert refused_of(review, commission(), matter_id=mine, decisions={}) == [
        ("evaluation.line_undecided", f"{CONTROL}.take")
    ]
    lines = {CONTROL: {"take": "unit"}}
    assert refused_of(review, commission(), matter_id=mine, decisions=lines) == [
        ("evaluation.line_why_needed", f"{CONTROL}.why")
    ]
    lines = {SHARE: {"take": "unit", "why": "x"}, CONTROL: {"take": "platform"}}
    assert refused_of(review, commission(), matter_id=mine, decisions=lines) == [
        ("evaluation.nothing_to_take", f"{SHARE}.take")
    ]


def test_one_line_returned_returns_the_report_and_it_comes_again() -> None:
    made.planted()
    assessment = made.opened()
    made.reported(assessment, {JINGHU: {CONTROL: {"numerator": "144", "denominator": "240"}}})
    mine = made.of(commission(), assessment, JINGHU).report_id
    back = {CONTROL: {"take": "return", "why": "分母不对"}}
    assert review(commission(), matter_id=mine, decisions=back) is State.RETURNED
    again = {CONTROL: {"numerator": "130", "denominator": "240"}}
    assert report(made.lead_of(JINGHU), matter_id=mine, lines=again, words="已更正") is State.SUBMITTED
    take = {CONTROL: {"take": "unit", "why": "更正后属实"}}
    assert review(commission(), matter_id=mine, decisions=take) is State.CLOSED
    text = made.of(commission(), assessment, JINGHU).accepted
    accepted = {each.indicator: each.value for each in inputs_from(text, digest_of(text)).taken}
    assert accepted[CONTROL].numerator == 130


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"numerator": "-3", "denominator": "5"}, "not_a_number"),
        ({"numerator": "3", "denominator": ""}, "not_a_number"),
        ({"numerator": "3", "denominator": "0"}, "no_own_denominator"),
        ({"numerator": "1e9", "denominator": "5"}, "not_a_number"),
        ({"numerator": "NaN", "denominator": "5"}, "not_a_number"),
        ({"numerator": "三", "denominator": "5"}, "not_a_number"),
    ],
)
def test_what_is_no_number_is_refused_at_its_field(typed: dict[str, str], found: str) -> None:
    made.planted()
    mine = made.of(commission(), made.opened(), JINGHU).report_id
    refused = refused_of(report, made.lead_of(JINGHU), matter_id=mine, lines={SHARE: typed}, words="x")
    assert {code for code, _ in refused} == {f"evaluation.{found}"}
    assert all(at and at.startswith(f"{SHARE}.") for _, at in refused)


def test_an_indicator_that_is_none_of_theirs_is_refused() -> None:
    made.planted()
    mine = made.of(commission(), made.opened(), JINGHU).report_id
    lines = {"beds_per_1000": {"numerator": "1", "denominator": "2"}}
    assert refused_of(report, made.lead_of(JINGHU), matter_id=mine, lines=lines, words="x") == [
        ("evaluation.no_such_line", "lines")
    ]


def test_nobody_sees_anothers_report_and_a_unit_sees_its_own_alone() -> None:
    made.planted()
    assessment = made.opened()
    made.reported(assessment)
    lead, other = made.lead_of(JINGHU), made.lead_of(YIJIANG)
    seen = units_of(lead, assessment)
    assert JINGHU in {each.key for each in seen} and YIJIANG not in {each.key for each in seen}
    theirs = {made.owner_of(each).institution_id for each in seen}
    assert theirs == {lead.institution_id}
    mine = made.of(commission(), assessment, JINGHU).report_id
    assert refused_of(report, other, matter_id=mine, lines={}, words="x") == [
        ("evaluation.no_such_matter", "matter")
    ]
    assert units_of(commission("3401"), assessment) == []


def test_what_is_locked_changes_no_more_whatever_a_later_run_says() -> None:
    run = made.planted()
    assessment = made.locked()
    before = made.of(commission(), assessment, JINGHU)
    assert before.total == Decimal(65)
    with scoped(commission(), area="3402"):
        assert not Assessed.objects.filter(assessment_id=assessment).update(total=99)
        assert Value.objects.filter(run=run).exists()
    made.planted({SHARE: {("region", "3402"): (1, 2), ("consortium", JINGHU): (1, 2)}})
    after = made.of(commission(), assessment, JINGHU)
    assert (after.total, after.result_digest, after.accepted) == (
        before.total,
        before.result_digest,
        before.accepted,
    )
    for each in (Act.REOPEN, Act.WITHDRAW, Act.SUBMIT):
        assert refused_of(act, commission(), matter_id=assessment, act=each, said=Said(words="x")) == [
            ("evaluation.not_now", "matter")
        ]


def test_an_approved_one_is_reviewed_again_only_with_a_reason() -> None:
    made.planted()
    assessment = made.opened()
    made.reported(assessment, {JINGHU: {CONTROL: {"numerator": "144", "denominator": "240"}}})
    made.reviewed(assessment, {JINGHU: {CONTROL: {"take": "platform"}}})
    made.done(assessment, Act.SUBMIT, Act.APPROVE)
    assert made.of(commission(), assessment, JINGHU).total == Decimal(65)
    mine = made.of(commission(), assessment, JINGHU).report_id
    take = {CONTROL: {"take": "unit", "why": "复核后属实"}}
    assert refused_of(review, commission(), matter_id=mine, decisions=take) == [
        ("evaluation.review_over", "lines")
    ]
    assert refused_of(act, commission(), matter_id=assessment, act=Act.REOPEN) == [
        ("evaluation.words_needed", "words")
    ]
    made.done(assessment, Act.REOPEN)
    assert made.of(commission(), assessment, JINGHU).total is None
    review(commission(), matter_id=mine, decisions=take)
    made.done(assessment, Act.APPROVE)
    assert made.of(commission(), assessment, JINGHU).total == Decimal(75)


def test_open_reports_hold_the_approval_and_go_with_the_assessment() -> None:
    made.planted()
    assessment = made.opened()
    made.done(assessment, Act.SUBMIT)
    assert refused_of(act, commission(), matter_id=assessment, act=Act.APPROVE) == [
        ("evaluation.children_open", "matter")
    ]
    made.done(assessment, Act.WITHDRAW)
    states = {each.report_state for each in units_of(commission(), assessment) if each.report_id}
    assert states == {"WITHDRAWN"}


def test_the_record_is_known_when_somebody_touched_it() -> None:
    made.planted()
    assessment = made.opened()
    made.reported(assessment)
    made.reviewed(assessment)
    made.done(assessment, Act.SUBMIT, Act.APPROVE)
    mine = made.of(commission(), assessment, JINGHU)
    with scoped(commission(), area="3402"):
        Assessed.objects.filter(id=mine.id).update(accepted=mine.accepted.replace("500", "501", 1))
    assert not replayed(made.of(commission(), assessment, JINGHU))


def test_a_scheme_that_was_laid_down_is_never_changed() -> None:
    first = made.scheme()
    with scoped(commission(), area="3402"), pytest.raises(DatabaseError), transaction.atomic():
        made.Scheme.objects.filter(id=first.id).update(assessor="别人")
