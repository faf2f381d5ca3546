import pytest
from django.db import connection
from procrastinate.contrib.django import app

from tiercare.apps.ledger.models import IdempotencyKey
from tiercare.jobs import tasks
from tiercare.kernel.ids import uuid7


@pytest.mark.django_db
def test_old_answers_are_swept() -> None:
    for age in (6, 8):
        row = IdempotencyKey.objects.create(
            actor_id=uuid7(),
            key="key-key-key",
            route="POST /x",
            body_hash=b"",
            status=200,
            content_type="",
            location="",
            response=b"",
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ledger_idempotencykey SET created_at = now() - make_interval(days => %s) WHERE id = %s",
                [age, row.pk],
            )
    assert tasks.sweep_idempotency_keys(0) == 1


@pytest.mark.django_db
def test_finished_jobs_are_swept_and_failed_ones_stay() -> None:
    for status in ("succeeded", "failed"):
        job = app.configure_task("test.swept").defer()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s",
                [status, job],
            )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '41 days'")
        tasks.sweep_finished_jobs(0)
        cursor.execute("SELECT status FROM procrastinate_jobs")
        assert cursor.fetchall() == [("failed",)]


def test_the_daily_tasks_are_scheduled() -> None:
    scheduled = {key[0] for key in app.periodic_registry.periodic_tasks}
    assert scheduled >= {"ledger.sweep_idempotency_keys", "jobs.sweep_finished_jobs"}
