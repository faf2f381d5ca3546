"""Scheduled tasks. Procrastinate finds this module by its name."""

from __future__ import annotations

from importlib import import_module
from uuid import UUID

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

from tiercare.apps.access.commands import leaving, sessions
from tiercare.apps.capacity import commands as capacity
from tiercare.apps.evaluation.commands import escalate_overdue as escalate_matters
from tiercare.apps.evaluation.queries.asked import TASK
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.ledger import commands
from tiercare.apps.referrals import commands as referrals
from tiercare.apps.residents import commands as residents
from tiercare.kernel.actor import Actor

from . import hunt, judge

# Finished jobs are of interest while somebody may ask about last month's run.
KEEP_JOBS_HOURS = 24 * 40
# Reads the indicators' book, whose libraries cost a fifth of a second: only the worker needs them.
_ALERTS = "tiercare.apps.evaluation.commands.alerts"
_RUNNING = "tiercare.apps.evaluation.commands.running"
_SEARCHING = "tiercare.apps.planning.commands.searching"
_TRYING = "tiercare.apps.trials.commands.trying"


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


@app.periodic(cron="* * * * *")
@app.task(name="referrals.send_filings", queueing_lock="referrals.send_filings")
def send_filings(timestamp: int) -> int:
    """Hand accepted referrals over to the insurers, and what was not answered once more; returns how many tries."""
    return referrals.send_filings()


@app.periodic(cron="*/10 * * * *")
@app.task(name="evaluation.refresh_facts", queueing_lock="evaluation.refresh_facts")
def refresh_facts(timestamp: int) -> int:
    """Write anew the months of fact tables in which something changed; returns how many changed by it."""
    facts = import_module("tiercare.apps.evaluation.commands.facts")  # only the worker pays for its libraries
    return sum(each.outcome is facts.Outcome.WRITTEN for each in facts.refresh())


@app.periodic(cron="3 * * * *")
@app.task(name="evaluation.escalate_overdue", queueing_lock="evaluation.escalate_overdue")
def escalate_overdue_matters(timestamp: int) -> int:
    """Tell those above of matters of supervision that nobody saw to in time, and call to account where a rule says so;
    returns how many."""
    return escalate_matters() + int(import_module(_ALERTS).call_to_account())


@app.periodic(cron="13 * * * *")
@app.task(name="evaluation.open_alerts", queueing_lock="evaluation.open_alerts")
def open_alerts(timestamp: int) -> int:
    """Open an alert for each signal of the newest runs that has none yet; returns how many."""
    return int(import_module(_ALERTS).open_alerts())


@app.periodic(cron="*/10 * * * *")
@app.task(name="evaluation.draft_bulletins", queueing_lock="evaluation.draft_bulletins")
def draft_bulletins(timestamp: int) -> int:
    """Lay a draft of the regular bulletin on the list of each commission whose newest run brought a new period, and file away
    what everybody has read; returns how many of both."""
    bulletins = import_module("tiercare.apps.evaluation.commands.bulletins")
    return int(bulletins.draft_all()) + int(bulletins.file_away())


@app.task(name=TASK)
def run_pack(pack: str) -> str:
    """Compute the indicators of a pack and keep them, as somebody asked from the board; returns the run."""
    return str(import_module(_RUNNING).run(Actor.system("job"), pack))


@app.task(name="planning.search")
def search_plan(search: str) -> str:
    """Search for a plan that somebody asked for; returns how it ended."""
    return str(import_module(_SEARCHING).run_search(UUID(search)).value)


@app.task(name="trials.run")
def run_trial(trial: str) -> str:
    """Play the two policies of a trial that somebody asked for; returns how it ended."""
    return str(import_module(_TRYING).run_trial(UUID(trial)).value)
