"""From a resident's page to a place: the first places of a specialty, the slots of a session, one held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands, queries
from tiercare.apps.capacity.queries.patient import patient
from tiercare.apps.capacity.queries.session import (
    SessionShown,
    channel_at,
    days_of,
    left_of,
    session_shown,
)
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, told
from tiercare.web.residents.record import refused_here

from . import finding, presenters, words


@require_safe
@page(Right.CAPACITY_BOOK)
def book(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>/book``: whom for, what, and the first places; with htmx only the places."""
    wanted = finding.asked(request.GET, today=request.today)
    if request.htmx:
        channel_at(request.actor, resident_id, request.actor.institution_id)
        context = finding.found(request, wanted, resident_id) | {"resident_id": resident_id}
        return render(request, "booking/_places.html", context)
    try:
        who = patient(request.actor, resident_id)
    except Refused as refused:
        return refused_here(request, resident_id, refused)
    context = presenters.banner(who) | finding.choices(wanted)
    context |= finding.found(request, wanted, resident_id) | {"resident_id": resident_id}
    return render(request, "booking/book.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_BOOK)
def session(request: HttpRequest, resident_id: UUID, session_id: UUID) -> HttpResponse:
    """``/residents/<id>/book/<session>``: the slots of its day; a POST holds one for some minutes."""
    if request.method == "POST":
        return _hold(request, resident_id, session_id)
    if request.htmx:
        context = shown(request.actor, request, resident_id, session_id)
        return render(request, "booking/_slots.html", context | {"resident_id": resident_id})
    return _session(request, resident_id, session_id)


def _hold(request: HttpRequest, resident_id: UUID, session_id: UUID) -> HttpResponse:
    def work() -> str:
        taken = commands.book(
            request.actor, slot_id=given.key(request.POST, "slot"), resident_id=resident_id, hold=True
        )
        return f"{reverse('booking:detail', args=[taken.booking_id])}?{request.frame.query}"

    try:
        return once(request, _("号已占住，请核对后确认。"), work)
    except Refused as refused:
        return _session(request, resident_id, session_id, refused)


def _session(
    request: HttpRequest, resident_id: UUID, session_id: UUID, refused: Refused | None = None
) -> HttpResponse:
    try:
        who = patient(request.actor, resident_id)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    context = presenters.banner(who) | {"resident_id": resident_id, "alone": True}
    context |= shown(request.actor, request, resident_id, session_id) | lost(request, refused)
    status = refused.refusals[0].status if refused else 200
    return render(request, "booking/session.html", context, status=status)


def shown(actor: Actor, request: HttpRequest, resident_id: UUID, session_id: UUID) -> dict[str, Any]:
    """A session's day for this actor and resident: slots, other days of the pool, and through which channel.

    Raises:
        Refused: if there is no such session, or no ground to book for the resident.
    """
    found = session_shown(actor, session_id)
    channel = channel_at(actor, resident_id, found.institution_id)
    return around(actor, request, found, channel)


def around(actor: Actor, request: HttpRequest, found: SessionShown, channel: Channel) -> dict[str, Any]:
    """The slots of a session's day and the days beside it, for ``channel``."""
    today, now = request.today, ledger.now()
    slots = queries.of_day(
        actor, institution_id=found.institution_id, day=found.day, pool_id=found.pool_id, channel=channel
    )
    days = days_of(actor, pool_id=found.pool_id, channel=channel, first=today)
    left = left_of(actor, {each.session_id for each in slots}, channel=channel)
    units: dict[Channel, int] = {}
    for of_one in left.values():
        for each, count in of_one.items():
            units[each] = units.get(each, 0) + count
    return {
        "session": presenters.session(found, today=today),
        "session_id": found.id,
        "halves": presenters.slots(slots, now=now),
        "any_free": any(each.free and each.starts_at > now for each in slots),
        "days": presenters.days(days, found.day, today=today),
        "left": presenters.kept_units(units),
        "channel": words.channel(channel),
        "why": words.why(channel),
    }


def lost(request: HttpRequest, refused: Refused | None) -> dict[str, Any]:
    """Why a place was not had, and after a lost race the nearest others."""
    if refused is None:
        return {}
    context: dict[str, Any] = {"refusals": [told(each) for each in refused.refusals]}
    if isinstance(refused, commands.NoPlace):
        near = queries.others_lately(request.actor, slot_id=refused.slot_id, channel=refused.channel)
        context["others"] = presenters.places(near, today=request.today)
    return context
