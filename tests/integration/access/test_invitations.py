"""Inviting: an account that nobody can enter but with the slip, which opens once, for three days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tiercare.apps.access import commands, queries
from tiercare.apps.access.commands import invitations
from tiercare.apps.access.models import Account, Grant, Invitation, Session
from tiercare.apps.access.rules import Role, staff
from tiercare.apps.ledger.queries import events
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refusal, Refused

from .conftest import CITY, HOSPITAL, PASSWORD, acting

pytestmark = pytest.mark.django_db
VISITOR = queries.visitor(channel="web", request_id=uuid7())
OWN = "seven patient copper kettles"


@pytest.fixture
def operator(open_account) -> Actor:
    return acting(open_account("op", Role.OPERATOR), Role.OPERATOR)


def invite(actor: Actor, username: str = "li.na", **changes) -> invitations.Invited:
    given = {
        "username": username,
        "display_name": "李娜",
        "role": Role.CLINICIAN,
        "place_name": "示例医院",
        "division_code": CITY,
        "period": Period(date(2018, 1, 1)),
        "institution_id": HOSPITAL,
    }
    return invitations.invite(actor, **(given | changes))


def refusals(do, *args, **kwargs) -> list[str]:
    with pytest.raises(Refused) as caught:
        do(*args, **kwargs)
    return [refusal.code for refusal in caught.value.refusals]


def enter(system: Actor, username: str = "li.na", password: str = OWN) -> Account:
    return commands.sign_in(system, username=username, password=password, source="127.0.0.1")


def test_the_slip_opens_the_account_once(operator, system) -> None:
    slip = invite(operator, username="Li.Na")
    assert slip.username == "li.na"
    account = Account.objects.get(pk=slip.account_id)
    assert not account.has_usable_password() and account.is_active
    assert refusals(enter, system, password=PASSWORD) == ["access.wrong_name_or_password"]
    assert invitations.accept(VISITOR, token=slip.token, password=OWN).id == slip.account_id
    entered = enter(system)
    assert not entered.must_change_password
    (held,) = queries.grants_in_force(entered.id, on=date(2019, 1, 1))
    assert (held.role, held.institution_id) == (Role.CLINICIAN, HOSPITAL)
    assert refusals(invitations.accept, VISITOR, token=slip.token, password=PASSWORD) == [
        "access.no_such_invitation"
    ]
    assert enter(system).id == entered.id


def test_every_slip_that_opens_nothing_gets_one_answer(operator, clock) -> None:
    tokens = {"unknown": "0" * staff.TOKEN_LENGTH, "empty": "", "nonsense": "一" * 500, "nul": "\0"}
    used = invite(operator, "used")
    invitations.accept(VISITOR, token=used.token, password=OWN)
    withdrawn = invite(operator, "withdrawn")
    invitations.withdraw(operator, account_id=withdrawn.account_id)
    replaced = invite(operator, "replaced")
    invitations.invite_again(operator, account_id=replaced.account_id)
    closed = invite(operator, "closed")
    commands.disable_account(operator, account_id=closed.account_id)
    tokens |= {s.username: s.token for s in (used, withdrawn, replaced, closed)}
    answers = {name: _answer(token) for name, token in tokens.items()}
    late = invite(operator, "late")
    clock.pass_(hours=72)
    answers["late"] = _answer(late.token)
    assert len(answers) == 9
    assert [name for name, answer in answers.items() if answer != (staff.NO_SUCH_INVITATION,)] == []


def _answer(token: str) -> tuple[Refusal, ...]:
    """What who tries this slip is told; the password would be refused too, which only an open slip tells."""
    with pytest.raises(Refused) as caught:
        invitations.accept(VISITOR, token=token, password="short")
    return caught.value.refusals


def test_a_slip_is_good_until_its_last_second(operator, clock) -> None:
    slip = invite(operator)
    clock.pass_(hours=71, minutes=59, seconds=59)
    invitations.accept(VISITOR, token=slip.token, password=OWN)


def test_a_password_that_cannot_be_used_leaves_the_slip_good(operator) -> None:
    slip = invite(operator)
    for password, code in (
        ("short", "access.password_length"),
        ("my-li.na-secret", "access.password_guessable"),
    ):
        assert refusals(invitations.accept, VISITOR, token=slip.token, password=password) == [code]
    invitations.accept(VISITOR, token=slip.token.lower().replace("-", " "), password=OWN)


def test_only_a_hash_of_the_token_is_kept_and_told(operator) -> None:
    slip = invite(operator)
    bare = staff.typed(slip.token)
    assert len(bare) * 5 >= 128
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM access_invitation t")
        (row,) = cursor.fetchone()
    told = str([event.payload for event in events(subject_id=slip.account_id)])
    for place in (row, told):
        assert bare not in place and slip.token not in place and bare.encode().hex() not in place
    assert invite(operator, "another").token != slip.token


def test_what_cannot_be_invited_is_told_at_once_and_leaves_nothing(operator) -> None:
    accounts = Account.objects.count()
    found = refusals(invite, operator, username="?", display_name=" ", institution_id=None)
    assert found == ["access.bad_username", "access.bad_display_name", "access.grant_misfits"]
    assert refusals(invite, operator, role=Role.RESIDENT, institution_id=None) == ["access.not_grantable"]
    assert refusals(invite, operator, username="op") == ["access.username_taken"]
    assert refusals(invite, operator, division_code="3201") == ["access.outside_scope"]
    commission = Actor(uuid7(), "某人", Role.COMMISSION.value, division_code=CITY)
    assert refusals(invite, commission) == ["access.not_your_right"]
    assert Account.objects.count() == accounts and not Invitation.objects.exists()


def test_a_new_slip_voids_the_one_before_the_password_and_the_sessions(
    operator, system, open_account
) -> None:
    account = open_account("wang.li", Role.CLINICIAN)
    _session(account)
    first = invitations.invite_again(operator, account_id=account.id)
    assert not Session.objects.filter(account=account).exists()
    assert refusals(enter, system, "wang.li", PASSWORD) == ["access.wrong_name_or_password"]
    second = invitations.invite_again(operator, account_id=account.id)
    assert Invitation.objects.filter(account=account, used_at=None, revoked_at=None).count() == 1
    assert refusals(invitations.accept, VISITOR, token=first.token, password=OWN) == [
        "access.no_such_invitation"
    ]
    invitations.accept(VISITOR, token=second.token, password=OWN)
    assert enter(system, "wang.li").id == account.id


def test_a_disabled_account_opens_again_with_a_slip_and_without_its_old_password(
    operator, system, open_account
) -> None:
    account = open_account("wang.li", Role.CLINICIAN)
    assert refusals(invitations.reopen, operator, account_id=account.id) == ["access.not_disabled"]
    commands.disable_account(operator, account_id=account.id)
    assert refusals(invitations.invite_again, operator, account_id=account.id) == [
        "access.disabled_first_open"
    ]
    slip = invitations.reopen(operator, account_id=account.id)
    assert refusals(enter, system, "wang.li", PASSWORD) == ["access.wrong_name_or_password"]
    invitations.accept(VISITOR, token=slip.token, password=OWN)
    assert enter(system, "wang.li").is_active


def test_demonstration_accounts_keep_their_password(system, operator) -> None:
    demo = commands.create_account(
        system, username="wuhu.demo", display_name="演示", password=PASSWORD, synthetic=True
    )
    assert refusals(invitations.invite_again, operator, account_id=demo.id) == ["access.synthetic_stays"]
    assert enter(system, "wuhu.demo", PASSWORD).id == demo.id


def test_withdrawing_needs_an_open_slip(operator) -> None:
    slip = invite(operator)
    invitations.withdraw(operator, account_id=slip.account_id)
    assert refusals(invitations.withdraw, operator, account_id=slip.account_id) == [
        "access.no_open_invitation"
    ]


def test_nobody_sends_a_slip_for_themselves_a_resident_or_another_area(operator, open_account) -> None:
    assert refusals(invitations.invite_again, operator, account_id=operator.account_id) == [
        "access.not_oneself"
    ]
    resident = Account.objects.create(
        username="resident.1", display_name="居民", password="!", resident_id=uuid7()
    )
    far = open_account("far", Role.OPERATOR, area="3201")
    assert refusals(invitations.invite_again, operator, account_id=resident.id) == ["access.no_such_account"]
    assert refusals(invitations.invite_again, operator, account_id=far.id) == ["access.outside_scope"]
    assert refusals(invitations.reopen, operator, account_id=uuid7()) == ["access.no_such_account"]


def test_whose_roles_were_all_taken_back_is_still_not_anybodys(operator, open_account, system) -> None:
    far = open_account("far", Role.CLINICIAN, area="3201")
    commands.revoke(system, grant_id=Grant.objects.get(account=far).id)
    assert refusals(invitations.invite_again, operator, account_id=far.id) == ["access.outside_scope"]


def test_the_trail_tells_who_made_the_slip_and_that_it_was_used(operator) -> None:
    slip = invite(operator)
    invitations.accept(VISITOR, token=slip.token, password=OWN)
    told = [(event.kind, event.actor_id) for event in events(subject_id=slip.account_id)]
    assert told == [
        ("access.invitation_accepted", None),
        ("access.invitation_made", operator.account_id),
        ("access.role_granted", operator.account_id),
        ("access.account_created", operator.account_id),
    ]


def _session(account: Account) -> None:
    Session.objects.create(
        session_key=uuid7().hex,
        session_data="",
        expire_date=timezone.now() + timedelta(hours=1),
        account=account,
    )
