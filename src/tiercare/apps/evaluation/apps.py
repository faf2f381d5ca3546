"""Django's view of this app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Evaluation."""

    name = "tiercare.apps.evaluation"
    label = "evaluation"

    def ready(self) -> None:
        """Make handlers and kinds known; the modules need the models, hence only now."""
        import_module(f"{self.name}.subscribers")
        import_module(f"{self.name}.commands.kinds").register_kinds()
        import_module(f"{self.name}.commands.kinds_assessing").register_assessing()
        import_module(f"{self.name}.commands.kinds_uses").register_uses()
        import_module(f"{self.name}.commands.kinds_projects").register_projects()
