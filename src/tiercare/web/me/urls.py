"""Addresses of the residents' pages. Those about a person exist twice: one's own, and under ``/of/`` a ward's."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path, re_path

from . import sign_in, views, writing

app_name = "me"
_OF_A_PERSON: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("", views.card, "card"),
    ("/readings", views.readings, "readings"),
    ("/readings/<uuid:event_id>", writing.reading, "reading"),
    ("/consents", writing.consents, "consents"),
    ("/consents/find", writing.find_grantee, "find"),
    ("/consents/<uuid:consent_id>/withdraw", writing.withdraw, "withdraw"),
    ("/objections", views.objections, "objections"),
    ("/move", writing.move, "move"),
)
urlpatterns = [
    path("/sign-in", sign_in.Card.as_view(), name="sign-in"),
    path("/sign-in/code", sign_in.Code.as_view(), name="code"),
    path("/sign-out", sign_in.sign_out, name="sign-out"),
    path("/letters", sign_in.letters, name="letters"),
    path("/card/qr", views.qr, name="qr"),
    re_path("^/card/(?P<act>issue|replace|lost)$", views.card_act, name="card-act"),
    path("/family", views.family, name="family"),
    *(path(where, view, name=name) for where, view, name in _OF_A_PERSON),
    *(path(f"/of/<uuid:ward>{where}", view, name=name) for where, view, name in _OF_A_PERSON),
]
