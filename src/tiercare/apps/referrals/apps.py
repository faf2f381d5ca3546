"""Django's view of this app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Referrals."""

    name = "tiercare.apps.referrals"
    label = "referrals"

    def ready(self) -> None:
        """Make the kinds of request and the handlers known; the modules need the models, hence only now."""
        import_module(f"{self.name}.commands.kinds").register_kinds()
        import_module(f"{self.name}.subscribers")
