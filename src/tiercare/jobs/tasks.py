"""Scheduled tasks. Procrastinate finds this module by its name."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

from tiercare.apps.ledger import commands

from . import judge

# Finished jobs are of interest while somebody may ask about last month's run.
KEEP_JOBS_HOURS = 24 * 40


@app.periodic(cron="17 3 * * *")
@app.task(name="ledger.sweep_idempotency_keys", queueing_lock="ledger.sweep_idempotency_keys")
def sweep_idempotency_keys(timestamp: int) -> int:
    """Forget answers kept for idempotency keys that are past their time; returns how many."""
    return commands.sweep_idempotency_keys()


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
