"""The three registers of places (号源池、床位池、检查池): the list, and the form that enters or changes a pool."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.queries.history import pool_history
from tiercare.apps.capacity.queries.keeping import (
    PoolRow,
    codes_like,
    own_place,
    own_pools,
    pool_of,
    registers_of,
)
from tiercare.apps.capacity.queries.promises import bound
from tiercare.apps.capacity.rules.vocabulary import GRADES, Channel, Grade, Kind
from tiercare.apps.terms import queries as terms
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import once, page

from . import history, pool_form, presenters, proposing
from .typed import Sent, again

_LONGEST_CODE = 30  # of one that we make; room for the number that tells it apart


@require_safe
@page(Right.CAPACITY_KEEP)
def pools(request: HttpRequest) -> HttpResponse:
    """``/capacity/pools``: the pools by kind, each with its freshness."""
    found = own_pools(request.actor)
    binding = bound(own_place(request.actor), on=request.frame.today)
    release = presenters.release_of(binding)
    context = {
        "groups": [
            {
                "kind": kind.value,
                "name": presenters.register_name(kind),
                "pools": [presenters.pool(each, release) for each in found if each.kind is kind],
            }
            for kind in Kind
        ],
        "any": bool(found),
        "proposals": proposing.proposals(request, binding),
    }
    return render(request, "capacity/pools.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def new(request: HttpRequest) -> HttpResponse:
    """``/capacity/pools/new?kind=``: an empty form of that kind; kept, the pool's week comes next."""
    kind = _kind(request)
    if request.method != "POST":
        return _form(request, kind, pool_form.EMPTY[kind], None)
    sent = Sent(request.POST)

    def work() -> str:
        code = sent.text("code", longest=60) or _made(request, sent.text("name"))
        made = _keep(request, kind, sent, code)
        return _to(request, "capacity:week", made)

    try:
        return once(request, gettext("已保存。接着排好每周的场次，就可以放号了。"), work)
    except Refused as refused:
        return _form(request, kind, pool_form.typed(sent), None, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Right.CAPACITY_KEEP)
def edit(request: HttpRequest, pool_id: UUID) -> HttpResponse:
    """``/capacity/pools/<id>``: the form with what stands; what is on offer already stays as it was published."""
    pool = pool_of(request.actor, pool_id)
    if request.method != "POST":
        return _form(request, pool.kind, None, pool)
    sent = Sent(request.POST)

    def work() -> str:
        _keep(request, pool.kind, sent, pool.code, pool.id)
        return _to(request, "capacity:pools")

    try:
        return once(request, gettext("已保存。已发布的场次不变，下次放号起按新的设置。"), work)
    except Refused as refused:
        return _form(request, pool.kind, pool_form.typed(sent), pool, refused)


def _keep(request: HttpRequest, kind: Kind, sent: Sent, code: str, pool_id: UUID | None = None) -> UUID:
    given = pool_form.read(
        sent, kind, code, pool_form.offered(registers_of(request.actor), request.frame.today)
    )
    kept = commands.keep_pool(
        request.actor,
        institution_id=own_place(request.actor),
        given=given,
        pool_id=pool_id,
        seen=_moment(sent.text("seen")) if pool_id else None,
    )
    key: UUID = kept.id
    return key


def _moment(text: str) -> datetime | None:
    """When the pool had been changed last as the form was shown; what is none cannot be compared."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _made(request: HttpRequest, name: str) -> str:
    """A code from the initials of the name that no pool has yet."""
    begins = terms.initials(name)[:_LONGEST_CODE] or "pool"
    taken = codes_like(request.actor, begins)
    return (
        begins
        if begins not in taken
        else next(code for n in range(2, len(taken) + 3) if (code := f"{begins}-{n}") not in taken)
    )


def _form(
    request: HttpRequest,
    kind: Kind,
    typed: dict[str, str] | None,
    pool: PoolRow | None,
    refused: Refused | None = None,
) -> HttpResponse:
    offered = pool_form.offered(registers_of(request.actor), request.frame.today)
    shown = pool_form.of_pool(pool, offered) if typed is None and pool else typed or {}
    binding = bound(own_place(request.actor), on=request.frame.today)
    proposals = proposing.proposals(request, binding, kind, _grade(kind, shown))
    percent = next((each["percent"] for each in proposals if each["percent"]), None)
    if percent and request.method != "POST" and "propose" in request.GET:
        shown = shown | {pool_form.SHARES[Channel.REFERRAL]: percent}
    context: dict[str, Any] = {
        "kind": kind.value,
        "register": presenters.register_name(kind),
        "pool": pool,
        "seen": pool.changed_at.isoformat() if pool else "",
        "history": history.shown(pool_history(request.actor, pool.id), offered) if pool else [],
        "typed": shown,
        "proposals": proposals,
        "grades": presenters.grades(kind),
        "sexes": presenters.sexes(),
        "offered": offered,
        "release": presenters.release_of(binding),
        "promised": presenters.of_bound(binding),
    }
    return again(request, "capacity/pool.html", context, refused)


def _grade(kind: Kind, shown: Mapping[str, str]) -> Grade:
    """The grade that stands in the form, or the kind's first."""
    grade = shown.get("grade", "")
    return Grade(grade) if grade in set(Grade) else GRADES[kind][0]


def _kind(request: HttpRequest) -> Kind:
    asked = request.GET.get("kind") or Kind.CLINIC.value
    if asked not in set(Kind):
        raise Refused(_NO_SUCH_KIND)
    return Kind(asked)


def _to(request: HttpRequest, name: str, *args: object) -> str:
    return f"{reverse(name, args=args)}?{request.frame.query}"


_NO_SUCH_KIND = Refusal(
    code="capacity.no_such_kind",
    message=Text("没有这种池。", "There is no such kind of pool."),
    instead=Text("请从列表页选择要新建的池。", "Choose on the list which to make."),
    at="kind",
    status=404,
)
