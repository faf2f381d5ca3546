"""The same as .xlsx: counts by village for the work plan, names for who goes from door to door."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.residents import queries
from tiercare.apps.residents.queries.signing import Signing
from tiercare.apps.residents.rules import SEX_NAMES, Sex
from tiercare.engines.sheets import Cell, Table
from tiercare.web.marks import write_xlsx
from tiercare.web.pages import page, said

from .views import day_of, of_area, per_cent, village_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@page(Right.RECORDS_MEASURE)
def area(request: HttpRequest) -> HttpResponse:
    """Counts of the area."""
    return _counts(of_area(request))


@require_safe
@page(Right.RESIDENTS_LIST)
def own(request: HttpRequest) -> HttpResponse:
    """Counts of one's own list."""
    return _counts(queries.own_poor_signing(request.actor, on=day_of(request)))


@require_safe
@page(Right.RESIDENTS_LIST)
def unsigned(request: HttpRequest) -> HttpResponse:
    """Names; recorded as the page is."""
    on = day_of(request)
    listed = queries.unsigned_poor(request.actor, village=village_of(request), on=on)
    names = {code: queries.village_names(code, on=on) for code in {each.village for each in listed}}
    lines: list[tuple[Cell, ...]] = [
        (
            each.village,
            " ".join(names[each.village]),
            each.name,
            said(SEX_NAMES[Sex(each.sex)]),
            each.birth_date,
            _("合成") if each.synthetic else "",
            "",
        )
        for each in listed
    ]
    header = (_("代码"), _("村（居）"), _("姓名"), _("性别"), _("出生日期"), _("合成数据"), _("上门日期"))
    return _download(f"{_('未签约贫困人口')}-{on}.xlsx", Table(_("未签约贫困人口"), header, lines))


def _counts(found: Signing) -> HttpResponse:
    lines: list[tuple[Cell, ...]] = [
        (
            each.code,
            " ".join(each.names),
            each.poor,
            each.signed,
            each.unsigned,
        )
        for each in found.villages
    ]
    lines.append((_("合计"), per_cent(found.share), found.poor, found.signed, found.unsigned))
    header = (_("代码"), _("村（居）"), _("建档立卡贫困人口"), _("已签约"), _("未签约"))
    return _download(f"{_('贫困人口签约')}-{found.on}.xlsx", Table(_("贫困人口签约"), header, lines))


def _download(name: str, table: Table) -> HttpResponse:
    response = HttpResponse(write_xlsx([table]), content_type=_XLSX)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
