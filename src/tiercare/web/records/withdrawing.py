"""Withdrawing what was entered in error: what goes with it, who had read it, and afterwards that it is done."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from tiercare.apps.access.rules import Right
from tiercare.apps.records import commands, queries
from tiercare.apps.records.queries.withdrawn import Part
from tiercare.apps.records.rules.withdrawing import NO_REASON, NO_SUCH_ENTRY, WHAT_NAMES, What
from tiercare.apps.residents.rules import SEX_NAMES, Sex
from tiercare.kernel.refusal import Refused, refuse
from tiercare.web import given
from tiercare.web.pages import once, page, said, told

# What mostly is wrong; kept in the record as it reads here.
REASONS: Mapping[str, str] = {
    "patient": gettext_noop("记错患者：这是另一个人的"),
    "twice": gettext_noop("重复录入"),
    "content": gettext_noop("内容录入有误"),
    "other": gettext_noop("其他"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.RECORDS_WRITE)
def withdraw(request: HttpRequest, what: str, entry_id: UUID) -> HttpResponse:
    """``/record-entries/<what>/<id>``: an entry of one's own institution, to be withdrawn whole or in part; once it is, the
    same page says so, with who had read it."""
    kind = _what(what)
    if request.method != "POST":
        return _shown(request, kind, entry_id)

    def work() -> str:
        part, _colon, key = request.POST.get("entry", "").partition(":")
        commands.withdraw(
            request.actor,
            what=_what(part) if part else kind,
            entry_id=_key(key) if part else entry_id,
            reason=_reason(request),
        )
        return f"{reverse('records:withdraw', args=[what, entry_id])}?{request.frame.query}"

    try:
        return once(request, _("已撤回。原文留存备查，不再进入任何摘要、清单和统计。"), work)
    except Refused as refused:
        return _shown(request, kind, entry_id, refused)


def _shown(request: HttpRequest, what: What, entry_id: UUID, refused: Refused | None = None) -> HttpResponse:
    entry = queries.own_entry(request.actor, what, entry_id)
    whole: tuple[queries.OwnEntry | Part, ...] = (entry, *entry.parts)
    standing = [each for each in entry.parts if each.gone is None]
    context = {
        "entry": entry,
        "what": said(WHAT_NAMES[entry.what]),
        "sex": said(SEX_NAMES[Sex(entry.who.sex)]),
        "parts": [
            {"row": each, "kind": said(WHAT_NAMES[each.what]), "value": f"{each.what.value}:{each.id}"}
            for each in entry.parts
        ],
        "standing": len(standing),
        "files": [each for each in whole if each.file and each.gone is not None],
        "reasons": [(code, _(name)) for code, name in REASONS.items()],
        "typed": request.POST if refused else {"why": "patient"},
        "wrong": {each.at for each in refused.refusals} if refused else set(),
        "refusals": [told(each) for each in refused.refusals] if refused else [],
    }
    status = refused.refusals[0].status if refused else 200
    return render(request, "records/withdraw.html", context, status=status)


def _reason(request: HttpRequest) -> str:
    """The reason as it is kept: what mostly is wrong, in Chinese, and what was written beside it."""
    code, more = request.POST.get("why", ""), given.text(request.POST, "reason", longest=160)
    refuse(None if more or code in set(REASONS) - {"other"} else NO_REASON)
    named = "" if code == "other" else REASONS.get(code, "")
    return "；".join(filter(None, (named, more)))


def _what(code: str) -> What:
    if code not in set(What):
        raise Refused(NO_SUCH_ENTRY)
    return What(code)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused(NO_SUCH_ENTRY) from error
