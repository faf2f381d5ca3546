"""Both policies played over the seeds, and what came of it as plain values. Only the worker reads this: the engine is compiled."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from tiercare.engines.twin.comparing import Comparison, Difference, Lean, Loser, Policy, compare
from tiercare.engines.twin.outcomes import OUTCOMES
from tiercare.engines.twin.paired import Band
from tiercare.engines.twin.readiness import Staged
from tiercare.kernel.text import Text

from ..queries.staging import Played

_MOST_LOSERS = 200


def played_out(played: Played, seeds: Sequence[int], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """The comparison as it is kept; ``progress`` is told of every step, and ends it by raising.

    In this process, one year after the other: the worker has other work beside it, and a trial on the platform is small.
    """
    scenario = played.a.scenario
    found = compare(
        _policy(played.a),
        _policy(played.b),
        profile=played.a.profile,
        residents=scenario.residents,
        seeds=len(seeds),
        first=seeds[0],
        year=scenario.year,
        processes=1,
        progress=progress,
    )
    return plain(found)


def plain(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON holds it: what is not a number is ``None``, a sentence its zh and en."""
    return {
        "year": found.question.year,
        "seeds": list(found.seeds),
        "compared": found.compared,
        "differences": [_difference(each) for each in found.differences],
        "losers": [_loser(each) for each in found.losers[:_MOST_LOSERS]],
        "more_losers": max(0, len(found.losers) - _MOST_LOSERS),
    }


def _policy(side: Staged) -> Policy:
    scenario = side.scenario
    return Policy(scenario.name, scenario.levers, side.benefits, scenario.changed_assumptions)


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "outcome": each.outcome,
        "name": _both(each.measure.name),
        "definition": _both(each.measure.definition),
        "unit": each.measure.unit,
        "direction": each.measure.direction,
        "a": _band(each.a),
        "b": _band(each.b),
        "mean": _number(each.mean),
        "low": _number(each.low),
        "high": _number(each.high),
        "band": _band(each.band),
        "seeds": each.seeds,
        "verdict": each.verdict if math.isfinite(each.mean) else "unknown",
        "robust": each.robust,
        "alone": each.alone,
        "p": _number(each.p),
        "among": _number(each.among),
        "by_chance": None if each.by_chance is None else _number(each.by_chance),
        "leans_on": [_lean(lean) for lean in each.leans_on],
    }


def _lean(each: Lean) -> dict[str, Any]:
    given = each.assumption
    return {
        "name": given.name,
        "text": _both(given.text),
        "value": given.value,
        "low": given.low,
        "high": given.high,
        "source": given.source,
        "correlation": _number(each.correlation),
        "sure": each.sure,
    }


def _loser(each: Loser) -> dict[str, Any]:
    measure = OUTCOMES.get(each.outcome)
    return {
        "group": _both(each.group),
        "outcome": each.outcome,
        "name": _both(measure.name) if measure else ["", ""],
        "unit": measure.unit if measure else "count",
        "times": each.times,
        "share": _number(each.share),
        "before": _number(each.before),
        "after": _number(each.after),
        "sure": each.sure,
    }


def _band(band: Band) -> dict[str, float | None]:
    return {name: _number(value) for name, value in asdict(band).items()}


def _both(text: Text) -> list[str]:
    return [text.zh, text.en]


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
