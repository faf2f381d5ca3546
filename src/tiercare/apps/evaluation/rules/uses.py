"""What a result is used for: the law that makes a factor of a score, what goes against a result, and pay to the fen (YN-91)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tiercare.engines.measures.rounding import written
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .standing import Said, Standing

PAY = "performance_pay"
# Digits behind the point: of a score as pages show it, and of the factor. Both are rounded before anything is multiplied, so that
# whoever checks a line reckons with the numbers that they read.
POINT_DIGITS, FACTOR_DIGITS = 1, 4
USE_NAMES: Mapping[str, Text] = {
    "appointment": Text("人事任免", "appointment"),
    "head_appointment": Text("负责人聘任", "appointment of the head"),
    "award": Text("评优评先", "award"),
    "study": Text("进修", "study"),
    "promotion": Text("晋升", "promotion"),
    PAY: Text("绩效工资", "performance pay"),
    "annual_salary": Text("年薪", "annual salary"),
}
_OF_MONEY = frozenset({PAY, "annual_salary"})


class Outcome(StrEnum):
    """What was decided."""

    GRANTED = "granted"
    DECLINED = "declined"


OUTCOME_NAMES: Mapping[Outcome, Text] = {
    Outcome.GRANTED: Text("同意", "granted"),
    Outcome.DECLINED: Text("不同意", "declined"),
}


class Without(StrEnum):
    """What becomes of a unit without a locked result in a pay run."""

    REFUSE = "refuse"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Law:
    """What a pack makes of a score. ``uses`` are what results are linked to; ``points`` rise and have a factor each; ``kept``: the
    sum of all units' amounts is paid out whatever the factors. ``clause`` is where it stands."""

    uses: tuple[str, ...]
    points: tuple[Fraction, ...]
    factors: tuple[Fraction, ...]
    without: Without
    kept: bool
    low: Fraction | None
    high: Fraction | None
    clause: str

    @property
    def decisions(self) -> tuple[str, ...]:
        """The uses about which somebody decides case by case."""
        return tuple(each for each in self.uses if each not in _OF_MONEY)

    def factor(self, points: Decimal) -> Decimal:
        """Along straight lines between the points, level outside them; four decimals, half up."""
        score, known = Fraction(points), list(zip(self.points, self.factors, strict=True))
        if score <= known[0][0]:
            return written(known[0][1], FACTOR_DIGITS)
        for (x0, y0), (x1, y1) in pairwise(known):
            if score <= x1:
                return written(y0 + (y1 - y0) * (score - x0) / (x1 - x0), FACTOR_DIGITS)
        return written(known[-1][1], FACTOR_DIGITS)

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a pay run, which is reckoned by this law for ever."""
        return {
            "points": [str(each) for each in self.points],
            "factors": [str(each) for each in self.factors],
            "without": self.without.value,
            "kept": self.kept,
            "clause": self.clause,
        }


def against(outcome: str, points: str, *, low: str, high: str) -> bool:
    """Whether a decision goes against a result: granted to whoever lies low, declined to whoever stands high. Without a result
    nothing goes against it."""
    if not points:
        return False
    score = Fraction(points)
    if outcome == Outcome.GRANTED:
        return bool(low) and score < Fraction(low)
    return outcome == Outcome.DECLINED and bool(high) and score >= Fraction(high)


def decision_guard(standing: Standing, said: Said) -> list[Refusal]:
    """A decision says yes or no and brings its document; against the result it says why."""
    outcome = said.figures.get("outcome", "")
    if outcome not in set(Outcome):
        return [NO_OUTCOME]
    found = [] if said.files else [NO_DOCUMENT]
    payload = standing.payload
    result = payload.get("result") or {}
    low, high = payload.get("low", ""), payload.get("high", "")
    goes_against = against(outcome, result.get("points", ""), low=low, high=high)
    if goes_against and not str(said.figures.get("why", "")).strip():
        found.append(WHY_AGAINST)
    return found


@dataclass(frozen=True, slots=True)
class Pay:
    """What a unit was set down for, in fen, and the factor of its result."""

    fen: int
    factor: Decimal


def paid(rows: Sequence[Pay], *, kept: bool) -> list[int]:
    """What each unit gets, in fen, in the order given; their sum is the whole to the fen.

    The whole is the sum of amount × factor rounded half up once, or where it is ``kept`` the sum of the amounts, shared out in
    proportion to amount × factor. Each gets its whole fen; what is left goes one by one to the largest remainders (Hamilton), the
    first named first among equal ones.

    Raises:
        ValueError: if an amount or a factor is negative, or a kept whole cannot be shared because every share is nothing.
    """
    if any(each.fen < 0 or each.factor < 0 for each in rows):
        raise ValueError("amounts and factors are not negative")
    exact = [each.fen * Fraction(each.factor) for each in rows]
    whole = sum(exact, Fraction(0))
    total = int(written(whole, 0))
    if kept:
        total = sum(each.fen for each in rows)
        if total and not whole:
            raise ValueError("nobody has a share in what is to be kept")
        exact = [total * each / whole for each in exact] if whole else exact
    parts = [each.numerator // each.denominator for each in exact]
    left = total - sum(parts)
    for at in sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))[:left]:
        parts[at] += 1
    return parts


NO_OUTCOME = Refusal(
    code="evaluation.no_outcome",
    message=Text("没有写明同意还是不同意。", "Say whether it is granted or declined."),
    instead=Text("请选一项。", "Choose one."),
    at="outcome",
    status=422,
)
NO_DOCUMENT = Refusal(
    code="evaluation.no_document",
    message=Text("没有附决定的文件。", "The document of the decision is missing."),
    instead=Text("请上传会议纪要、批复或公示的扫描件。", "Attach the minutes, the approval or the notice."),
    at="files",
    status=422,
)
WHY_AGAINST = Refusal(
    code="evaluation.why_against",
    message=Text(
        "这个决定与考核结果不一致，没有写理由。",
        "The decision goes against the result, and no reason is given.",
    ),
    instead=Text(
        "请写明为什么不按结果办，理由会随决定留存；或者按结果决定。",
        "Say why the result is not followed; the reason stays with the decision. Or follow the result.",
    ),
    clauses=("YN-91",),
    at="why",
    status=422,
)
