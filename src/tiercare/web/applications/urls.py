"""Addresses of the applications."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "applications"
urlpatterns = [
    path("", views.applications, name="list"),
    path("/new", views.new, name="new"),
    path("/<uuid:application_id>", views.application, name="detail"),
    path("/<uuid:application_id>/approve", views.approve, name="approve"),
    path("/<uuid:application_id>/return", views.give_back, name="return"),
    path("/<uuid:application_id>/withdraw", views.withdraw, name="withdraw"),
    path("/<uuid:application_id>/resubmit", views.resubmit, name="resubmit"),
]
