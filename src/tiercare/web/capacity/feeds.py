"""What the hospital's own system (HIS) has sent, what is missing of it, and where both do not agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.feeds import ConflictShown, conflicts_of, feeds_of
from tiercare.apps.capacity.rules.conflicts import (
    ALWAYS,
    CONFLICTS,
    NO_SUCH_WAY,
    WAY_NAMES,
    ConflictState,
    Way,
)
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import once, page, said

from .typed import Sent, again

_SETTLED_SHOWN, _MISSING_SHOWN = 20, 5
_DONE = {
    Way.MOVE: gettext_noop("已改约，并通知了本人。"),
    Way.EXTRA: gettext_noop("已转为加号。"),
    Way.STOP: gettext_noop("已停诊，约好的居民都已改约或通知。"),
    Way.SUBSTITUTE: gettext_noop("已替诊，约好的居民都会收到通知。"),
    Way.ANSWER: gettext_noop("已告知医院系统；等它更正后会自动消除。"),
    Way.RECHECK: gettext_noop("已重新核对。"),
}


@require_safe
@page(Right.CAPACITY_KEEP)
def feeds(request: HttpRequest) -> HttpResponse:
    """``/capacity/feeds``: the systems, the conflicts that stand, and those that were settled last."""
    return _shown(request)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def settle(request: HttpRequest, conflict_id: UUID) -> HttpResponse:
    """``/capacity/feeds/<conflict>``: mend it in one of its ways; refused, the list again with what was typed."""
    address = f"{reverse('capacity:feeds')}?{request.frame.query}"
    if request.method != "POST":
        return HttpResponseRedirect(f"{address}#c-{conflict_id}")
    sent = Sent(request.POST)
    try:
        way = sent.text("way", longest=20)
        if way not in _DONE:
            raise Refused(NO_SUCH_WAY)

        def work() -> str:
            commands.settle_conflict(
                request.actor, conflict_id=conflict_id, way=Way(way), reason=sent.text("reason")
            )
            return f"{address}#conflicts"

        return once(request, gettext(_DONE[Way(way)]), work)
    except Refused as refused:
        typed = {"id": conflict_id, "reason": sent.text("reason", longest=300)}
        return _shown(request, refused, typed)


def _shown(
    request: HttpRequest, refused: Refused | None = None, typed: Mapping[str, Any] | None = None
) -> HttpResponse:
    actor = request.actor
    context = {
        "feeds": [
            {"of": each, "missing": each.missing[:_MISSING_SHOWN], "more": len(each.missing) - _MISSING_SHOWN}
            for each in feeds_of(actor)
        ],
        "conflicts": [_conflict(each) for each in conflicts_of(actor)],
        "settled": [
            _conflict(each) for each in conflicts_of(actor, state=ConflictState.SETTLED, limit=_SETTLED_SHOWN)
        ],
        "typed": typed or {},
    }
    return again(request, "capacity/feeds.html", context, refused)


def _conflict(each: ConflictShown) -> dict[str, Any]:
    kind = CONFLICTS[each.kind]
    return {
        "of": each,
        "name": said(kind.name),
        "meaning": said(each.meaning),
        "instead": said(kind.instead),
        "ways": [(way.value, said(WAY_NAMES[way])) for way in kind.ways],
        "always": [(way.value, said(WAY_NAMES[way])) for way in ALWAYS],
        "way": said(WAY_NAMES[each.way]) if each.way is not None else "",
    }
