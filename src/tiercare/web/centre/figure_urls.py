"""The address of the figures, for those who keep a centre and for those who watch over several."""

from __future__ import annotations

from django.urls import path

from . import figures

app_name = "admissions"
urlpatterns = [path("", figures.figures, name="figures")]
