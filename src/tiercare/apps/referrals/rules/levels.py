"""The levels of a county's three-level system (YN-22): which institution stands where, in the packs' own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tiercare.apps.network.rules.facts import CENTRES, PRIMARY, Category
from tiercare.kernel.text import Text

VILLAGE, TOWNSHIP, COUNTY = "village", "township", "county"
LEVEL_NAMES: Mapping[str, Text] = {
    COUNTY: Text("县", "county"),
    TOWNSHIP: Text("乡", "township"),
    VILLAGE: Text("村", "village"),
    "": Text("其他", "elsewhere"),
}
HOPS = Text(
    "期间内每一次从一家机构送到另一家（提交、再次提交、转交）算一程；用时从送出算起，到对方答复（接收、退回、转交或到院）、到患者到院。"
    "“县”是辖区内基层以外的机构。",
    "Each time in the period that a request went from one institution to another (sent, sent again, sent on) is one hop; times run"
    " from there to the receiver's answer (accepted, returned, sent on or let in) and to the patient's arrival. “County” is"
    " whatever is not primary care.",
)
_OF: Mapping[Category, str] = {
    **dict.fromkeys(PRIMARY, VILLAGE),
    **dict.fromkeys(CENTRES, TOWNSHIP),
}


def level_of(category: str, levels: Sequence[str]) -> str:
    """Where an institution of this category stands among ``levels``; empty where the text knows no such level."""
    level = _OF.get(Category(category), COUNTY)
    return level if level in levels else ""


def steps_between(source: str, target: str, levels: Sequence[str]) -> int | None:
    """How many levels a hop climbs (negative: goes down); ``None`` beside the levels. ``levels`` begin with the highest."""
    if source not in levels or target not in levels:
        return None
    return levels.index(source) - levels.index(target)
