"""The background work as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Scheduled and queued work; procrastinate finds its tasks in ``tasks.py``."""

    name = "tiercare.jobs"
    label = "jobs"
    verbose_name = "后台任务"
