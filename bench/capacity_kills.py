"""Capacity while its parts are killed: no acknowledged booking lost, none doubled, seconds until it serves again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from capacity_http import Bench, Places, requests
from capacity_load import CREATED, Answer, Plan
from django.db import OperationalError, connections
from web_server import family

from tiercare.apps.capacity import queries
from tiercare.cli import bootstrap, serve

_APART = 6.0  # seconds of work after each; half of it before the first
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'tiercare' ORDER BY random() LIMIT 1"
_MADE = "SELECT slot_id, resident_id, id FROM capacity_booking WHERE slot_id = ANY (%s) AND state = 'BOOKED'"


def kills(bench: Bench, places: Places, clients: int = 8) -> dict[str, Any]:
    """Cell 9 (B1, B2, B5): kill -9 of a web worker, a backend and the postmaster under load.

    Clients send what was not answered again with its key. The postmaster is started again as ``tiercare serve`` does it,
    which is not under test here, at the latest moment at which it would look; all else by the platform itself.
    """
    before = _made(places)
    connections["owner"].close()
    plan = Plan(bench.port, bench.clients(clients), requests(places.pairs(60_000)), again=True, bodies=True)
    victims: dict[str, Callable[[], None]] = {
        "web worker": lambda: os.kill(max(family(bench.web)[1:]), signal.SIGKILL),
        "backend": _kill_backend,
        "postmaster": lambda: _kill_postmaster(bench.database),
    }
    moments: dict[str, float] = {}
    bench.generator.start(plan)
    time.sleep(_APART / 2)
    for name, kill in victims.items():
        moments[name] = time.monotonic()
        kill()
        _until_there()
        time.sleep(_APART)
    ended = time.monotonic()
    bench.generator.enough()
    sent = bench.generator.result()
    bootstrap.release()  # what was connected here died with the rest
    acknowledged = [each for each in sent.answers if each.status == CREATED]
    made = {pair: keys for pair, keys in _made(places).items() if pair not in before}
    asked = {each.note for each in sent.answers}
    told: dict[str, Any] = {
        "answered": len(sent.answers),
        "acknowledged": len(acknowledged),
        "sent_again": sum(each.tries > 1 for each in sent.answers),
        "refused": sorted({each.code or str(each.status) for each in sent.answers if each.status != CREATED}),
        "acknowledged_but_lost": sum(_named(each) not in made.get(each.note, ()) for each in acknowledged),
        "doubled": sum(len(keys) > 1 for keys in made.values()),
        "booked_unasked": sum(pair not in asked for pair in made),
        "drift": len(queries.drift()),
    }
    for (name, since), until in zip(moments.items(), [*moments.values(), ended][1:], strict=True):
        told[f"{name}: seconds"] = silence(acknowledged, since, until)
    print("kills:", told, flush=True)
    return told


def silence(answers: Sequence[Answer], since: float, until: float) -> float:
    """The longest time without any booking between two moments."""
    times = [since, *sorted(each.ended for each in answers if since < each.ended < until), until]
    return round(max(later - earlier for earlier, later in pairwise(times)), 2)


def _named(answer: Answer) -> UUID:
    start = answer.body.index(b'"id":') + 5
    return UUID(answer.body[start : start + 45].split(b'"')[1].decode())


def _made(places: Places) -> dict[tuple[UUID, UUID], list[UUID]]:
    found: dict[tuple[UUID, UUID], list[UUID]] = {}
    with connections["owner"].cursor() as cursor:
        cursor.execute(_MADE, [places.slots])
        for slot, resident, key in cursor.fetchall():
            found.setdefault((slot, resident), []).append(key)
    return found


def _kill_backend() -> None:
    """One that serves: the server then ends all others and recovers, as after every crash."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(_BACKENDS)
        (pid,) = cursor.fetchone()
    connections["owner"].close()
    os.kill(pid, signal.SIGKILL)


def _kill_postmaster(pid: int) -> None:
    """And start it again as ``tiercare serve`` does, whose next look may be that far away."""
    os.kill(pid, signal.SIGKILL)
    time.sleep(serve.LOOK)
    assert bootstrap.revive(bootstrap.private_cluster())


def _until_there() -> None:
    """Return once the database takes connections again; how long it recovers depends on what was written since when."""
    for _ in range(600):
        try:
            with connections["owner"].cursor():
                break
        except OperationalError:
            time.sleep(0.1)
    connections["owner"].close()
