"""Requests take their steps: who may, who owns them then and until when, and what stays on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tiercare.apps.access.models import CareRelation
from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import commands, queries
from tiercare.apps.exchange.models import Request, Step
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.rules.owners import Level
from tiercare.apps.exchange.workflow import Act, State
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import REMOTE, Parties, later

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("test")
WHY = Said(code="missing_results", words="缺少心电图，请补充后再提交。", alternative={"missing": ["ECG"]})


def stored(row: Request) -> Request:
    with scoped(SYSTEM, area="*"):
        return Request.objects.get(id=row.id)


def test_the_whole_way_and_its_owners(parties: Parties, sent: Callable[..., Request]) -> None:
    row = sent()
    doctor, office = parties.doctor, parties.office
    owners = [(stored(row).owner_level, stored(row).owner_institution)]
    for actor, act in [
        (office, Act.ACCEPT),
        (office, Act.ARRIVE),
        (office, Act.TAKE_IN),
        (office, Act.REPORT),
    ]:
        turned = commands.turn(actor, request_id=row.id, act=act)
        assert turned.due_at is not None
        assert turned.due_at > ledger.now()
        owners.append((stored(row).owner_level, stored(row).owner_institution))
    assert owners == [
        ("OFFICE", parties.hospital),
        ("OFFICE", parties.hospital),
        ("OFFICE", parties.hospital),
        ("PERSON", parties.hospital),
        ("PERSON", doctor.institution_id),
    ]
    over = commands.turn(doctor, request_id=row.id, act=Act.ACKNOWLEDGE)
    assert (over.state, over.owner, over.due_at) == (State.CLOSED, None, None)
    with scoped(doctor):
        steps = list(Step.objects.filter(request_id=row.id).order_by("at", "id").values_list("act", "target"))
    assert steps == [
        ("submit", "SUBMITTED"),
        ("accept", "ACCEPTED"),
        ("arrive", "ARRIVED"),
        ("take_in", "IN_CARE"),
        ("report", "REPORTED"),
        ("acknowledge", "CLOSED"),
    ]


def test_what_may_be_done_is_what_is_allowed(parties: Parties, sent: Callable[..., Request]) -> None:
    row = sent()
    assert set(queries.acts_now(parties.office, request_id=row.id)) == {
        Act.ACCEPT,
        Act.RETURN,
        Act.REDIRECT,
        Act.ARRIVE,
        Act.DIE,
    }
    assert set(queries.acts_now(parties.doctor, request_id=row.id)) == {Act.WITHDRAW, Act.DIE}
    with pytest.raises(Refused) as refused:
        queries.acts_now(parties.stranger, request_id=row.id)
    assert refused.value.refusals[0].code == "exchange.no_such_request"
    for act in set(Act) - set(queries.acts_now(parties.doctor, request_id=row.id)):
        with pytest.raises(Refused):
            commands.turn(parties.doctor, request_id=row.id, act=act, said=WHY)
    assert stored(row).state == State.SUBMITTED


def test_a_draft_is_nobodys_but_its_authors(parties: Parties) -> None:
    row = parties.draft()
    for other in (parties.office, parties.stranger):
        with pytest.raises(Refused) as refused:
            commands.turn(other, request_id=row.id, act=Act.WITHDRAW, said=WHY)
        assert refused.value.refusals[0].code == "exchange.no_such_request"


def test_a_return_says_why_and_what_instead(parties: Parties, sent: Callable[..., Request]) -> None:
    row = sent()
    with pytest.raises(Refused) as refused:
        commands.turn(parties.office, request_id=row.id, act=Act.RETURN, said=Said(code="other"))
    assert {each.at for each in refused.value.refusals} == {"words", "alternative"}
    turned = commands.turn(parties.office, request_id=row.id, act=Act.RETURN, said=WHY)
    assert turned.owner is not None
    assert (turned.owner.level, turned.owner.institution_id) == (Level.PERSON, parties.doctor.institution_id)
    commands.turn(parties.doctor, request_id=row.id, act=Act.SUBMIT)
    assert stored(row).state == State.SUBMITTED


def test_redirected_it_is_the_next_ones_and_the_record_opens_for_them(
    parties: Parties, sent: Callable[..., Request]
) -> None:
    row, other = sent(), parties.stranger.institution_id
    assert other is not None
    said = Said(words="本院无该专科，转请贵院。", to=other)
    commands.turn(parties.office, request_id=row.id, act=Act.REDIRECT, said=said)
    after = stored(row)
    assert (after.to_institution, after.owner_institution, after.received_at) == (other, other, None)
    assert Act.ACCEPT in queries.acts_now(parties.stranger, request_id=row.id)
    with pytest.raises(Refused):  # it is seen, and no more
        commands.turn(parties.office, request_id=row.id, act=Act.ACCEPT)
    with scoped(SYSTEM, area="*"):
        relations = CareRelation.objects.filter(source_id=row.id, until=None)
        open_at = set(relations.values_list("institution_id", "kind"))
    assert open_at == {(other, "request"), (parties.doctor.institution_id, "sent")}


def test_over_the_ground_to_read_ends(parties: Parties, sent: Callable[..., Request]) -> None:
    row = sent()
    commands.turn(parties.doctor, request_id=row.id, act=Act.WITHDRAW, said=Said(words="患者改变主意。"))
    with scoped(SYSTEM, area="*"):
        assert not CareRelation.objects.filter(source_id=row.id, until=None).exists()


def test_two_who_accept_at_once_are_told(parties: Parties, sent: Callable[..., Request]) -> None:
    row = sent()
    seen = stored(row).version
    commands.turn(parties.office, request_id=row.id, act=Act.ACCEPT, version=seen)
    with pytest.raises(Refused) as refused:
        commands.turn(parties.office, request_id=row.id, act=Act.ACCEPT, version=seen)
    assert refused.value.refusals[0].code == "exchange.not_in_this_state"
    with pytest.raises(Refused) as refused:
        commands.turn(parties.office, request_id=row.id, act=Act.ARRIVE, version=seen)
    assert refused.value.refusals[0].code == "exchange.changed_meanwhile"


def test_after_arrival_nobody_withdraws_and_is_told_what_to_do(
    parties: Parties, sent: Callable[..., Request]
) -> None:
    row = sent()
    commands.turn(parties.office, request_id=row.id, act=Act.ARRIVE)
    with pytest.raises(Refused) as refused:
        commands.turn(parties.doctor, request_id=row.id, act=Act.WITHDRAW, said=Said(words="算了"))
    assert "患者已到院" in refused.value.refusals[0].way_on()


def test_an_answer_from_afar_needs_no_visit(parties: Parties, sent: Callable[..., Request]) -> None:
    row = sent(kind=REMOTE)
    assert Act.ARRIVE not in queries.acts_now(parties.office, request_id=row.id)
    commands.turn(parties.office, request_id=row.id, act=Act.ACCEPT)
    commands.turn(parties.office, request_id=row.id, act=Act.REPORT)
    commands.turn(parties.doctor, request_id=row.id, act=Act.ACKNOWLEDGE)
    assert stored(row).state == State.CLOSED


@pytest.mark.parametrize(
    "change",
    [
        {"due_at": None},
        {"owner_level": None},
        {"owner_institution": None},
        {"state": "CLOSED"},
        {"state": "nowhere"},
        {"sent_at": None},
    ],
)
def test_the_database_lets_no_open_request_go_without_owner_and_time(
    parties: Parties, sent: Callable[..., Request], change: dict[str, object]
) -> None:
    row = sent()
    with scoped(parties.doctor), pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(id=row.id).update(**change)


def test_the_line_of_escalation(
    parties: Parties, sent: Callable[..., Request], synthetic_clock: None
) -> None:
    row = sent(urgency=Urgency.EMERGENCY)
    assert commands.escalate_overdue() == 0
    levels = []
    for _ in range(4):
        due = stored(row).due_at
        assert due is not None
        later(seconds=(due - ledger.now()).total_seconds() + 1)
        assert commands.escalate_overdue() == 1
        levels.append(stored(row).owner_level)
        assert commands.escalate_overdue() == 0
    assert levels[-2:] == ["COMMISSION", "COMMISSION"]
    assert stored(row).owner_area
    commands.turn(parties.office, request_id=row.id, act=Act.ACCEPT)  # who received it can still see to it
    assert stored(row).owner_level == "OFFICE"


def test_an_emergency_is_due_within_minutes_a_routine_one_in_working_days(
    parties: Parties, sent: Callable[..., Request]
) -> None:
    soon, late = sent(urgency=Urgency.EMERGENCY), sent(urgency=Urgency.ROUTINE, problem_code="E11")
    now = ledger.now()
    first, second = stored(soon).due_at, stored(late).due_at
    assert first is not None
    assert second is not None
    assert first - now <= timedelta(minutes=15)
    assert second - now >= timedelta(days=2) - timedelta(minutes=1)


def test_what_came_is_acknowledged_once(parties: Parties, sent: Callable[..., Request]) -> None:
    row = sent()
    commands.receive(parties.office, request_id=row.id)
    at = stored(row).received_at
    commands.receive(parties.office, request_id=row.id)
    assert at is not None
    assert stored(row).received_at == at
    with pytest.raises(Refused):
        commands.receive(parties.doctor, request_id=row.id)
