"""Addresses of the office that keeps a hospital's places."""

from __future__ import annotations

from django.urls import path

from . import acting, feeds, files, pools, proposing, publishing, registers, schedule, sessions, weeks

app_name = "capacity"
urlpatterns = [
    path("/schedule", schedule.board, name="schedule"),
    path("/pools", pools.pools, name="pools"),
    path("/pools/new", pools.new, name="new-pool"),
    path("/pools/<uuid:pool_id>", pools.edit, name="pool"),
    path("/pools/<uuid:pool_id>/week", weeks.week, name="week"),
    path("/shares", proposing.adopt, name="adopt"),
    path("/files", files.files, name="files"),
    path("/files/template", files.template, name="file-template"),
    path("/files/export", files.export, name="file-export"),
    path("/files/<uuid:file_id>", files.detail, name="file"),
    path("/files/<uuid:file_id>/take-over", files.take_over, name="file-take-over"),
    path("/files/<uuid:file_id>/discard", files.discard, name="file-discard"),
    path("/feeds", feeds.feeds, name="feeds"),
    path("/feeds/<uuid:conflict_id>", feeds.settle, name="settle"),
    path("/registers", registers.board, name="registers"),
    path("/publish", publishing.publish, name="publish"),
    path("/sessions/<uuid:session_id>", sessions.session, name="session"),
    path("/sessions/<uuid:session_id>/<str:act>", acting.act, name="act"),
]
