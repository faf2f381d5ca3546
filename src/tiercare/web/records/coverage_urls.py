"""Address of the coverage of records."""

from __future__ import annotations

from django.urls import path

from . import coverage

app_name = "coverage"
urlpatterns = [path("", coverage.coverage, name="counts")]
