"""A process of the background work that stops at a named point, for the test to kill it there.

``child.py deliver POINT``, ``child.py work POINT``, ``child.py run``. It prints ``here`` at the point.
"""

import asyncio
import gc
import sys
import time
from importlib import import_module

import django


def stop_here() -> None:
    print("here", flush=True)
    time.sleep(120)


def effect(subject_id) -> None:
    """Something in the database that a test can count: one more event about the same subject."""
    commands = import_module("tiercare.apps.ledger.commands")
    events = import_module("tiercare.apps.ledger.events")
    actor = import_module("tiercare.kernel.actor")
    payload = events.ClockSet(before=None, after=None)
    commands.append(actor.Actor.system(), payload, subject_type="test.subject", subject_id=subject_id)


def deliver(point: str) -> None:
    """Deliver what is due, and stop at ``point`` of the first delivery."""
    deliveries = import_module("tiercare.apps.ledger.commands.deliveries")
    sql = import_module("tiercare.apps.ledger.sql")
    dispatcher = import_module("tiercare.jobs.dispatcher")
    connection = import_module("django.db").connection
    subscribe(lambda: stop_here() if point == "handled" else None)
    run = deliveries._run

    def run_and_stop(*claimed: object) -> None:
        if point == "claimed":
            stop_here()
        run(*claimed)
        if point == "committed":
            stop_here()

    def stop_when_marked(execute, statement, *arguments):
        result = execute(statement, *arguments)
        if point == "marked" and statement == sql.DONE:
            stop_here()
        return result

    deliveries._run = run_and_stop
    with connection.execute_wrapper(stop_when_marked):
        dispatcher.deliver_due()


def subscribe(at_end) -> None:
    handlers = import_module("tiercare.apps.ledger.handlers")

    def handler(event) -> None:
        effect(event.subject_id)
        at_end()

    handlers.subscribe("test.noted", "effect", handler)


def work(point: str) -> None:
    """Work the queue until it is empty; the job stops before or after the commit of its effect."""
    procrastinate = import_module("procrastinate.contrib.django")
    models = import_module("tiercare.apps.ledger.models")
    transaction = import_module("django.db").transaction
    run = import_module("tiercare.jobs.run")

    @procrastinate.app.task(name="test.effect")
    def job(subject_id: str) -> None:
        with transaction.atomic():
            if not models.Event.objects.filter(subject_id=subject_id).exists():
                effect(subject_id)
            if point == "before":
                stop_here()
        if point == "after":
            stop_here()

    async def until_empty() -> None:
        connector = run.PsycopgConnector(kwargs=run.connector_params("default"))
        async with procrastinate.app.with_connector(connector).open_async() as own:
            await own.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(until_empty())


def run() -> None:
    """The whole background process, with a handler and a task of the test."""
    procrastinate = import_module("procrastinate.contrib.django")
    subscribe(lambda: None)

    @procrastinate.app.task(name="test.effect")
    def job(subject_id: str) -> None:
        with import_module("django.db").transaction.atomic():
            effect(subject_id)

    print("here", flush=True)
    import_module("tiercare.jobs.run").run_forever()
    print("stopped", flush=True)


if __name__ == "__main__":
    gc.disable()  # as the command does: some thirty of these start in a run
    django.setup()
    gc.enable()
    {"deliver": deliver, "work": work, "run": run}[sys.argv[1]](*sys.argv[2:])
