"""``/projects``: open, done and overdue projects by programme and by county; ``/projects/list``: what stands behind a number."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import projects as queries
from tiercare.apps.evaluation.queries.projects import MOST, Box, Wanted
from tiercare.engines.measures.programmes import Works
from tiercare.engines.sheets import Cell, Table
from tiercare.web.marks import write_csv, write_xlsx
from tiercare.web.pages import page, said
from tiercare.web.supervision.presenters import both, named
from tiercare.web.supervision.project import plan, value

from . import presenters

BOXES = {
    Box.ALL: gettext_noop("全部"),
    Box.OPEN: gettext_noop("在办"),
    Box.LATE: gettext_noop("逾期"),
    Box.DONE: gettext_noop("已完成"),
}
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@page(Right.SUPERVISION_ANSWER)
def board(request: HttpRequest) -> HttpResponse:
    """The dashboard, ``?year=2026``."""
    year = _year(request)
    found = queries.dashboard(request.actor, year=year)
    context = presenters.board(found) | {
        "year": year,
        "years": range(request.today.year, request.today.year - 4, -1),
        "issues": issues(request),
        "standards": standards(found.works),
    }
    return render(request, "projects/board.html", context)


@require_safe
@page(Right.SUPERVISION_ANSWER)
def listing(request: HttpRequest) -> HttpResponse:
    """``?top=&programme=&area=&consortium=&year=&box=&q=&page=``."""
    wanted, number = wanted_in(request)
    found, more = queries.projects(request.actor, wanted, page=number)
    works = queries.works_for(request.actor)
    whole = queries.dashboard(request.actor, year=wanted.year)
    programme = works.programmes.get(wanted.programme)
    known = named(found, on=request.today)
    rows = [presenters.row(each, known) for each in found]
    names = {line.id: said(line.name) for top in whole.tops for line in (top.line, *top.below)}
    context: dict[str, Any] = {
        "wanted": wanted,
        "boxes": [(box.value, name) for box, name in BOXES.items()],
        "tops": [(each.line.id, said(each.line.name)) for each in whole.tops],
        "programmes": sorted(names.items()),
        "areas": whole.areas,
        "heading": names.get(wanted.programme) or names.get(wanted.top) or _("全部重点项目"),
        "programme": presenters.programme(programme) if programme else None,
        "rows": rows,
        "consortia": [
            (key, name, presenters.counts(count))
            for key, name, count in queries.by_consortium(request.actor, wanted)
        ]
        if programme and any(blank.lead for blank in programme.plan)
        else [],
        "issues": issues(request),
        "more": more,
        "page": number,
        "before": number - 1,
        "after": number + 1,
        "years": range(request.today.year + 1, request.today.year - 4, -1),
        "year": wanted.year or str(request.today.year),
        "query": request.GET.urlencode(),
    }
    return render(request, "projects/list.html", context)


@require_safe
@page(Right.SUPERVISION_ANSWER)
def file(request: HttpRequest, form: str) -> HttpResponse:
    """The list as a file: every project that fits, with what its plan and its sheet say."""
    wanted, _page = wanted_in(request)
    found, _more = queries.projects(request.actor, wanted, most=MOST)
    known = named(found, on=request.today)
    rows: list[tuple[Cell, ...]] = []
    for each in found:
        shown, payload = presenters.row(each, known), each.standing.payload
        sheet = [
            f"{both(one)}：{value(one, each.standing.result.get(one['id'], ''))}"
            for one in payload["sheet"]
            if each.standing.result.get(one["id"])
        ]
        begun = [f"{name}：{words}" for name, words in plan(payload)]
        rows.append(
            (
                shown["top"],
                shown["programme"],
                shown["title"],
                shown["subject"],
                shown["owner"],
                shown["period"],
                "；".join(begun),
                shown["state"]["name"],
                shown["planned"],
                each.standing.due_on if each.turn else None,
                shown["done_on"] or None,
                "；".join(sheet),
                "、".join(each.clauses),
                _("合成") if shown["synthetic"] else "",
            )
        )
    header = tuple(_(each) for each in _HEADER)
    table = Table(_("重点项目"), header, rows)
    content = write_xlsx([table]) if form == "xlsx" else write_csv(table, "utf-8-sig")
    response = HttpResponse(content, content_type=_MEDIA[form])
    name = f"{_('重点项目')}-{request.today}.{form}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response


_HEADER = (
    gettext_noop("重点工作"),
    gettext_noop("项目类别"),
    gettext_noop("项目"),
    gettext_noop("对象"),
    gettext_noop("承办"),
    gettext_noop("年度"),
    gettext_noop("计划内容"),
    gettext_noop("状态"),
    gettext_noop("计划完成"),
    gettext_noop("现在的期限"),
    gettext_noop("实际完成"),
    gettext_noop("结果"),
    gettext_noop("条款"),
    gettext_noop("标记"),
)


def issues(request: HttpRequest) -> bool:
    """Whether the reader opens projects."""
    return access.may(request.actor, Right.SUPERVISION_ISSUE) is None


def standards(works: Works) -> list[tuple[str, str, str]]:
    """Standards beside the register, with what they say."""
    return [(each.id, said(each.name), said(each.says)) for each in works.standards.values()]


def wanted_in(request: HttpRequest) -> tuple[Wanted, int]:
    """What the address narrows the list to, and the page; what it cannot mean is left out."""
    given = request.GET
    number, box = given.get("page", "1"), given.get("box", "")
    programme = given.get("programme", "")[:60]
    wanted = Wanted(
        top=given.get("top", "")[:60],
        programme=programme,
        area=given.get("area", "")[:12],
        consortium=given.get("consortium", "")[:120],
        year=_year(request),
        text=given.get("q", "").strip()[:60],
        box=Box(box) if box in set(Box) else Box.ALL,
        by_subject=bool(programme),
    )
    return wanted, int(number) if number.isdecimal() and 0 < int(number[:6]) < 10_000 else 1


def _year(request: HttpRequest) -> str:
    typed = request.GET.get("year", "")
    return typed if typed.isdecimal() and len(typed) == 4 else ""
