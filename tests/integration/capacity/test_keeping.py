"""Keeping pools and their weeks when several people do, and what is wrong with them; the history that is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import keep_pool, keep_week
from tiercare.apps.capacity.models import Pool, Template
from tiercare.apps.capacity.queries.history import pool_history
from tiercare.apps.capacity.queries.keeping import pool_with_code, week_of
from tiercare.apps.capacity.rules.pools import PoolGiven, WeekGiven, week_mark
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import later

CLINIC = PoolGiven(code="zj", name="心内科专家门诊", kind=Kind.CLINIC, grade=Grade.EXPERT)
EXAM = PoolGiven(code="ct", name="CT", kind=Kind.EXAM, grade=Grade.EXAM, item="胸部 CT 平扫")
BED = PoolGiven(code="cw", name="内科床位", kind=Kind.BED, grade=Grade.INPATIENT)
MORNING = WeekGiven(1, time(8), time(12), capacity=20)


def codes(excinfo) -> list[str]:
    return [refusal.code for refusal in excinfo.value.refusals]


@pytest.fixture
def keep(hospital):
    """Keep a pool of the hospital as its office."""

    def run(given: PoolGiven, **more) -> Pool:
        return keep_pool(hospital.office, institution_id=hospital.id, given=given, **more)

    return run


def test_a_taken_code_is_refused_with_the_name_of_who_has_it(hospital, keep) -> None:
    pool = keep(CLINIC)
    with pytest.raises(Refused) as refused:
        keep(replace(CLINIC, name="别的门诊"))
    (refusal,) = refused.value.refusals
    assert refusal.code == "capacity.code_taken" and "心内科专家门诊" in refusal.sentence()
    assert Pool.objects.get().name == "心内科专家门诊"
    other = keep(replace(CLINIC, code="pt"))
    with pytest.raises(Refused) as refused:
        keep(replace(CLINIC, code="zj"), pool_id=other.id)
    assert codes(refused) == ["capacity.code_taken"]
    assert keep(replace(CLINIC, code="zj-2"), pool_id=pool.id).code == "zj-2"
    assert pool_with_code(hospital.id, "zj-2") == pool.id and pool_with_code(hospital.id, "zj") is None


def test_another_hospitals_pool_is_none_to_change(hospital, keep) -> None:
    pool = keep(CLINIC)
    stranger = hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")
    for key in (pool.id, uuid7()):
        with pytest.raises(Refused) as refused:
            keep_pool(stranger, institution_id=stranger.institution_id, given=CLINIC, pool_id=key)
        assert codes(refused) == ["capacity.no_such_pool"]


def test_the_second_of_two_who_change_a_pool_is_told(keep) -> None:
    pool = keep(CLINIC)
    seen = pool.changed_at
    later(minutes=1)
    keep(replace(CLINIC, name="甲改的"), pool_id=pool.id, seen=seen)
    with pytest.raises(Refused) as refused:
        keep(replace(CLINIC, name="乙改的"), pool_id=pool.id, seen=seen)
    assert codes(refused) == ["capacity.pool_changed"]
    assert Pool.objects.get().name == "甲改的"


def test_the_second_of_two_who_change_a_week_is_told(hospital, keep) -> None:
    pool = keep(CLINIC)
    seen = week_mark([])
    (first,) = keep_week(hospital.office, pool_id=pool.id, lines=[MORNING], seen=seen)
    with pytest.raises(Refused) as refused:
        keep_week(hospital.office, pool_id=pool.id, lines=[replace(MORNING, weekday=2)], seen=seen)
    assert codes(refused) == ["capacity.week_changed"]
    assert [row.id for row in Template.objects.all()] == [first]


def test_lines_that_begin_later_are_neither_doubled_nor_lost(hospital, keep) -> None:
    pool = keep(CLINIC)
    soon = ledger.today() + timedelta(days=10)
    lines = [MORNING, replace(MORNING, weekday=2, since=soon)]
    before = keep_week(hospital.office, pool_id=pool.id, lines=lines)
    later(days=1)
    _, stands = week_of(hospital.office, pool.id)
    again = [replace(MORNING, weekday=each.weekday, since=each.since) for each in stands]
    assert keep_week(hospital.office, pool_id=pool.id, lines=again) == before
    assert len(pool_history(hospital.office, pool.id)) == 2  # entered, and one change of the week
    (left,) = keep_week(hospital.office, pool_id=pool.id, lines=again[1:])
    _, stands = week_of(hospital.office, pool.id)
    assert [(each.id, each.since) for each in stands] == [(left, soon)]


_LINES = st.lists(
    st.builds(
        WeekGiven,
        weekday=st.integers(1, 7),
        starts=st.sampled_from([time(8), time(9, 30)]),
        ends=st.sampled_from([time(11), time(12), time(0)]),
        capacity=st.integers(1, 3),
        walk_ins=st.integers(0, 1),
    ),
    max_size=5,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(weeks=st.lists(_LINES, min_size=1, max_size=4))
def test_a_week_is_what_was_given_last(hospital, weeks) -> None:
    pool = keep_pool(
        hospital.office, institution_id=hospital.id, given=replace(CLINIC, code=f"p-{uuid7().hex[:20]}")
    )
    for lines in weeks:
        keep_week(hospital.office, pool_id=pool.id, lines=lines)
        _, stands = week_of(hospital.office, pool.id)
        told = [(each.weekday, each.starts, each.ends, each.capacity, each.walk_ins) for each in stands]
        wanted = [(each.weekday, each.starts, each.ends, each.capacity, each.walk_ins) for each in lines]
        assert sorted(told) == sorted(wanted)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (replace(EXAM, details={"preparation": "空" * 501}), "capacity.wrong_preparation"),
        (replace(EXAM, details={"questions": ["有没有起搏器？"] * 21}), "capacity.wrong_questions"),
        (replace(EXAM, details={"questions": ["问" * 121]}), "capacity.wrong_questions"),
        (replace(EXAM, details={"questions": "有没有起搏器？"}), "capacity.wrong_questions"),
        (replace(EXAM, details={"questions": [" "]}), "capacity.wrong_questions"),
        (replace(EXAM, details={"fasting": "是"}), "capacity.wrong_fasting"),
        (replace(EXAM, details={"ward": "内科"}), "capacity.wrong_details"),
        (replace(EXAM, item="项" * 81), "capacity.wrong_item"),
        (replace(BED, details={"sex": "X"}), "capacity.wrong_sex"),
        (replace(BED, details={"ward": "病" * 41}), "capacity.wrong_ward"),
        (replace(CLINIC, details={"preparation": "空腹"}), "capacity.wrong_details"),
        (replace(CLINIC, details={"bring": "病\x07历"}), "capacity.wrong_bring"),
    ],
)
def test_what_only_some_pools_have_is_checked(keep, given: PoolGiven, code: str) -> None:
    with pytest.raises(Refused) as refused:
        keep(given)
    assert codes(refused) == [code]
    assert refused.value.refusals[0].sentence() and refused.value.refusals[0].sentence("en")


def test_the_longest_that_fits_is_kept(keep) -> None:
    details = {"preparation": "空" * 500, "questions": ["问" * 120] * 20, "fasting": True, "bring": "片子"}
    assert keep(replace(EXAM, details=details)).details == details


def test_a_physician_of_elsewhere_serves_no_week(hospital, keep) -> None:
    pool = keep(CLINIC)
    with pytest.raises(Refused) as refused:
        keep_week(hospital.office, pool_id=pool.id, lines=[replace(MORNING, clinician_id=uuid7())])
    assert codes(refused) == ["capacity.clinician_not_registered"]


def test_the_history_says_who_changed_what_and_when(hospital, keep) -> None:
    pool = keep(replace(CLINIC, shares={Channel.REFERRAL: 0.1}))
    later(days=1)
    keep(replace(CLINIC, name="心内科专家", shares={Channel.REFERRAL: 0.25}), pool_id=pool.id)
    keep_week(hospital.office, pool_id=pool.id, lines=[MORNING])
    keep_week(hospital.office, pool_id=pool.id, lines=[replace(MORNING, capacity=30)])
    week_again, week, changed, entered = pool_history(hospital.office, pool.id)
    assert (entered.new, changed.new) == (True, False)
    assert [(each.field, each.was, each.now) for each in changed.changes] == [
        ("name", "心内科专家门诊", "心内科专家"),
        ("shares", '{"REFERRAL": 0.1}', '{"REFERRAL": 0.25}'),
    ]
    assert (week.added, week.removed) == (("1 08:00-12:00 20",), ())
    assert (week_again.added, week_again.removed) == (("1 08:00-12:00 30",), ("1 08:00-12:00 20",))
    assert changed.who == hospital.office.name and changed.at - entered.at >= timedelta(days=1)
    for actor in (hospital.family_doctor, hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")):
        with pytest.raises(Refused):
            pool_history(actor, pool.id)
