"""Capacity below HTTP: the command against the bare statements, by processes with a connection each."""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg
from capacity_ground import Ground
from capacity_http import Places, hot
from web_server import cpu_seconds, postmaster

from tiercare.apps.access.queries import wall_of
from tiercare.apps.capacity import sql
from tiercare.apps.capacity.commands import book
from tiercare.apps.capacity.rules.channels import draws
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.network.queries import belonging
from tiercare.cli import bootstrap
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

PROCESSES = 8
Pair = tuple[UUID, UUID]
# Books one place; made in the process that books.
Booker = Callable[[Pair], bool]
Work = Callable[[Ground], Booker]


def by_command(ground: Ground) -> Booker:
    """``commands.book`` with an idempotency key, as the API calls it."""

    def run(pair: Pair) -> bool:
        actor, key = ground.doctor(), uuid4().hex
        call = ledger.keyed(actor, key=key, route="POST /api/capacity/bookings", body=pair[1].bytes)
        return not book(actor, slot_id=pair[0], resident_id=pair[1], call=call).again

    return run


def by_statements(ground: Ground) -> Booker:
    """The statements of the command as a program sends them that knows all answers: no Django, no rules, no ledger code."""
    connection = psycopg.connect(os.environ[bootstrap.APPLICATION], autocommit=True)
    connection.prepare_threshold = 0
    actor = ground.doctor()
    scope, persons = wall_of(actor)
    fixed: dict[str, Any] = {
        "call_owner": actor.account_id,
        "call_route": "POST /api/capacity/bookings",
        "call_hash": bytes(32),
        "scope": scope,
        "persons": persons,
        "booker": actor.institution_id,
        "account": actor.account_id,
        "wanted": "BOOKED",
        "hold_for": None,
        "source": None,
        "together": None,
        "swept": False,
        "actor_name": actor.name,
        "actor_role": actor.role,
        "via": actor.channel,
        "request": actor.request_id,
        "division": actor.division_code,
        "clauses": [],
        "handlers": [],
    }
    through = {
        signed: {"channel": channel.value, "draws": [each.value for each in draws(channel)]}
        for signed, channel in ((True, Channel.FAMILY_DOCTOR), (False, Channel.MEMBER))
    }

    def run(pair: Pair) -> bool:
        slot, resident = pair
        signed = resident in ground.signed
        known = {
            "slot": slot,
            "resident": resident,
            "booker": ground.township,
            "source": None,
            "besides": None,
        }
        connection.execute(sql.GROUND, known).fetchone()
        if not signed:
            connection.execute(
                belonging._SHARE, {"one": ground.township, "other": ground.hospital}
            ).fetchone()
        own = {"booking": uuid7(), "note": uuid7(), "call_key": uuid4().hex}
        row = connection.execute(sql.BOOK, fixed | through[signed] | known | own).fetchone()
        return row is not None and row[0] == "taken"

    return run


def compared(ground: Ground, places: Places, seconds: float) -> dict[str, Any]:
    """Cell 2: command and bare statements on one hot quota and spread over 500, turn about; 8 processes."""
    found: dict[str, Any] = {}
    print(f"{'8 processes':<34}{'/s':>9}{'cpu ms':>9}{'client':>9}{'database':>9}", flush=True)
    for turn in range(2):
        for name, work in (("statements", by_statements), ("command", by_command)):
            for where in ("hot", "spread"):
                pairs = hot(ground, f"{name}-{turn}") if where == "hot" else places.pairs(16_000)
                told = rate(ground, work, pairs, seconds)
                best = found.get(f"{name} {where}")
                print(
                    f"{name + ', ' + where:<34}"
                    + "".join(f"{told[each]:>9}" for each in ("per_s", "cpu", "cpu_client", "cpu_database")),
                    flush=True,
                )
                if best is None or told["per_s"] > best["per_s"]:
                    found[f"{name} {where}"] = told
    for where in ("hot", "spread"):
        command, bare = found[f"command {where}"], found[f"statements {where}"]
        found[f"ratio {where}"] = round(command["per_s"] / bare["per_s"], 3)
        # The same by CPU: what others do on the machine at the time changes this least.
        found[f"ratio of cpu {where}"] = round(bare["cpu"] / command["cpu"], 3)
    print({name: told for name, told in found.items() if name.startswith("ratio")}, flush=True)
    return found


def rate(ground: Ground, work: Work, pairs: Sequence[Pair], seconds: float) -> dict[str, Any]:
    """Bookings a second by 8 processes that share the pairs, and CPU milliseconds a booking on either side."""
    bootstrap.release()
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(PROCESSES + 1), context.Queue()
    workers = [
        context.Process(
            target=_worker, args=(ground, work, pairs[at::PROCESSES], seconds, start, answers), daemon=True
        )
        for at in range(PROCESSES)
    ]
    for each in workers:
        each.start()
    database = postmaster()
    start.wait()
    spent = cpu_seconds(database)
    told = [answers.get(timeout=seconds + 60) for _ in workers]
    spent = cpu_seconds(database) - spent
    start.wait()  # until here the backends of all workers lived
    for each in workers:
        each.join()
    done = sum(count for count, *_ in told)
    wrong = sum(bad for _, bad, *_ in told)
    assert not wrong, f"{wrong} bookings were refused while there were places"
    client = sum(cpu for *_, cpu in told)
    # The slowest decides: others have less company after their last.
    return {
        "per_s": round(done / max(taken for _, _, taken, _ in told)),
        "bookings": done,
        "cpu": round((client + spent) * 1000 / done, 2),
        "cpu_client": round(client * 1000 / done, 2),
        "cpu_database": round(spent * 1000 / done, 2),
    }


def _worker(
    ground: Ground, work: Work, pairs: Sequence[Pair], seconds: float, start: Any, answers: Any
) -> None:
    run = work(ground)
    warm, pairs = pairs[:20], pairs[20:]
    for pair in warm:
        run(pair)
    gc.freeze()
    start.wait()
    began, cpu = time.perf_counter(), _cpu()
    done = wrong = 0
    for pair in pairs:
        try:
            good = run(pair)
        except Refused:
            good = False
        done, wrong = done + good, wrong + (not good)
        if time.perf_counter() - began > seconds:
            break
    answers.put((done, wrong, time.perf_counter() - began, _cpu() - cpu))
    start.wait()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
