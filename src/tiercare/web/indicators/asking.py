"""What the addresses of indicators ask for: a period, somebody, a level."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest

from tiercare.engines.measures.cases import Side
from tiercare.engines.measures.schema import Level
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

LONGEST = 120


def text_of(request: HttpRequest, name: str) -> str:
    """A text of the address or the form, cut to what a key can be."""
    given = request.POST if request.method == "POST" else request.GET
    return given.get(name, "").strip()[:LONGEST]


def level_of(request: HttpRequest, name: str, default: Level) -> Level:
    """A level of the address. Raises ``Refused`` for one that there is not."""
    given = text_of(request, name)
    if not given:
        return default
    if given not in set(Level):
        raise Refused(wrong(name))
    return Level(given)


def side_of(request: HttpRequest) -> Side:
    """Above or below the line; above unless the address says. Raises ``Refused`` for neither."""
    given = text_of(request, "side") or Side.NUMERATOR.value
    if given not in set(Side):
        raise Refused(wrong("side"))
    return Side(given)


def one_of(request: HttpRequest, name: str, choices: Collection[str], default: str = "") -> str:
    """One of some choices. Raises ``Refused`` for another."""
    given = text_of(request, name) or default
    if given not in choices:
        raise Refused(wrong(name))
    return given


def wrong(at: str) -> Refusal:
    """What is said of a condition that does not exist."""
    return Refusal(
        code=f"evaluation.no_such_{at}",
        message=Text("所选的条件不存在。", "There is nothing like what was chosen."),
        instead=Text("请从列表中重新选择。", "Choose again from the list."),
        at=at,
        status=422,
    )
