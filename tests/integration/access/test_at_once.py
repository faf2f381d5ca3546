"""Signing in several times at once, in real transactions: a double click is no failure, a burst of guesses is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from tiercare.apps.access import commands, queries
from tiercare.apps.access.models import Account, SignInFailures
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import PASSWORD

WIPE = (
    "DELETE FROM ledger_unsealed USING ledger_event e WHERE event_id = e.id AND e.subject_id = %(account)s",
    "DELETE FROM ledger_event WHERE subject_id = %(account)s",
    "DELETE FROM access_signinfailures",
    "DELETE FROM access_account WHERE id = %(account)s",
)


@pytest.fixture
def account(django_db_setup, django_db_blocker) -> Iterator[Account]:
    """A committed account; the owner of the tables wipes it and its events after the test."""
    with django_db_blocker.unblock():
        made = commands.create_account(
            Actor.system("test"), username="wang.li", display_name="王丽", password=PASSWORD
        )
        yield made
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER USER")
            for statement in WIPE:
                cursor.execute(statement, {"account": made.id})
            cursor.execute("ALTER TABLE ledger_event ENABLE TRIGGER USER")
        for alias in ("default", "owner"):
            connections[alias].close()


def at_once(times: int, attempt: Callable[[], str]) -> list[str]:
    def run(_: int) -> str:
        try:
            return attempt()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def attempt_with(password: str) -> str:
    visitor = queries.visitor(channel="web", request_id=uuid7())
    try:
        return str(
            commands.sign_in(visitor, username="wang.li", password=password, source="10.0.0.1").username
        )
    except Refused as refused:
        return refused.refusals[0].code


def test_a_double_click_signs_in_twice(account) -> None:
    for _ in range(5):
        assert at_once(4, lambda: attempt_with(PASSWORD)) == ["wang.li"] * 4
    assert not SignInFailures.objects.exists()


def test_a_burst_of_guesses_gets_no_more_than_the_free_ones(account) -> None:
    answers = at_once(8, lambda: attempt_with("not the password"))
    assert sorted(answers) == ["access.too_many_attempts"] * 3 + ["access.wrong_name_or_password"] * 5
    assert SignInFailures.objects.get().failures == 5
