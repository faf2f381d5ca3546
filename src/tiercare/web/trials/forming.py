"""The form of a trial: every lever with what the pack sets and by which clause, what may be set otherwise, and how long a run takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tiercare.apps.trials.rules.asked import SIDES
from tiercare.apps.trials.rules.trials import (
    FEWEST_SEEDS,
    LONGEST_TITLE,
    MOST_LIVES,
    MOST_SEEDS,
    RESIDENTS,
    SEEDS,
)
from tiercare.engines.twin.from_packs import Origin, Resolved
from tiercare.engines.twin.levers import LEVERS
from tiercare.engines.twin.values import plain
from tiercare.web.pages import said

from . import words
from .presenters import how_long
from .typing import Typed

_EXAMPLES = ((RESIDENTS, SEEDS), (RESIDENTS, 5 * SEEDS), (2 * RESIDENTS, 5 * SEEDS))


def form(resolved: Resolved, typed: Typed, refusals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the template fills in."""
    wrong = {each["at"]: each for each in refusals if each["at"]}
    rows = [_row(name, resolved, typed, wrong) for name in LEVERS]
    beside = any(typed.values.get(f"a.{name}") or f"a.{name}" in wrong for name in LEVERS) or "a" in wrong
    return {
        "rows": rows,
        "typed": typed.values,
        "origin": typed.origin,
        "wrong": wrong,
        "two": beside,
        "limits": {
            "title": LONGEST_TITLE,
            "lives": f"{MOST_LIVES:,}",
            "fewest": FEWEST_SEEDS,
            "seeds": MOST_SEEDS,
        },
        "times": [
            {"residents": f"{residents:,}", "seeds": seeds, "long": how_long(residents, seeds)}
            for residents, seeds in _EXAMPLES
        ],
    }


def _row(
    name: str, resolved: Resolved, typed: Typed, wrong: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    lever, value = LEVERS[name], plain(getattr(resolved.levers, name))
    return {
        "name": name,
        "label": said(lever.name),
        "pack": words.shown(name, value),
        "begins": words.typed(name, value),
        "range": words.range_of(lever),
        "choices": words.choices(name),
        "fields": [
            {
                "id": f"{side}.{name}",
                "value": typed.values.get(f"{side}.{name}", ""),
                "error": wrong.get(f"{side}.{name}"),
            }
            for side in SIDES
        ],
        **_origin(resolved.origins[name]),
    }


def _origin(origin: Origin) -> dict[str, Any]:
    """Where the pack's value comes from: a clause, the benefits, or ours with the reason."""
    why = origin.why or origin.source
    return {
        "clause": origin.clause.id if origin.clause else "",
        "ours": origin.ours,
        "why": said(why) if why else "",
        "silent": list(origin.silent),
    }
