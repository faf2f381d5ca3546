"""A comparison as a picture: for every outcome its average difference with interval and band, as plain SVG that any page or report can take."""

from __future__ import annotations

from html import escape
from math import isfinite
from typing import TYPE_CHECKING

from tiercare.cli.twin_compared import VERDICTS
from tiercare.cli.twin_shown import amount

if TYPE_CHECKING:  # compiled: only who compares waits for it
    from tiercare.engines.twin.comparing import Comparison, Difference

_WIDE, _TOP, _ROW = 980, 84, 34
_LEFT, _RIGHT = 330, 690  # the axis; names stand left of it, numbers right
_MIDDLE, _REACH = (_LEFT + _RIGHT) / 2, (_RIGHT - _LEFT) / 2
# Blue, orange and grey are told apart by those who see no red and green; the sign beside the number says it too.
_COLOURS = {"better": "#0b6aa2", "worse": "#c4500b"}
_SIGNS = {"better": "▲", "worse": "▼"}
_PLAIN = "#5b6470"
_MARK = "模拟结果 · 居民均为虚构 · simulated, nobody in it exists"
_LEGEND = (
    "点：平均差别；粗线：平均差别的 95% 区间；细线：一组假设下一年的差别。各行各有尺度，虚线为零。",
    "Dot: average difference; thick: its 95 % interval; thin: one year under one draw of assumptions. Each row has its own scale; dashed: zero.",
)


def drawn(found: Comparison) -> str:
    """The picture of a comparison, ``b`` less ``a``, marked as simulated."""
    rows = [each for each in found.differences if isfinite(each.mean)]
    high = _TOP + _ROW * len(rows) + 56
    question = found.question
    title = f"{question.b.name.zh} − {question.a.name.zh}"
    english = f"{question.b.name.en} less {question.a.name.en}"
    said = f"{len(found.seeds)} 对模拟 pairs · {question.residents:,} 名居民 residents · {question.year}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {high}" width="{_WIDE}" height="{high}" role="img" '
            'font-family="Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, sans-serif" font-size="13">',
            f"<title>{escape(title)} {escape(english)}</title>",
            f"<desc>{escape(_MARK)}. {escape(_described(rows))}</desc>",
            f'<rect width="{_WIDE}" height="{high}" fill="#ffffff"/>',
            _text(16, 26, title, size=17, bold=True),
            _text(16, 46, f"{english} · {said}", colour=_PLAIN),
            _text(16, 66, _MARK, colour="#a11d1d", bold=True),
            f'<line x1="{_MIDDLE}" y1="{_TOP - 8}" x2="{_MIDDLE}" y2="{_TOP + _ROW * len(rows)}" stroke="#9aa3ad" stroke-dasharray="3 3"/>',
            *(_row(each, _TOP + _ROW * n + _ROW // 2) for n, each in enumerate(rows)),
            *(_text(16, high - 30 + 16 * n, line, colour=_PLAIN, size=11) for n, line in enumerate(_LEGEND)),
            "</svg>\n",
        ]
    )


def _row(each: Difference, y: int) -> str:
    colour, unit = _COLOURS.get(each.verdict, _PLAIN), each.measure.unit
    ends = [
        value for value in (each.mean, each.low, each.high, each.band.low, each.band.high) if isfinite(value)
    ]
    scale = max(map(abs, ends)) or 1.0
    parts = [
        _text(16, y - 2, each.measure.name.zh),
        _text(16, y + 12, each.measure.name.en, colour=_PLAIN, size=10),
        _line(each.band.low, each.band.high, scale, y, colour, 1),
        _line(each.low, each.high, scale, y, colour, 5),
        f'<circle cx="{_at(each.mean, scale):.1f}" cy="{y}" r="5" fill="{colour}" stroke="#ffffff"/>',
        _text(
            _RIGHT + 16,
            y - 2,
            f"{_SIGNS.get(each.verdict, '·')} {amount(each.mean, unit, signed=True)}",
            colour=colour,
            bold=True,
        ),
        _text(
            _RIGHT + 16,
            y + 12,
            VERDICTS[each.verdict].zh + " " + VERDICTS[each.verdict].en,
            colour=_PLAIN,
            size=10,
        ),
    ]
    return "\n".join(part for part in parts if part)


def _described(rows: list[Difference]) -> str:
    """The same in words, for those who do not see it."""
    said = [
        f"{each.measure.name.zh} {amount(each.mean, each.measure.unit, signed=True)} "
        f"[{amount(each.low, each.measure.unit, signed=True)}, {amount(each.high, each.measure.unit, signed=True)}] "
        f"{VERDICTS[each.verdict].zh}"
        for each in rows
    ]
    return "；".join(said)


def _line(low: float, high: float, scale: float, y: int, colour: str, width: int) -> str:
    if not (isfinite(low) and isfinite(high)):
        return ""
    left, right = _at(low, scale), _at(high, scale)
    return (
        f'<line x1="{left:.1f}" y1="{y}" x2="{right:.1f}" y2="{y}" stroke="{colour}" stroke-width="{width}" '
        f'stroke-opacity="{0.55 if width == 1 else 0.45}"/>'
    )


def _at(value: float, scale: float) -> float:
    return _MIDDLE + value / scale * _REACH


def _text(
    x: float, y: float, text: str, *, colour: str = "#1c2430", size: int = 13, bold: bool = False
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" fill="{colour}" font-size="{size}"{weight}>{escape(text)}</text>'
