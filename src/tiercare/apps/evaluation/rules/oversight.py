"""What the kinds of supervision ask of an act beyond its words: judgements of an inspection, numbers of a goal, the sheet of
a report, the proof of a rectification, the answer to an alert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from tiercare.engines.measures.oversight import Field, Goal, Severity, Template, Topic
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .oversight_refusals import (
    DOCUMENT_NEEDED,
    GOAL_NUMBERS,
    NO_JUDGEMENT,
    NO_NUMBER,
    NO_OUTCOME,
    NO_SEVERITY,
    NO_SUCH_ITEM,
    PROOF_NEEDED,
    UNKNOWN_FIELD,
)
from .standing import Said, Standing


class Judgement(StrEnum):
    """What an inspection says of an item."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_SEEN = "not_seen"


class Outcome(StrEnum):
    """What looking into an alert came to."""

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"


JUDGEMENT_NAMES: Mapping[Judgement, Text] = {
    Judgement.MET: Text("符合", "met"),
    Judgement.PARTLY: Text("部分符合", "partly met"),
    Judgement.NOT_MET: Text("不符合", "not met"),
    Judgement.NOT_SEEN: Text("本次未查", "not looked at"),
}
OUTCOME_NAMES: Mapping[Outcome, Text] = {
    Outcome.CONFIRMED: Text("属实，已开检查或整改", "true; an inspection or rectification was opened"),
    Outcome.EXPLAINED: Text("已核实，有正当原因", "looked into; there is a good reason"),
}
# A finding is something to be put right.
FINDINGS = frozenset({Judgement.PARTLY, Judgement.NOT_MET})


class Told(Protocol):
    """An entry of a matter's history, as far as it is needed here."""

    @property
    def id(self) -> UUID:
        """Its own."""

    @property
    def words(self) -> str:
        """What was said."""

    @property
    def by(self) -> str:
        """Who said it."""

    @property
    def figures(self) -> Mapping[str, Any]:
        """Choices and numbers."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An item judged: by which entry, how, how grave, and for a work goal its numbers as they were typed."""

    entry: UUID
    item: str
    judgement: Judgement
    severity: str
    words: str
    by: str
    target: str
    actual: str

    @property
    def finding(self) -> bool:
        """Whether it is to be put right."""
        return self.judgement in FINDINGS


def judged(entries: Iterable[Told]) -> list[Judged]:
    """What stands of an inspection's judgements: each but those that a later one was put in the place of."""
    found: dict[str, Judged] = {}
    for each in entries:
        told = each.figures
        if "judgement" not in told:
            continue
        found.pop(str(told.get("instead_of", "")), None)
        found[str(each.id)] = Judged(
            each.id,
            str(told["item"]),
            Judgement(told["judgement"]),
            str(told.get("severity", "")),
            each.words,
            each.by,
            str(told.get("target", "")),
            str(told.get("actual", "")),
        )
    return list(found.values())


def not_judged(payload: Mapping[str, Any], found: Sequence[Judged]) -> list[Mapping[str, Any]]:
    """The items of the inspection of which nothing was said."""
    seen = {each.item for each in found}
    return [item for item in payload.get("items", ()) if item["id"] not in seen]


def inspection_payload(
    template: Template, severities: Iterable[Severity], *, mode: str, every: int
) -> dict[str, Any]:
    """What an inspection keeps of its template: later changes of the pack do not change what was asked."""
    return {
        "template": template.id,
        "mode": mode,
        "every": every,
        "items": [
            {
                "id": each.id,
                "party": each.party,
                "zh": each.name.zh,
                "en": each.name.en,
                "goal": each.goal,
            }
            for each in template.items
        ],
        "severities": [
            {"id": each.id, "zh": each.name.zh, "en": each.name.en, "days": each.days, "file": each.file}
            for each in severities
        ],
    }


def goal_payload(
    goal: Goal, *, target: Decimal, baseline: Decimal | None, interval: int, level: str, key: str
) -> dict[str, Any]:
    """What a goal keeps: its number as text, exact to the digit."""
    return {
        "goal": goal.id,
        "indicator": goal.indicator,
        "unit": {"zh": goal.unit.zh, "en": goal.unit.en},
        "op": goal.op,
        "target": str(target),
        "baseline": None if baseline is None else str(baseline),
        "steady": goal.steady,
        "interval": interval,
        "level": level,
        "key": key,
    }


def report_payload(topic: Topic) -> dict[str, Any]:
    """What a report keeps of its topic."""
    return {
        "topic": topic.id,
        "file": topic.file,
        "sheet": [
            {
                "id": each.id,
                "zh": each.name.zh,
                "en": each.name.en,
                "type": each.type,
                "optional": each.optional,
                "answers": [
                    {"id": one.id, "zh": one.name.zh, "en": one.name.en, "score": one.score}
                    for one in each.answers
                ],
            }
            for each in topic.sheet
        ],
    }


def score(sheet: Sequence[Field], result: Mapping[str, Any]) -> int | None:
    """The sum of a rated sheet; ``None`` where an answer is missing or none is rated."""
    rated = [each for each in sheet if any(one.score is not None for one in each.answers)]
    points = [
        next((one.score for one in each.answers if one.id == result.get(each.id)), None) for each in rated
    ]
    known = [each for each in points if each is not None]
    return sum(known) if known and len(known) == len(points) else None


# --- a goal's course -----------------------------------------------------------------------------------


def planned(payload: Mapping[str, Any], *, year: int, on: date) -> Decimal:
    """What the plan asks on a day: the number itself, or on the way from the baseline in equal parts of the year."""
    target = Decimal(payload["target"])
    if not payload.get("steady"):
        return target
    first, last = date(year, 1, 1), date(year + 1, 1, 1)
    gone = Decimal(min(max((on - first).days + 1, 0), (last - first).days)) / (last - first).days
    baseline = Decimal(payload.get("baseline") or 0)
    return baseline + (target - baseline) * gone


def reached(payload: Mapping[str, Any], actual: Decimal, wanted: Decimal) -> bool:
    """Whether a number is as it is wanted, in the direction of the goal."""
    return actual <= wanted if payload["op"] == "<=" else actual >= wanted


def number(value: object) -> Decimal | None:
    """A number as somebody typed it, thousands separators and a percent sign taken off; ``None`` if it is none."""
    text = str(value if value is not None else "").strip().replace(",", "").replace("，", "")
    percent = text.endswith(("%", "％"))
    try:
        found = Decimal(text.rstrip("%％").strip())
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) >= _LARGEST:
        return None
    return found / 100 if percent else found


_LARGEST = Decimal(10) ** 15

# --- guards --------------------------------------------------------------------------------------------


def judgement_guard(standing: Standing, said: Said) -> list[Refusal]:
    """A judgement names an item of the inspection; a finding says how grave it is, and a work goal its numbers."""
    told = said.figures
    if "judgement" not in told:
        return []
    items = {each["id"]: each for each in standing.payload.get("items", ())}
    found = []
    if told.get("item") not in items:
        found.append(NO_SUCH_ITEM)
    if told.get("judgement") not in set(Judgement):
        found.append(NO_JUDGEMENT)
    grades = {each["id"] for each in standing.payload.get("severities", ())}
    if told.get("judgement") in FINDINGS and told.get("severity") not in grades:
        found.append(NO_SEVERITY)
    goal = items.get(str(told.get("item")), {}).get("goal") and told.get("judgement") != Judgement.NOT_SEEN
    if goal and not all(str(told.get(name, "")).strip() for name in ("target", "actual")):
        found.append(GOAL_NUMBERS)
    return found


def progress_guard(standing: Standing, said: Said) -> list[Refusal]:
    """A number that is said of a goal is one; at the end of the year there is one."""
    if "actual" not in said.figures:
        return []
    return [] if number(said.figures["actual"]) is not None else [NO_NUMBER]


def result_guard(standing: Standing, said: Said) -> list[Refusal]:
    """What a goal came to has a number, unless an indicator gives it."""
    if standing.payload.get("indicator") or "actual" in said.figures:
        return progress_guard(standing, said)
    return [NO_NUMBER]


def proof_guard(standing: Standing, said: Said) -> list[Refusal]:
    """A grave finding is proven by a file."""
    return [PROOF_NEEDED] if standing.payload.get("file") and not said.files else []


def sheet_guard(standing: Standing, said: Said) -> list[Refusal]:
    """Every field of a report's sheet says one of its words, or what its type is; a document is there if one is asked."""
    found = sheet_faults(standing.payload.get("sheet", ()), said.figures)
    if standing.payload.get("file") and not said.files:
        found.append(DOCUMENT_NEEDED)
    return found


def sheet_faults(sheet: Sequence[Mapping[str, Any]], figures: Mapping[str, Any]) -> list[Refusal]:
    """What is missing of a sheet, is none of a field's answers or not of its type, and what stands on none."""
    found = []
    for each in sheet:
        value = str(figures.get(each["id"], "") or "").strip()
        if not value and each["optional"]:
            continue
        if not _fits(each, value):
            found.append(_field(each))
    if set(figures) - {each["id"] for each in sheet}:
        found.append(UNKNOWN_FIELD)
    return found


def answer_guard(standing: Standing, said: Said) -> list[Refusal]:
    """An alert is answered by what looking into it came to."""
    return [] if said.figures.get("outcome") in set(Outcome) else [NO_OUTCOME]


def _fits(each: Mapping[str, Any], value: str) -> bool:
    if each["type"] == "answer":
        return value in {one["id"] for one in each["answers"]}
    if each["type"] == "number":
        return number(value) is not None
    return _is_day(value) if each["type"] == "day" else bool(value)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _field(each: Mapping[str, Any]) -> Refusal:
    return Refusal(
        code="evaluation.field_missing",
        message=Text("“{zh}”没有填，或填得不对。", "“{en}” is missing or not one of its answers."),
        instead=Text(
            "请从给出的选项中选择；日期写如 2026-03-01。",
            "Choose one of the answers; a day is written 2026-03-01.",
        ),
        fields={"zh": each["zh"], "en": each["en"]},
        at=each["id"],
        status=422,
    )
