"""Leaving: what is in somebody's name gets somebody else, roles end, the account closes, and nothing more."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tiercare.apps.access import commands, queries
from tiercare.apps.access.commands import invitations, leaving
from tiercare.apps.access.models import Account, CareRelation, Grant, Session
from tiercare.apps.access.queries.leaving import leaving_preview
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused

from .conftest import CITY, HOSPITAL, acting

pytestmark = pytest.mark.django_db
SISTER = uuid7()


@pytest.fixture
def operator(open_account) -> Actor:
    return acting(open_account("op", Role.OPERATOR), Role.OPERATOR)


@pytest.fixture
def doctor(open_account) -> Account:
    return open_account("doctor", Role.CLINICIAN)


@pytest.fixture
def successor(open_account) -> Account:
    return open_account("successor", Role.CLINICIAN)


@pytest.fixture
def look_after(system, doctor):
    """A care relation in the doctor's name."""

    def relate(institution: UUID = HOSPITAL, *, area: str = CITY, account: Account | None = doctor) -> UUID:
        with queries.scoped(system, also=[institution]):
            return commands.relate(
                system,
                resident_id=uuid7(),
                institution_id=institution,
                division_code=area,
                kind=Basis.CONTRACT,
                source_id=uuid7(),
                account_id=account.id if account else None,
            )

    return relate


def in_name_of(relation: UUID) -> UUID | None:
    with queries.scoped(Actor.system("test"), area=queries.EVERYWHERE):
        name: UUID | None = CareRelation.objects.get(pk=relation).account_id
    return name


def refusals(do, *args, **kwargs) -> list[str]:
    with pytest.raises(Refused) as caught:
        do(*args, **kwargs)
    return [refusal.code for refusal in caught.value.refusals]


def leave(actor, account, *, to=None, on=None, to_institution=False) -> None:
    leaving.leave(
        actor,
        account_id=account.id,
        successor_id=to.id if to else None,
        on=on or ledger.today(),
        to_institution=to_institution,
    )


def session(account: Account) -> None:
    Session.objects.create(
        session_key=uuid7().hex,
        session_data="",
        expire_date=timezone.now() + timedelta(hours=1),
        account=account,
    )


def test_today_everything_ends_and_passes_on_at_once(operator, doctor, successor, look_after) -> None:
    mine, theirs, nobodys = look_after(), look_after(account=successor), look_after(account=None)
    session(doctor)
    session(successor)
    leave(operator, doctor, to=successor)
    doctor.refresh_from_db()
    assert not doctor.is_active
    assert queries.grants_in_force(doctor.id, on=ledger.today()) == ()
    assert list(Session.objects.values_list("account_id", flat=True)) == [successor.id]
    assert [in_name_of(each) for each in (mine, theirs, nobodys)] == [successor.id, successor.id, None]
    told = {event.kind: event for event in ledger.events(subject_id=doctor.id)}
    assert told["access.account_left"].payload == {
        "successor_id": str(successor.id),
        "grants": 1,
        "relations": 1,
    }
    assert {"access.account_disabled", "access.role_revoked"} <= told.keys()
    (handed,) = ledger.events(kind="access.care_handed_over")
    assert handed.payload == {
        "relation_id": str(mine),
        "from_account_id": str(doctor.id),
        "to_account_id": str(successor.id),
    }


def test_nobody_is_left_without_anyone_unless_it_is_said(operator, doctor, look_after) -> None:
    mine = look_after()
    assert refusals(leave, operator, doctor) == ["access.left_without_owner"]
    doctor.refresh_from_db()
    assert doctor.is_active and in_name_of(mine) == doctor.id
    leave(operator, doctor, to_institution=True)
    assert in_name_of(mine) is None


def test_with_nothing_in_their_name_no_successor_is_needed(operator, doctor) -> None:
    leave(operator, doctor)
    doctor.refresh_from_db()
    assert not doctor.is_active


def test_what_is_over_is_not_handed_over(operator, system, doctor, look_after) -> None:
    mine = look_after()
    with queries.scoped(system, also=[HOSPITAL]):
        source = CareRelation.objects.get(pk=mine).source_id
        commands.end_relation(system, kind=Basis.CONTRACT, source_id=source)
    leave(operator, doctor)
    assert in_name_of(mine) == doctor.id


def test_a_successor_must_work_where_the_residents_are(operator, doctor, open_account, look_after) -> None:
    mine, other = look_after(), look_after(SISTER)
    nobody = open_account("nobody")
    closed = open_account("closed", Role.CLINICIAN)
    commands.disable_account(operator, account_id=closed.id)
    here_only = open_account("here", Role.CLINICIAN)
    for account, code in (
        (nobody, "access.successor_elsewhere"),
        (here_only, "access.successor_elsewhere"),
        (closed, "access.no_such_successor"),
        (doctor, "access.no_such_successor"),
    ):
        assert refusals(leave, operator, doctor, to=account) == [code]
    assert {in_name_of(mine), in_name_of(other)} == {doctor.id}


def test_only_what_lies_in_the_operators_area_is_touched(operator, doctor, successor, look_after) -> None:
    here, far = look_after(), look_after(SISTER, area="3201")
    leave(operator, doctor, to=successor)
    assert (in_name_of(here), in_name_of(far)) == (successor.id, doctor.id)


def test_who_does_not_manage_the_account_changes_nothing(operator, doctor, open_account, successor) -> None:
    far = acting(Account.objects.get(username="op"), Role.OPERATOR, area="3201")
    clinician = acting(successor, Role.CLINICIAN)
    assert refusals(leave, far, doctor) == ["access.outside_scope"]
    assert refusals(leave, clinician, doctor) == ["access.not_your_right"]
    assert refusals(leave, operator, Account.objects.get(username="op")) == ["access.not_oneself"]
    assert refusals(leave, operator, doctor, on=ledger.today() - timedelta(days=1)) == ["access.left_already"]
    assert Account.objects.filter(is_active=True).count() == Account.objects.count()


@pytest.fixture
def in_a_week(operator, doctor, successor, look_after):
    """Ordered for a week from now, with one relation to pass on."""
    relation, on = look_after(), ledger.today() + timedelta(days=7)
    commands.grant(  # one that would begin after the day
        operator,
        account_id=doctor.id,
        role=Role.REFERRAL_OFFICE,
        place_name="示例医院",
        division_code=CITY,
        period=Period(on + timedelta(days=1)),
        institution_id=HOSPITAL,
    )
    leave(operator, doctor, to=successor, on=on)
    return relation, on


def come(monkeypatch, day: date) -> None:
    """The day has come, for whoever asks the ledger which day it is."""
    monkeypatch.setattr(ledger, "today", lambda: day)


def test_later_the_roles_end_with_that_day_and_the_rest_is_done_then(
    monkeypatch, system, operator, doctor, successor, in_a_week
) -> None:
    relation, on = in_a_week
    doctor.refresh_from_db()
    assert doctor.is_active and in_name_of(relation) == doctor.id
    before = on - timedelta(days=1)
    assert [grant.role for grant in queries.grants_in_force(doctor.id, on=before)] == [Role.CLINICIAN]
    for day in (on, on + timedelta(days=30)):
        assert queries.grants_in_force(doctor.id, on=day) == ()
    assert leaving_preview(operator, doctor.id).planned == on
    assert leaving.finish_leavings(system) == 0
    come(monkeypatch, on)
    assert leaving.finish_leavings(system) == 1
    doctor.refresh_from_db()
    assert not doctor.is_active and in_name_of(relation) == successor.id
    assert leaving.finish_leavings(system) == 0


def test_who_is_given_a_role_beyond_that_day_stays(monkeypatch, system, operator, doctor, in_a_week) -> None:
    relation, on = in_a_week
    commands.grant(
        operator,
        account_id=doctor.id,
        role=Role.CLINICIAN,
        place_name="示例医院",
        division_code=CITY,
        period=Period(on),
        institution_id=HOSPITAL,
    )
    assert leaving_preview(operator, doctor.id).planned is None
    come(monkeypatch, on)
    assert leaving.finish_leavings(system) == 0
    doctor.refresh_from_db()
    assert doctor.is_active and in_name_of(relation) == doctor.id


def test_ordered_anew_the_later_order_counts(
    monkeypatch, system, operator, doctor, open_account, in_a_week
) -> None:
    relation, on = in_a_week
    other = open_account("other", Role.CLINICIAN)
    leave(operator, doctor, to=other, on=on - timedelta(days=2))
    come(monkeypatch, on - timedelta(days=2))
    assert leaving.finish_leavings(system) == 1
    assert in_name_of(relation) == other.id


def test_a_successor_who_has_gone_meanwhile_takes_nothing(
    monkeypatch, system, operator, successor, in_a_week
) -> None:
    relation, on = in_a_week
    commands.revoke(operator, grant_id=Grant.objects.get(account=successor).id)
    come(monkeypatch, on)
    assert leaving.finish_leavings(system) == 1
    assert in_name_of(relation) is None


def test_everything_is_shown_beforehand(operator, doctor, successor, open_account, look_after) -> None:
    look_after()
    look_after()
    look_after(SISTER, area="3201")
    session(doctor)
    open_account("elsewhere", Role.OPERATOR)
    seen = leaving_preview(operator, doctor.id)
    assert [(grant.role, grant.place_name) for grant in seen.grants] == [(Role.CLINICIAN, "示例医院")]
    assert [(each.institution_id, each.kind, each.count) for each in seen.relations] == [
        (HOSPITAL, Basis.CONTRACT, 2)
    ]
    assert (seen.sessions, seen.in_their_name, seen.planned) == (1, 2, None)
    assert [each.id for each in seen.colleagues] == [successor.id]
    assert CareRelation.objects.count() == 0  # outside the wall nothing is seen


def test_an_account_that_left_can_be_opened_again_without_its_roles(operator, doctor) -> None:
    leave(operator, doctor)
    slip = invitations.reopen(operator, account_id=doctor.id)
    doctor.refresh_from_db()
    assert doctor.is_active and slip.account_id == doctor.id
    assert queries.grants_in_force(doctor.id, on=ledger.today()) == ()
