"""Objecting to a reading, and the answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access.commands.objections import answer_objection
from tiercare.apps.access.queries import reviews
from tiercare.apps.access.rules import Role
from tiercare.apps.access.rules.consent import ANSWER_WITHIN
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands, queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .care import codes, consent, later, reads, synthetic_clock

__all__ = ["synthetic_clock"]
TEXT = "这一天我没有去过这家医院"


@pytest.fixture
def reading(site, register):
    """A resident whose record a hospital has read on their consent, and the event of it."""
    key = register()
    consent(site.resident(key), key, site.stranger)
    reads(site.actor(Role.CLINICIAN, "stranger", "示例医师"), key)
    return key, Event.objects.filter(kind="access.record_read", actor_name="示例医师").latest("sequence").id


def test_an_objection_is_answered_in_fifteen_days_in_words_that_the_resident_sees(site, reading) -> None:
    key, event = reading
    resident, auditor = site.resident(key), site.actor(Role.AUDITOR)
    commands.object_to_reading(resident, key, event_id=event, text=TEXT)
    (waiting,) = reviews.complaints(auditor)
    assert (waiting.text, waiting.due - waiting.made_at, waiting.overdue) == (TEXT, ANSWER_WITHIN, False)
    assert timedelta(days=15) == ANSWER_WITHIN
    later(days=16)
    assert reviews.complaints(auditor)[0].overdue and reviews.standing(auditor).objections_overdue == 1
    _, about, glass = reviews.opened_complaint(auditor, waiting.id)
    assert about.actor_name == "示例医师" and glass is None

    answer_objection(auditor, objection_id=waiting.id, upheld=True, answer="已责成该院整改。")
    assert reviews.complaints(auditor) == []
    (mine,) = queries.my_objections(resident, key)
    assert (mine.upheld, mine.answer, mine.institution_name != "") == (True, "已责成该院整改。", True)
    assert TEXT not in str(Event.objects.get(kind="access.objection_made").payload)
    with pytest.raises(Refused) as caught:
        answer_objection(auditor, objection_id=waiting.id, upheld=False, answer="再答一次")
    assert codes(caught) == {"access.already_answered"}


def test_one_objects_once_to_a_reading_of_ones_own_and_with_words(site, register, reading) -> None:
    key, event = reading
    other = register("李四海")
    for actor, whose, given, code in (
        (site.resident(key), key, {"event_id": event, "text": "  "}, "access.words_missing"),
        (site.resident(key), key, {"event_id": uuid7(), "text": TEXT}, "access.no_such_reading"),
        (site.resident(other), other, {"event_id": event, "text": TEXT}, "access.no_such_reading"),
        (site.resident(other), key, {"event_id": event, "text": TEXT}, "access.no_basis"),
    ):
        with pytest.raises(Refused) as caught:
            commands.object_to_reading(actor, whose, **given)
        assert codes(caught) == {code}
    commands.object_to_reading(site.resident(key), key, event_id=event, text=TEXT)
    with pytest.raises(Refused) as caught:
        commands.object_to_reading(site.resident(key), key, event_id=event, text=TEXT)
    assert codes(caught) == {"access.already_objected"}
    assert len(queries.my_objections(site.resident(key), key)) == 1


def test_staff_object_to_nothing(site, reading) -> None:
    key, event = reading
    with pytest.raises(Refused) as caught:
        commands.object_to_reading(site.actor(Role.PRIMARY_DOCTOR), key, event_id=event, text=TEXT)
    assert caught.value.refusals[0].status == 403


def test_nobody_answers_for_themselves_or_for_another_area(site, reading) -> None:
    key, event = reading
    commands.object_to_reading(site.resident(key), key, event_id=event, text=TEXT)
    (waiting,) = reviews.complaints(site.actor(Role.AUDITOR))
    reader = Event.objects.get(pk=event).actor_id
    for actor, code in (
        (Actor(reader, "示例医师", Role.AUDITOR.value, division_code="3402"), "access.answer_for_oneself"),
        (Actor(uuid7(), "外地审计", Role.AUDITOR.value, division_code="1401"), "access.no_such_objection"),
    ):
        with pytest.raises(Refused) as caught:
            answer_objection(actor, objection_id=waiting.id, upheld=False, answer="不成立")
        assert codes(caught) == {code}
    assert reviews.complaints(site.actor(Role.AUDITOR))[0].answered_at is None
