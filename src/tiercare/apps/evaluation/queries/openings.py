"""What the first page opens with where a programme says so (XH-01): the number of its starting point, and where the groups of its
breakthrough are treated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tiercare.apps.access.rules import Right, may
from tiercare.engines.measures.indicators import Indicator
from tiercare.engines.measures.programmes import Opens, Part, Programme
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .book import indicator_of, works_of
from .indicator import newest_run
from .panels import Laid, Line, laid
from .runs import Kept
from .values import Number, Which, numbers

_REGION = "region"


@dataclass(frozen=True, slots=True)
class Opened:
    """The programme's first part with its number, its other parts with their rows of the panel, all in the programme's order; ``run``
    is missing where nothing was computed yet."""

    programme: Programme
    entry: Part
    indicator: Indicator
    run: Kept | None = None
    number: Number | None = None
    found: Laid | None = None
    lines: Sequence[tuple[Part, Line | None]] = ()


def opens(actor: Actor, pack: str, *, on: date) -> bool:
    """Whether the first page opens with something for the actor: it is the area's, and those see it who see its numbers."""
    if actor.institution_id is not None or may(actor, Right.EVALUATION_READ) is not None:
        return False
    try:
        return works_of(pack, on=on).opening is not None
    except Refused:
        return False


def opening(actor: Actor, pack: str, *, on: date) -> Opened | None:
    """It, from the newest run of the pack; ``None`` where no programme in force says so.

    Raises:
        Refused: if the actor sees no indicators, or is an institution's.
    """
    programme = works_of(pack, on=on).opening
    if programme is None or programme.opens is None or not programme.parts:
        return None
    says: Opens = programme.opens
    entry, *others = programme.parts
    indicator = indicator_of(pack, says.indicator)
    run = newest_run(actor, pack)
    if run is None:
        return Opened(programme, entry, indicator)
    found = laid(actor, run, says.panel)
    rows = {line.key[0]: line for line in found.lines}
    which = Which({says.indicator}, {_REGION}, {found.span}, {run.region})
    number = next(iter(numbers(actor, run.id, which)), None)
    return Opened(
        programme, entry, indicator, run, number, found, [(each, rows.get(each.id)) for each in others]
    )
