"""Addresses of the office that keeps a hospital's places."""

from __future__ import annotations

from django.urls import path

from . import acting, pools, publishing, schedule, sessions, weeks

app_name = "capacity"
urlpatterns = [
    path("/schedule", schedule.board, name="schedule"),
    path("/pools", pools.pools, name="pools"),
    path("/pools/new", pools.new, name="new-pool"),
    path("/pools/<uuid:pool_id>", pools.edit, name="pool"),
    path("/pools/<uuid:pool_id>/week", weeks.week, name="week"),
    path("/publish", publishing.publish, name="publish"),
    path("/sessions/<uuid:session_id>", sessions.session, name="session"),
    path("/sessions/<uuid:session_id>/<str:act>", acting.act, name="act"),
]
