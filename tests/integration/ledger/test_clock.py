from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from tiercare.apps.ledger import commands, queries
from tiercare.apps.ledger.models import Event, Installation
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

_MOMENT = datetime(2019, 6, 30, 17, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_the_clock_is_the_transactions_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now(), pg_sleep(0.01)")
        started = cursor.fetchone()[0]
    assert queries.now() == started
    assert abs(queries.now() - timezone.now()) < timedelta(minutes=1)


def test_a_real_database_keeps_its_clock(owner) -> None:
    with pytest.raises(Refused) as refused:
        commands.set_clock(Actor.system(), at=_MOMENT)
    assert refused.value.refusals[0].code == "ledger.clock_only_synthetic"
    assert queries.installation().clock_override is None
    assert not Event.objects.exists()


def test_the_database_itself_refuses_an_override_that_is_not_synthetic(owner) -> None:
    with pytest.raises(IntegrityError, match="ledger_clock_only_synthetic"), transaction.atomic():
        Installation.objects.update(clock_override=_MOMENT)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_installation SET synthetic = true",
        "UPDATE ledger_installation SET schema_version = '9'",
        "DELETE FROM ledger_installation",
        "INSERT INTO ledger_installation (id) VALUES (1)",
    ],
)
def test_the_application_role_cannot_mark_the_database(statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_synthetic_database_can_play_another_day(owner) -> None:
    commands.mark_synthetic()
    actor = Actor.system()
    commands.set_clock(actor, at=_MOMENT)
    assert queries.now() == _MOMENT
    assert queries.today() == date(2019, 7, 1)
    event = Event.objects.get()
    assert (event.kind, event.at) == ("ledger.clock_set", _MOMENT)
    assert event.payload == {"before": None, "after": "2019-06-30T17:30:00+00:00"}
    commands.set_clock(actor, at=None)
    assert abs(queries.now() - timezone.now()) < timedelta(minutes=1)


@pytest.mark.parametrize("own", [None, _MOMENT])
def test_a_lent_clock_is_returned_also_where_its_borrower_failed(owner, own: datetime | None) -> None:
    commands.mark_synthetic()
    actor = Actor.system()
    commands.set_clock(actor, at=own)
    with pytest.raises(LookupError), commands.lent_clock(actor):
        commands.set_clock(actor, at=_MOMENT - timedelta(days=3))
        raise LookupError
    assert queries.installation().clock_override == own
    commands.set_clock(actor, at=_MOMENT + timedelta(days=1))
    commands.return_clock(actor)
    assert queries.now() == _MOMENT + timedelta(days=1), "what was returned is not set back twice"


def test_a_clock_that_was_not_returned_is_set_back_before_it_is_lent_again(owner) -> None:
    commands.mark_synthetic()
    actor = Actor.system()
    Installation.objects.update(
        clock_override=_MOMENT, clock_lent=True
    )  # as left by a process that was killed
    with commands.lent_clock(actor):
        assert abs(queries.now() - timezone.now()) < timedelta(minutes=1)
        commands.set_clock(actor, at=_MOMENT)
    assert queries.installation().clock_override is None


def test_a_database_in_use_is_not_declared_synthetic(owner, notes) -> None:
    notes.append(1)
    with pytest.raises(Refused) as refused:
        commands.mark_synthetic()
    assert refused.value.refusals[0].code == "ledger.already_in_use"
    assert not queries.installation().synthetic


def test_a_moment_needs_its_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        commands.set_clock(Actor.system(), at=_MOMENT.replace(tzinfo=None))


def test_the_version_is_recorded_by_the_owner(owner) -> None:
    commands.record_version(version="0.1.0")
    assert queries.installation().schema_version == "0.1.0"
    commands.record_version(version="")
