"""Addresses of writing a referral. Ids only: what identifies a person travels in bodies."""

from __future__ import annotations

from django.urls import path

from . import advising, attaching, choosing, planning, starting, supplementing, wishing, writing

app_name = "referrals"
urlpatterns = [
    path("residents/<uuid:resident_id>/refer/<str:kind>", starting.start, name="start"),
    path("residents/<uuid:resident_id>/referrals", starting.lines, name="lines"),
    path("referrals/<uuid:request_id>/write", writing.write, name="write"),
    path("referrals/<uuid:request_id>/criteria", writing.criteria, name="criteria"),
    path("referrals/<uuid:request_id>/destinations", choosing.destinations, name="destinations"),
    path("referrals/<uuid:request_id>/departments", wishing.departments, name="departments"),
    path("referrals/<uuid:request_id>/find", wishing.find, name="find"),
    path("referrals/<uuid:request_id>/attach", attaching.attach, name="attach"),
    path("referrals/<uuid:request_id>/places", choosing.places, name="places"),
    path("referrals/<uuid:request_id>/hold", choosing.hold, name="hold"),
    path("referrals/<uuid:request_id>/plan", planning.plan, name="plan"),
    path("referrals/<uuid:request_id>/drugs", planning.drugs, name="drugs"),
    path("referrals/<uuid:request_id>/ask", advising.ask, name="ask"),
    path("referrals/<uuid:request_id>/answer", advising.answer, name="answer"),
    path("referrals/<uuid:request_id>/convert/<str:kind>", advising.convert, name="convert"),
    path("referrals/<uuid:request_id>/supplement", supplementing.supplement, name="supplement"),
]
