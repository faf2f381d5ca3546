"""Addresses of contacts that are due."""

from __future__ import annotations

from django.urls import path

from . import contacts

app_name = "contacts"
urlpatterns = [
    path("", contacts.contacts, name="list"),
    path("/<uuid:contact_id>", contacts.contact, name="one"),
    path("/<uuid:contact_id>/cancel", contacts.cancel, name="cancel"),
]
