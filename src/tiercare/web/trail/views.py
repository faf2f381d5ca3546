"""``/events``: who did what, latest first, inside the auditor's area, narrowed by whom, where, what and when."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from tiercare.apps.access.queries.scoping import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.candidates import institutions_like
from tiercare.kernel.clock import ZONE
from tiercare.web import labels
from tiercare.web.pages import page

from . import presenters

PER_PAGE = 50
_LONGEST = 100  # characters of a filter that are looked at
_NO_ID = "-"  # stands in the address for what was typed as a resident's number and is none
FILTERS = ("kind", "actor", "institution", "result", "resident", "since", "until")


@require_safe
@page(Right.LEDGER_READ)
def events(request: HttpRequest) -> HttpResponse:
    """The trail of the auditor's area with its filters; those of one resident stand behind the wall as well."""
    wanted = {name: _plain(request.GET.get(name, "")) for name in (*FILTERS, "before")}
    if wanted["resident"] not in ("", _NO_ID) and _uuid(wanted["resident"]) is None:
        return _without_what_was_typed(request)
    filters, problem = _filters(wanted, request)
    resident = filters.get("resident_id")
    area = request.actor.division_code
    with scoped(request.actor, area=area) if resident else nullcontext():
        found = (
            []
            if problem
            else ledger.events(division_code=area, before=_before(wanted), limit=PER_PAGE + 1, **filters)
        )
    ids = {event.institution_id for event in found if event.institution_id}
    names = network.names_of_institutions(ids, on=request.frame.on) if ids else {}
    context = {
        "rows": [presenters.row(event, names) for event in found[:PER_PAGE]],
        "more": found[PER_PAGE - 1].sequence if len(found) > PER_PAGE else None,
        "wanted": wanted | {"resident": str(resident or "")},
        "narrowed": any(wanted[name] for name in FILTERS),
        "problem": problem,
        "kinds": labels.choices("event"),
        "results": presenters.results(),
        "state": ledger.state(),
    }
    return render(request, "events/list.html", context)


def _filters(wanted: Mapping[str, str], request: HttpRequest) -> tuple[dict[str, Any], str]:
    """The filters of ``ledger.events``, and why one of them finds nothing, if that is known at once."""
    filters: dict[str, Any] = {
        "kind": wanted["kind"] if wanted["kind"] in labels.GROUPS["event"] else None,
        "result": wanted["result"] if wanted["result"] in presenters.RESULTS else None,
        "since": _midnight(wanted["since"]),
        "until": _midnight(wanted["until"], timedelta(days=1)),
    }
    if actor := wanted["actor"]:
        actor_id = _uuid(actor)
        filters |= {"actor_id": actor_id} if actor_id else {"actor_name": actor}
    if text := wanted["institution"]:
        near = institutions_like(request.frame.pack.region, text, on=request.frame.on)
        if not near:
            return filters, gettext("没有找到这家机构。请写全称、拼音首字母或机构编码。")
        filters["institution_ids"] = [institution.id for institution in near]
    if wanted["resident"]:
        filters["resident_id"] = _uuid(wanted["resident"])
        if filters["resident_id"] is None:
            return filters, gettext(
                "居民只按平台内的居民编号查找（36 位，见居民档案页）；请勿填写姓名或证件号码。"
            )
    return filters, ""


def _without_what_was_typed(request: HttpRequest) -> HttpResponse:
    """To the same page with the mistake told: a name or number of a person must not stay in the address."""
    query = request.GET.copy()
    query["resident"] = _NO_ID
    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()[:_LONGEST]


def _midnight(text: str, later: timedelta = timedelta()) -> datetime | None:
    try:
        day = datetime.fromisoformat(text).date() + later
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, datetime.min.time(), tzinfo=ZONE)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _before(wanted: Mapping[str, str]) -> int | None:
    text = wanted["before"]
    return int(text) if text.isascii() and text.isdigit() else None
