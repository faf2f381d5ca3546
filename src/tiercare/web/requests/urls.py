"""Addresses of requests for those who send, receive and oversee them, and of the sheet's code. Ids only: what
identifies a person travels in bodies."""

from __future__ import annotations

from django.urls import path

from . import acting, case, choosing, filing, inbox, lists, settings, sheet

app_name = "requests"
urlpatterns = [
    path("requests", lists.requests, name="list"),
    path("requests/bulk", lists.bulk, name="bulk"),
    path("requests/board", lists.board, name="board"),
    path("requests/elsewhere", choosing.found, name="elsewhere"),
    path("requests/bell", inbox.bell, name="bell"),
    path("requests/inbox", inbox.inbox, name="inbox"),
    path("requests/inbox/seen", inbox.see_all, name="see-all"),
    path("requests/inbox/<uuid:request_id>", inbox.open_one, name="open"),
    path("requests/filings", filing.filings, name="filings"),
    path("requests/settings", settings.settings, name="settings"),
    path("requests/settings/absence", settings.absence, name="absence"),
    path("requests/settings/absence/<uuid:stand_in_id>/end", settings.end_absence, name="end-absence"),
    path("requests/<uuid:request_id>", case.one, name="one"),
    path("requests/<uuid:request_id>/sheet", sheet.sheet, name="sheet"),
    path("requests/<uuid:request_id>/receive", acting.receive, name="receive"),
    path("requests/<uuid:request_id>/seen", acting.seen, name="seen"),
    path("requests/<uuid:request_id>/assign", acting.assign, name="assign"),
    path("requests/<uuid:request_id>/filing/<str:step>", filing.act, name="filing"),
    path("requests/<uuid:request_id>/<str:act>", acting.act, name="act"),
    path("r/<str:number>", sheet.where, name="where"),
]
