"""A panel as its page shows it: rows with numbers, counts and changes in the reader's words, in the order that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from tiercare.apps.evaluation.queries.panels import Laid, Line, Number
from tiercare.engines.measures.indicators import Direction, Form
from tiercare.engines.measures.panels import Column, Dimension, Panel, Per, Show
from tiercare.engines.measures.rounding import plain, written
from tiercare.engines.measures.schema import Level
from tiercare.web.frame import Frame
from tiercare.web.indicators import wording
from tiercare.web.pages import said

from .names import coded, heads, names_for, specialties

MOST = 200  # lines of a page; the file holds all
_LEVELS = {
    Dimension.INSTITUTION: Level.INSTITUTION,
    Dimension.CONSORTIUM: Level.CONSORTIUM,
    Dimension.COUNTY: Level.DIVISION,
}


def cards(panels: Mapping[str, Panel], *, office: bool) -> list[dict[str, Any]]:
    """The list: what stands side by side in each, and whether an office may open it."""
    return [
        {
            "of": each,
            "name": said(each.name),
            "says": said(each.says),
            "rows": " · ".join(heads(each)),
            "quarterly": each.per is Per.QUARTER,
            "columns": list(dict.fromkeys(said(column.name) for column in each.columns)),
            "closed": office and each.rows[0] not in (Dimension.INSTITUTION, Dimension.CONSORTIUM),
        }
        for each in panels.values()
    ]


def table(found: Laid, frame: Frame, *, sort: str, text: str) -> dict[str, Any]:
    """The table: ``sort`` is a column's number (0: names), a minus before it for the smallest first."""
    panel = found.panel
    on = wording.last_day(found.span)
    called = names_for(panel, [line.key for line in found.lines], on=on)
    named = specialties(on=on) if panel.leading or panel.alliances else {}
    lines = [(called(line.key), line) for line in found.lines]
    if text:
        lines = [pair for pair in lines if text.casefold() in " ".join((*pair[0], *pair[1].key)).casefold()]
    lines = _sorted(lines, panel, sort)
    return {
        "heads": _heads(found, frame, sort, text),
        "lines": [_line(found, names, line, frame, named) for names, line in lines[:MOST]],
        "total": [
            number(column, each) for column, each in zip(panel.columns, found.total.numbers, strict=True)
        ],
        "count": len(lines),
        "most": MOST,
    }


def strengthen(found: Laid) -> list[dict[str, Any]]:
    """The specialties to strengthen, in their order, with how long their bar is."""
    named = specialties(on=wording.last_day(found.span))
    most = max((count for _, count in found.strengthen), default=Fraction(1))
    return [
        {
            "code": code,
            "name": named.get(code, code),
            "count": plain(count),
            "width": f"{float(count / most) * 100:.1f}",
        }
        for code, count in found.strengthen
    ]


def definitions(panel: Panel) -> list[dict[str, Any]]:
    """Each indicator once, with what stands above and below its line."""
    several = {column.indicator.id: column for column in panel.columns}
    return [
        {
            "id": each.indicator.id,
            "name": said(each.indicator.name),
            "columns": [
                said(column.name)
                for column in panel.columns
                if column.indicator is each.indicator and said(column.name) != said(each.indicator.name)
            ],
            "says": said(each.indicator.says),
            "source": said(each.indicator.source),
            "ours": each.indicator.ours,
        }
        for each in several.values()
    ]


def number(column: Column, each: Number) -> dict[str, Any]:
    """A cell: what stands in it, its counts and its change, or why there is nothing."""
    return {
        "name": said(column.name),
        "value": shown(column, each.value),
        "why": _why(each),
        "counts": _counts(column, each),
        "small": each.small,
        "change": _change(column, each),
    }


def shown(column: Column, amount: Fraction | None) -> str:
    """What stands in a cell, with its unit; counts as they were counted."""
    if amount is None:
        return ""
    if column.show is Show.VALUE:
        return wording.value(column.indicator, amount)
    return wording.count(column.indicator.numerator, amount)


def _why(each: Number) -> str:
    if each.hidden:
        return gettext("例数太少，不显示")
    if each.absent:
        return gettext("还没有数据")
    return gettext("分母为零，没有值") if each.value is None else ""


def _counts(column: Column, each: Number) -> str:
    if column.show is not Show.VALUE or each.numerator is None or not each.denominator:
        return ""
    of = column.indicator
    return (
        f"{wording.count(of.numerator, each.numerator)} / {wording.count(of.denominator, each.denominator)}"
    )


def _change(column: Column, each: Number) -> dict[str, Any] | None:
    """The way of a change and whether it is the better one; a part of an indicator has no better way of its own, and over a
    small denominator none is made of it."""
    if each.change is None or each.hidden:
        return None
    way = "up" if each.change > 0 else "down" if each.change < 0 else "same"
    direction = column.indicator.direction
    judged = column.show is Show.VALUE or column.indicator.form is Form.NUMBER
    judged = judged and not each.small and way != "same" and direction is not Direction.NONE
    good = way == direction.value if judged else None
    return {
        "way": way,
        "good": good,
        "by": _distance(column, abs(each.change)),
        "before": shown(column, each.before),
    }


def _distance(column: Column, by: Fraction) -> str:
    if column.show is Show.VALUE and column.indicator.unit.zh == "%":
        return gettext("{n} 个百分点").format(n=f"{written(by * 100, 2).normalize():f}")
    return shown(column, by) or "0"


def _line(
    found: Laid, names: Sequence[str], line: Line, frame: Frame, named: Mapping[str, str]
) -> dict[str, Any]:
    panel = found.panel
    return {
        "names": [
            {"name": name, "code": coded(dimension, key, name)}
            for dimension, key, name in zip(panel.rows, line.key, names, strict=True)
        ],
        "href": _address(found, line, frame),
        "marked": line.marked,
        "numbers": [number(column, each) for column, each in zip(panel.columns, line.numbers, strict=True)],
        "specialty": named.get(line.specialty, line.specialty) if line.specialty else "",
        "allied": [
            {"name": each.name, "id": each.id, "centres": [name for _, name in each.centres]}
            for each in line.allied
        ],
    }


def _address(found: Laid, line: Line, frame: Frame) -> str:
    """The page of the first indicator at this very place, where the run keeps its value: of years."""
    level = _LEVELS.get(found.panel.rows[0])
    if level is None or len(found.panel.rows) > 1 or found.panel.per is not Per.YEAR:
        return ""
    asked = {
        "region": frame.pack.id,
        "on": frame.on.isoformat(),
        "span": found.span,
        "level": level.value,
        "key": line.key[0],
    }
    return f"{reverse('indicators:one', args=[found.panel.columns[0].indicator.id])}?{urlencode(asked)}"


def _heads(found: Laid, frame: Frame, sort: str, text: str) -> list[dict[str, Any]]:
    """The columns with the address that sorts by them; asked again, the other way round."""
    titles = [" · ".join(heads(found.panel)), *(said(column.name) for column in found.panel.columns)]
    made = []
    for at, title in enumerate(titles):
        on = sort.lstrip("-") == str(at)
        turned = on and sort.startswith("-")
        rising = turned == (at > 0)  # names begin with the first, numbers with the largest
        asked = {
            "region": frame.pack.id,
            "on": frame.on.isoformat(),
            "span": found.span,
            "area": found.area,
            "sort": f"-{at}" if on and not turned else str(at),
            **({"q": text} if text else {}),
        }
        address = f"{reverse('panels:one', args=[found.panel.id])}?{urlencode(asked)}"
        way = "" if not on else "ascending" if rising else "descending"
        made.append({"title": title, "href": address, "way": way})
    return made


def _sorted(lines: list[tuple[list[str], Line]], panel: Panel, sort: str) -> list[tuple[list[str], Line]]:
    """In the panel's own order, unless another was asked for; where there is no value, at the end."""
    digits = sort.lstrip("-")
    if not digits.isascii() or not digits.isdigit() or int(digits) > len(panel.columns):
        return lines
    at, rising = int(digits), sort.startswith("-")
    if at == 0:
        return sorted(lines, key=lambda pair: (pair[0], pair[1].key), reverse=rising)

    def place(pair: tuple[list[str], Line]) -> tuple[bool, Fraction]:
        value = pair[1].numbers[at - 1].value
        return value is None, Fraction(0) if value is None else value if rising else -value

    return sorted(lines, key=place)
