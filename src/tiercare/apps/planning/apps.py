"""Django's view of this app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Planning."""

    name = "tiercare.apps.planning"
    label = "planning"

    def ready(self) -> None:
        """Make its kinds of matter known; the module needs the models, hence only now."""
        import_module(f"{self.name}.subscribers")
