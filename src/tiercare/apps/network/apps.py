"""Django's view of this app."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """Network."""

    name = "tiercare.apps.network"
    label = "network"
