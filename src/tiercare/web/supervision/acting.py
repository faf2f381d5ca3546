"""What is done on the page of a matter: each a form with one command."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation import commands, queries
from tiercare.apps.evaluation.commands import supervision
from tiercare.apps.evaluation.commands.matters import LARGEST_FILE
from tiercare.apps.evaluation.rules.standing import File, Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.records.rules.files import size_refusal
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text
from tiercare.web import given, uploads
from tiercare.web.pages import once, page

from .case import case

_MOST_FILES = 10
NO_SUCH_ACT = Refusal(
    code="no_such_act",
    message=Text("没有这项操作。", "There is no such act."),
    instead=Text("请用页面上的按钮。", "Use the buttons of the page."),
    status=404,
)
TOO_MANY = Refusal(
    code="evaluation.too_many_files",
    message=Text("一次最多上传 {most} 个文件。", "At most {most} files at a time."),
    instead=Text("请合并成一个 PDF，或分几次登记进展。", "Put them into one PDF, or enter them as progress."),
    fields={"most": _MOST_FILES},
    at="file",
    status=422,
)


@require_POST
@page(Right.SUPERVISION_ANSWER)
def act(request: HttpRequest, matter_id: UUID, act: str) -> HttpResponse:
    """One step of the table, with words, files, a day and what the kind asks for."""
    if act not in set(Act) - {Act.ISSUE, Act.ESCALATE}:
        raise Refused(NO_SUCH_ACT)

    def work() -> str:
        commands.act(
            request.actor,
            matter_id=matter_id,
            act=Act(act),
            said=said_in(request, _fields(request, matter_id)),
            version=_version(request),
        )
        return _back(request, matter_id)

    return _do(request, matter_id, act, _("已办理。"), work)


@require_POST
@page(Right.SUPERVISION_ANSWER)
def judge(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """An item of an inspection."""
    item = request.POST.get("item", "")

    def work() -> str:
        values = {name: given.text(request.POST, name, longest=200) for name in _JUDGED}
        supervision.judge(
            request.actor,
            matter_id=matter_id,
            words=given.text(request.POST, "words", longest=4000) or _("没有补充说明。"),
            files=files_of(request),
            **values,
        )
        return f"{_back(request, matter_id)}#item-{item}"

    return _do(request, matter_id, f"judge-{item}", _("已登记判定。"), work)


_JUDGED = ("item", "judgement", "severity", "target", "actual", "instead_of")


@require_POST
@page(Right.SUPERVISION_ISSUE)
def rectify(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """One click: what was found is to be put right."""
    entry = request.POST.get("entry", "")

    def work() -> str:
        supervision.rectify(
            request.actor,
            matter_id=matter_id,
            entry_id=given.key(request.POST, "entry") if entry else None,
            owner=given.text(request.POST, "owner", longest=140),
            due_on=_day(request, "due_on"),
            words=given.text(request.POST, "words", longest=4000),
        )
        return f"{_back(request, matter_id)}#children"

    return _do(request, matter_id, f"rectify-{entry}", _("整改已下达，对方已能看到。"), work)


def _fields(request: HttpRequest, matter_id: UUID) -> frozenset[str]:
    """What the form of this matter has beside words, a day and files."""
    payload = queries.matter(request.actor, matter_id=matter_id).standing.payload
    return frozenset(
        {"actual", "agrees", "outcome", "percent", *(each["id"] for each in payload.get("sheet", ()))}
    )


def said_in(request: HttpRequest, fields: Collection[str]) -> Said:
    """What a form says with an act; whatever else stands in it counts for nothing.

    Raises:
        Refused: for a day that is none, or too many files.
    """
    typed = {name: given.text(request.POST, name, longest=500) for name in sorted(fields)}
    figures: dict[str, object] = {name: value for name, value in typed.items() if value}
    if "agrees" in figures:  # of two answers one was chosen; anything else is none
        figures["agrees"] = {"yes": True, "no": False}.get(typed["agrees"])
    return Said(
        given.text(request.POST, "words", longest=8000),
        figures,
        files_of(request),
        _day(request, "due_on"),
    )


def files_of(request: HttpRequest) -> tuple[File, ...]:
    """The files of a form.

    Raises:
        Refused: if one is too large, or there are too many.
    """
    sent = request.FILES.getlist("file")
    refuse(TOO_MANY if len(sent) > _MOST_FILES else None)
    refuse(*(size_refusal(each.size or 0, LARGEST_FILE) for each in sent))
    return tuple(File(each.name or "file", each.read()) for each in sent)


def _day(request: HttpRequest, name: str) -> date | None:
    return given.day(request.POST, name) if request.POST.get(name) else None


def _version(request: HttpRequest) -> int | None:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None


def _back(request: HttpRequest, matter_id: UUID) -> str:
    return f"{reverse('supervision:one', args=[matter_id])}?{request.frame.query}"


def _do(request: HttpRequest, matter_id: UUID, act: str, done: str, work: Callable[[], str]) -> HttpResponse:
    """Do it, or show the page again with what was typed."""
    if uploads.too_large(request, _MOST_FILES * LARGEST_FILE):
        uploads.drain(request)
        refused = size_refusal(uploads.announced(request), LARGEST_FILE)
        return case(request, matter_id, Refused(refused) if refused else None, act)
    try:
        return once(request, done, work)
    except Refused as refused_:
        return case(request, matter_id, refused_, act)
