"""Every address of the platform: pages, the typed API, and the two that machines ask."""

from __future__ import annotations

from django.urls import include, path

from tiercare.api.root import api

urlpatterns = [
    path("api/", api.urls),
    path("", include("tiercare.web.urls")),
]
