"""Addresses of the statistics of referrals."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "referral_statistics"
urlpatterns = [
    path("", views.numbers, name="numbers"),
    path("/cases", views.behind, name="cases"),
    path(".xlsx", views.file, name="file"),
]
