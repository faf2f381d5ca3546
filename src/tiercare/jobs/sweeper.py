"""The sweeper: gives jobs back to the queue whose worker died within them.

Procrastinate leaves such jobs in ``doing`` for ever. A job that was swept runs again from its start: tasks
must bear that, by doing their work in one transaction that sees whether it was done.
"""

from __future__ import annotations

import logging

from asgiref.sync import async_to_sync
from django.db import connection, transaction
from procrastinate import exceptions, utils
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

log = logging.getLogger(__name__)

# A worker says every 5 seconds that it lives; after 20 silent ones its jobs are taken from it. With a sweep
# every 10 seconds a lost job starts again within half a minute.
HEARTBEAT_SECONDS = 5.0
SILENT_SECONDS = 20.0
SWEEP_SECONDS = 10.0
# A job that ended five processes will end the next one too.
MOST_ATTEMPTS = 5
_SWEEPER_LOCK = (0x7469, 0x7377)


def sweep_stalled_jobs(*, silent_seconds: float = SILENT_SECONDS) -> int:
    """Retry every job in ``doing`` whose worker has been silent for so long; returns how many were taken up.

    A job that was lost ``MOST_ATTEMPTS`` times is marked failed instead, and logged as an error. One sweeper
    at a time: a second one returns 0.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _SWEEPER_LOCK)
            if not cursor.fetchone()[0]:
                return 0
        stalled = async_to_sync(app.job_manager.get_stalled_jobs)(seconds_since_heartbeat=silent_seconds)
        return sum(_take_up(job) for job in stalled)


def _take_up(job: Job) -> bool:
    """Retry one job, or give it up; ``False`` if its worker came back and finished it meanwhile."""
    assert job.id is not None, "a job from the database has a number"
    try:
        with transaction.atomic():
            if job.attempts + 1 >= MOST_ATTEMPTS:
                log.error(
                    "job %d (%s) ended its worker %d times; given up", job.id, job.task_name, MOST_ATTEMPTS
                )
                async_to_sync(app.job_manager.finish_job_by_id_async)(job.id, Status.FAILED, delete_job=False)
            else:
                log.warning("job %d (%s) lost its worker; it starts again", job.id, job.task_name)
                app.job_manager.retry_job_by_id(job.id, utils.utcnow())
    except exceptions.ConnectorException:
        log.warning("job %d (%s) was finished by its worker after all", job.id, job.task_name, exc_info=True)
        return False
    return True
