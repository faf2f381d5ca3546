"""Scheduled tasks. Procrastinate finds this module by its name."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

from tiercare.apps.access.commands import leaving, sessions
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.ledger import commands
from tiercare.apps.residents import commands as residents
from tiercare.kernel.actor import Actor

from . import hunt, judge

# Finished jobs are of interest while somebody may ask about last month's run.
KEEP_JOBS_HOURS = 24 * 40


@app.periodic(cron="17 3 * * *")
@app.task(name="ledger.sweep_idempotency_keys", queueing_lock="ledger.sweep_idempotency_keys")
def sweep_idempotency_keys(timestamp: int) -> int:
    """Forget answers kept for idempotency keys that are past their time; returns how many."""
    return commands.sweep_idempotency_keys()


@app.periodic(cron="7 * * * *")
@app.task(name="access.clear_expired_sessions", queueing_lock="access.clear_expired_sessions")
def clear_expired_sessions(timestamp: int) -> int:
    """Delete sessions that have run out; returns how many. They open nothing any more, but say who was where."""
    return sessions.clear_expired()


@app.periodic(cron="5 0 * * *")
@app.task(name="access.finish_leavings", queueing_lock="access.finish_leavings")
def finish_leavings(timestamp: int) -> int:
    """Close the accounts whose last day has passed and hand over what hangs on them; returns how many."""
    return leaving.finish_leavings(Actor.system("job"))


@app.periodic(cron="27 * * * *")
@app.task(name="residents.forget_taken_tokens", queueing_lock="residents.forget_taken_tokens")
def forget_taken_tokens(timestamp: int) -> int:
    """Forget tokens of the health card that were shown and have run out; returns how many."""
    return residents.forget_taken_tokens()


@app.periodic(cron="37 3 * * *")
@app.task(name="jobs.sweep_finished_jobs", queueing_lock="jobs.sweep_finished_jobs")
def sweep_finished_jobs(timestamp: int) -> None:
    """Delete jobs that succeeded long ago; failed ones stay until somebody looks."""
    async_to_sync(app.job_manager.delete_old_jobs)(nb_hours=KEEP_JOBS_HOURS)


@app.periodic(cron="47 3 * * *")
@app.task(name="network.forget_judged", queueing_lock="network.forget_judged")
def forget_judged(timestamp: int) -> int:
    """Drop verdicts of prefectures that were kept for days long past; returns how many."""
    return judge.forget()


@app.periodic(cron="47 0 * * *")
@app.task(name="residents.hunt_duplicates", queueing_lock="residents.hunt_duplicates")
def hunt_duplicates(timestamp: int) -> int:
    """Compare all residents and list those who may be one person; returns how many pairs are new."""
    return hunt.nightly()


@app.periodic(cron="* * * * *")
@app.task(name="capacity.sweep_lapsed", queueing_lock="capacity.sweep_lapsed")
def sweep_lapsed(timestamp: int) -> int:
    """Give back holds that ran out, so that those who wait are asked; returns in how many sessions."""
    return capacity.sweep_lapsed()


@app.periodic(cron="*/10 * * * *")
@app.task(name="capacity.remind", queueing_lock="capacity.remind")
def remind(timestamp: int) -> int:
    """Remind residents of the places that they have on the next day; returns how many."""
    return capacity.remind()


@app.periodic(cron="*/5 * * * *")
@app.task(name="capacity.ask_waiting", queueing_lock="capacity.ask_waiting")
def ask_waiting(timestamp: int) -> int:
    """Offer to those who wait what no event tells of (a reserve that opened to all); returns to how many."""
    return capacity.ask_waiting()


@app.periodic(cron="* * * * *")
@app.task(name="exchange.raise_unheard", queueing_lock="exchange.raise_unheard")
def raise_unheard(timestamp: int) -> int:
    """Tell both sides of requests that nobody at the receiver's has seen in time; returns how many."""
    return exchange.raise_unheard()


@app.periodic(cron="* * * * *")
@app.task(name="exchange.escalate_overdue", queueing_lock="exchange.escalate_overdue")
def escalate_overdue(timestamp: int) -> int:
    """Hand requests that nobody saw to in time to the next on the line; returns how many."""
    return exchange.escalate_overdue()
