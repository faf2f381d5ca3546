"""What a unit may say of its own numbers, and what whoever reviews them has to decide line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any

from tiercare.engines.measures.indicators import Form
from tiercare.engines.measures.rounding import written
from tiercare.engines.measures.scoring import REPORTED, Own
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .standing import Said, Standing

_LONGEST = 18  # digits of a number that somebody types
_REMARK = 500
_DIGITS = 4  # two values that read the same to a hundredth of a per cent are the same


class Take(StrEnum):
    """Whose number counts."""

    PLATFORM = "platform"
    UNIT = "unit"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Line:
    """An indicator of a self-report: what the platform counted, fractions exact."""

    indicator: str
    name: Text
    unit: Text
    weight: Fraction
    form: Form
    per: int
    numerator: Fraction | None
    denominator: Fraction | None
    value: Fraction | None

    @property
    def reported(self) -> bool:
        """Whether a unit can count it for itself."""
        return self.form in REPORTED

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the matter."""
        return {
            "indicator": self.indicator,
            "name": [self.name.zh, self.name.en],
            "unit": [self.unit.zh, self.unit.en],
            "weight": str(self.weight),
            "form": self.form.value,
            "per": self.per,
            "numerator": _text(self.numerator),
            "denominator": _text(self.denominator),
            "value": _text(self.value),
        }


def line_of(kept: Mapping[str, Any]) -> Line:
    """A line as it was kept."""
    return Line(
        kept["indicator"],
        Text(*kept["name"]),
        Text(*kept["unit"]),
        Fraction(kept["weight"]),
        Form(kept["form"]),
        kept["per"],
        *(
            None if kept[name] is None else Fraction(kept[name])
            for name in ("numerator", "denominator", "value")
        ),
    )


def lines_of(payload: Mapping[str, Any]) -> list[Line]:
    """The lines of a self-report."""
    return [line_of(each) for each in payload.get("lines", ())]


def own_of(line: Line, said: Mapping[str, Any] | None) -> Own | None:
    """What the unit said of a line; ``None`` if it said nothing, or what it said is no number."""
    above, below = _typed(said, "numerator"), _typed(said, "denominator")
    if above is None or (line.form is not Form.NUMBER and below is None):
        return None
    return Own(line.form, line.per, above, below)


def differs(line: Line, own: Own | None) -> bool:
    """Whether a unit's number is another than the platform's, beyond rounding."""
    if own is None:
        return False
    mine, theirs = line.value, own.value
    if mine is None or theirs is None:
        return mine is not theirs
    return written(mine, _DIGITS) != written(theirs, _DIGITS)


def numbers_guard(standing: Standing, said: Said) -> list[Refusal]:
    """A self-report says numbers of its own lines: whole pairs, none negative, each at its field."""
    lines = {each.indicator: each for each in lines_of(standing.payload)}
    given = said.figures.get("lines", {})
    if not isinstance(given, Mapping) or set(given) - set(lines):
        return [NO_SUCH_LINE]
    found = []
    for key, each in given.items():
        found += _wrong(lines[key], each)
    return found


def decided_guard(standing: Standing, said: Said) -> list[Refusal]:
    """Whoever reviews decides each line where the unit says something else; taking its number needs a reason."""
    given, result = said.figures.get("lines", {}), standing.result.get("lines", {})
    return decided(lines_of(standing.payload), result, given)


def decided(lines: Sequence[Line], reported: Mapping[str, Any], given: Mapping[str, Any]) -> list[Refusal]:
    """What is wrong with decisions on a self-report."""
    found = []
    for line in lines:
        own, choice = own_of(line, reported.get(line.indicator)), given.get(line.indicator, {})
        take = choice.get("take", "")
        if not take:
            found += [_at(UNDECIDED, line, "take")] if differs(line, own) else []
        elif take not in set(Take) or (take == Take.UNIT and own is None):
            found.append(_at(NOTHING_TO_TAKE, line, "take"))
        elif take != Take.PLATFORM and not str(choice.get("why", "")).strip():
            found.append(_at(WHY_NEEDED, line, "why"))
    return found


def taken(lines: Sequence[Line], reported: Mapping[str, Any], review: Mapping[str, Any]) -> dict[str, Own]:
    """The unit's own numbers that were accepted, by indicator."""
    found = {}
    for line in lines:
        own = own_of(line, reported.get(line.indicator))
        if own is not None and review.get(line.indicator, {}).get("take") == Take.UNIT:
            found[line.indicator] = own
    return found


def factor_of(steps: Sequence[Sequence[str]], total: Fraction | Decimal | None) -> Decimal | None:
    """The factor of a score: that of the highest step it reaches; none without a score, or under the lowest."""
    if total is None:
        return None
    reached = [factor for points, factor in steps if Decimal(points) <= written(Fraction(total), 1)]
    return Decimal(reached[-1]) if reached else None


def _wrong(line: Line, said: Any) -> list[Refusal]:
    if not isinstance(said, Mapping):
        return [NO_SUCH_LINE]
    typed = {name: str(said.get(name, "") or "").strip() for name in ("numerator", "denominator")}
    if len(str(said.get("remark", ""))) > _REMARK:
        return [_at(REMARK_TOO_LONG, line, "remark")]
    if not any(typed.values()):
        return []
    if not line.reported:
        return [_at(NOT_REPORTED, line, "numerator")]
    wanted = ["numerator"] if line.form is Form.NUMBER else ["numerator", "denominator"]
    found = [_at(NOT_A_NUMBER, line, name) for name in wanted if _typed(said, name) is None]
    if not found and "denominator" in wanted and not _typed(said, "denominator"):
        found.append(_at(NO_DENOMINATOR, line, "denominator"))
    return found


def _typed(said: Mapping[str, Any] | None, name: str) -> Fraction | None:
    text = str((said or {}).get(name, "") or "").strip().replace(",", "").replace("，", "")
    if not text or len(text) > _LONGEST:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return Fraction(number) if number.is_finite() and number >= 0 and "e" not in text.lower() else None


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _at(refusal: Refusal, line: Line, name: str) -> Refusal:
    return Refusal(
        code=refusal.code,
        message=refusal.message,
        instead=refusal.instead,
        fields={"zh": line.name.zh, "en": line.name.en},
        at=f"{line.indicator}.{name}",
        status=refusal.status,
    )


def _refusal(code: str, zh: str, en: str, way: str, way_en: str) -> Refusal:
    return Refusal(
        code=f"evaluation.{code}", message=Text(zh, en), instead=Text(way, way_en), at="lines", status=422
    )


NO_SUCH_LINE = _refusal(
    "no_such_line",
    "上报的内容不是这张表的格式。",
    "This is not in the shape of the report.",
    "请从自评页面填写。",
    "Fill in the page of the report.",
)
NOT_A_NUMBER = _refusal(
    "not_a_number",
    "“{zh}”填的不是数，或只填了一半。",
    "“{en}”: this is no number, or only half of the pair.",
    "分子分母都写成不小于零的数，如 128；没有自报数就都留空。",
    "Write both as numbers not below zero, such as 128; leave both empty if you have none.",
)
NO_DENOMINATOR = _refusal(
    "no_own_denominator",
    "“{zh}”的分母是零，没有值。",
    "“{en}”: the denominator is zero; there is no value.",
    "没有发生的，分子分母都留空，并在备注里说明。",
    "If nothing of it happened leave both empty and say so in the remark.",
)
NOT_REPORTED = _refusal(
    "not_reported",
    "“{zh}”由其他指标算出，不用自报。",
    "“{en}” is made of other indicators; you need not report it.",
    "请把有异议的地方写在备注里。",
    "If you disagree, say so in the remark.",
)
REMARK_TOO_LONG = _refusal(
    "remark_too_long",
    "“{zh}”的备注太长。",
    "“{en}”: the remark is too long.",
    "最多 500 字；较长的材料请作为附件上传。",
    "500 characters at most; attach what is longer.",
)
UNDECIDED = _refusal(
    "line_undecided",
    "“{zh}”两边的数不一样，还没有定以谁的为准。",
    "“{en}”: the two numbers differ, and it is not decided whose counts.",
    "请选“采用平台数”“采用自报数”或“退回核实”。",
    "Choose the platform's, the unit's, or return it.",
)
NOTHING_TO_TAKE = _refusal(
    "nothing_to_take",
    "“{zh}”没有自报数可以采用。",
    "“{en}”: there is no number of the unit's to take.",
    "请采用平台数，或退回请对方补报。",
    "Take the platform's, or return it for one.",
)
WHY_NEEDED = _refusal(
    "line_why_needed",
    "“{zh}”不采用平台数，请写明理由。",
    "“{en}”: say why the platform's number does not count.",
    "一句话即可，和结果一起留存。",
    "A sentence will do; it stays with the result.",
)
