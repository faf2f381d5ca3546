"""Django's view of this app."""

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    """Residents."""

    name = "tiercare.apps.residents"
    label = "residents"
