"""What an operator does to an account at the press of a button. Every POST makes one command call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from tiercare.apps.access import commands
from tiercare.apps.access.commands import invitations, second_factor
from tiercare.apps.access.queries import staff
from tiercare.apps.access.rules import Right
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.fresh import recently_confirmed
from tiercare.web.given import key
from tiercare.web.pages import once, page, told

from .slips import shown_once
from .views import account_page

_DONE: Mapping[str, tuple[Callable[..., Any], str]] = {
    "disable": (commands.disable_account, gettext_noop("已停用，此账户的登录随即结束。")),
    "withdraw": (invitations.withdraw, gettext_noop("邀请单已作废。")),
}
_SLIPS: Mapping[str, Callable[..., invitations.Invited]] = {
    "again": invitations.invite_again,
    "reopen": invitations.reopen,
}


@require_POST
@page(Right.ACCESS_MANAGE)
def act(request: HttpRequest, account_id: UUID, act: str) -> HttpResponse:
    """Disable, or withdraw the slip: what closes a door is done without asking twice."""
    if act not in _DONE:
        raise Refused(_no_such_act())
    command, done = _DONE[act]
    return _acted(request, account_id, lambda: command(request.actor, account_id=account_id), _(done))


@require_POST
@page(Right.ACCESS_MANAGE)
@recently_confirmed()
def slip(request: HttpRequest, account_id: UUID, act: str) -> HttpResponse:
    """A new slip, for whoever forgot the password or whose account is opened again."""
    if act not in _SLIPS:
        raise Refused(_no_such_act())
    staff.staff_member(request.actor, account_id)
    try:
        return shown_once(request, lambda: _SLIPS[act](request.actor, account_id=account_id))
    except Refused as refused:
        return _refused(request, account_id, refused)


@require_POST
@page(Right.ACCESS_MANAGE)
def revoke(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Take one role back, at once."""

    def do() -> None:
        commands.revoke(request.actor, grant_id=key(request.POST, "grant_id"))

    return _acted(request, account_id, do, _("已收回角色，立即生效。"))


@require_POST
@page(Right.ACCESS_MANAGE)
@recently_confirmed()
def remove_factor(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Take the second factor of somebody who lost telephone and recovery codes."""

    def do() -> None:
        second_factor.remove(request.actor, account_id=account_id)

    return _acted(request, account_id, do, _("已解除第二步验证；对方下次登录后可以重新设置。"))


def _acted(request: HttpRequest, account_id: UUID, do: Callable[[], Any], done: str) -> HttpResponse:
    staff.staff_member(request.actor, account_id)

    def work() -> str:
        do()
        return f"{reverse('accounts:detail', args=[account_id])}?{request.frame.query}"

    try:
        return once(request, done, work)
    except Refused as refused:
        return _refused(request, account_id, refused)


def _refused(request: HttpRequest, account_id: UUID, refused: Refused) -> HttpResponse:
    refusals = [told(refusal) for refusal in refused.refusals]
    return account_page(request, account_id, refusals=refusals, status=refused.refusals[0].status)


def _no_such_act() -> Refusal:
    return Refusal(
        code="no_such_act",
        message=Text("没有这项操作。", "There is no such act."),
        instead=Text("请从账户页面上的按钮中选择。", "Choose from the buttons on the page of the account."),
        status=404,
    )
