"""``/facts/import``: a file is sent; what was sent and is not decided; how files were read before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import importing as commands
from tiercare.apps.evaluation.queries import importing as queries
from tiercare.apps.evaluation.rules import importing as rules
from tiercare.engines.measures.schema import facts
from tiercare.engines.measures.store import Mode
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.web import uploads
from tiercare.web.pages import once, page, said, told

MEGABYTE = 1024 * 1024
STATES: Mapping[str, tuple[str, str, str]] = {
    "DRAFT": (gettext_noop("待核对列"), "not_in_force", "edit"),
    "CHECKED": (gettext_noop("已检查，待决定"), "at_risk", "calendar"),
    "TAKEN": (gettext_noop("已入库"), "met", "check"),
    "DROPPED": (gettext_noop("已放弃"), "not_applicable", "minus"),
}


def limit() -> int:
    """How large a file may be, in bytes."""
    return int(settings.FACTS_UPLOAD_MB) * MEGABYTE


@require_safe
@page(Right.EVALUATION_RUN)
def start(request: HttpRequest) -> HttpResponse:
    """The form, what waits, and the kept mappings; ``?fact=visits`` chooses a table."""
    return _start(request)


def _start(request: HttpRequest, *, refusals: Sequence[Refusal] = (), status: int = 200) -> HttpResponse:
    region, sent = request.frame.pack.region, _sent(request)
    forbidden = queries.run_refusal(request.actor, region)
    context = {
        "tables": [(each.name, said(each.title), each.name == sent.get("fact")) for each in facts().values()],
        "replace": sent.get("mode") == Mode.REPLACE.value,
        "waiting": [upload_view(each) for each in queries.uploads(request.actor, region)],
        "kept": [
            {
                "fact": each.fact,
                "title": said(facts()[each.fact].title),
                "source": each.source,
                "version": each.version,
                "by": each.saved_by_name,
                "at": each.saved_at,
                "columns": len(each.content["columns"]),
            }
            for each in ([] if forbidden else queries.kept_mappings(request.actor, region))
        ],
        "forbidden": told(forbidden) if forbidden else None,
        "limit": settings.FACTS_UPLOAD_MB,
        "refusals": [told(refusal) for refusal in refusals],
        "at": {refusal.at: True for refusal in refusals},
    }
    return render(request, "facts/import.html", context, status=status)


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    """What the form said; of a file that was too large nothing was read."""
    if request.method == "POST" and not uploads.too_large(request, limit()):
        return request.POST
    return request.GET


def upload_view(found: Any) -> dict[str, Any]:
    """An upload in a list, and at the head of its page."""
    name, tag, icon = STATES[found.state]
    return {
        "id": found.id,
        "name": found.file_name,
        "title": said(facts()[found.fact].title),
        "fact": found.fact,
        "state": found.state,
        "state_view": {"name": _(name), "tag": tag, "icon": icon},
        "size": found.size,
        "mode": found.mode,
        "by": found.uploaded_by_name,
        "at": found.uploaded_at,
        "checked_at": found.checked_at,
        "source": found.mapping.get("source", ""),
        "counts": found.counts,
        "batch": found.batch,
    }


@csrf_exempt
@require_POST
@page(Right.EVALUATION_RUN)
def upload(request: HttpRequest) -> HttpResponse:
    """A file that is too large is refused by its announced length, before anything of it is kept; the check of the form's
    token reads the whole form, so it comes after, in ``_received``."""
    if uploads.too_large(request, limit()):
        uploads.drain(request)
        size = uploads.announced(request)
        return _start(request, refusals=[rules.too_large(size, settings.FACTS_UPLOAD_MB)], status=413)
    return _received(request)


@csrf_protect
def _received(request: HttpRequest) -> HttpResponse:
    try:
        file = request.FILES.get("file")
        if file is None:
            raise Refused(uploads.NO_FILE)
        if (file.size or 0) > limit():
            raise Refused(rules.too_large(file.size or 0, settings.FACTS_UPLOAD_MB))

        def work() -> str:
            found = commands.receive_facts(
                actor=request.actor,
                region=request.frame.pack.region,
                file_name=file.name or "",
                pieces=file.chunks(),
                fact=request.POST.get("fact", ""),
                mode=mode_of(request),
            )
            return address(request, found.id)

        return once(request, _("文件已收到，尚未入库。"), work)
    except Refused as refused:
        return _start(request, refusals=refused.refusals, status=refused.refusals[0].status)


def mode_of(request: HttpRequest) -> Mode:
    """Beside what is there, or in its place."""
    return Mode.REPLACE if request.POST.get("mode") == Mode.REPLACE.value else Mode.ADD


def address(request: HttpRequest, upload_id: UUID) -> str:
    """The page of an upload."""
    return f"{reverse('facts:decide', args=[upload_id])}?{request.frame.query}"
