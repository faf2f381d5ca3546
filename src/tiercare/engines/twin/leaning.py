"""Which assumptions a difference between two policies leans on, told from the draws of the comparison itself.

There are more assumptions than seeds, so no regression can tell them apart, and trying each at both ends would cost several times the comparison
(``sensitivity`` does that). Draws of different assumptions are independent, so the rank correlation of each with the difference is an honest measure
by itself; it counts as sure when it would be surprising even among all that were looked at (Bonferroni). What the strongest explains is taken out
before the next one is looked for (forward selection on ranks). With 50 seeds an assumption is seen from about a fifth of the variance on, with 20
from about a half, with 10 from about three quarters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tiercare.engines.measures.synth.columns import Array

from .assumptions import Assumption, Assumptions, uncertain
from .levers import Levers, PaymentMode
from .paired import chance_of_correlation, correlations, rank_correlations, ranks

_FEWEST_TO_RANK = 8
_NAMED = 3  # assumptions told of each outcome
_SURE = 0.05
_POSTED = ("trust", "posted_solve", "doctors_per_slot")
_REMOTE = ("trust_remote", "remote_solves")
_MODES = {
    "drg": {PaymentMode.DRG},
    "dip": {PaymentMode.DIP},
    "package": {PaymentMode.GLOBAL_BUDGET, PaymentMode.CAPITATION_PACKAGE},
}


@dataclass(frozen=True, slots=True)
class Lean:
    """An assumption on which a difference leans: rank correlation (−1 … 1) of the two over the seeds. ``sure``: more than chance would do to any."""

    assumption: Assumption
    correlation: float
    sure: bool


def acting(levers: Sequence[Levers]) -> list[Assumption]:
    """The uncertain assumptions that can do anything under at least one of these policies: a payment mode's incentives need that mode, what
    doctors posted to primary care do needs some."""
    played = {each.payment_mode for each in levers}
    idle = {
        *(() if any(each.secondments > 0 for each in levers) else _POSTED),
        *(() if any(each.telemedicine_coverage > 0 for each in levers) else _REMOTE),
    }
    modes = tuple(f"{name}_" for name, those in _MODES.items() if not those & played)
    return [
        each for each in uncertain() if each.name not in idle and not each.name.startswith(modes or ("\0",))
    ]


class Leaning:
    """Ranks of the drawn assumptions, made once for all outcomes."""

    def __init__(self, levers: Sequence[Levers], drawn: Sequence[Assumptions]) -> None:
        """Of the policies that are compared, and the draws of the seeds."""
        self.looked_at = acting(levers)
        self._drawn = np.array([[each[one.name] for one in self.looked_at] for each in drawn])

    def of(self, by_seed: Array, there: Array) -> tuple[Lean, ...]:
        """Those that are sure for one outcome, or else the strongest, marked as not sure; none where there are too few seeds or nothing varies."""
        n = len(by_seed)
        if n < _FEWEST_TO_RANK or np.ptp(by_seed) == 0:
            return ()
        columns, left = ranks(self._drawn[there]), ranks(by_seed)
        whole = rank_correlations(columns, left)
        limit = _SURE / len(self.looked_at)
        told: list[Lean] = []
        while len(told) < _NAMED:
            found = correlations(columns, left)
            k = int(np.argmax(np.abs(found)))
            sure = chance_of_correlation(float(found[k]), n - len(told)) < limit
            if told and not sure:
                break
            told.append(Lean(self.looked_at[k], float(whole[k]), sure))
            if not sure:
                break
            # What the strongest explains is taken out: the next one is looked for in the rest, where it is easier to see.
            column = columns[:, k] - columns[:, k].mean()
            left = left - column * float(column @ (left - left.mean())) / float(column @ column)
        return tuple(told)
