"""``/events``: who did what, latest first, inside the auditor's area."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.kernel.clock import ZONE
from tiercare.web import labels
from tiercare.web.pages import page, said

PER_PAGE = 50


@require_safe
@page(Right.LEDGER_READ)
def events(request: HttpRequest) -> HttpResponse:
    """The trail with its filters: what kind, and from which day to which."""
    wanted = {name: request.GET.get(name, "")[:100] for name in ("kind", "since", "until", "before")}
    kind = wanted["kind"] if wanted["kind"] in labels.GROUPS["event"] else None
    until = _midnight(wanted["until"])
    found = ledger.events(
        kind=kind,
        division_code=request.actor.division_code,
        since=_midnight(wanted["since"]),
        until=until + timedelta(days=1) if until else None,
        before=int(wanted["before"]) if wanted["before"].isascii() and wanted["before"].isdigit() else None,
        limit=PER_PAGE + 1,
    )
    context = {
        "rows": [_row(event) for event in found[:PER_PAGE]],
        "more": found[PER_PAGE - 1].sequence if len(found) > PER_PAGE else None,
        "wanted": wanted,
        "kinds": labels.choices("event"),
        "state": ledger.state(),
    }
    return render(request, "events/list.html", context)


def _midnight(text: str) -> datetime | None:
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), datetime.min.time(), tzinfo=ZONE)
    except ValueError:
        return None


def _row(event: Any) -> dict[str, Any]:
    role = event.actor_role
    known = role in set(access.Role)
    return {
        "at": event.at,
        "kind": labels.name("event", event.kind),
        "code": event.kind,
        "actor": event.actor_name,
        "role": said(access.ROLE_NAMES[access.Role(role)]) if known else labels.name("outside_role", role),
        "channel": event.channel,
        "clauses": event.clauses,
        "payload": [(key, value) for key, value in event.payload.items() if value not in (None, "", [])],
        "sequence": event.sequence,
    }
