"""A plan to take along: GeoJSON for maps, Excel for tables, a sheet of A4 across for the wall."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.engines.planning.comparing import compared
from tiercare.engines.sheets import Cell, Table
from tiercare.kernel.refusal import Refusal, refuse
from tiercare.kernel.text import Text
from tiercare.web.marks import mark_of, write_xlsx
from tiercare.web.pages import page

from . import asking, figures, picture
from .asking import Look

_FORMS = frozenset({"geojson", "xlsx"})
_NO_FORM = Refusal(
    code="planning.no_such_form",
    message=Text("没有这种文件。", "There is no such file."),
    instead=Text("请选 GeoJSON 或 Excel。", "Choose GeoJSON or Excel."),
    status=404,
)
_ILLUSTRATIVE = gettext_noop("位置与边界为示意，分钟数为估算。")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_POST
@page(Right.NETWORK_READ)
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """The plan on the screen as a file."""
    refuse(None if kind in _FORMS else _NO_FORM)
    look = asking.sent(request)
    marks = figures.numbered(look)
    name = f"{request.frame.pack.id}-{request.frame.on:%Y%m%d}-plan.{kind}"
    if kind == "geojson":
        features = list(picture.files(look, marks))
        whole = {"type": "FeatureCollection", "note": _note(), "features": features}
        content, media = json.dumps(whole, ensure_ascii=False).encode(), "application/geo+json"
    else:
        content, media = write_xlsx(_sheets(request, look, marks)), _XLSX
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


@require_POST
@page(Right.NETWORK_READ)
def sheet(request: HttpRequest) -> HttpResponse:
    """The plan on the screen on paper: both maps, the tables, what it costs and breaks."""
    look = asking.sent(request)
    marks = figures.numbered(look)
    context = {
        "marks": marks,
        "picture": picture.picture(look, marks),
        "weighed": figures.weighed(look, request.frame, bound=asking.bound_sent(request, look)),
        "title": request.POST.get("title", "").strip()[:60],
        "people": figures.people(sum(place.people for place in look.region.places)),
        "places": len(look.region.places),
    }
    return render(request, "planning/sheet.html", context)


def _sheets(request: HttpRequest, look: Look, marks: list[figures.Numbered]) -> list[Table]:
    said = figures.weighed(look, request.frame, bound=asking.bound_sent(request, look))
    return [_grids(look, marks), _places(look, marks), _told(request, look, said)]


def _note() -> str:
    return " ".join((_(_ILLUSTRATIVE), mark_of())).strip()


def _grids(look: Look, marks: list[figures.Numbered]) -> Table:
    then = figures.figures_of(look.base.region, look.before)
    now = figures.figures_of(look.region, look.plan)
    columns = (
        (_("乡镇街道数"), "places"),
        (_("人口"), "living"),
        (_("每千人床位"), "beds"),
        (_("平均分钟"), "mean"),
        (_("最远分钟"), "farthest"),
    )
    header = [_("网格"), _("牵头医院"), _("医联体"), _("床位")]
    header += [f"{name}（{when}）" for name, _key in columns for when in (_("今天"), _("方案"))]
    rows: list[tuple[Cell, ...]] = []
    for each in marks:
        both = [
            side.get(each.lead.key, figures.NOTHING)[key] for _name, key in columns for side in (then, now)
        ]
        rows.append((each.no, each.lead.name, each.consortium, each.lead.share, *both))
    return Table(_("各网格"), tuple(header), rows)


def _places(look: Look, marks: list[figures.Numbered]) -> Table:
    by_lead, areas = figures.leads_by_key(marks), look.ground.network.areas
    header = (
        *(_("代码"), _("乡镇街道"), _("县区"), _("人口"), _("今天的网格"), _("今天的牵头医院")),
        *(_("今天的分钟"), _("方案的网格"), _("方案的牵头医院"), _("方案的分钟"), _("改划")),
    )
    rows: list[tuple[Cell, ...]] = []
    for place in look.region.places:
        before, after = by_lead[look.before.lead_of[place.key]], by_lead[look.plan.lead_of[place.key]]
        rows.append(
            (
                *(
                    place.key,
                    place.name,
                    areas[place.area].name if place.area in areas else place.area,
                    place.people,
                ),
                *(before.no, before.lead.name, round(look.before.minutes[place.key], 1)),
                *(after.no, after.lead.name, round(look.plan.minutes[place.key], 1)),
                _("是") if before.lead.key != after.lead.key else "",
            )
        )
    return Table(_("乡镇街道"), header, rows)


def _told(request: HttpRequest, look: Look, said: dict[str, object]) -> Table:
    """What the plan costs, breaks and rests on."""
    between, parts = compared(look.region, look.before, look.plan), look.plan.parts
    frame, wishes = request.frame, look.wishes
    rows: list[tuple[Cell, ...]] = [
        (_("总费用（人·分钟）"), parts.total),
        *((_(name), getattr(parts, key)) for key, name in figures.PARTS),
        (_("近了（人）"), between.gain),
        (_("远了（人）"), between.lose),
        (_("换牵头医院（人）"), between.moved),
        (
            _("权重：均衡、改换、跨界、时限（分钟）"),
            f"{wishes.uneven:g}、{wishes.change:g}、{wishes.border:g}、{wishes.farthest:g}",
        ),
    ]
    for name, key in ((_("违反规则"), "rules"), (_("超过时限"), "wishes")):
        found = said[key]
        assert isinstance(found, list)
        rows += [(name, each["text"]) for each in found]
    rows += [
        (_("日期"), frame.on.isoformat()),
        (_("政策包"), f"{frame.pack.id} {frame.packs.digest(frame.pack.id)}"),
        (_("说明"), _note()),
    ]
    return Table(_("费用与依据"), (_("项目"), _("值")), rows)
