"""Addresses of the signing of registered poor residents. A village is a code, never a person."""

from __future__ import annotations

from django.urls import path

from . import files, views

app_name = "signing"
urlpatterns = [
    path("/poor", views.area, name="area"),
    path("/poor/file", files.area, name="area-file"),
    path("/own", views.own, name="own"),
    path("/own/file", files.own, name="own-file"),
    path("/own/unsigned", views.unsigned, name="unsigned"),
    path("/own/unsigned/file", files.unsigned, name="unsigned-file"),
]
