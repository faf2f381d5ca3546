import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tiercare.apps.ledger import commands, handlers, queries
from tiercare.apps.ledger.commands import deliveries
from tiercare.apps.ledger.models import Delivery, Event
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused


def _make_due() -> None:
    Delivery.objects.filter(state="PENDING").update(next_at="2000-01-01T00:00Z")


def _deliver_all() -> int:
    number = 0
    while commands.deliver_next():
        number += 1
    return number


def _fail_until_given_up() -> None:
    for _ in range(deliveries.MOST_ATTEMPTS):
        _make_due()
        assert commands.deliver_next()


def test_each_handler_gets_each_event_once(owner, notes, registry) -> None:
    got: list[tuple[str, int]] = []
    handlers.subscribe("test.noted", "first", lambda event: got.append(("first", event.payload["number"])))
    handlers.subscribe("test.noted", "second", lambda event: got.append(("second", event.payload["number"])))
    notes.append(1)
    notes.append(2)
    assert _deliver_all() == 4
    assert sorted(got) == [("first", 1), ("first", 2), ("second", 1), ("second", 2)]
    assert not Delivery.objects.exclude(state="DONE").exists()
    assert _deliver_all() == 0


def test_a_failure_undoes_the_handlers_work_and_is_tried_again_later(owner, notes, registry) -> None:
    failing = [True]

    def handler(event: Event) -> None:
        notes.append(99)
        if failing:
            raise OSError("the other side is away")

    handlers.subscribe("test.noted", "once", handler)
    first = notes.append(1)
    assert commands.deliver_next()
    row = Delivery.objects.get(event=first)
    assert (row.state, row.attempts, row.last_error) == ("PENDING", 1, "OSError: the other side is away")
    assert Event.objects.count() == 1
    assert not commands.deliver_next(), "the next attempt must wait"
    failing.clear()
    _make_due()
    assert commands.deliver_next()
    assert Delivery.objects.get(event=first).state == "DONE"
    assert Event.objects.count() == 2


def test_waiting_grows_and_is_spread(owner, notes, registry) -> None:
    handlers.subscribe("test.noted", "never", lambda event: {}["missing"])
    notes.append(1)
    for attempt in range(1, deliveries.MOST_ATTEMPTS + 1):
        _make_due()
        assert commands.deliver_next()
        with connection.cursor() as cursor:
            cursor.execute("SELECT next_at - clock_timestamp() FROM ledger_delivery")
            wait = cursor.fetchone()[0].total_seconds()
        expected = min(2 ** (attempt - 1), deliveries.LONGEST_WAIT_SECONDS)
        assert expected * 0.5 - 1 <= wait <= expected * 1.5


def test_after_all_attempts_it_is_a_dead_letter_until_somebody_retries(owner, notes, registry) -> None:
    broken = [True]
    done: list[int] = []

    def handler(event: Event) -> None:
        if broken:
            raise ValueError("芜湖")
        done.append(event.payload["number"])

    handlers.subscribe("test.noted", "fragile", handler)
    subject = uuid7()
    notes.append(1, subject)
    notes.append(2, subject)
    elsewhere = notes.append(3)
    _fail_until_given_up()
    Delivery.objects.filter(event=elsewhere).update(attempts=0)
    broken.clear()
    _make_due()
    _deliver_all()
    (dead,) = queries.dead_letters()
    assert (dead.state, dead.attempts, dead.last_error) == (
        "FAILED",
        deliveries.MOST_ATTEMPTS,
        "ValueError: 芜湖",
    )
    assert done == [3], "other subjects go on; the dead letter holds back its own"
    assert queries.state().dead == 1
    commands.retry_dead_letter(notes.actor, delivery_id=dead.pk)
    _deliver_all()
    assert done == [3, 1, 2]
    assert queries.dead_letters() == []
    (order,) = queries.events(kind="ledger.dead_letter_retried")
    assert order.payload == {"delivery_id": dead.pk, "handler": "fragile", "error": "ValueError: 芜湖"}
    assert order.subject_id == subject


def test_only_a_dead_letter_can_be_retried(owner, notes, registry) -> None:
    handlers.subscribe("test.noted", "fine", lambda event: None)
    event = notes.append(1)
    for number in (Delivery.objects.get(event=event).pk, 10**9):
        with pytest.raises(Refused) as refused:
            commands.retry_dead_letter(Actor.system(), delivery_id=number)
        assert refused.value.refusals[0].code == "ledger.not_a_dead_letter"
    assert not Event.objects.filter(kind="ledger.dead_letter_retried").exists()


def test_a_handler_that_is_gone_ends_as_a_dead_letter_with_its_name(owner, notes, registry) -> None:
    handlers.subscribe("test.noted", "renamed", lambda event: None)
    notes.append(1)
    registry.functions.clear()
    _fail_until_given_up()
    (dead,) = queries.dead_letters()
    assert "'renamed'" in dead.last_error


def test_a_delivery_that_keeps_ending_its_process_is_given_up(owner, notes, registry) -> None:
    handlers.subscribe("test.noted", "deadly", lambda event: None)
    notes.append(1)
    Delivery.objects.update(attempts=deliveries.MOST_ATTEMPTS)
    _make_due()
    assert not commands.deliver_next()
    assert commands.bury_exhausted() == 1
    (dead,) = queries.dead_letters()
    assert "the process ended" in dead.last_error


def test_events_of_one_subject_come_in_their_order(owner, notes, registry) -> None:
    got: list[int] = []
    trouble = {2: 3}

    def handler(event: Event) -> None:
        number = event.payload["number"]
        if trouble.get(number, 0):
            trouble[number] -= 1
            raise ConnectionError
        got.append(number)

    handlers.subscribe("test.noted", "ordered", handler)
    subject, other = uuid7(), uuid7()
    for number in range(1, 6):
        notes.append(number, subject)
        notes.append(number + 100, other)
    for _ in range(5):
        _make_due()
        _deliver_all()
    assert [number for number in got if number < 100] == [1, 2, 3, 4, 5]
    assert [number for number in got if number > 100] == [101, 102, 103, 104, 105]
    assert got.index(105) < got.index(2), "trouble with one subject does not hold up another"


def test_two_dispatchers_never_run_one_delivery_twice_or_one_subject_at_once(owner, notes, registry) -> None:
    """A second dispatcher looks while the first is within its handler."""
    seen: list[bool] = []
    subject = uuid7()

    def handler(event: Event) -> None:
        def look() -> None:
            seen.append(commands.deliver_next())
            connection.close()

        if event.payload["number"] == 1:
            rival = threading.Thread(target=look)
            rival.start()
            rival.join()

    handlers.subscribe("test.noted", "slow", handler)
    notes.append(1, subject)
    notes.append(2, subject)
    assert commands.deliver_next()
    assert seen == [False]
    assert _deliver_all() == 1


def test_a_handler_must_not_join_another_transaction(owner, notes, registry) -> None:
    ran: list[Event] = []
    handlers.subscribe("test.noted", "own", ran.append)
    with transaction.atomic():
        notes.append(1)
        with pytest.raises(RuntimeError, match="durable"):
            commands.deliver_next()
    assert ran == []


def test_the_state_counts_what_is_open(owner, notes, registry) -> None:
    handlers.subscribe("test.noted", "fine", lambda event: None)
    notes.append(1)
    state = queries.state()
    assert (state.unsealed, state.last_sealed_at, state.pending, state.dead) == (1, None, 1, 0)
    _deliver_all()
    commands.seal()
    state = queries.state()
    assert (state.unsealed, state.pending) == (0, 0)
    assert state.last_sealed_at - queries.now() < timedelta(minutes=1)
