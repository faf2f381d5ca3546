"""Numbers, demands and definitions of indicators in the reader's words."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.evaluation.queries.values import Number, Stood
from tiercare.engines.measures.expressions import Field
from tiercare.engines.measures.indicators import Direction, Form, Indicator, Part
from tiercare.engines.measures.load import Book
from tiercare.engines.measures.periods import span as span_named
from tiercare.engines.measures.rounding import plain, shown, written
from tiercare.engines.measures.schema import Attribution, Level, Type, facts
from tiercare.engines.measures.targets import Met, Target
from tiercare.kernel.text import Text
from tiercare.web.pages import english, said

LEVELS: Mapping[Level, str] = {
    Level.REGION: gettext_noop("全地区"),
    Level.DIVISION: gettext_noop("县区"),
    Level.CONSORTIUM: gettext_noop("医联体"),
    Level.INSTITUTION: gettext_noop("机构"),
}
DIRECTIONS: Mapping[Direction, str] = {
    Direction.UP: gettext_noop("越高越好"),
    Direction.DOWN: gettext_noop("越低越好"),
    Direction.NONE: gettext_noop("没有好坏方向"),
}
ATTRIBUTIONS: Mapping[Attribution, str] = {
    Attribution.VISITED: gettext_noop("按发生的机构"),
    Attribution.RESIDENCE: gettext_noop("按居民的居住地"),
    Attribution.INSURED: gettext_noop("按参保地"),
    Attribution.CONTRACT: gettext_noop("按签约机构"),
    Attribution.SENT: gettext_noop("按转出（申请）机构"),
    Attribution.RECEIVED: gettext_noop("按接收机构"),
}
# Tag, icon and words of a verdict: never colour alone.
METS: Mapping[Met, tuple[str, str, str]] = {
    Met.MET: ("met", "check", gettext_noop("达到")),
    Met.NOT_MET: ("violated", "ban", gettext_noop("未达到")),
    Met.NO_DATA: ("not_applicable", "minus", gettext_noop("暂无数据")),
    Met.NOT_COMPUTABLE: ("not_in_force", "dashed", gettext_noop("算不出")),
}
_OPS: Mapping[str, str] = {
    ">=": gettext_noop("不低于 {limit}"),
    "<=": gettext_noop("不高于 {limit}"),
    ">": gettext_noop("高于 {limit}"),
    "<": gettext_noop("低于 {limit}"),
    "=": gettext_noop("达到 {limit}"),
    "in": gettext_noop("在 {limit} 到 {upper} 之间"),
    "up": gettext_noop("比上年同期上升"),
    "down": gettext_noop("比上年同期下降"),
}
_SIGNS: Mapping[str, str] = {">=": "≥", "<=": "≤", "~=": "≈", "up": "↑", "down": "↓", "in": "∈"}


def value(indicator: Indicator, amount: Decimal | Fraction | None) -> str:
    """A value with its unit in the reader's language; nothing where there is none."""
    if amount is None:
        return ""
    exact = Fraction(amount)
    unit = indicator.unit
    if unit.zh == "元":
        return shown(exact, "元") if not english() else f"{written(exact / 100, 2):,f} {unit.en}"
    return shown(exact, "%") if unit.zh == "%" else _with(exact, said(unit))


def is_share(indicator: Indicator) -> bool:
    """Whether more than all would make no sense."""
    return indicator.unit.zh == "%" and indicator.form is Form.RATIO


def _with(exact: Fraction, unit: str) -> str:
    number = f"{written(exact, 2).normalize():f}"
    return f"{unit} {number}" if unit.startswith("每") else f"{number} {unit}".strip()


def count(parts: Sequence[Part], amount: Decimal | Fraction | None) -> str:
    """What ``parts`` of an indicator came to, as it was counted; money in yuan, since nobody counts fen."""
    if amount is None:
        return "—"
    exact = Fraction(amount)
    return plain(exact / 100) if parts and all(map(_in_fen, parts)) else plain(exact)


def _in_fen(part: Part) -> bool:
    """Whether what is added up is a column of money."""
    what = part.aggregate.what
    columns = facts()[part.fact].columns
    return isinstance(what, Field) and what.name in columns and columns[what.name].type is Type.YUAN


def change(indicator: Indicator, now: Number | None, before: Number | None) -> dict[str, Any] | None:
    """How a value moved against a year before, and whether that is the better way; nothing where either is missing."""
    if now is None or before is None or now.value is None or before.value is None:
        return None
    by = Fraction(now.value) - Fraction(before.value)
    way = "up" if by > 0 else "down" if by < 0 else "same"
    good = (
        None if way == "same" or indicator.direction is Direction.NONE else way == indicator.direction.value
    )
    points = indicator.unit.zh == "%"
    size = written(abs(by) * 100, 2).normalize() if points else None
    told = gettext("{n} 个百分点").format(n=f"{size:f}") if points else value(indicator, abs(by)) or "0"
    return {"way": way, "good": good, "by": told, "before": value(indicator, before.value)}


def number(indicator: Indicator, found: Number | None) -> dict[str, Any]:
    """A number as a page shows it, with its counts, or why there is none."""
    if found is None or found.numerator is None:
        return {"value": "", "why": gettext("还没有数据"), "counts": False}
    below = found.denominator if indicator.denominator or indicator.of else None
    return {
        "value": value(indicator, found.value),
        "why": gettext("分母为零，没有值") if found.value is None else "",
        "numerator": count(indicator.numerator, found.numerator),
        "denominator": None if below is None else count(indicator.denominator, below),
        "counts": True,
        "small": _small(indicator, found),
        "version": found.version,
    }


def _small(indicator: Indicator, found: Number) -> bool:
    counted = indicator.form in {Form.RATIO, Form.MEDIAN, Form.GROWTH}
    return counted and found.denominator is not None and found.denominator < indicator.small


def met(verdict: Met) -> dict[str, str]:
    """A verdict as a tag."""
    tag, icon, words = METS[verdict]
    return {"tag": tag, "icon": icon, "words": gettext(words)}


def demand(book: Book, indicator: Indicator | None, stood: Stood) -> dict[str, Any]:
    """What a clause asks, with the operator as it is written, and how that stands."""
    target = next((each for each in book.targets if each.id == stood.target), None)
    return {
        "of": stood,
        "asked": asked(indicator, target, stood.op),
        "sign": _SIGNS.get(stood.op, stood.op),
        "limit": stood.limit,
        "span": when(stood.span) if stood.span else gettext("每一期"),
        "met": met(stood.met),
        "value": value(indicator, stood.value) if indicator is not None else "",
        "reason": said(stood.reason) if stood.reason is not None else "",
        "tolerance": tolerance(indicator, target),
    }


def asked(indicator: Indicator | None, target: Target | None, op: str) -> str:
    """A demand in words: “不低于 65 %”."""
    if target is None or target.limit is None:
        return gettext(_OPS[op]) if op in {"up", "down"} else gettext("原文没有给出数值")
    limit = _limit(indicator, target.limit)
    if op == "~=":
        return gettext("{limit} 左右").format(limit=limit)
    return gettext(_OPS[op]).format(limit=limit, upper=_limit(indicator, target.upper))


def _limit(indicator: Indicator | None, limit: Fraction | None) -> str:
    if limit is None:
        return ""
    return value(indicator, limit) if indicator is not None else f"{float(limit):g}"


def tolerance(indicator: Indicator | None, target: Target | None) -> str:
    """By how much “左右” may be missed; nothing for other operators."""
    if target is None or target.op != "~=" or target.limit is None:
        return ""
    least = _limit(indicator, target.limit - target.tolerance)
    return gettext("“左右”“基本”按不低于 {least} 判断，允许的幅度是平台拟定的").format(least=least)


def when(text: str) -> str:
    """A period as people say it: 2019 年, 2019 年第 3 季度, 2019 年 7 月."""
    period = span_named(text)
    year, month = divmod(period.first, 100)
    if period.length == 12:
        return gettext("{year} 年").format(year=year)
    if period.length == 3:
        return gettext("{year} 年第 {quarter} 季度").format(year=year, quarter=month // 3 + 1)
    return gettext("{year} 年 {month} 月").format(year=year, month=month)


def last_day(text: str) -> date:
    """The last day of a period: what divisions were called then is what its numbers are about."""
    year, month = divmod(span_named(text).last, 100)
    return date(year, month, monthrange(year, month)[1])


def definition(indicator: Indicator) -> dict[str, Any]:
    """A definition beside its number: every part of it in words, and as it was written."""
    parts = [*indicator.numerator, *indicator.denominator]
    return {
        "of": indicator,
        "name": said(indicator.name),
        "says": said(indicator.says),
        "source": said(indicator.source),
        "numerator": indicator.text.get("numerator", ()),
        "denominator": indicator.text.get("denominator", ()),
        "tables": sorted({said(facts()[part.fact].title) for part in parts}),
        "attribution": [gettext(ATTRIBUTIONS[each]) for each in dict.fromkeys(p.attribution for p in parts)],
        "unit": said(indicator.unit) or gettext("个"),
        "direction": gettext(DIRECTIONS[indicator.direction]),
        "since": _day(indicator.period.start),
        "until": _day(indicator.period.end),
        "stock": sorted(
            {said(facts()[p.fact].title) for p in parts if facts()[p.fact].stock and not p.through}
        ),
    }


def _day(day: date | None) -> str:
    return "" if day is None or day == date.min else day.isoformat()


def name_of(names: Mapping[tuple[str, str], str], level: str, key: str, region: str) -> str:
    """What somebody is called; their key where the register does not know them."""
    return region if level == Level.REGION.value else names.get((level, key), key)


def grains(spans: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Periods by their length: ``year``, ``quarter``, ``month``."""
    found: dict[str, list[str]] = {"year": [], "quarter": [], "month": []}
    for each in spans:
        found[{12: "year", 3: "quarter"}.get(span_named(each).length, "month")].append(each)
    return {grain: sorted(several) for grain, several in found.items() if several}


def called(says: Text) -> Text:
    """A column in a word or two: the beginning of its sentence."""
    return Text(re.split(r"[。；（：]", says.zh)[0], re.split(r"[.;(:]", says.en)[0])


def either(text: Mapping[str, str]) -> str:
    """A sentence kept in both languages, in the reader's."""
    return text.get("en" if english() else "zh", "")
