"""Addresses of results that residents read, without signing in and among their own pages."""

from __future__ import annotations

from django.urls import path

from . import public

urlpatterns = [path("/<slug:region>", public.results, name="public-results")]
