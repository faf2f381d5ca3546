"""Accounts: opening, passwords, closing; each leaves its event and no password anywhere."""

from __future__ import annotations

import pytest
from django.db import connection

from tiercare.apps.access import commands, queries
from tiercare.apps.access.models import Account
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.queries import events
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import PASSWORD, acting

pytestmark = pytest.mark.django_db
OTHER = "seven quiet copper kettles"


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


def test_a_new_account_is_found_in_any_case_and_must_change_its_password(system) -> None:
    made = commands.create_account(system, username="Wang.Li", display_name="王丽", password=PASSWORD)
    found = queries.account_by_username("ＷＡＮＧ.li")
    assert found == made
    assert found.must_change_password and found.is_active and not found.synthetic
    assert found.password.startswith("argon2")


def test_a_name_is_given_once(open_account, system) -> None:
    open_account("wang.li")
    with pytest.raises(Refused) as refused:
        commands.create_account(system, username="WANG.LI", display_name="汪力", password=PASSWORD)
    assert codes(refused) == ["access.username_taken"]
    assert "wang.li" in refused.value.refusals[0].sentence()


def test_two_at_once_for_one_name_get_the_same_refusal(open_account, system, monkeypatch) -> None:
    open_account("wang.li")
    monkeypatch.setattr(
        type(Account.objects.none()), "exists", lambda self: False
    )  # the other came just after
    with pytest.raises(Refused) as refused:
        commands.create_account(system, username="wang.li", display_name="汪力", password=PASSWORD)
    assert codes(refused) == ["access.username_taken"]


def test_all_that_is_wrong_is_told_at_once(system) -> None:
    with pytest.raises(Refused) as refused:
        commands.create_account(system, username="x y", display_name="", password="short")
    assert codes(refused) == ["access.bad_username", "access.bad_display_name", "access.password_length"]
    assert [refusal.at for refusal in refused.value.refusals] == ["username", "display_name", "password"]


def test_a_common_password_is_refused(system) -> None:
    with pytest.raises(Refused) as refused:
        commands.create_account(system, username="wang.li", display_name="王丽", password="1q2w3e4r5t6y")
    assert codes(refused) == ["access.password_guessable"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_only_operators_manage_accounts(open_account, role) -> None:
    account = open_account("someone")
    actor = Actor(uuid7(), "某人", role.value, division_code="34")
    attempts = [
        lambda: commands.create_account(actor, username="neu", display_name="新", password=PASSWORD),
        lambda: commands.set_password(actor, account_id=account.id, password=OTHER),
        lambda: commands.disable_account(actor, account_id=account.id),
        lambda: commands.enable_account(actor, account_id=account.id, password=OTHER),
        lambda: commands.revoke(actor, grant_id=uuid7()),
    ]
    for attempt in attempts:
        with pytest.raises(Refused) as refused:
            attempt()
        assert codes(refused) == ["access.not_your_right"]


def test_an_operator_does_not_take_over_an_account_of_a_wider_area(open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR, area="340222"), Role.OPERATOR, area="340222")
    city = open_account("city", Role.COMMISSION, area="3402")
    for attempt in (commands.set_password, commands.enable_account):
        with pytest.raises(Refused) as refused:
            attempt(operator, account_id=city.id, password=OTHER)
        assert codes(refused) == ["access.outside_scope"]
    with pytest.raises(Refused):
        commands.disable_account(operator, account_id=city.id)
    city.refresh_from_db()
    assert city.check_password(PASSWORD) and city.is_active


def test_nobody_manages_themselves(open_account) -> None:
    account = open_account("op", Role.OPERATOR)
    with pytest.raises(Refused) as refused:
        commands.set_password(acting(account, Role.OPERATOR), account_id=account.id, password=OTHER)
    assert codes(refused) == ["access.not_oneself"]


def test_only_the_platform_makes_synthetic_accounts(open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    with pytest.raises(Refused) as refused:
        commands.create_account(
            operator, username="demo", display_name="演示", password=OTHER, synthetic=True
        )
    assert codes(refused) == ["access.synthetic_by_system"]


def test_a_set_password_must_be_changed_and_a_changed_one_not(open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    account = open_account("someone", Role.CLINICIAN)
    commands.set_password(operator, account_id=account.id, password=OTHER)
    account.refresh_from_db()
    assert account.must_change_password and account.check_password(OTHER)
    commands.change_password(acting(account, Role.CLINICIAN), current=OTHER, password="one more purple barn")
    account.refresh_from_db()
    assert not account.must_change_password and account.check_password("one more purple barn")


@pytest.mark.parametrize(
    ("current", "password", "code"),
    [
        ("not the one I have", OTHER, "access.wrong_current_password"),
        (PASSWORD, PASSWORD, "access.same_password"),
        (PASSWORD, "short", "access.password_length"),
    ],
)
def test_a_password_is_changed_with_care(open_account, current, password, code) -> None:
    account = open_account()
    with pytest.raises(Refused) as refused:
        commands.change_password(acting(account, Role.CLINICIAN), current=current, password=password)
    assert codes(refused) == [code]
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_closing_and_opening_again_are_told_once_each(open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    account = open_account("someone")
    commands.disable_account(operator, account_id=account.id)
    commands.disable_account(operator, account_id=account.id)
    commands.enable_account(operator, account_id=account.id, password=OTHER)
    kinds = [event.kind for event in events(subject_id=account.id)]
    assert kinds == ["access.account_enabled", "access.account_disabled", "access.account_created"]
    account.refresh_from_db()
    assert account.is_active and account.must_change_password


def test_no_account_no_change(open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    with pytest.raises(Refused) as refused:
        commands.disable_account(operator, account_id=uuid7())
    assert codes(refused) == ["access.no_such_account"]


def test_no_password_stands_in_the_ledger(open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    account = open_account("someone")
    commands.set_password(operator, account_id=account.id, password=OTHER)
    commands.change_password(acting(account, Role.CLINICIAN), current=OTHER, password="one more purple barn")
    with pytest.raises(Refused):
        commands.sign_in(operator, username="someone", password="canary in the wrong box", source="10.0.0.1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM ledger_event e")
        (everything,) = cursor.fetchone()
    assert "access.password_set" in everything and "access.sign_in_failed" in everything
    for secret in (PASSWORD, OTHER, "one more purple barn", "canary in the wrong box", "argon2"):
        assert secret not in everything
