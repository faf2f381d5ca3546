"""The areas that a list can be narrowed to."""

from __future__ import annotations

from tiercare.apps.network.queries.ranges import NATION
from tiercare.apps.terms import queries as terms
from tiercare.web.explorer.tree import NATION_NAME
from tiercare.web.frame import Frame
from tiercare.web.pages import said


def areas_to_choose(area: str, frame: Frame) -> list[tuple[str, str]]:
    """The region itself and its parts, and the area that is shown if it lies deeper; at most two queries."""
    region = frame.pack.region
    whole = said(NATION_NAME) if region == NATION else said(frame.pack.name)
    below = [] if region == NATION else terms.children(region, on=frame.on)
    options = [(region, whole), *((row.code, row.name) for row in below)]
    if area not in dict(options):
        known = terms.divisions([area], on=frame.on).get(area)
        options.append((area, known.name if known else area))
    return options
