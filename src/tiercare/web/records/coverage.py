"""How many residents of an area have a record, by element and by source."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.records import queries
from tiercare.web.pages import page

_NAMES = {
    "encounter": _("就诊"),
    "condition": _("诊断"),
    "observation": _("测量和检验"),
    "medication": _("用药"),
    "document": _("文件和报告"),
    "plan": _("接续方案"),
    "contact": _("随访"),
}


@require_safe
@page(Right.RECORDS_MEASURE)
def coverage(request: HttpRequest) -> HttpResponse:
    """``/records/coverage``: counts only, of the area for which the actor answers."""
    area = request.actor.division_code or request.frame.pack.region
    found = queries.completeness(request.actor, division_code=area)
    context = {
        "found": found,
        "share": _share(found.with_record, found.people),
        "elements": [
            (gettext(_NAMES[each.element]), each.people, each.entries, _share(each.people, found.people))
            for each in found.elements
        ],
        "sources": [
            (each.institution, each.source, gettext(_NAMES[each.element]), each.people, each.entries)
            for each in found.sources
        ],
    }
    return render(request, "records/coverage.html", context)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"
