"""The planning map: which places lie in no grid, and which in several (CX-07)."""

from __future__ import annotations

from collections import defaultdict

from tiercare.engines.policy.verdicts import Finding, Outcome
from tiercare.kernel.text import Text

from .facts import Grid, Network
from .profiles import words
from .registry import Parameters, about, found, listed, outcome, rule

_PARTS = "area_contracting"  # 分区包段
_NONE, _SEVERAL = Text("没有划入网格", "lies in no grid"), Text("重复划入网格", "lies in several grids")


@rule
def every_township_in_one_grid(net: Network, p: Parameters) -> Outcome:
    """Every township and street, and with it its villages, lies in exactly one grid, by itself or with all of its county;
    whether anybody answers for the grid is asked elsewhere. Nothing is asked where the text divides no areas."""
    if _PARTS not in words(p["principle"]):
        return outcome(0, ())
    holding: dict[str, list[Grid]] = defaultdict(list)
    for grid in sorted(net.grids.values(), key=lambda g: g.name):
        for code in grid.places:
            holding[code].append(grid)
    checked, findings = 0, list[Finding]()
    for area in sorted(net.areas.values(), key=lambda a: a.code):
        for code in area.townships or (area.code,):
            checked += 1
            grids = {grid.id: grid.name for key in (code, area.code) for grid in holding.get(key, ())}
            if len(grids) != 1:
                findings.append(
                    found(
                        about("area", code),
                        about("area", area.code),
                        area=area.name,
                        place=net.area_name(code) if code != area.code else Text("", ""),
                        wrong=_SEVERAL if grids else _NONE,
                        names=listed(grids.values()),
                    )
                )
    return outcome(checked, findings)
