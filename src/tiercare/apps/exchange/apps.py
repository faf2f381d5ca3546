"""Django's view of this app."""

from importlib import import_module

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Exchange."""

    name = "tiercare.apps.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Have the ledger's events handed to whom they concern here; the module needs the models, hence only now."""
        import_module(f"{self.name}.subscribers")
