"""Values, differences and demands as people read them, in the language of the request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext

from tiercare.apps.evaluation.queries.values import Number
from tiercare.engines.measures.expressions import Field
from tiercare.engines.measures.indicators import Direction, Indicator, Part
from tiercare.engines.measures.rounding import plain, written
from tiercare.engines.measures.schema import Type, facts
from tiercare.engines.measures.targets import Met, Standing, Target
from tiercare.web.pages import said

MET_TAGS = {
    Met.MET: "met",
    Met.NOT_MET: "violated",
    Met.NO_DATA: "not_applicable",
    Met.NOT_COMPUTABLE: "not_applicable",
}
MET_ICONS = {Met.MET: "check", Met.NOT_MET: "ban", Met.NO_DATA: "minus", Met.NOT_COMPUTABLE: "minus"}
_SIGNS = {">=": "≥ %s", "<=": "≤ %s", ">": "> %s", "<": "< %s", "=": "%s"}
_SHARE, _MONEY = "%", "元"


def figure(value: Decimal | Fraction | None, indicator: Indicator) -> str:
    """A value with its unit; a dash where there is none. Shares are kept as parts of one, money in fen."""
    if value is None:
        return "—"
    exact, unit = Fraction(value), said(indicator.unit)
    match indicator.unit.zh:
        case "%":
            return f"{written(exact * 100, 1):f}%"
        case "元":
            return f"{written(exact / 100, 0):,f} {unit}"
    return f"{written(exact, 2).normalize():,f}{f' {unit}' if unit else ''}"


def counts(number: Number | None, indicator: Indicator) -> str:
    """Numerator over denominator, as they were counted; money in yuan."""
    if number is None or number.numerator is None:
        return ""
    above = _count(number.numerator, indicator.numerator)
    if number.denominator is None:
        return above
    return f"{above} / {_count(number.denominator, indicator.denominator)}"


def _count(value: Decimal, parts: Sequence[Part]) -> str:
    if parts and all(map(_in_fen, parts)):
        return f"{written(Fraction(value) / 100, 0):,f} {gettext('元')}"
    return plain(Fraction(value))


def _in_fen(part: Part) -> bool:
    """Whether what is added up is a column of money."""
    what = part.aggregate.what
    columns = facts()[part.fact].columns
    return isinstance(what, Field) and what.name in columns and columns[what.name].type is Type.YUAN


def difference(gap: Fraction, indicator: Indicator) -> str:
    """How far two values lie apart, without a sign; shares in percentage points."""
    if indicator.unit.zh == _SHARE:
        return gettext("%(points)s 个百分点") % {"points": f"{written(abs(gap) * 100, 1):f}"}
    return figure(abs(gap), indicator)


def change(now: Number | None, before: Number | None, indicator: Indicator) -> dict[str, str] | None:
    """Against the period before: the way in an arrow and a word, and whether that is better."""
    if now is None or before is None or now.value is None or before.value is None:
        return None
    gap = Fraction(now.value) - Fraction(before.value)
    if difference(gap, indicator) == difference(Fraction(0), indicator):  # as far as anybody can read
        return {"way": "same", "text": gettext("与上期持平"), "sign": "→", "good": ""}
    up = gap > 0
    good = {Direction.UP: up, Direction.DOWN: not up}.get(indicator.direction)
    text = gettext("比上期高 %(gap)s") if up else gettext("比上期低 %(gap)s")
    return {
        "way": "up" if up else "down",
        "text": text % {"gap": difference(gap, indicator)},
        "sign": "↑" if up else "↓",
        "good": "" if good is None else "better" if good else "worse",
    }


def demand(standing: Standing, indicator: Indicator, span: str) -> dict[str, str]:
    """What a clause demands, with its operator as written, for when, and how it stands."""
    target = standing.target
    return {
        "clause": target.clause,
        "asks": asks(target, indicator),
        "until": "" if target.span is None or str(target.span) == span else str(target.span),
        "met": met_word(standing.met),
        "tag": MET_TAGS[standing.met],
        "icon": MET_ICONS[standing.met],
        "why": said(standing.reason) if standing.reason else "",
    }


def asks(target: Target, indicator: Indicator) -> str:
    """A demand in a few signs: ≥ 65%, 90% 左右, 比上期高."""
    if target.op == "up":
        return gettext("比上期高")
    if target.op == "down":
        return gettext("比上期低")
    if target.limit is None:
        return gettext("没有写明数值")
    limit = figure(target.limit * (100 if indicator.unit.zh == _MONEY else 1), indicator)
    if target.op == "in" and target.upper is not None:
        return f"{limit} – {figure(target.upper, indicator)}"
    if target.op == "~=":
        return gettext("%(limit)s左右（基本）") % {"limit": limit}
    return _SIGNS.get(target.op, "%s") % limit


def met_word(met: Met) -> str:
    """How a demand stands, in a word."""
    return {
        Met.MET: gettext("达到"),
        Met.NOT_MET: gettext("未达到"),
        Met.NO_DATA: gettext("无数据"),
        Met.NOT_COMPUTABLE: gettext("不可计算"),
    }[met]


def span_name(span: str) -> str:
    """A period as people say it: 2025年, 2025年三季度, 2025年7月."""
    year = span[:4]
    if "Q" in span:
        quarter = [gettext("一季度"), gettext("二季度"), gettext("三季度"), gettext("四季度")][
            int(span[-1]) - 1
        ]
        return gettext("%(year)s年%(quarter)s") % {"year": year, "quarter": quarter}
    if "-" in span:
        return gettext("%(year)s年%(month)s月") % {"year": year, "month": str(int(span[5:7]))}
    return gettext("%(year)s年") % {"year": year}
