"""``/bulletins/values.xlsx|csv|gb.csv``: any table of indicators to take along, each number with its counts and definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries.book import book_of
from tiercare.apps.evaluation.queries.bulletins import newest_run
from tiercare.apps.evaluation.queries.composing import definition, names_of
from tiercare.apps.evaluation.queries.runs import Kept, run_of
from tiercare.apps.evaluation.queries.values import Number, Which, numbers
from tiercare.apps.network.queries.holders import names_by_key
from tiercare.engines.measures.rounding import shown
from tiercare.engines.sheets import Cell, Table
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web import given
from tiercare.web.marks import write_csv, write_xlsx
from tiercare.web.pages import page

from . import workbook
from .paper import SYNTHETIC

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEVELS = ("region", "division", "consortium", "institution")
_ENCODINGS: Mapping[str, Literal["utf-8-sig", "gb18030"]] = {"csv": "utf-8-sig", "gb.csv": "gb18030"}
_MADE_UP = Text(SYNTHETIC, "Made-up data for a demonstration: decide nothing by them")
_HEADER = (
    *(Text("编号", "id"), Text("指标", "indicator"), Text("时期", "period"), Text("层级", "level")),
    *(Text("对象编码", "key"), Text("对象", "of"), Text("分子", "numerator"), Text("分母", "denominator")),
    *(Text("值", "value"), Text("显示", "shown"), Text("单位", "unit"), Text("口径版本", "version")),
    *(Text("条款", "clauses"), Text("标识", "mark")),
)
_LEVEL_NAMES = {
    "region": Text("地区", "region"),
    "division": Text("县（市、区）", "county"),
    "consortium": Text("医联体", "consortium"),
    "institution": Text("机构", "institution"),
}


@require_safe
@page(Right.EVALUATION_READ)
def values(request: HttpRequest, form: str) -> HttpResponse:
    """``?run=&span=&level=&indicator=&indicator=``: of the newest run, its newest year, the region and all indicators unless
    said otherwise. What the wall hides from the actor is not in it."""
    run = _run(request)
    spans = request.GET.getlist("span") or [run.shown_first]
    levels = [each for each in request.GET.getlist("level") if each in LEVELS] or ["region"]
    book = book_of(run.pack)
    wanted = [each for each in request.GET.getlist("indicator") if each in book.indicators]
    if len(wanted) < len(request.GET.getlist("indicator")) or not set(spans) <= set(run.spans):
        raise Refused(NO_SUCH_TABLE)
    keys = request.GET.getlist("key") or None
    found = numbers(request.actor, run.id, Which(wanted or None, levels, spans, keys))
    language = get_language() or "zh"
    table = _table(run, found, language)
    name = f"{gettext('指标')}-{run.pack}-{'-'.join(spans)}"
    if form in _ENCODINGS:
        content, media = (
            write_csv(table, _ENCODINGS[form], simulated=run.synthetic),
            f"text/csv; charset={_ENCODINGS[form].removesuffix('-sig')}",
        )
    else:
        lines = [
            {"indicator": key, **definition(_version(book.indicators[key], found, key))}
            for key in dict.fromkeys(each.indicator for each in found)
        ]
        sheets = [
            table,
            workbook.definitions(lines, language),
            workbook.about(_facts(run, language), language),
        ]
        content, media = write_xlsx(sheets, simulated=run.synthetic), XLSX
    response = HttpResponse(content, content_type=media)
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, f"{name}.{form.removeprefix('gb.')}") or "attachment"
    )
    return response


def _run(request: HttpRequest) -> Kept:
    if "run" in request.GET:
        return run_of(request.actor, given.key(request.GET, "run"))
    return newest_run(request.actor, request.frame.pack.id)


def _version(versions: Sequence[Any], found: Sequence[Number], key: str) -> Any:
    """The version that the numbers were computed with."""
    used = next(each.version for each in found if each.indicator == key)
    return next((each for each in versions if each.version == used), versions[-1])


def _table(run: Kept, found: Sequence[Number], language: str) -> Table:
    book, today = book_of(run.pack), run.made_at.date()
    areas = dict(names_of([each.key for each in found if each.level in {"region", "division"}]))
    named = {**names_by_key(on=today), "division": areas, "region": areas}
    mark = _MADE_UP.in_language(language) if run.synthetic else ""
    rows: list[tuple[Cell, ...]] = []
    for each in found:
        known = book.indicators.get(each.indicator)
        if known is None:
            continue  # kept by an older pack
        of = _version(known, [each], each.indicator)
        rows.append(
            (
                *(each.indicator, of.name.in_language(language), each.span),
                *(_LEVEL_NAMES[each.level].in_language(language), each.key),
                named.get(each.level, {}).get(each.key, each.key),
                *(_float(number) for number in (each.numerator, each.denominator, each.value)),
                "" if each.value is None else shown(Fraction(each.value), of.unit.in_language(language)),
                *(of.unit.in_language(language), each.version, "、".join(of.clauses), mark),
            )
        )
    return Table(gettext("数值"), workbook.words(_HEADER, language), rows)


def _float(number: Decimal | None) -> Cell:
    return None if number is None else float(number)


def _facts(run: Kept, language: str) -> list[tuple[str, str]]:
    said = [
        (Text("地区", "region"), run.region),
        (Text("政策包", "pack"), f"{run.pack} {run.pack_digest}"),
        (Text("计算时间", "computed at"), run.made_at.isoformat()),
        (Text("计算凭据", "digest of the run"), run.digest),
        *(
            (Text("事实表", "table"), f"{name} {each['first']}—{each['last']} {each['digest']}")
            for name, each in sorted(run.sources.items())
        ),
    ]
    marks = [(Text("标识", "mark"), _MADE_UP.in_language(language))] if run.synthetic else []
    return [(name.in_language(language), value) for name, value in (*said, *marks)]


NO_SUCH_TABLE = Refusal(
    code="values.no_such_table",
    message=Text("没有这些指标或这个时期。", "There are no such indicators, or no such period."),
    instead=Text("请从指标页面的“下载”进入。", "Follow “download” on a page of indicators."),
    at="indicator",
    status=404,
)
