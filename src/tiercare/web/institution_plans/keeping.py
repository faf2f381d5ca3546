"""Versions of the plan: read, typed in, taken from a file. Every POST makes one command call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tiercare.apps.access.rules import Right, may
from tiercare.apps.network.commands import institution_plans as commands
from tiercare.apps.network.commands.imports import too_large
from tiercare.apps.network.queries import institution_plans as plans
from tiercare.apps.network.rules.institution_plans import PLAN_LINES, Line
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text
from tiercare.web import given, uploads
from tiercare.web.imports.downloads import ENCODINGS, as_file
from tiercare.web.pages import once, page, said, told

from . import presenters

_COLUMNS = ("area", "subject", "kind", "level", "allowed", "note")
_TYPED = ("kind_of_plan", "title", "document", "adopted_on", "start", "words")
_BLANKS = 3  # empty rows offered after those that are filled
_MOST = 400  # rows of a form; more comes as a file


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.NETWORK_READ)
def versions(request: HttpRequest) -> HttpResponse:
    """``/institution-plans/versions``: every version, the newest first; POST keeps the next one, typed in."""
    if request.method != "POST":
        return _page(request)
    read = commands.read_lines(_rows(request), division=request.frame.pack.region)
    return _kept(request, read)


@csrf_exempt
@require_POST
@page(Right.NETWORK_READ)
def upload(request: HttpRequest) -> HttpResponse:
    """The next version from a file; one that is too large is refused by its announced length."""
    if uploads.too_large(request):
        uploads.drain(request)
        return _page(request, refusals=(too_large(uploads.announced(request)),), status=413, small=False)
    return _received(request)


@csrf_protect
def _received(request: HttpRequest) -> HttpResponse:
    try:
        refuse(may(request.actor, Right.NETWORK_DECIDE, division=request.frame.pack.region))
        file = uploads.received(request)
        read = commands.read_file(file.name or "", file.read(), division=request.frame.pack.region)
    except Refused as refused:
        return _page(request, refusals=refused.refusals)
    return _kept(request, read)


def _kept(request: HttpRequest, read: commands.ReadLines) -> HttpResponse:
    def keep() -> str:
        sent = request.POST
        plan = commands.keep_institution_plan(
            actor=request.actor,
            division=request.frame.pack.region,
            kind=presenters.plan_kind(sent.get("kind_of_plan", "")),
            draft=commands.PlanDraft(
                title=given.text(sent, "title", longest=200),
                adopted_on=given.day(sent, "adopted_on"),
                start=given.day(sent, "start"),
                document=given.text(sent, "document", longest=200),
                words=given.text(sent, "words"),
            ),
            read=read,
        )
        return f"{reverse('institution_plans:version', args=[plan.id])}?{request.frame.query}"

    try:
        return once(request, _("新版规划已登记；上一版到新版执行之日为止，仍可查看。"), keep)
    except Refused as refused:
        return _page(request, refusals=refused.refusals, faults=read.faults)


@require_safe
@page(Right.NETWORK_READ)
def version(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """One version with its limits."""
    found = _found(request, plan_id)
    names = presenters.areas(found.lines, on=request.frame.on)
    context = {
        "ways": presenters.ways(request),
        "here": "institution_plans:versions",
        "row": presenters.version_row(found, on=request.frame.on),
        "lines": [presenters.line_row(line, names) for line in found.lines],
    }
    return render(request, "institution_plans/version.html", context)


@require_safe
@page(Right.NETWORK_READ)
def export(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """``?format=xlsx|utf-8|gb18030``: the limits of a version, as they can be uploaded again."""
    found = _found(request, plan_id)
    file = plans.lines_file(found.lines, encoding=ENCODINGS.get(request.GET.get("format", "xlsx")))
    stem, _dot, kind = file.name.rpartition(".")
    return as_file(f"{request.frame.pack.id}-{stem}-{found.number}.{kind}", file.content)


@require_safe
@page(Right.NETWORK_READ)
def template(request: HttpRequest) -> HttpResponse:
    """An empty workbook."""
    del request
    return as_file(f"{plans.NAME}-{_('模板')}.xlsx", plans.lines_template())


def _found(request: HttpRequest, plan_id: UUID) -> plans.Version:
    found = plans.version(plan_id)
    if found is None or not found.division.startswith(request.frame.pack.region):
        raise Refused(_NO_SUCH)
    return found


def _rows(request: HttpRequest) -> list[tuple[str, Mapping[str, str]]]:
    """Rows as they were typed, by their number; blank ones are left out."""
    columns = [request.POST.getlist(f"line-{name}")[:_MOST] for name in _COLUMNS]
    found: list[tuple[str, Mapping[str, str]]] = []
    for n, cells in enumerate(zip(*columns, strict=False), start=1):
        row = dict(zip(_COLUMNS, (cell.strip() for cell in cells), strict=True))
        if row["allowed"] or row["kind"] or row["note"]:
            found.append((f"#{n}", row))
    return found


def _page(
    request: HttpRequest,
    *,
    refusals: Sequence[Refusal] = (),
    faults: Sequence[Mapping[str, Any]] = (),
    status: int | None = None,
    small: bool = True,
) -> HttpResponse:
    frame = request.frame
    region = frame.pack.region
    found = plans.versions(region)
    forbidden = may(request.actor, Right.NETWORK_DECIDE, division=region)
    posted = request.method == "POST" and small
    typed = {name: request.POST.get(name, "") if posted else "" for name in _TYPED}
    current = next((each for each in found if each.end is None), None)
    if current is not None and not posted:
        typed |= {"title": current.title, "kind_of_plan": current.kind.value}
    rows = [row for _place, row in _rows(request)] if posted else []
    if not rows and current is not None:
        rows = [_cells(line) for line in current.lines[:_MOST]]
    told_ = [told(refusal) for refusal in refusals]
    context = {
        "ways": presenters.ways(request),
        "here": "institution_plans:versions",
        "rows": [presenters.version_row(each, on=frame.on) for each in found],
        "typed": typed,
        "lines": [*rows, *({"area": region} for _n in range(_BLANKS))],
        "following": current,
        "forbidden": told(forbidden) if forbidden else None,
        "refusals": told_,
        "at": {error["at"]: error for error in told_},
        "faults": [_fault(fault) for fault in faults],
        "limit": LIMIT_BYTES // (1024 * 1024),
        **presenters.choices(),
    }
    wrong = status or (refusals[0].status if refusals else 200)
    return render(request, "institution_plans/versions.html", context, status=wrong)


def _cells(line: Line) -> dict[str, str]:
    return {
        "area": line.area,
        "subject": line.subject.value,
        "kind": line.kind,
        "level": line.level,
        "allowed": str(line.allowed),
        "note": line.note,
    }


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    column = PLAN_LINES.by_key.get(fault["column"])
    return {
        "place": fault["place"].rpartition("!")[2].lstrip("#"),
        "column": said(column.name) if column is not None else fault["column"],
        "value": fault["value"],
        "message": said(Text(**fault["message"])),
        "fix": said(Text(**fault["fix"])),
    }


_NO_SUCH = Refusal(
    code="no_such_institution_plan",
    message=Text("当前地区没有这一版规划。", "There is no such version in this region."),
    instead=Text("请从版本列表中选择。", "Choose one from the list."),
    status=404,
)
