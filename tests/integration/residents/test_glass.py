"""Breaking the glass: whom it opens, that it ends by itself, and that every one is reviewed by somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access.commands.glass import review_glass
from tiercare.apps.access.models import Account
from tiercare.apps.access.queries import reviews
from tiercare.apps.access.rules import BREAK_GLASS_LIMIT, REVIEW_WITHIN, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands, queries
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .care import WHY, codes, later, reads, synthetic_clock

__all__ = ["synthetic_clock"]


def broken(site, key, place: str = "stranger", name: str = "示例医师"):
    doctor = site.actor(Role.CLINICIAN, place, name)
    commands.break_glass(doctor, key, reason="life_at_risk", explanation=WHY)
    return doctor


def test_it_opens_one_record_for_one_account_and_says_why(site, register) -> None:
    key, other = register(), register("李晓红")
    doctor = broken(site, key)
    assert reads(doctor, key) == "emergency"
    assert reads(doctor, other) == ""
    assert reads(site.actor(Role.CLINICIAN, "stranger", "另一位医师"), key) == ""

    seen = next(each for each in queries.my_readings(site.resident(key), key).seen if each.glass)
    assert (seen.glass.account_name, seen.glass.explanation, seen.glass.outcome) == ("示例医师", WHY, None)
    event = Event.objects.get(kind="access.glass_broken")
    assert WHY not in str(event.payload) and event.subject_id == key


def test_it_ends_by_itself_after_four_hours(site, register) -> None:
    key = register()
    doctor = broken(site, key)
    later(hours=3, minutes=59)
    assert reads(doctor, key) == "emergency"
    later(minutes=1)
    assert reads(doctor, key) == ""
    assert timedelta(hours=4) == BREAK_GLASS_LIMIT


def test_broken_again_while_it_lasts_nothing_changes_and_afterwards_it_is_another(site, register) -> None:
    key = register()
    doctor = broken(site, key)
    first = commands.break_glass(doctor, key, reason="life_at_risk", explanation=WHY)
    later(hours=1)
    assert commands.break_glass(doctor, key, reason="other", explanation=WHY) == first
    later(hours=4)
    assert commands.break_glass(doctor, key, reason="other", explanation=WHY) > first
    assert Event.objects.filter(kind="access.glass_broken").count() == 2


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.CLINICIAN, Role.PRIMARY_DOCTOR, Role.RESIDENT)]
)
def test_who_does_not_treat_breaks_no_glass(site, register, role) -> None:
    with pytest.raises(Refused) as caught:
        commands.break_glass(site.actor(role), register(), reason="life_at_risk", explanation=WHY)
    assert caught.value.refusals[0].status == 403 and not Event.objects.filter(kind="access.glass_broken")


@pytest.mark.parametrize(
    ("reason", "explanation", "code"),
    [
        ("", WHY, "access.glass_reason"),
        ("curious", WHY, "access.glass_reason"),
        ("life_at_risk", "急" * 9, "access.glass_explanation"),
        ("life_at_risk", " " * 40, "access.glass_explanation"),
        ("life_at_risk", "长" * 501, "access.text"),
        ("life_at_risk", WHY + "\x00", "access.text"),
    ],
)
def test_without_a_reason_it_stays_whole(site, register, reason, explanation, code) -> None:
    key = register()
    doctor = site.actor(Role.CLINICIAN, "stranger")
    with pytest.raises(Refused) as caught:
        commands.break_glass(doctor, key, reason=reason, explanation=explanation)
    assert codes(caught) == {code}
    assert reads(doctor, key) == ""


def test_not_for_oneself_and_not_for_nobody(site, register) -> None:
    key = register()
    doctor = site.actor(Role.CLINICIAN, "stranger")
    Account.objects.create(id=doctor.account_id, username="own", display_name="本人", resident_id=key)
    with pytest.raises(Refused) as caught:
        commands.break_glass(doctor, key, reason="life_at_risk", explanation=WHY)
    assert codes(caught) == {"access.glass_own_record"}
    with pytest.raises(Refused) as caught:
        commands.break_glass(doctor, uuid7(), reason="life_at_risk", explanation=WHY)
    assert codes(caught) == {"access.no_such_record"}


def test_every_one_waits_for_review_by_what_is_due_first(site, register) -> None:
    auditor = site.actor(Role.AUDITOR)
    doctor = broken(site, register())
    later(hours=1)
    second = register("李晓红")
    broken(site, second, name="示例医师二")
    reads(site.actor(Role.CLINICIAN, "stranger", "示例医师二"), second)
    assert (reviews.standing(auditor).all, reviews.standing(auditor).overdue) == (2, 0)
    later(hours=REVIEW_WITHIN.total_seconds() / 3600 - 0.5)

    first, last = reviews.reviews(auditor)
    assert (first.account_id, first.overdue, first.readings) == (doctor.account_id, True, 0)
    assert (last.resident_id, last.overdue, last.readings) == (second, False, 1)
    standing = reviews.standing(auditor)
    assert (standing.open, standing.overdue, standing.oldest_due) == (2, 1, first.due)


def test_a_review_shows_what_was_read_and_its_outcome_reaches_the_resident(site, register) -> None:
    key = register()
    doctor = broken(site, key)
    reads(doctor, key)
    auditor = site.actor(Role.AUDITOR)
    (review,) = reviews.reviews(auditor)
    opened = reviews.opened_review(auditor, review.id)
    assert [(each.what, each.basis) for each in opened.readings] == [("file", "emergency")]

    review_glass(auditor, glass_id=review.id, outcome="unjustified", remark="患者当时清醒，可以本人授权。")
    assert reviews.reviews(auditor) == [] and len(reviews.reviews(auditor, reviewed=True)) == 1
    seen = next(each for each in queries.my_readings(site.resident(key), key).seen if each.glass)
    assert (seen.glass.outcome.value, seen.glass.remark) == ("unjustified", "患者当时清醒，可以本人授权。")
    assert Event.objects.get(kind="access.glass_reviewed").payload["outcome"] == "unjustified"
    with pytest.raises(Refused) as caught:
        review_glass(auditor, glass_id=review.id, outcome="justified")
    assert codes(caught) == {"access.already_reviewed"}


def test_a_reading_on_another_ground_in_the_same_hours_is_shown_too(site, register) -> None:
    key = register()
    doctor = broken(site, key, "township")
    assert reads(doctor, key) == "encounter"
    (review,) = reviews.reviews(site.actor(Role.AUDITOR))
    (read,) = reviews.opened_review(site.actor(Role.AUDITOR), review.id).readings
    assert read.basis == "encounter" and review.readings == 1


def test_nobody_reviews_their_own_or_elsewhere_or_without_words(site, register) -> None:
    doctor = broken(site, register())
    auditor = site.actor(Role.AUDITOR)
    (review,) = reviews.reviews(auditor)
    as_auditor = type(auditor)(doctor.account_id, doctor.name, Role.AUDITOR.value, division_code="3402")
    elsewhere = type(auditor)(uuid7(), "外地审计", Role.AUDITOR.value, division_code="1401")
    for actor, given, code in (
        (as_auditor, {"outcome": "justified"}, "access.review_of_oneself"),
        (elsewhere, {"outcome": "justified"}, "access.no_such_review"),
        (auditor, {"outcome": "unjustified"}, "access.review_remark"),
        (auditor, {"outcome": "fine"}, "access.review_outcome"),
    ):
        with pytest.raises(Refused) as caught:
            review_glass(actor, glass_id=review.id, **given)
        assert codes(caught) == {code}
    assert reviews.reviews(elsewhere) == []
    with pytest.raises(Refused):
        reviews.reviews(doctor)
    assert reviews.standing(auditor).open == 1


def test_the_review_is_due_in_three_days(site, register) -> None:
    now = ledger.now()
    broken(site, register())
    (review,) = reviews.reviews(site.actor(Role.AUDITOR))
    assert review.due - now == timedelta(hours=72)


def test_the_list_costs_the_same_however_long_it_is(site, register, django_assert_num_queries) -> None:
    auditor = site.actor(Role.AUDITOR)
    for number in range(3):
        key = register("王小明" if number == 0 else f"李晓{'红蓝'[number - 1]}")
        broken(site, key, name=f"医师{number}")
    with django_assert_num_queries(7):
        assert len(reviews.reviews(auditor)) == 3
    with django_assert_num_queries(7):
        assert len(reviews.reviews(auditor, limit=1)) == 1
