"""Django's view of this app."""

from __future__ import annotations

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """Trials."""

    name = "tiercare.apps.trials"
    label = "trials"
