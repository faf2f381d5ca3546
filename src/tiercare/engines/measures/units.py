"""What a value is counted in, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping

from tiercare.kernel.text import Text

UNITS: Mapping[str, Text] = {
    "percent": Text("%", "%"),
    "per_mille": Text("‰", "‰"),
    "per_1000": Text("每千人", "per 1,000 people"),
    "per_10000": Text("每万人", "per 10,000 people"),
    "times": Text("倍", "times"),
    "count": Text("个", ""),
    "people": Text("人", "people"),
    "cases": Text("例", "cases"),
    "days": Text("天", "days"),
    "yuan": Text("元", "yuan"),
    "minutes": Text("分钟", "minutes"),
    "points": Text("分", "points"),
}
