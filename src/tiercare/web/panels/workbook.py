"""A panel as a file: numbers as numbers, with their counts and the year before, definitions and what they rest on beside them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from django.utils.translation import get_language, gettext

from tiercare.apps.evaluation.queries.composing import definition
from tiercare.apps.evaluation.queries.panels import Laid, Line
from tiercare.engines.measures.panels import Show
from tiercare.engines.sheets import Cell, Table
from tiercare.web.bulletins import workbook
from tiercare.web.bulletins.paper import SYNTHETIC
from tiercare.web.indicators import wording
from tiercare.web.marks import write_xlsx
from tiercare.web.pages import said

from .names import heads, names_for, specialties


def written(found: Laid) -> bytes:
    """The .xlsx: the rows, the definitions of their indicators, and the run they belong to."""
    language = get_language() or "zh"
    lines = [
        {"indicator": each.id, **definition(each)}
        for each in dict.fromkeys(column.indicator for column in found.panel.columns)
    ]
    return write_xlsx(
        [_rows(found), workbook.definitions(lines, language), workbook.about(_facts(found), language)],
        simulated=found.run.synthetic,
    )


def _rows(found: Laid) -> Table:
    panel = found.panel
    on = wording.last_day(found.span)
    called = names_for(panel, [line.key for line in found.lines], on=on)
    named = specialties(on=on) if panel.leading or panel.alliances else {}
    header = [*heads(panel), *(f"{each} {gettext('编码')}" for each in heads(panel))]
    for column in panel.columns:
        name = said(column.name)
        header += [name, f"{name} {gettext('上年同期')}", f"{name} {gettext('变化')}"]
        header += [f"{name} {gettext('分子')}", f"{name} {gettext('分母')}"] if _parted(found, name) else []
    extra = [gettext("专科")] if panel.leading else []
    extra += [gettext("标记")] if panel.marks else []
    extra += [gettext("专科联盟"), gettext("衔接的省级医疗中心")] if panel.alliances else []
    rows: list[tuple[Cell, ...]] = []
    for line in found.lines:
        cells: list[Cell] = [*called(line.key), *line.key]
        for column, each in zip(panel.columns, line.numbers, strict=True):
            money = column.show is Show.VALUE and column.indicator.unit.zh == "元"
            cells += [_float(part, money) for part in (each.value, each.before, each.change)]
            if _parted(found, said(column.name)):
                cells += [
                    _float(None if each.hidden else each.numerator, money),
                    _float(None if each.hidden else each.denominator, False),
                ]
        rows.append((*cells, *_beside(found, line, named)))
    return Table(said(panel.name), (*header, *extra), rows)


def _beside(found: Laid, line: Line, named: Mapping[str, str]) -> list[Cell]:
    """What stands beside the numbers of a row."""
    panel = found.panel
    cells: list[Cell] = []
    if panel.leading:
        cells.append(named.get(line.specialty, line.specialty) if line.specialty else "")
    if panel.marks is not None:
        cells.append(said(panel.marks.name) if line.marked else "")
    if panel.alliances:
        cells.append("、".join(each.name for each in line.allied))
        cells.append("、".join(name for each in line.allied for _, name in each.centres))
    return cells


def _parted(found: Laid, name: str) -> bool:
    """Whether a column has counts of its own: where its value stands and something is divided."""
    return any(
        column.show is Show.VALUE and column.indicator.denominator and said(column.name) == name
        for column in found.panel.columns
    )


def _float(amount: Fraction | None, money: bool) -> Cell:
    """Money in yuan: it is kept in fen."""
    return None if amount is None else float(amount / 100 if money else amount)


def _facts(found: Laid) -> list[tuple[str, str]]:
    run = found.run
    said_of = [
        (gettext("时期"), f"{found.span}（{gettext('上年同期')} {found.before}）"),
        (gettext("范围"), found.area),
        (gettext("条款"), "、".join(found.panel.clauses)),
        (gettext("政策包"), f"{run.pack} {run.pack_digest}"),
        (gettext("计算凭据"), run.digest),
    ]
    return [*said_of, *([(gettext("标识"), SYNTHETIC)] if run.synthetic else [])]
