"""S12 of the reliability catalogue: whoever has all rights on the database still cannot rewrite the past unseen."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tiercare.apps.ledger import chain, checkpoints, commands, queries, sql
from tiercare.apps.ledger.chain import FaultCode
from tiercare.apps.ledger.models import Checkpoint, Event, Seal
from tiercare.kernel.ids import uuid7

_NOW = timedelta(0)


@contextmanager
def _tampering(owner: BaseDatabaseWrapper) -> Iterator[Callable[..., None]]:
    """Statements of somebody who may do everything: the triggers are off meanwhile."""
    with owner.cursor() as cursor:
        for table in commands.APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor.execute
        for table in commands.APPEND_ONLY:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def sealed(owner, home: Path, notes) -> SimpleNamespace:
    """Ten events, sealed in two goes, each signed."""
    events = []
    for _ in range(2):
        events += [notes.append(number) for number in range(5)]
        commands.seal()
        commands.checkpoint(every=_NOW)
    return SimpleNamespace(owner=owner, home=home, events=events)


def _found() -> tuple[FaultCode, int | None]:
    report = queries.verify_chain()
    assert not report.intact
    return report.faults[0].code, report.first_bad


def test_an_untouched_chain_is_intact(sealed, notes) -> None:
    notes.append(99)
    report = queries.verify_chain()
    assert (report.intact, report.faults, report.first_bad) == (True, (), None)
    assert (report.sealed, report.signed, report.unsealed) == (10, 10, 1)
    positions = dict(Seal.objects.values_list("event_id", "position"))
    assert [positions[event.id] for event in sealed.events] == list(range(1, 11))


@pytest.mark.parametrize(
    "change",
    [
        "payload = '{\"number\": 7}'",
        "at = at + interval '1 microsecond'",
        "actor_id = gen_random_uuid()",
        "actor_name = '李四'",
        "clauses = '{WH-01}'",
        "division_code = '340200'",
        "request_id = NULL",
        "kind = 'test.other'",
        "version = 2",
    ],
)
def test_an_edited_event_is_named(sealed, change: str) -> None:
    with _tampering(sealed.owner) as execute:
        execute(f"UPDATE ledger_event SET {change} WHERE id = %s", [sealed.events[3].id])
    assert _found() == (FaultCode.EVENT_CHANGED, 4)


def test_a_deleted_event_is_named(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        execute("DELETE FROM ledger_event WHERE id = %s", [sealed.events[6].id])
    assert _found() == (FaultCode.EVENT_MISSING, 7)


def test_a_deleted_event_with_its_seal_is_named(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        execute("DELETE FROM ledger_event WHERE id = %s", [sealed.events[6].id])
        execute("DELETE FROM ledger_seal WHERE position = 7")
    assert _found() == (FaultCode.POSITION_MISSING, 7)


def test_a_deleted_position_with_the_later_ones_moved_up_is_named(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        execute("DELETE FROM ledger_event WHERE id = %s", [sealed.events[6].id])
        execute("DELETE FROM ledger_seal WHERE position = 7")
        for position in (8, 9, 10):
            execute("UPDATE ledger_seal SET position = position - 1 WHERE position = %s", [position])
    assert _found() == (FaultCode.LINK_BROKEN, 7)


def _forge_event(execute: Callable[..., None]) -> object:
    forged = uuid7()
    execute(
        "INSERT INTO ledger_event (id, kind, version, subject_type, subject_id, actor_name, actor_role, channel,"
        " clauses, payload) SELECT %s, kind, version, subject_type, subject_id, '假', actor_role, channel, clauses,"
        " payload FROM ledger_event LIMIT 1",
        [forged],
    )
    return forged


def test_an_inserted_position_is_named(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        forged = _forge_event(execute)
        for position in range(10, 4, -1):
            execute("UPDATE ledger_seal SET position = position + 1 WHERE position = %s", [position])
        execute(
            "INSERT INTO ledger_seal SELECT 5, %s, previous, sha256(previous) FROM ledger_seal WHERE position = 6",
            [forged],
        )
    assert _found() == (FaultCode.EVENT_CHANGED, 5)


def test_an_event_written_past_the_program_is_named(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        forged = _forge_event(execute)
    (fault,) = queries.verify_chain().faults
    assert (fault.code, fault.event_id) == (FaultCode.EVENT_STRAY, forged)


def test_an_unsealed_event_that_was_deleted_is_named(sealed, notes) -> None:
    event = notes.append(99)
    with _tampering(sealed.owner) as execute:
        execute("DELETE FROM ledger_event WHERE id = %s", [event.id])
    (fault,) = queries.verify_chain().faults
    assert (fault.code, fault.event_id) == (FaultCode.EVENT_STRAY, event.id)


def test_reordered_events_are_named(sealed) -> None:
    one, other = sealed.events[2].id, sealed.events[7].id
    with _tampering(sealed.owner) as execute:
        execute("UPDATE ledger_seal SET event_id = gen_random_uuid() WHERE event_id = %s", [one])
        execute("UPDATE ledger_seal SET event_id = %s WHERE event_id = %s", [one, other])
        execute("UPDATE ledger_seal SET event_id = %s WHERE position = 3", [other])
    assert _found() == (FaultCode.EVENT_CHANGED, 3)


def test_reordered_positions_are_named(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        execute("UPDATE ledger_seal SET position = 99 WHERE position = 3")
        execute("UPDATE ledger_seal SET position = 3 WHERE position = 8")
        execute("UPDATE ledger_seal SET position = 8 WHERE position = 99")
    assert _found() == (FaultCode.LINK_BROKEN, 3)


@pytest.mark.parametrize("also_checkpoints", [False, True])
def test_a_cut_tail_is_named(sealed, also_checkpoints: bool) -> None:
    with _tampering(sealed.owner) as execute:
        execute("DELETE FROM ledger_seal WHERE position > 8")
        execute("DELETE FROM ledger_event WHERE id = ANY(%s)", [[event.id for event in sealed.events[8:]]])
        if also_checkpoints:
            execute("TRUNCATE ledger_checkpoint")
    assert _found() == (FaultCode.TRUNCATED, 9)


def test_an_emptied_ledger_is_named(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        execute("TRUNCATE ledger_event, ledger_delivery, ledger_seal, ledger_checkpoint, ledger_unsealed")
    assert _found() == (FaultCode.TRUNCATED, 1)


def _reseal(execute: Callable[..., None], after: int) -> None:
    """Compute the chain anew after a position, as an attacker who has read this program would."""
    execute("DELETE FROM ledger_seal WHERE position > %s", [after])
    execute(
        "INSERT INTO ledger_unsealed SELECT id FROM ledger_event e"
        " WHERE NOT EXISTS (SELECT FROM ledger_seal s WHERE s.event_id = e.id)"
    )
    commands.seal()


def test_a_chain_computed_anew_disagrees_with_the_signatures(sealed) -> None:
    with _tampering(sealed.owner) as execute:
        execute("UPDATE ledger_event SET actor_name = '李四' WHERE id = %s", [sealed.events[6].id])
        _reseal(execute, 6)
    code, position = _found()
    assert (code, position) == (FaultCode.REWRITTEN, 6), "the signature at 5 is the last that agrees"


def test_an_older_copy_is_named_even_after_it_has_grown_again(sealed, notes) -> None:
    with _tampering(sealed.owner) as execute:
        execute("DELETE FROM ledger_seal WHERE position > 5")
        execute("DELETE FROM ledger_checkpoint WHERE position > 5")
        execute("DELETE FROM ledger_event WHERE id = ANY(%s)", [[event.id for event in sealed.events[5:]]])
    for number in range(8):
        notes.append(number)
    commands.seal()
    assert _found() == (FaultCode.REWRITTEN, 6)


def test_a_forged_checkpoint_is_named(sealed) -> None:
    file = sealed.home / checkpoints.FILE
    file.write_text(file.read_text().replace('"position": 5', '"position": 4'))
    codes = {fault.code: fault.place for fault in queries.verify_chain().faults}
    assert codes == {FaultCode.CHECKPOINT_FORGED: "checkpoints.jsonl:1", FaultCode.CHECKPOINT_MISSING: ""}


def test_a_shortened_checkpoint_file_is_named(sealed) -> None:
    file = sealed.home / checkpoints.FILE
    file.write_text(file.read_text().splitlines(keepends=True)[0])
    assert _found() == (FaultCode.CHECKPOINT_MISSING, 10)


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
