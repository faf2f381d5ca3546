"""One statement tells who a request comes from; what it tells is what the single questions would tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import psycopg
import pytest
from django.contrib.auth.context_processors import auth
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from psycopg.types.range import DateRange

from tiercare.apps.access import queries
from tiercare.apps.access.models import Account, Grant, Session
from tiercare.apps.access.queries import sessions
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.guard import MARKER
from tiercare.kernel.ids import uuid7

from .conftest import CITY, HOSPITAL, Site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]

COOKIE = "tiercare_session"


def shown(request: HttpRequest) -> HttpResponse:
    """A page that shows the account through the context processor."""
    page = engines["django"].from_string("{{ user.display_name }}|{{ user.username }}")
    return HttpResponse(page.render(auth(request), request))


class ShownSite(Site):
    urlpatterns = (*Site.urlpatterns, path("shown", shown))


def asked(client: Client, address: str = "/") -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    return [query["sql"] for query in caught]


@pytest.fixture
def doctor(open_account) -> Account:
    return open_account("wang.li", Role.CLINICIAN)


@pytest.fixture
def signed_in(client, doctor, post_sign_in) -> Client:
    post_sign_in(client)
    return client


def test_a_signed_in_page_takes_one_statement_and_a_visitor_none(signed_in) -> None:
    assert len(asked(signed_in)) == 1
    assert asked(Client(), "/public") == []


def test_the_account_in_a_template_asks_no_more(signed_in, settings) -> None:
    settings.ROOT_URLCONF = ShownSite
    assert len(asked(signed_in, "/shown")) == 1
    assert signed_in.get("/shown").content.decode() == "王丽|wang.li"


@pytest.mark.parametrize("key", ["", "x", "A" * 32, "0" * 33, "0" * 31 + "'", "0" * 31 + "\u00e9"])
def test_what_is_no_key_of_ours_is_not_even_asked_about(client, db, key) -> None:
    client.cookies[COOKIE] = key
    assert asked(client, "/public") == []


def test_an_unknown_key_is_a_visitor_and_its_cookie_is_taken_back(client) -> None:
    client.cookies[COOKIE] = "0" * 32
    assert len(asked(client, "/public")) == 1
    response = client.get("/")
    assert response["Location"].startswith("/sign-in")
    client.cookies[COOKIE] = "0" * 32
    assert client.get("/public").cookies[COOKIE]["max-age"] == 0


def test_the_last_use_is_written_once_a_minute_by_a_marked_statement(signed_in, clock) -> None:
    clock.pass_(seconds=59)
    assert len(asked(signed_in)) == 1
    clock.pass_(seconds=1)
    first = asked(signed_in)
    assert len(first) == 2 and first[1].startswith(MARKER) and "UPDATE access_session" in first[1]
    assert len(asked(signed_in)) == 1


def test_the_last_use_writes_over_nothing_that_another_request_wrote(signed_in, clock) -> None:
    key = signed_in.cookies[COOKIE].value
    before = sessions.standing(key)
    session = signed_in.session
    session["picked meanwhile"] = "yes"
    session.save()
    late = type(session)(key)
    late.hold(late.decode(before.stored))
    late.mark_seen(clock.now.timestamp(), stored=before.stored)
    assert signed_in.session["picked meanwhile"] == "yes"


def test_the_last_use_brings_no_ended_session_back(signed_in, clock) -> None:
    key = signed_in.cookies[COOKIE].value
    before = sessions.standing(key)
    Session.objects.all().delete()
    store = type(signed_in.session)(key)
    store.hold(store.decode(before.stored))
    store.mark_seen(clock.now.timestamp(), stored=before.stored)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("start", "end", "revoked_days_ago"),
    [
        (0, None, None),
        (0, 1, None),
        (-30, 0, None),
        (1, None, None),
        (-30, None, 0),
        (-30, None, 1),
        (-30, None, -1),
    ],
)
def test_its_grants_are_those_in_force(signed_in, doctor, start, end, revoked_days_ago) -> None:
    today, now = ledger.today(), ledger.now()
    Grant.objects.create(
        account=doctor,
        role=Role.CONSORTIUM_OFFICE,
        scope="CONSORTIUM",
        division_code=CITY,
        institution_id=HOSPITAL,
        consortium_id=uuid7(),
        place_name="示例“医联体”\\'",
        period=DateRange(today + timedelta(days=start), None if end is None else today + timedelta(days=end)),
        revoked_at=None if revoked_days_ago is None else now - timedelta(days=revoked_days_ago),
    )
    told = sessions.standing(signed_in.cookies[COOKIE].value)
    assert told.today == today
    assert told.grants == queries.grants_in_force(doctor.id, on=today)
    counts = start <= 0 and (end is None or end > 0) and revoked_days_ago in {None, -1}
    assert len(told.grants) == (2 if counts else 1)


@pytest.fixture
def set_clock(db) -> Iterator[Callable[[str | None], None]]:
    """Move the platform's clock; only the owner of the tables can, and past this transaction."""
    with psycopg.connect(**connections["owner"].get_connection_params(), autocommit=True) as owner:

        def set_it(moment: str | None) -> None:
            statement = "UPDATE ledger_installation SET synthetic = %s, clock_override = %s"
            owner.execute(statement, [moment is not None, moment])

        yield set_it
        set_it(None)


def test_midnight_in_china_changes_the_day_and_the_grants(signed_in, doctor, set_clock) -> None:
    key = signed_in.cookies[COOKIE].value
    Grant.objects.filter(account=doctor).update(period=DateRange(date(2018, 1, 1), date(2026, 3, 2)))
    for moment, day, held in (
        ("2026-03-01T15:59:59Z", date(2026, 3, 1), 1),
        ("2026-03-01T16:00:00Z", date(2026, 3, 2), 0),
    ):
        set_clock(moment)
        told = sessions.standing(key)
        assert (told.today, len(told.grants)) == (day, held)


def test_the_account_is_whole_and_saved_as_itself(signed_in, doctor) -> None:
    account = sessions.standing(signed_in.cookies[COOKIE].value).account
    with CaptureQueriesContext(connection) as more:
        assert {
            field.attname: getattr(account, field.attname) for field in Account._meta.concrete_fields
        } == {field.attname: getattr(doctor, field.attname) for field in Account._meta.concrete_fields}
    assert len(more) == 0
    account.display_name = "王丽丽"
    account.save(update_fields=["display_name"])
    doctor.refresh_from_db()
    assert doctor.display_name == "王丽丽"


def test_a_resident_acts_as_themself_and_holds_nothing_else(signed_in, doctor) -> None:
    resident = uuid7()
    Account.objects.filter(pk=doctor.pk).update(resident_id=resident)
    assert signed_in.get("/")["Location"] == "/me", "a page of staff"
    actor = signed_in.get("/").wsgi_request.actor
    assert (actor.name, actor.role, actor.account_id, actor.resident_id) == (
        "居民",
        "resident",
        doctor.id,
        resident,
    )
    assert (actor.division_code, actor.institution_id) == (None, None)
    assert signed_in.get("/").wsgi_request.grants == ()


def test_a_row_whose_data_names_another_account_opens_nothing(signed_in, open_account) -> None:
    other = open_account("zhao", Role.COMMISSION)
    Session.objects.update(account_id=other.id)
    assert signed_in.get("/")["Location"].startswith("/sign-in")


def test_data_that_was_altered_in_the_database_opens_nothing(signed_in) -> None:
    (row,) = Session.objects.all()
    Session.objects.update(session_data=row.session_data[:-1] + ("A" if row.session_data[-1] != "A" else "B"))
    assert signed_in.get("/")["Location"].startswith("/sign-in")


def test_a_session_past_its_last_day_is_gone_even_before_it_is_swept(signed_in) -> None:
    Session.objects.update(expire_date="2020-01-01T00:00:00Z")
    assert signed_in.get("/")["Location"].startswith("/sign-in")


def test_the_user_of_a_request_is_the_account_itself(signed_in) -> None:
    assert type(signed_in.get("/").wsgi_request.user) is Account
    assert not Client().get("/public").wsgi_request.user.is_authenticated
