"""Django's view of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, their templates and their static files."""

    name = "tiercare.web"
    label = "web"
