"""``/facts/import/…``: one uploaded file: its columns, what a trial found, and what becomes of it. Every POST makes one command
call and redirects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import importing as commands
from tiercare.apps.evaluation.queries import importing as queries
from tiercare.apps.evaluation.rules import importing as rules
from tiercare.engines.measures.schema import facts
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.web.pages import once, page, said, told

from . import downloads, importing, presenters, typed


@require_safe
@page(Right.EVALUATION_RUN)
def detail(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Its columns until it was tried, then what was found; ``?columns=1`` shows the columns again."""
    found = _found(request, upload_id)
    if found.state == "TAKEN":
        return HttpResponseRedirect(f"{reverse('facts:batch', args=[found.batch])}?{request.frame.query}")
    return _detail(request, found, mapping=bool(request.GET.get("columns")))


def _detail(
    request: HttpRequest,
    found: Any,
    *,
    mapping: bool,
    content: Mapping[str, Any] | None = None,
    refusals: Sequence[Refusal] = (),
    status: int = 200,
) -> HttpResponse:
    fact = facts()[found.fact]
    context: dict[str, Any] = {
        "upload": importing.upload_view(found),
        "title": said(fact.title),
        "grain": said(fact.grain),
        "tables": [(each.name, said(each.title), each.name == found.fact) for each in facts().values()],
        "mode": found.mode,
    }
    refused = list(refusals)
    if found.state == "CHECKED" and not mapping:
        report = queries.report_of(found)
        held = queries.locked(found) if not refused else None
        refused += [held] if held else []
        context["report"] = presenters.report(
            report, found.counts["moved"], found.counts["pack"], values=True
        )
    elif found.state != "DROPPED":
        wrong = {refusal.at: told(refusal) for refusal in refused if refusal.at in rules.columns_of(fact)}
        refused = [refusal for refusal in refused if refusal.at not in wrong] or refused[:1]
        shown = content or found.mapping
        context["columns"] = typed.rows(shown, queries.draft(found), wrong)
        context["source"] = shown["source"]
    context["refusals"] = [told(refusal) for refusal in refused]
    return render(request, "facts/decide.html", context, status=status)


@require_POST
@page(Right.EVALUATION_RUN)
def table(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Read it as another table."""
    found = _found(request, upload_id)

    def work() -> str:
        commands.redraft_facts(actor=request.actor, upload_id=found.id, fact=request.POST.get("fact", ""))
        return importing.address(request, found.id)

    return _acted(request, found, _("已按这张表重新起草，请核对各列。"), work)


@require_http_methods(["GET", "POST"])
@page(Right.EVALUATION_RUN)
def columns(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Keep what was chosen, and show the words and units of what was chosen anew. Whoever comes here by its address is led to
    the upload."""
    found = _found(request, upload_id)
    if request.method == "GET":
        return HttpResponseRedirect(importing.address(request, found.id))
    content, twice = _typed(request, found)
    if twice:
        status = 200 if request.htmx else twice[0].status
        return _detail(request, found, mapping=True, content=content, refusals=twice, status=status)

    def work() -> str:
        mode = importing.mode_of(request)
        commands.map_facts(actor=request.actor, upload_id=found.id, content=content, mode=mode)
        return importing.address(request, found.id)

    return _acted(request, found, _("已保存，尚未检查。"), work)


@require_POST
@page(Right.EVALUATION_RUN)
def check(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Try it, read as was chosen; without the form, as it was read before."""
    found = _found(request, upload_id)
    content, twice = _typed(request, found) if "source" in request.POST else (found.mapping, [])

    def work() -> str:
        mode = importing.mode_of(request)
        commands.check_facts(actor=request.actor, upload_id=found.id, content=content, mode=mode)
        return importing.address(request, found.id)

    try:
        refuse(*twice)
        return once(request, _("已检查，尚未入库。"), work)
    except Refused as refused:
        status = refused.refusals[0].status
        return _detail(
            request, found, mapping=True, content=content, refusals=refused.refusals, status=status
        )


@require_POST
@page(Right.EVALUATION_RUN)
def take(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Take what is good; the rest waits."""
    found = _found(request, upload_id)

    def work() -> str:
        done = commands.take_facts(actor=request.actor, upload_id=found.id)
        return f"{reverse('facts:batch', args=[done.batch])}?{request.frame.query}"

    return _acted(request, found, _("已入库，并记入操作留痕。"), work)


@require_POST
@page(Right.EVALUATION_RUN)
def drop(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Take nothing."""
    found = _found(request, upload_id)

    def work() -> str:
        commands.drop_facts(actor=request.actor, upload_id=found.id)
        return f"{reverse('facts:import')}?{request.frame.query}"

    return _acted(request, found, _("已放弃，没有入库任何数据。"), work)


@require_safe
@page(Right.EVALUATION_RUN)
def quarantine(request: HttpRequest, upload_id: UUID) -> HttpResponseBase:
    """The rows that would wait, before anything is decided: ``?format=xlsx|utf-8|gb18030``."""
    found = _found(request, upload_id)
    headers = queries.headers_of(found.mapping)
    return downloads.waiting(request, queries.quarantine_of(found), found.fact, headers, found.file_name)


def _acted(request: HttpRequest, found: Any, done: str, work: Callable[[], str]) -> HttpResponse:
    try:
        return once(request, done, work)
    except Refused as refused:
        status = refused.refusals[0].status
        mapping = found.state == "DRAFT"
        return _detail(request, found, mapping=mapping, refusals=refused.refusals, status=status)


def _typed(request: HttpRequest, found: Any) -> tuple[dict[str, Any], list[Refusal]]:
    """What was chosen as the content of a mapping, and headers that were chosen twice."""
    fact = facts()[found.fact]
    choices = typed.choices_of(request.POST, fact, queries.draft(found))
    content = rules.assembled(fact, found.region, typed.source_of(request.POST), choices)
    return content, rules.chosen_twice(fact, choices)


def _found(request: HttpRequest, upload_id: UUID) -> Any:
    """The upload, if it lies in the page's region and the acting person may decide it."""
    found = queries.upload(request.actor, upload_id)
    if found.region != request.frame.pack.region:
        raise Refused(rules.NO_SUCH_UPLOAD)
    return found
