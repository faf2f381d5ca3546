"""How often is counted by account, institution, address and subject, in one statement, and ends with its window."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.urls import path
from ninja import Router

from tiercare.api import root
from tiercare.apps.access import queries
from tiercare.apps.access.commands import rates
from tiercare.apps.access.models import Rate
from tiercare.apps.access.rules.rates import Limit, Per, Rated
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import HOSPITAL

LOOKUP = Rated.RESIDENT_LOOKUP


def somebody(institution=HOSPITAL) -> Actor:
    return Actor(uuid7(), "王丽", "registrar", institution_id=institution)


def full(actor: Actor, what: Rated = LOOKUP, **keys) -> int:
    """The seconds to wait, 0 while there is room."""
    try:
        rates.take(actor, what=what, **keys)
    except Refused as refused:
        (refusal,) = refused.refusals
        assert (refusal.code, refusal.status) == ("access.too_often", 429)
        return refusal.fields["seconds"]
    return 0


@pytest.fixture
def small(monkeypatch) -> None:
    """Limits small enough to run into."""
    limits = {
        LOOKUP: (
            Limit(Per.ACCOUNT, 60, 3),
            Limit(Per.ACCOUNT, 3600, 5),
            Limit(Per.INSTITUTION, 3600, 7),
        ),
        Rated.CARD_SCAN: (Limit(Per.ACCOUNT, 60, 1),),
        Rated.SIGN_IN_CODE: (Limit(Per.SUBJECT, 3600, 2), Limit(Per.SOURCE, 60, 3)),
    }
    monkeypatch.setattr(rates, "LIMITS", limits)


@pytest.mark.django_db
def test_one_call_is_one_statement(clock) -> None:
    actor = somebody()
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            rates.take(actor, what=LOOKUP)
        assert len(asked) == 1
    assert set(Rate.objects.values_list("count", flat=True)) == {2}
    assert Rate.objects.count() == 3


@pytest.mark.django_db
def test_an_account_waits_for_the_next_minute_and_then_for_the_next_hour(clock, small) -> None:
    actor = somebody()
    clock.now = datetime(2026, 11, 21, 6, 5, 18, tzinfo=UTC)
    assert [full(actor) for _ in range(4)] == [0, 0, 0, 42]
    clock.pass_(seconds=42)
    assert full(actor) == 0
    assert full(actor) == 54 * 60  # the hour is full before the minute
    clock.pass_(minutes=54)
    assert full(actor) == 0


@pytest.mark.django_db
def test_one_account_does_not_use_up_anothers_but_they_share_the_institution(clock, small) -> None:
    first, second, third = somebody(), somebody(), somebody()
    assert [full(first) for _ in range(3)] == [full(second) for _ in range(3)] == [0, 0, 0]
    assert full(third) == 0
    assert full(third) > 0
    assert full(somebody(institution=uuid7())) == 0
    assert full(somebody(institution=None)) == 0


@pytest.mark.django_db
def test_what_is_counted_counts_apart(clock, small) -> None:
    actor = somebody()
    assert [full(actor, Rated.CARD_SCAN) for _ in range(2)] == [0, 55 if clock.now.second else 60]
    assert full(actor) == 0


@pytest.mark.django_db
def test_a_visitor_counts_by_address_and_by_whom_it_is_about(clock, small) -> None:
    visitor = Actor(None, "访客", "visitor")
    subject = uuid7()
    code = Rated.SIGN_IN_CODE
    assert [bool(full(visitor, code, source=f"10.0.0.{n}", subject=subject)) for n in range(3)] == [
        False,
        False,
        True,
    ]
    found = [bool(full(visitor, code, source="203.0.113.9", subject=uuid7())) for _ in range(4)]
    assert found == [False, False, False, True]
    found = [bool(full(visitor, code, source=f"2001:db8::{n}", subject=uuid7())) for n in range(4)]
    assert found == [False, False, False, True]  # one network of IPv6 is one address


@pytest.mark.django_db
def test_without_a_key_nothing_is_asked(clock) -> None:
    with CaptureQueriesContext(connection) as asked:
        rates.take(Actor.system("test"), what=LOOKUP)
    assert len(asked) == 0


@pytest.mark.django_db
def test_a_server_whose_clock_is_behind_opens_no_window_again(clock, small) -> None:
    actor = somebody()
    clock.now = datetime(2026, 11, 21, 6, 6, 0, tzinfo=UTC)
    assert [full(actor) for _ in range(3)] == [0, 0, 0]
    clock.pass_(seconds=-1)
    assert full(actor) > 0
    clock.pass_(seconds=1)
    assert full(actor) > 0


@pytest.mark.django_db
@pytest.mark.usefixtures("site")
def test_the_api_says_when_to_come_back(client, settings, clock, small) -> None:
    router = Router()

    @router.get("", auth=None)
    def ask(request: HttpRequest) -> None:
        rates.take(Actor(HOSPITAL, "王丽", "registrar"), what=Rated.CARD_SCAN)

    built = root.build("rates-tests")
    built.add_router("/asked", router)
    settings.ROOT_URLCONF = type("RatedSite", (), {"urlpatterns": (path("api/", built.urls),)})
    assert client.get("/api/asked").status_code == 200
    response = client.get("/api/asked")
    assert response.status_code == 429
    assert response["Retry-After"] == str(int(response["Retry-After"])) != "0"
    assert response.json()["code"] == "access.too_often"


@pytest.fixture
def committing(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield
        Rate.objects.all().delete()
        connections["default"].close()


def test_a_refusal_after_it_takes_nothing_back(committing) -> None:
    """Called first and outside, it counts although the command that follows is rolled back."""
    actor = somebody()
    rates.take(actor, what=LOOKUP)
    with pytest.raises(RuntimeError), transaction.atomic():
        Rate.objects.create(key="rolled back", window=queries.wall_clock(), count=1)
        raise RuntimeError
    assert Rate.objects.filter(key__contains=str(actor.account_id), count=1).count() == 2
    assert not Rate.objects.filter(key="rolled back").exists()


def test_many_at_once_are_all_counted(committing, monkeypatch) -> None:
    now = queries.wall_clock()
    monkeypatch.setattr(queries, "wall_clock", lambda: now)
    actors = [somebody() for _ in range(4)]

    def ask(number: int) -> int:
        try:
            return full(actors[number % len(actors)])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(40))) == 0
    counts = dict(Rate.objects.values_list("key", "count"))
    assert counts[f"resident_lookup:institution:{HOSPITAL}:3600"] == 40
    assert [counts[f"resident_lookup:account:{actor.account_id}:60"] for actor in actors] == [10] * 4


def test_the_window_is_that_of_the_clock_and_no_longer() -> None:
    limit = Limit(Per.ACCOUNT, 3600, 1)
    now = datetime(2026, 11, 21, 6, 59, 59, 500_000, tzinfo=UTC)
    assert limit.window(now) == datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert limit.remaining(now) == timedelta(seconds=0.5)
