"""``/board/departments/<key>/claims``: paid visits that rules flag. Counts open with the page; listing is a form of its own, on
record; each line can be put before the commission with one click."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.commands import claims as commands
from tiercare.apps.evaluation.queries.departments import NOT_YOURS, department_of
from tiercare.apps.evaluation.queries.whose import names_of
from tiercare.engines.measures.claims import Flagged, Row
from tiercare.engines.measures.periods import Span
from tiercare.engines.sheets import Cell, Table
from tiercare.kernel.refusal import Refused
from tiercare.web import given
from tiercare.web.capacity.typed import again
from tiercare.web.indicators import wording
from tiercare.web.indicators.words import word
from tiercare.web.marks import write_xlsx
from tiercare.web.pages import english, once, page, said

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 5  # institutions named beside a count


@require_safe
@page(Right.CLAIMS_SUPERVISE)
def look(request: HttpRequest, key: str) -> HttpResponse:
    """``?span=``: what each rule flags, in counts."""
    return again(request, "departments/claims.html", _context(request, key, request.GET.get("span", "")))


@require_POST
@page(Right.CLAIMS_SUPERVISE)
def listed(request: HttpRequest, key: str) -> HttpResponse:
    """The visits of one rule, unnamed; that they were listed is on record."""
    found = _listed(request, key)
    context = _context(request, key, request.POST.get("span", "")) | _lines(request, found)
    return again(request, "departments/claims.html", context)


@require_POST
@page(Right.CLAIMS_SUPERVISE)
def file(request: HttpRequest, key: str) -> HttpResponse:
    """The same as .xlsx."""
    found = _listed(request, key)
    names = _names(found, request)
    span = given.text(request.POST, "span", longest=10)
    _every, _period, synthetic = commands.look(request.actor, pack=request.frame.pack.id, span=span)
    lines: list[tuple[Cell, ...]] = [
        (
            each.mark,
            each.person,
            each.day,
            each.admitted,
            word(each.kind),
            names.get(("institution", each.institution), each.institution),
            each.diagnosis,
            each.cost / 100,
            each.fund / 100,
            each.own / 100,
            each.other,
        )
        for each in found.rows
    ]
    header = (
        *(_("就诊标记"), _("同一人"), _("日期"), _("入院"), _("类别"), _("机构"), _("诊断")),
        *(_("总费用（元）"), _("基金（元）"), _("个人（元）"), _("对照的就诊")),
    )
    name = said(found.rule.name)
    response = HttpResponse(write_xlsx([Table(name, header, lines)], simulated=synthetic), content_type=_XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@page(Right.CLAIMS_SUPERVISE)
def put(request: HttpRequest, key: str) -> HttpResponse:
    """Put one visit before the commission."""
    _own(request, key)
    span = given.text(request.POST, "span", longest=10)

    def work() -> str:
        commands.raise_claim(
            request.actor,
            pack=request.frame.pack.id,
            rule=given.text(request.POST, "rule", longest=80),
            span=span,
            mark=given.text(request.POST, "mark", longest=40),
            institution=given.text(request.POST, "institution", longest=120),
        )
        return f"{reverse('departments:claims', args=[key])}?{request.frame.query}&span={span}"

    try:
        return once(request, _("已提请卫生健康行政部门核实；查实的由其开出整改。"), work)
    except Refused as refused:
        context = _context(request, key, span)
        return again(request, "departments/claims.html", context, refused)


def _own(request: HttpRequest, key: str) -> str:
    """The name of the department, if it is the actor's and looks after insured services.

    Raises:
        Refused: if not.
    """
    department = department_of(request.actor, request.frame.pack.id, key, on=request.frame.on)
    if not department.claims:
        raise Refused(NOT_YOURS)
    return said(department.name)


def _listed(request: HttpRequest, key: str) -> Flagged:
    _own(request, key)
    return commands.list_claims(
        request.actor,
        pack=request.frame.pack.id,
        rule=given.text(request.POST, "rule", longest=80),
        span=given.text(request.POST, "span", longest=10),
        institution=given.text(request.POST, "institution", longest=120),
    )


def _context(request: HttpRequest, key: str, span: str) -> dict[str, Any]:
    name = _own(request, key)
    found, period, synthetic = commands.look(request.actor, pack=request.frame.pack.id, span=span[:10])
    names = names_of((), on=_last_day(period)) if period else {}
    return {
        "key": key,
        "name": name,
        "span": str(period) if period else "",
        "when": wording.when(str(period)) if period else "",
        "years": _around(period) if period else [],
        "synthetic": synthetic,
        "rules": [
            {
                "id": each.rule.id,
                "name": said(each.rule.name),
                "says": said(each.rule.says),
                "numbers": _numbers(each),
                "total": each.total,
                "fund": yuan(each.fund),
                "institutions": [
                    (code, names.get(("institution", code), code), count)
                    for code, count in each.institutions[:_SHOWN]
                ],
                "more": max(0, len(each.institutions) - _SHOWN),
            }
            for each in found
        ],
        "most": commands.MOST,
    }


def _numbers(of: Flagged) -> str:
    said_ = []
    if of.rule.days:
        said_.append(_("%(days)s 天") % {"days": of.rule.days})
    if of.rule.yuan:
        said_.append(_("%(yuan)s 元") % {"yuan": f"{of.rule.yuan:,}"})
    return (", " if english() else "，").join(said_)


def _lines(request: HttpRequest, found: Flagged) -> dict[str, Any]:
    names = _names(found, request)
    institution = request.POST.get("institution", "")
    return {
        "listed": {
            "rule": found.rule.id,
            "name": said(found.rule.name),
            "total": found.total,
            "shown": len(found.rows),
            "institution": institution,
            "whose": names.get(("institution", institution), institution),
            "rows": [_row(each, names) for each in found.rows],
        }
    }


def _row(each: Row, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    return {
        "of": each,
        "kind": word(each.kind),
        "institution": names.get(("institution", each.institution), each.institution),
        "cost": yuan(each.cost),
        "fund": yuan(each.fund),
        "own": yuan(each.own),
    }


def yuan(fen: int) -> str:
    """Yuan to the fen, thousands apart."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def _names(found: Flagged, request: HttpRequest) -> Mapping[tuple[str, str], str]:
    return names_of((), on=request.today)


def _last_day(period: Span) -> Any:
    return wording.last_day(str(period))


def _around(period: Span) -> list[str]:
    year = period.last // 100
    return [str(year - 1), str(year), str(year + 1)]
