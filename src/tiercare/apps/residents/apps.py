"""Django's view of this app."""

from importlib import import_module

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    """Residents."""

    name = "tiercare.apps.residents"
    label = "residents"

    def ready(self) -> None:
        """Have the ledger's events handed to whom they concern here; the module needs the models, hence only now."""
        import_module(f"{self.name}.subscribers")
