"""The address of the region explorer."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "explorer"
urlpatterns = [path("", views.region, name="region")]
