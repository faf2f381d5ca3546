"""Planned contacts: whether one may be planned and done, and what its answers say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tiercare.engines.guidelines import Direction, Guidelines, Observed, Urgency, advise
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .vocabulary import ContactOutcome


def wrong_contact(
    due_on: date, level: int, *, today: date, levels: int | None, clauses: tuple[str, ...] = ()
) -> list[Refusal]:
    """A day that has passed, or a level that the region does not have: ``levels``, where a text (``clauses``) sets any."""
    found = [_PAST] if due_on < today else []
    if level < 1 or (levels is not None and level > levels):
        found.append(replace(_LEVEL, fields={"level": level, "levels": levels or 1}, clauses=clauses))
    return found


def outcome_refusal(outcome: ContactOutcome, note: str, answers: Observed) -> Refusal | None:
    """Who was not reached has answered nothing; who declines is asked why."""
    if outcome is ContactOutcome.NOT_REACHED and answers:
        return _ANSWERS_WITHOUT_CONTACT
    if outcome in (ContactOutcome.NOT_REACHED, ContactOutcome.REFUSED) and not note.strip():
        return _SAY_WHY
    return None


def alerts_of(
    book: Guidelines, diseases: Sequence[str], answers: Observed, known: Observed, *, tier: int, on: date
) -> tuple[str, ...]:
    """The criteria of referral that hold with these answers and that the answers take part in: ids of rows.

    ``known`` is what was observed before; a criterion that held without the answers is no news.
    """
    if not answers:
        return ()
    merged = {**known, **answers}
    advice = advise(book, diseases=diseases, observed=merged, direction=Direction.UP, tier=tier, on=on)
    urgent = [each for each in advice.held if each.row.urgency < Urgency.ROUTINE]
    return tuple(each.row.id for each in urgent if {reason.fact for reason in each.because} & set(answers))


_PAST = Refusal(
    code="records.contact_in_past",
    message=Text("日期已经过去。", "The day has passed."),
    instead=Text(
        "请选今天或以后的日期；已做过的请记为就诊。", "Choose today or later; note what was done as a visit."
    ),
    at="due_on",
    status=422,
)
_LEVEL = Refusal(
    code="records.contact_level",
    message=Text(
        "随访级别 {level} 不在本地区的 {levels} 级之内。", "Level {level} is none of the region's {levels}."
    ),
    instead=Text("请从列表中选择级别。", "Choose a level from the list."),
    at="level",
    status=422,
)
_ANSWERS_WITHOUT_CONTACT = Refusal(
    code="records.answers_without_contact",
    message=Text("未联系上，却填写了回答。", "Answers were given although nobody was reached."),
    instead=Text(
        "联系上的请选“已完成”；否则请清空回答。", "Choose “done” if they were reached, or clear the answers."
    ),
    at="outcome",
    status=422,
)
_SAY_WHY = Refusal(
    code="records.contact_say_why",
    message=Text("没有写明情况。", "What happened was not said."),
    instead=Text("请写一句原因，如“号码无人接听，已联系村医”。", "Say why in a sentence."),
    at="note",
    status=422,
)
NO_REASON = Refusal(
    code="records.cancel_reason",
    message=Text("没有写明取消原因。", "Why it is cancelled was not said."),
    instead=Text("请写一句原因。", "Say why in a sentence."),
    at="reason",
    status=422,
)
