"""The one background process: queue worker, dispatcher, sealer, judge and sweeper."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import suppress
from functools import partial
from threading import Event, Thread, Timer

from django.db import connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from . import dispatcher, judge, sealer, sweeper
from .loops import repeat

log = logging.getLogger(__name__)

CONCURRENT_JOBS = 2
# A job that needs longer to end is left to the sweeper.
GRACE_SECONDS = 20.0
# Nothing may keep the process after that: the server that started it may be gone, and the database with it.
LAST_SECONDS = GRACE_SECONDS + 5
RESTART_SECONDS = 2.0


def run_forever() -> None:
    """Work until SIGTERM or SIGINT, then end what is under way and return. Main thread only.

    A lost database is waited for: every part tries again until it is back. Several such processes may run.
    """
    stop = Event()
    threads = [
        Thread(name="dispatcher", target=dispatcher.run, args=(stop,)),
        Thread(name="sealer", target=sealer.run, args=(stop,)),
        Thread(name="judge", target=judge.run, args=(stop,)),
        Thread(
            name="sweeper",
            target=partial(repeat, sweeper.sweep_stalled_jobs, every=sweeper.SWEEP_SECONDS, stop=stop),
        ),
    ]
    for thread in threads:
        thread.start()
    try:
        asyncio.run(_work_until_stopped(stop))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        connections["default"].close_pool()


async def _work_until_stopped(stop: Event) -> None:
    """Keep a queue worker alive until a signal comes."""
    stopped = asyncio.Event()

    def on_signal() -> None:
        last = Timer(LAST_SECONDS, os._exit, (1,))
        last.daemon = True
        last.start()
        stop.set()
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    while not stopped.is_set():
        worker = asyncio.create_task(_work())
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait((worker, waiting), return_when=asyncio.FIRST_COMPLETED)
        worker.cancel()  # it finishes the jobs under way
        waiting.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await worker
        except Exception:
            log.exception("the queue worker ended; it starts again in %.0f s", RESTART_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), RESTART_SECONDS)


async def _work() -> None:
    """One queue worker on connections of its own.

    The app is copied, not changed: handlers and requests of this process go on deferring jobs through
    Django's connection, inside their own transactions.
    """
    async with app.with_connector(PsycopgConnector(kwargs=connector_params("default"))).open_async() as own:
        await own.run_worker_async(
            concurrency=CONCURRENT_JOBS,
            install_signal_handlers=False,
            shutdown_graceful_timeout=GRACE_SECONDS,
            update_heartbeat_interval=sweeper.HEARTBEAT_SECONDS,
            stalled_worker_timeout=sweeper.SILENT_SECONDS,
        )
