"""The best plan for a region, by the solvers, with its gap; or why there is none.

Apart from ``regions`` because the solvers are compiled: who only reads plans need not wait for them.
"""

from __future__ import annotations

from .dividing import divide
from .explaining import why
from .regions import Plan, Region, Wishes, beyond_reach, described, held_of, prepared
from .tasks import Impossible, Progress


def proposed(
    region: Region,
    wishes: Wishes,
    *,
    seed: int = 0,
    effort: float = 1.0,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Plan:
    """The best plan found, with its gap. The region has passed ``reading.faults``.

    Args:
        effort: how long to go on improving; 1 is some seconds for a thousand places.
        seconds: stop after this time with what there is.

    Raises:
        Impossible: if no plan was found that keeps the capacities; ``reasons`` says who is in the way.
    """
    task = prepared(region, wishes)
    start = (
        held_of(region, region.today) if set(region.today) >= {place.key for place in region.places} else None
    )
    try:
        found = divide(task, start=start, seed=seed, effort=effort, seconds=seconds, progress=progress)
    except Impossible as problem:
        raise Impossible(str(problem), reasons=why(region, wishes)) from problem
    if not found.held.shape[0]:
        raise Impossible("no connected plan keeps the capacities", reasons=why(region, wishes))
    lead_of = {
        place.key: region.leads[i].key for place, i in zip(region.places, found.held.tolist(), strict=True)
    }
    plan = described(region, wishes, lead_of)
    return Plan(
        plan.lead_of,
        plan.minutes,
        plan.parts,
        found.bound,
        found.gap,
        beyond_reach(region, wishes),
        tuple(found.trace),
    )
