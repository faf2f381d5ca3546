"""Every page: signing in, the journeys, and the address that machines ask."""

from __future__ import annotations

from django.urls import include, path

from .health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("tiercare.web.access.urls")),
    path("", include("tiercare.web.accounts.own_urls")),
    path("", include("tiercare.web.home.urls")),
    path("compliance", include("tiercare.web.compliance.urls")),
    path("explorer", include("tiercare.web.explorer.urls")),
    path("institutions", include("tiercare.web.institutions.urls")),
    path("consortia", include("tiercare.web.consortia.urls")),
    path("imports", include("tiercare.web.imports.urls")),
    path("agreements", include("tiercare.web.agreements.urls")),
    path("calendar", include("tiercare.web.calendar.urls")),
    path("", include("tiercare.web.waiting.urls")),
    path("absences", include("tiercare.web.waiting.absence_urls")),
    path("", include("tiercare.web.referrals.urls")),
    path("referrals/ready", include("tiercare.web.referrals.ready_urls")),
    path("", include("tiercare.web.booking.urls")),  # before the residents': some stand below theirs
    path("", include("tiercare.web.requests.urls")),
    path("", include("tiercare.web.records.urls")),  # these too
    path("contacts", include("tiercare.web.records.contact_urls")),
    path("coverage", include("tiercare.web.records.coverage_urls")),
    path("residents", include("tiercare.web.residents.urls")),
    path("duplicates", include("tiercare.web.duplicates.urls")),
    path("changes", include("tiercare.web.changes.urls")),
    path("applications", include("tiercare.web.applications.urls")),
    path("beds", include("tiercare.web.beds.urls")),
    path("daylist", include("tiercare.web.daylist.urls")),
    path("capacity/quotas", include("tiercare.web.capacity.quota_urls")),
    path("capacity", include("tiercare.web.capacity.urls")),
    path("centre/figures", include("tiercare.web.centre.figure_urls")),
    path("centre", include("tiercare.web.centre.urls")),
    path("referrals/statistics", include("tiercare.web.referral_statistics.urls")),
    path("rules", include("tiercare.web.rulecards.urls")),
    path("clauses", include("tiercare.web.clauses.urls")),
    path("waivers", include("tiercare.web.waivers.urls")),
    path("lists", include("tiercare.web.lists.urls")),
    path("events", include("tiercare.web.trail.urls")),
    path("reviews", include("tiercare.web.reviews.urls")),
    path("consents", include("tiercare.web.consents.urls")),
    path("cards", include("tiercare.web.cards.urls")),
    path("me", include("tiercare.web.booking.own_urls")),
    path("me", include("tiercare.web.referrals.own_urls")),
    path("me", include("tiercare.web.me.urls")),
    path("accounts", include("tiercare.web.accounts.urls")),
]
