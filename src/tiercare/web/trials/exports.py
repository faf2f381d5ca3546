"""A trial to take along: Excel with everything, CSV with the differences. Each sheet says that it is simulated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.trials.queries import trials as kept
from tiercare.apps.trials.queries.trials import Whole
from tiercare.apps.trials.rules.trials import MARK, NOT_DONE
from tiercare.engines.sheets import Cell, Table, write_csv, write_xlsx
from tiercare.kernel.refusal import Refusal, refuse
from tiercare.kernel.text import Text
from tiercare.web.pages import page, said

from . import presenters

_UNITS = {
    "share": gettext_noop("比例（0–1）"),
    "days": gettext_noop("天"),
    "yuan": gettext_noop("元"),
    "count": gettext_noop("次数"),
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV = "text/csv; charset=utf-8"
_NO_FORM = Refusal(
    code="trials.no_such_form",
    message=Text("没有这种文件。", "There is no such file."),
    instead=Text("请选 Excel（xlsx）或 CSV（csv）。", "Choose Excel (xlsx) or CSV (csv)."),
    status=404,
)


@require_safe
@page(Right.NETWORK_READ)
def file(request: HttpRequest, trial_id: UUID, kind: str) -> HttpResponse:
    """What came of a trial, as a file."""
    refuse(None if kind in {"xlsx", "csv"} else _NO_FORM)
    found = kept.trial(request.actor, trial_id)
    refuse(None if found.result is not None else NOT_DONE)
    if kind == "csv":
        content, media = write_csv(_differences(found), "utf-8-sig"), _CSV
    else:
        content, media = write_xlsx(_sheets(found)), _XLSX
    response = HttpResponse(content, content_type=media)
    name = f"simulated-{found.line.pack}-{str(found.line.id)[:8]}.{kind}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _sheets(found: Whole) -> list[Table]:
    return [_differences(found), _leaning(found), _losing(found), _policy(found), _grounds(found)]


def _differences(found: Whole) -> Table:
    assert found.result is not None
    one, other = presenters.sides(found)
    header = [
        _("结果"),
        _("单位"),
        one,
        other,
        _("差别（乙−甲）"),
        _("平均差别的区间下限"),
        _("平均差别的区间上限"),
    ]
    header += [_("单次下限"), _("单次上限"), _("结论"), _("把握"), _("单项 p 值"), _("多项校正后的 p 值")]
    header += [_("偶然所占"), _("定义")]
    rows: list[tuple[Cell, ...]] = []
    for row in presenters.differences(found.result):
        raw = row["raw"]
        unit = _UNITS[raw["unit"]]
        rows.append(
            (
                *(
                    row["name"],
                    _(unit),
                    raw["a"]["mean"],
                    raw["b"]["mean"],
                    raw["mean"],
                    raw["low"],
                    raw["high"],
                ),
                *(
                    raw["band"]["low"],
                    raw["band"]["high"],
                    row["word"],
                    row["sure"],
                    raw.get("p"),
                    raw.get("among"),
                    raw["by_chance"],
                    row["definition"],
                ),
            )
        )
    return _marked(_("差别"), header, rows)


def _leaning(found: Whole) -> Table:
    assert found.result is not None
    header = (_("结果"), _("假设"), _("取值"), _("下限"), _("上限"), _("秩相关"), _("不是偶然"), _("出处"))
    rows: list[tuple[Cell, ...]] = []
    for row in presenters.differences(found.result):
        for lean in row["raw"]["leans_on"]:
            told = presenters.in_words(lean["text"])
            numbers = (lean["value"], lean["low"], lean["high"], lean["correlation"])
            rows.append(
                (
                    row["name"],
                    told,
                    *numbers,
                    _("是") if lean["sure"] else "",
                    lean["source"] or _("平台假设"),
                )
            )
    return _marked(_("依赖的假设"), header, rows)


def _losing(found: Whole) -> Table:
    assert found.result is not None
    one, other = presenters.sides(found)
    header = (_("谁"), _("什么变差"), one, other, _("出现次数"), _("不是偶然"))
    rows: list[tuple[Cell, ...]] = []
    for each in presenters.losers(found.result):
        raw = each["raw"]
        sure = _("是") if each["sure"] else ""
        rows.append((each["group"], each["what"], raw["before"], raw["after"], raw["times"], sure))
    return _marked(_("谁吃亏"), header, rows)


def _policy(found: Whole) -> Table:
    one, other = presenters.sides(found)
    header = (_("政策杠杆"), _("政策包"), _("条款"), one, other, _("不同"))
    rows: list[tuple[Cell, ...]] = [
        (
            each["name"],
            each["pack"],
            each["clause"] or each["why"],
            each["a"],
            each["b"],
            _("是") if each["differs"] else "",
        )
        for each in presenters.whole(found)["policy"]
    ]
    return _marked(_("政策"), header, rows)


def _grounds(found: Whole) -> Table:
    told = presenters.line(found.line)
    rows: list[tuple[Cell, ...]] = [
        (_("名称"), found.line.title),
        (_("政策包"), f"{found.line.pack} {found.pack_digest}"),
        (_("政策日期"), found.line.base_on.isoformat()),
        (_("模拟居民"), found.line.residents),
        (_("随机种子"), f"{told['first_seed']}–{told['last_seed']}"),
        (_("程序"), found.engine),
        (_("复算凭据"), found.inputs),
        (_("一起判断的结果"), (found.result or {}).get("compared")),
        (_("何人何时"), f"{told['by']} {told['at']}"),
    ]
    return _marked(_("依据"), (_("项目"), _("值")), rows)


def _marked(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """The mark stands in the last column of every row: a row that is copied elsewhere takes it along."""
    mark = said(MARK)
    return Table(name, (*header, _("标识")), [(*row, mark) for row in rows])
