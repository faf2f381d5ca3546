"""Answers against a form: what cannot be, and what goes beyond its limits."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from math import isfinite

from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text

from .model import Form, Item, Kind

Answer = float | bool | str
Answers = Mapping[str, Answer]
YES, NO = "yes", "no"
AND = "|"  # between the choices of a ``MULTI``
LONGEST_TEXT = 500
_WORDS = {Kind.CHOICE, Kind.MULTI, Kind.INSTITUTION, Kind.TEXT}


def wrong_answers(form: Form, answers: Answers, *, institutions: Container[str] = ()) -> list[Refusal]:
    """Answers to what is not asked, of another kind, beyond what can be true, and questions left out that must not be.

    Args:
        institutions: the register keys of those that exist.
    """
    found = [replace(_NOT_ASKED, fields={"item": key[:40]}) for key in answers if form.item(key) is None]
    asked = asked_of(form, answers)
    for item in form.items:
        if item.id not in answers:
            if item.required and item in asked:
                found.append(replace(_LEFT_OUT, fields={"item": item.ask}, at=item.id))
        elif item not in asked:
            found.append(replace(_SKIPPED, fields={"item": item.ask}, at=item.id))
        elif not _can_be(item, answers[item.id]):
            found.append(replace(_CANNOT_BE, fields={"item": item.ask}, at=item.id))
        elif item.kind is Kind.INSTITUTION and answers[item.id] not in institutions:
            found.append(replace(_NO_INSTITUTION, at=item.id))
    return found


def asked_of(form: Form, answers: Answers) -> tuple[Item, ...]:
    """The items that somebody who answered so far is asked, in the form's order: a question that is passed over takes those
    that hang on it along."""
    found: list[Item] = []
    for item in form.items:
        before = {each.id: each for each in found}
        if all(key in before and _said(answers.get(key)) & says for key, says in item.only_if.items()):
            found.append(item)
    return tuple(found)


def _said(answer: Answer | None) -> frozenset[str]:
    """An answer as conditions name it."""
    if isinstance(answer, bool):
        return frozenset({YES if answer else NO})
    return frozenset(answer.split(AND)) if isinstance(answer, str) else frozenset()


def beyond(form: Form, answers: Answers) -> tuple[Item, ...]:
    """The items whose answers go beyond the form's limits, in its order."""
    return tuple(item for item in form.items if item.id in answers and _beyond(item, answers[item.id]))


def _beyond(item: Item, answer: Answer) -> bool:
    if item.kind is Kind.FLAG:
        return (YES if answer else NO) in item.when
    if item.kind in {Kind.CHOICE, Kind.MULTI}:
        return bool(_said(answer) & item.when)
    if item.kind in {Kind.INSTITUTION, Kind.TEXT}:
        return False
    value = float(answer)
    high = item.at_least is not None and value >= item.at_least
    return high or (item.at_most is not None and value <= item.at_most)


def _can_be(item: Item, answer: Answer) -> bool:
    if item.kind is Kind.FLAG:
        return isinstance(answer, bool)
    if item.kind in _WORDS:
        return isinstance(answer, str) and _can_be_said(item, answer)
    if isinstance(answer, bool | str) or not isfinite(answer):
        return False
    if item.kind is Kind.SCALE and answer != int(answer):
        return False
    return (item.low is None or answer >= item.low) and (item.high is None or answer <= item.high)


def _can_be_said(item: Item, answer: str) -> bool:
    if item.kind is Kind.CHOICE:
        return answer in item.choices
    if item.kind is Kind.MULTI:
        chosen = answer.split(AND)
        return len(set(chosen)) == len(chosen) and set(chosen) <= item.choices.keys()
    return bool(answer.strip()) and len(answer) <= LONGEST_TEXT


_NOT_ASKED = Refusal(
    code="forms.not_asked",
    message=Text("表中没有“{item}”这一项。", "The form does not ask for {item}."),
    instead=Text("请用现行的表。", "Use the form as it stands now."),
    at="answers",
    status=422,
)
_LEFT_OUT = Refusal(
    code="forms.left_out",
    message=Text("“{item}”还没有回答。", "“{item}” is not answered."),
    instead=Text("请回答后再提交。", "Answer it first."),
    status=422,
)
_CANNOT_BE = Refusal(
    code="forms.cannot_be",
    message=Text("“{item}”的回答不可能是这个值。", "The answer to “{item}” cannot be."),
    instead=Text("请核对后重新填写。", "Check it and enter it again."),
    status=422,
)
_SKIPPED = Refusal(
    code="forms.skipped",
    message=Text("按前面的回答，“{item}”不用答。", "By the answers before it, “{item}” is not asked."),
    instead=Text("请去掉这一项，或改前面的回答。", "Leave it out, or change the answer before it."),
    status=422,
)
_NO_INSTITUTION = Refusal(
    code="forms.no_institution",
    message=Text("机构名册里没有这家机构。", "There is no such institution in the register."),
    instead=Text(
        "请从名单里选；不在名单里的，请改选前一题的其他答案。",
        "Choose from the list; for one that is not on it, change the answer before.",
    ),
    status=422,
)
