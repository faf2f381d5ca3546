"""Contacts that are due: the list, saying in one step what came of one, planning and cancelling."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.records import commands, queries
from tiercare.apps.records.commands.contacts import LEVELS, TERRITORIAL_KINDS
from tiercare.apps.records.rules.vocabulary import (
    CONTACT_KIND_NAMES,
    OUTCOME_NAMES,
    WAY_NAMES,
    ContactKind,
    ContactOutcome,
    Way,
)
from tiercare.apps.residents import queries as residents
from tiercare.engines.forms import Form
from tiercare.engines.guidelines import Guidelines
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page, said, told
from tiercare.web.residents.record import refused_here
from tiercare.web.territory import presenters as territory

from . import asking, presenters, typed

_PAGE = 50


@require_safe
@page(Right.RECORDS_WRITE)
def contacts(request: HttpRequest) -> HttpResponse:
    """``/contacts``: the longest overdue first; ``show=alerts`` are those whose answers met a criterion of referral, ``show=control``
    patients whose readings ask for another level."""
    if request.GET.get("show") == "alerts":
        lines = presenters.contact_lines(queries.contacts_alerted(request.actor))
        return render(request, "records/contacts.html", {"lines": lines, "alerts": True})
    if request.GET.get("show") == "control":
        found = queries.proposals(request.actor)
        return render(
            request, "records/control.html", {"lines": presenters.control_lines(found, _book(request))}
        )
    level = request.GET.get("level", "")
    due = queries.contacts_due(
        request.actor,
        level=int(level) if level.isdecimal() and len(level) < 3 else None,
        after=_after(request.GET.get("after", "")),
        limit=_PAGE,
    )
    context = {
        "lines": presenters.contact_lines(due.contacts),
        "due": due,
        "level": level,
        "levels": _levels(request),
        "next": f"{due.next[0]}_{due.next[1]}" if due.next else "",
    }
    return render(request, "records/contacts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """``/contacts/<id>``: one form; sent, the contact with what its answers ask for."""
    if request.method != "POST":
        return _one(request, contact_id)
    outcome = request.POST.get("outcome", "")

    def work() -> str:
        commands.do_contact(
            request.actor,
            contact_id=contact_id,
            outcome=ContactOutcome(outcome) if outcome in set(ContactOutcome) else ContactOutcome.REACHED,
            note=given.text(request.POST, "note", longest=500),
            answers=typed.answers(_book(request), request.POST),
            asked=_asked(request, contact_id),
        )
        return f"{reverse('contacts:one', args=[contact_id])}?{request.frame.query}"

    try:
        return once(request, _("已记录这次随访。"), work)
    except Refused as refused:
        return _one(request, contact_id, refused)


@require_POST
@page(Right.RECORDS_WRITE)
def cancel(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Say that it will not be made, and why."""

    def work() -> str:
        reason = given.text(request.POST, "reason", longest=200)
        commands.cancel_contact(request.actor, contact_id=contact_id, reason=reason)
        return f"{reverse('contacts:list')}?{request.frame.query}"

    try:
        return once(request, _("已取消。"), work)
    except Refused as refused:
        return _one(request, contact_id, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def plan(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """``/residents/<id>/record/contact``: plan a contact by a day, of one's own institution or of the resident's area (WH-03)."""
    if request.method != "POST":
        return _plan(request, resident_id)
    sent = request.POST
    kind, way, level = sent.get("kind", ""), sent.get("way", ""), sent.get("level", "1")

    def work() -> str:
        commands.plan_contact(
            request.actor,
            resident_id=resident_id,
            kind=ContactKind(kind) if kind in set(ContactKind) else ContactKind.FOLLOW_UP,
            due_on=given.day(sent, "due_on"),
            way=Way(way) if way in set(Way) else Way.PHONE,
            level=int(level) if level.isdecimal() and len(level) < 3 else 0,
            institution_id=request.actor.institution_id if sent.get("by") == "own" else None,
            words=given.text(sent, "words", longest=500),
        )
        return f"{reverse('records:timeline', args=[resident_id])}?{request.frame.query}"

    try:
        return once(request, _("已安排随访，到期会列入随访清单。"), work)
    except Refused as refused:
        return _plan(request, resident_id, refused)


def _one(request: HttpRequest, contact_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = queries.contact(request.actor, contact_id)
    book = _book(request)
    (line,) = presenters.contact_lines([found])
    form = _form_of(found, request) if found.form else None
    context = typed.fields(book, request.POST) | {
        "asked": asking.shown(form, request.POST, refused) if form else None,
        "line": line,
        "mine": found.institution_id == request.actor.institution_id,
        "outcomes": [(each.value, said(name)) for each, name in OUTCOME_NAMES.items()],
        "typed": {name: request.POST.get(name, "") for name in ("outcome", "note", "reason")},
        "alerts": _criteria(book, found.alerts),
        "outcome": said(OUTCOME_NAMES[found.outcome]) if found.outcome else "",
        "answers": [
            presenters.value_shown(_reading(item, value), book) for item, value in found.answers.items()
        ],
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/contact.html", context, status=status)


def _asked(request: HttpRequest, contact_id: UUID) -> dict[str, float | bool | str] | None:
    """The answers to the contact's form, if it asks one."""
    found = queries.contact(request.actor, contact_id)
    form = _form_of(found, request) if found.form else None
    return asking.answers(form, request.POST) or None if form else None


def _form_of(found: queries.Contact, request: HttpRequest) -> Form | None:
    return queries.forms_at(found.institution_id, on=request.today).get(found.form)


def _plan(request: HttpRequest, resident_id: UUID, refused: Refused | None = None) -> HttpResponse:
    try:
        known = queries.patient(request.actor, resident_id)
    except Refused as closed:
        return refused_here(request, resident_id, closed)
    context = presenters.banner(known.who) | {
        "resident_id": resident_id,
        "kinds": [(each.value, said(name)) for each, name in CONTACT_KIND_NAMES.items()],
        "ways": [(each.value, said(name)) for each, name in WAY_NAMES.items()],
        "levels": _levels(request),
        "today": request.today,
        "territory": _territory(request, resident_id),
        "typed": {name: request.POST.get(name, "") for name in ("kind", "way", "level", "words", "by")},
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    advised = presenters.advised(known)
    proposed = advised["due_on"] if advised else request.today
    context |= {"advised": advised, "due_on": request.POST.get("due_on", "") or proposed.isoformat()}
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/plan.html", context, status=status)


def _territory(request: HttpRequest, resident_id: UUID) -> list[dict[str, Any]]:
    """Who by default does contacts that stand with the resident's area, where that is another institution; in words, with the notice."""
    found = residents.providers_of(request.actor, resident_id)
    shown = territory.lines(found.provided, found.names, staff=True)
    own = request.actor.institution_id
    return [
        each
        for each in shown
        if each["of"].service in TERRITORIAL_KINDS.values() and each["of"].institution not in (None, own)
    ]


def _levels(request: HttpRequest) -> list[int]:
    """The levels of follow-up of the region; none where no text has any."""
    institution = request.actor.institution_id
    number = None if institution is None else queries.said(LEVELS, institution, on=request.today).number
    return list(range(1, (number or 0) + 1))


def _book(request: HttpRequest) -> Guidelines | None:
    institution = request.actor.institution_id
    return None if institution is None else queries.guidelines_at(institution, on=request.today)


def _criteria(book: Guidelines | None, alerts: tuple[str, ...]) -> list[str]:
    rows = {row.id: row for table in book.tables.values() for row in table.rows} if book else {}
    return [said(rows[each].says) if each in rows else each for each in alerts]


def _reading(item: str, value: Any) -> dict[str, Any]:
    words = {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""
    return {
        "item": item,
        "name": "",
        "unit": "",
        "flag": "",
        "value": None if words or isinstance(value, str) else value,
        "words": words or (value if isinstance(value, str) else ""),
    }


def _after(text: str) -> tuple[date, UUID] | None:
    day, _underscore, key = text.partition("_")
    try:
        return date.fromisoformat(day), UUID(key)
    except ValueError:
        return None
