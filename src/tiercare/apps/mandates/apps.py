"""Django's view of this app."""

from django.apps import AppConfig


class MandatesConfig(AppConfig):
    """Mandates."""

    name = "tiercare.apps.mandates"
    label = "mandates"
