"""Uploading a file, mending its bad rows, and taking it over. Every POST makes one command call and redirects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.network.commands import imports as commands
from tiercare.apps.network.queries import imports as queries
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.engines.sheets import LIMIT_BYTES
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import uploads
from tiercare.web.pages import once, page, said, told

from . import presenters

_ROWS_A_PAGE = 20


@require_safe
@page(Right.NETWORK_REPORT)
def imports(request: HttpRequest) -> HttpResponse:
    """``/imports``: what was uploaded, the newest first; the form; templates and exports."""
    return _list(request)


def _list(request: HttpRequest, *, refusals: Sequence[Refusal] = (), status: int = 200) -> HttpResponse:
    forbidden = queries.import_refusal(request.actor, request.frame.pack.region)
    context = {
        "rows": presenters.batches(_mine(request)),
        "registers": [(register.key, said(register.name)) for register in REGISTERS.values()],
        "chosen": request.POST.get("register", "")
        if request.method == "POST" and not uploads.too_large(request)
        else "",
        "forbidden": told(forbidden) if forbidden else None,
        "refusals": [told(refusal) for refusal in refusals],
        "at": {refusal.at: told(refusal) for refusal in refusals},
        "limit": LIMIT_BYTES // (1024 * 1024),
    }
    return render(request, "imports/list.html", context, status=status)


@csrf_exempt
@require_POST
@page(Right.NETWORK_REPORT)
def upload(request: HttpRequest) -> HttpResponse:
    """A file that is too large is refused by its announced length, before anything of it is kept.

    The check of the form's token reads the whole form, file and all, so it must come after; ``_received`` makes it.
    """
    if uploads.too_large(request):
        uploads.drain(request)
        return _list(request, refusals=[commands.too_large(uploads.announced(request))], status=413)
    return _received(request)


@csrf_protect
def _received(request: HttpRequest) -> HttpResponse:
    try:
        file = uploads.received(request)

        def work() -> str:
            batch = commands.upload_import(
                actor=request.actor,
                region=request.frame.pack.region,
                file_name=file.name or "",
                content=file.read(),
                register=request.POST.get("register", ""),
                on=request.frame.on,
            )
            return _address(request, batch.id)

        return once(request, _("已检查，尚未导入。"), work)
    except Refused as refused:
        return _list(request, refusals=refused.refusals, status=refused.refusals[0].status)


@require_safe
@page(Right.NETWORK_REPORT)
def detail(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """``/imports/<id>``: counts, rows in quarantine, effect on the rule cards, and what can be done now."""
    return _detail(request, batch_id)


@require_POST
@page(Right.NETWORK_REPORT)
def mend(request: HttpRequest, batch_id: UUID, row_id: UUID) -> HttpResponse:
    """One row with what was typed; the whole file is checked again."""
    _found(request, batch_id)
    cells = {
        name.removeprefix("cell."): text for name, text in request.POST.items() if name.startswith("cell.")
    }

    def work() -> str:
        commands.mend_row(actor=request.actor, batch_id=batch_id, row_id=row_id, cells=cells)
        return f"{_address(request, batch_id)}&page={_page_number(request)}#quarantine"

    return _acted(request, batch_id, _("已保存并重新检查。"), work)


@require_POST
@page(Right.NETWORK_REPORT)
def recheck(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The file against what is on record now."""
    _found(request, batch_id)

    def work() -> str:
        commands.recheck_import(actor=request.actor, batch_id=batch_id)
        return _address(request, batch_id)

    return _acted(request, batch_id, _("已重新检查。"), work)


@require_POST
@page(Right.NETWORK_REPORT)
def take_over(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """All rows, or those without a fault (``skip=1``)."""
    _found(request, batch_id)

    def work() -> str:
        commands.take_over_import(
            actor=request.actor, batch_id=batch_id, skip_bad=request.POST.get("skip") == "1"
        )
        return _address(request, batch_id)

    return _acted(request, batch_id, _("已导入，并记入操作留痕。"), work)


@require_POST
@page(Right.NETWORK_REPORT)
def discard(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Nothing of the file is taken over."""
    _found(request, batch_id)

    def work() -> str:
        commands.discard_import(actor=request.actor, batch_id=batch_id)
        return _address(request, batch_id)

    return _acted(request, batch_id, _("已放弃，没有导入任何数据。"), work)


def _acted(request: HttpRequest, batch_id: UUID, done: str, work: Callable[[], str]) -> HttpResponse:
    try:
        return once(request, done, work)
    except Refused as refused:
        return _detail(request, batch_id, refusals=refused.refusals, status=refused.refusals[0].status)


def _detail(
    request: HttpRequest, batch_id: UUID, *, refusals: Sequence[Refusal] = (), status: int = 200
) -> HttpResponse:
    batch = _found(request, batch_id)
    number = _page_number(request)
    rows, total = queries.bad_rows(batch_id, offset=(number - 1) * _ROWS_A_PAGE, limit=_ROWS_A_PAGE)
    context: dict[str, Any] = {
        "batch": presenters.batch(batch),
        "counts": presenters.counts(batch),
        "rows": [presenters.bad_row(row) for row in rows],
        "bad": total,
        "page": number,
        "pages": max(1, -(-total // _ROWS_A_PAGE)),
        "effect": presenters.effect(batch),
        "notes": [said(Text(note["zh"], note["en"])) for note in batch.counts.get("notes", ())],
        "written": presenters.written(batch),
        "refusals": [told(refusal) for refusal in refusals],
    }
    return render(request, "imports/detail.html", context, status=status)


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page") or request.POST.get("page") or "1"
    return max(1, min(int(text), 100_000)) if text.isascii() and text.isdigit() else 1


def _mine(request: HttpRequest) -> list[Any]:
    return queries.import_batches(request.actor, request.frame.pack.region)


def _found(request: HttpRequest, batch_id: UUID) -> Any:
    """The batch, if it lies in the page's region and the acting person may see it."""
    found = queries.import_batch(request.actor, batch_id)
    if found is None or found.region != request.frame.pack.region:
        raise Refused(commands.no_such_batch())
    return found


def _address(request: HttpRequest, batch_id: UUID) -> str:
    return f"{reverse('imports:detail', args=[batch_id])}?{request.frame.query}"
