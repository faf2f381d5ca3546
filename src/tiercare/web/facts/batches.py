"""``/facts/batches/…``: a batch that came, what was said of its quality, and its rows that wait."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import importing as queries
from tiercare.apps.evaluation.queries import presence
from tiercare.apps.evaluation.queries.runs import newest_runs
from tiercare.apps.evaluation.rules import importing as rules
from tiercare.engines.measures.schema import facts
from tiercare.kernel.refusal import Refused
from tiercare.web.pages import page, said

from . import downloads, presenters


@require_safe
@page(Right.EVALUATION_READ)
def detail(request: HttpRequest, batch_id: str) -> HttpResponse:
    """Where it came from, its quality as it was judged then, what may still be done; ``?moved=1`` counts which indicators its
    waiting rows touch, where nobody has counted yet. What stood in the cells is for those who import."""
    actor, region = request.actor, request.frame.pack.region
    found = presence.batch(actor, region, batch_id)
    may_import = queries.run_refusal(actor, region) is None
    upload = queries.upload_of_batch(actor, region, batch_id)
    kept = presence.report_kept(found)
    counted = upload is not None or bool(request.GET.get("moved"))
    pack = request.frame.pack.id
    moved: list[tuple[str, int, int]] = []
    if upload is not None:
        moved, pack = upload.counts["moved"], upload.counts["pack"]
    elif counted:
        moved = presence.touched_by(found, pack)
    runs = newest_runs(actor, request.frame.pack.id)
    stale = bool(found.batch.parts) and bool(runs) and runs[0].made_at < found.batch.arrived.at
    context = {
        "stale": stale and may_import,
        "batch": presenters.came(found),
        "grain": said(facts()[found.batch.fact].grain),
        "report": presenters.report(kept, moved, pack, values=may_import) if kept else None,
        "upload": upload,
        "may_import": may_import,
        "counted": counted,
    }
    return render(request, "facts/batch.html", context)


@require_safe
@page(Right.EVALUATION_RUN)
def quarantine(request: HttpRequest, batch_id: str) -> HttpResponseBase:
    """Its rows that wait: ``?format=xlsx|utf-8|gb18030``."""
    actor, region = request.actor, request.frame.pack.region
    if refusal := queries.run_refusal(actor, region):
        raise Refused(refusal)
    found = presence.batch(actor, region, batch_id)
    path = queries.root() / found.batch.quarantine
    if not found.batch.quarantine or not path.exists():
        raise Refused(rules.NOTHING_WAITS)
    kept = presence.report_kept(found)
    headers = {each.column: each.header for each in kept.findings if each.header} if kept else {}
    return downloads.waiting(request, path, found.batch.fact, headers, kept.file if kept else batch_id)
