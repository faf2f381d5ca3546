"""Address of the page on which residents compare consortia and teams."""

from __future__ import annotations

from django.urls import path

from . import public

app_name = "own_results"
urlpatterns = [
    path("/teams", public.teams, name="teams"),
    path("/of/<uuid:ward>/teams", public.teams, name="teams"),
]
