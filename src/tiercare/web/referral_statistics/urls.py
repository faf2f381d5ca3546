"""Addresses of the statistics of referrals."""

from __future__ import annotations

from django.urls import path

from . import first_contact, hops, register, views

app_name = "referral_statistics"
urlpatterns = [
    path("", views.numbers, name="numbers"),
    path("/cases", views.behind, name="cases"),
    path(".xlsx", views.file, name="file"),
    path("/first-contact", first_contact.numbers, name="first_contact"),
    path("/first-contact/cases", first_contact.behind, name="first_contact_cases"),
    path("/hops", hops.hops, name="hops"),
    path("/register", register.register, name="register"),
]
