"""What is done with a bulletin; every POST makes one command call."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import act
from tiercare.apps.evaluation.commands import bulletins as commands
from tiercare.apps.evaluation.rules.bulletins import LONGEST_REASON
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.pages import once, page

from .views import shown

Work = Callable[[HttpRequest, UUID], object]


def _submit(request: HttpRequest, key: UUID) -> object:
    return commands.submit(request.actor, key)


def _return(request: HttpRequest, key: UUID) -> object:
    words = given.text(request.POST, "why", longest=LONGEST_REASON)
    return act(request.actor, matter_id=key, act=Act.RETURN, said=Said(words=words))


def _approve(request: HttpRequest, key: UUID) -> object:
    return act(request.actor, matter_id=key, act=Act.APPROVE)


def _send(request: HttpRequest, key: UUID) -> object:
    return commands.send(request.actor, key)


def _remind(request: HttpRequest, key: UUID) -> object:
    return commands.remind(request.actor, key)


def _withdraw(request: HttpRequest, key: UUID) -> object:
    return commands.withdraw(request.actor, key, given.text(request.POST, "why"))


def _file(request: HttpRequest, key: UUID) -> object:
    return act(request.actor, matter_id=key, act=Act.LOCK)


ACTS: dict[str, tuple[Work, str]] = {
    "submit": (_submit, gettext_lazy("已报审，内容从此固定。")),
    "return": (_return, gettext_lazy("已退回修改。")),
    "approve": (_approve, gettext_lazy("已审定，可以发送。")),
    "send": (_send, gettext_lazy("已发送，收件单位签收后这里会显示。")),
    "remind": (_remind, gettext_lazy("已催办，未签收的单位会看到提醒。")),
    "withdraw": (_withdraw, gettext_lazy("已撤回，收件单位会看到理由。")),
    "file": (_file, gettext_lazy("已归档。")),
}


@require_POST
@page(Right.EVALUATION_RUN)
def do(request: HttpRequest, bulletin_id: UUID, act: str) -> HttpResponse:
    """``/bulletins/<id>/<act>``."""
    if act not in ACTS:
        raise Http404
    work, done = ACTS[act]

    def answered() -> str:
        work(request, bulletin_id)
        return f"{reverse('bulletins:one', args=[bulletin_id])}?{request.frame.query}"

    try:
        return once(request, str(done), answered)
    except Refused as refused:
        return shown(request, bulletin_id, refused)
