import hashlib
import threading
from datetime import timedelta

import pytest
from django.db import connection

from tiercare.apps.ledger import commands
from tiercare.apps.ledger.models import Event, IdempotencyKey
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused
from tiercare.kernel.secrecy import add_key, drop_keys

_KEY = "11111111-key"


def _send(notes, *, actor: Actor | None = None, key: str = _KEY, route: str = "POST /x", body: bytes = b"{}"):
    """What an endpoint does: answer with the number of events so far."""
    with commands.idempotent(actor or notes.actor, key=key, route=route, body=body) as call:
        if call.replay is None:
            notes.append(1)
            call.answer(
                status=201, body=str(Event.objects.count()).encode(), content_type="text/plain", location="/1"
            )
    return call.replay or call.given


def _refusal(notes, **request) -> tuple[str, int]:
    with pytest.raises(Refused) as refused:
        _send(notes, **request)
    (refusal,) = refused.value.refusals
    return refusal.code, refusal.status


def test_the_same_request_gets_the_same_answer_and_is_done_once(owner, notes) -> None:
    first = _send(notes)
    notes.append(2)
    assert _send(notes) == first
    assert (first.status, first.body, first.content_type, first.location) == (201, b"1", "text/plain", "/1")
    assert Event.objects.count() == 2


def test_another_body_or_route_under_the_same_key_is_refused(owner, notes) -> None:
    _send(notes)
    reused = ("ledger.idempotency_key_reused", 422)
    assert _refusal(notes, body=b"{ }") == reused
    assert _refusal(notes, route="POST /y") == reused
    assert Event.objects.count() == 1


def test_keys_of_different_people_do_not_meet(owner, notes) -> None:
    _send(notes)
    _send(notes, actor=Actor(account_id=uuid7(), name="李医生", role="doctor"))
    _send(notes, actor=Actor.system())
    assert Event.objects.count() == 3


@pytest.mark.parametrize("key", ["", "short", "x" * 201, "with blank", "带中文的键一二三", "line\nbreak"])
def test_a_malformed_key_is_refused(owner, notes, key: str) -> None:
    assert _refusal(notes, key=key) == ("ledger.idempotency_key_malformed", 400)


def test_work_that_fails_keeps_nothing(owner, notes) -> None:
    def fail() -> None:
        with commands.idempotent(notes.actor, key=_KEY, route="POST /x", body=b"{}"):
            notes.append(1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not IdempotencyKey.objects.exists()
    assert _send(notes).body == b"1"


def test_work_without_an_answer_is_undone(owner, notes) -> None:
    with (
        pytest.raises(RuntimeError, match="POST /x"),
        commands.idempotent(notes.actor, key=_KEY, route="POST /x", body=b"{}"),
    ):
        notes.append(1)
    assert not Event.objects.exists()


def test_a_twin_in_flight_is_refused_at_once_and_may_come_again(owner, notes) -> None:
    begun, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with commands.idempotent(notes.actor, key=_KEY, route="POST /x", body=b"{}") as call:
            notes.append(1)
            begun.set()
            assert finish.wait(20)
            call.answer(status=201, body=b"slow", content_type="text/plain")
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(20)
    assert _refusal(notes) == ("ledger.idempotency_twin_in_flight", 409)
    assert _send(notes, key="another-key").status == 201
    finish.set()
    thread.join()
    assert _send(notes).body == b"slow"
    assert Event.objects.count() == 2


def test_a_storm_of_twins_has_one_effect(owner, notes) -> None:
    """Eight clients send the same request until each has an answer."""
    answers: list[bytes] = []
    gate = threading.Barrier(8)

    def client() -> None:
        gate.wait(20)
        while True:
            try:
                answers.append(_send(notes).body)
                break
            except Refused as refused:
                assert refused.refusals[0].status == 409
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"1"] * 8
    assert Event.objects.count() == 1


def test_keys_are_kept_for_seven_days(owner, notes) -> None:
    _send(notes)
    _send(notes, key="older-key-1")
    with connection.cursor() as cursor:
        for key, age in ((_KEY, timedelta(days=6, hours=23)), ("older-key-1", timedelta(days=7, hours=1))):
            cursor.execute(
                "UPDATE ledger_idempotencykey SET created_at = now() - %s WHERE key = %s", [age, key]
            )
    assert commands.sweep_idempotency_keys() == 1
    assert IdempotencyKey.objects.get().key == _KEY


def test_what_was_answered_lies_sealed_and_what_was_sent_cannot_be_tried_out(owner, notes) -> None:
    """An answer may show somebody masked; the table stands behind no wall."""
    shown, sent = "340223********0017 王*明".encode(), b'{"number": "340223196805170017"}'

    def answer() -> bytes:
        with commands.idempotent(notes.actor, key=_KEY, route="POST /x", body=sent) as call:
            if call.replay is None:
                call.answer(status=200, body=shown, content_type="text/plain")
        given = call.replay or call.given
        assert given is not None
        return given.body

    assert answer() == answer() == shown
    row = IdempotencyKey.objects.get()
    assert shown not in bytes(row.response) and "王".encode() not in bytes(row.response)
    assert bytes(row.body_hash) != hashlib.sha256(b"POST /x\0" + sent).digest()


def test_an_answer_opens_for_nobody_else(owner, notes) -> None:
    """Copied to another's key it is no answer, and the work is not done for it either."""
    _send(notes)
    other = Actor(account_id=uuid7(), name="李医生", role="doctor")
    _send(notes, actor=other)
    mine, theirs = IdempotencyKey.objects.order_by("id")
    IdempotencyKey.objects.filter(pk=theirs.pk).update(response=bytes(mine.response))
    assert _refusal(notes, actor=other) == ("ledger.idempotency_answer_lost", 409)
    assert Event.objects.count() == 2


def test_after_the_keys_were_turned_the_answer_is_the_same(
    owner, notes, settings, tmp_path, monkeypatch
) -> None:
    settings.HOME = tmp_path
    monkeypatch.setattr("tiercare.apps.ledger.commands.idempotency._PORTION", 2)
    first = [_send(notes, key=f"{_KEY}-{number}") for number in range(5)]
    with commands.idempotent(notes.actor, key="empty-answer", route="POST /x", body=b"") as call:
        call.answer(status=302, body=b"", content_type="text/html", location="/1")
    number = add_key(tmp_path)
    assert commands.reseal_answers() == 5 and commands.reseal_answers() == 0
    drop_keys(tmp_path, before=number)
    assert [_send(notes, key=f"{_KEY}-{number}") for number in range(5)] == first
    assert Event.objects.count() == 5


def test_where_the_keys_are_lost_it_is_not_done_again(owner, notes, settings, tmp_path) -> None:
    settings.HOME = tmp_path
    _send(notes)
    drop_keys(tmp_path, before=add_key(tmp_path))
    assert _refusal(notes) == ("ledger.idempotency_answer_lost", 409)
    assert Event.objects.count() == 1
