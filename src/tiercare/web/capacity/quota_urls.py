"""The address of the quota board, for those who watch over an area or a hospital."""

from __future__ import annotations

from django.urls import path

from . import quotas

app_name = "quotas"
urlpatterns = [path("", quotas.board, name="board")]
