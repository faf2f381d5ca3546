"""Sealing: every committed event once, in one chain without fork or gap, its head signed outside the database."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from tiercare.apps.ledger import chain, checkpoints, commands, queries, sql
from tiercare.apps.ledger.models import Checkpoint, Event, Seal
from tiercare.kernel.ids import uuid7

_NOW = timedelta(0)


def test_an_untouched_chain_is_intact(sealed, notes) -> None:
    notes.append(99)
    report = queries.verify_chain()
    assert (report.intact, report.faults, report.first_bad) == (True, (), None)
    assert (report.sealed, report.signed, report.unsealed) == (10, 10, 1)
    positions = dict(Seal.objects.values_list("event_id", "position"))
    assert [positions[event.id] for event in sealed.events] == list(range(1, 11))


def test_a_checkpoint_is_signed_when_the_head_has_moved_and_not_too_often(sealed, notes) -> None:
    assert commands.checkpoint(every=_NOW) is None, "the head has not moved"
    notes.append(1)
    commands.seal()
    assert commands.checkpoint(every=timedelta(hours=1)) is None, "the last one is young"
    assert queries.verify_chain().signed == 10
    assert commands.checkpoint(every=_NOW) == 11
    assert list(Checkpoint.objects.order_by("position").values_list("position", flat=True)) == [5, 10, 11]


def test_a_checkpoint_that_cannot_be_written_is_not_recorded(sealed, notes) -> None:
    notes.append(1)
    commands.seal()
    (sealed.home / checkpoints.FILE).unlink()
    (sealed.home / checkpoints.FILE).mkdir()
    with pytest.raises(OSError, match="directory"):
        commands.checkpoint(every=_NOW)
    assert Checkpoint.objects.count() == 2


def test_an_event_that_commits_late_gets_a_later_position(owner, home, notes) -> None:
    begun, finish = threading.Event(), threading.Event()
    late: list[Event] = []

    def slow() -> None:
        with transaction.atomic():
            late.append(notes.append(1))
            begun.set()
            assert finish.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(20)
    early = notes.append(2)
    assert late[0].sequence < early.sequence
    assert commands.seal() == 1
    finish.set()
    thread.join()
    assert commands.seal() == 1
    assert list(Seal.objects.order_by("position").values_list("event_id", flat=True)) == [
        early.id,
        late[0].id,
    ]
    assert queries.verify_chain().intact


def test_of_two_sealers_one_seals(owner, home, notes) -> None:
    """Many sealers and writers at once: every event once, no gap, no fork."""
    errors: list[BaseException] = []

    def repeat(work: Callable[[], object]) -> None:
        try:
            for _ in range(25):
                work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    works = (
        [lambda: notes.append(1)] * 2
        + [lambda: commands.seal(limit=3)] * 3
        + [lambda: commands.checkpoint(every=_NOW)]
    )
    threads = [threading.Thread(target=repeat, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while commands.seal():
        pass
    assert errors == []
    assert list(Seal.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 51))
    assert queries.verify_chain().intact


def test_a_second_sealer_does_not_wait(owner, home, notes) -> None:
    notes.append(1)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(sql.TRY_SEALER_LOCK, (0x7469, 0x6572))
        assert cursor.fetchone()[0]
        assert commands.seal() == 0
        assert commands.checkpoint(every=_NOW) is None
    assert commands.seal() == 1


def test_progress_is_told(sealed, monkeypatch) -> None:
    monkeypatch.setattr("tiercare.apps.ledger.queries.verification._PAGE", 4)
    told: list[int] = []
    assert queries.verify_chain(on_progress=told.append).intact
    assert told == [4, 8]


def test_the_first_link_starts_from_zero(sealed) -> None:
    assert bytes(Seal.objects.get(position=1).previous) == chain.GENESIS


def _batch(after: int, previous: bytes, *events: object) -> None:
    values = {
        "after": after,
        "previous": previous,
        "events": list(events),
        "hashes": [bytes(32)] * len(events),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SEAL, values)


def test_the_serving_role_can_only_go_on_where_the_chain_ends(sealed, notes) -> None:
    """Whoever took over the program's own connection cannot fork, repeat, fill a gap or seal what does not wait."""
    event, head = notes.append(1), bytes(Seal.objects.get(position=10).hash)
    for after, previous in ((9, head), (11, head), (10, bytes(32)), (0, chain.GENESIS)):
        with pytest.raises(DatabaseError, match="the chain ends at position 10"):
            _batch(after, previous, event.id)
    for events in ([sealed.events[3].id], [uuid7()], [event.id, event.id], [event.id, uuid7()]):
        with pytest.raises(DatabaseError, match="do not wait to be sealed"):
            _batch(10, head, *events)
    assert queries.verify_chain().intact
    assert commands.seal() == 1


def test_the_unsealed_tail_is_shown(sealed, notes) -> None:
    notes.append(1)
    notes.read(uuid7())
    assert (queries.state().unsealed, queries.verify_chain().unsealed) == (2, 2)
    commands.seal()
    assert (queries.state().unsealed, queries.verify_chain().unsealed) == (0, 0)
