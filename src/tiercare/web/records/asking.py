"""A form of the packs on a page: its questions with what was typed, and the answers that were sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from tiercare.engines.forms import Form, Item, Kind
from tiercare.engines.forms.answering import AND, LONGEST_TEXT
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.pages import said, told

ASKED = "q-"
_LONG = {Kind.MULTI, Kind.INSTITUTION, Kind.TEXT}


def shown(
    form: Form,
    sent: QueryDict,
    refused: Refused | None = None,
    *,
    institutions: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The form for the template; ``institutions`` are the names to choose from by register key."""
    wrong = {each.at: told(each) for each in refused.refusals if each.at} if refused else {}
    return {
        "name": said(form.name),
        "source": said(form.source),
        "version": form.version,
        "items": [_item(item, sent, wrong) for item in form.items],
        "institutions": sorted(set((institutions or {}).values())),
    }


def answers(
    form: Form, sent: QueryDict, *, institutions: Mapping[str, str] | None = None
) -> dict[str, float | bool | str]:
    """What was answered; blanks are left out. An institution is typed by its name.

    Raises:
        Refused: for a number that is none.
    """
    found: dict[str, float | bool | str] = {}
    keys = {name: key for key, name in (institutions or {}).items()}
    for item in form.items:
        text = sent.get(ASKED + item.id, "").strip()
        if not text:
            continue
        if item.kind in _LONG:
            found[item.id] = _in_words(item, sent, keys)
            continue
        text = text[:40]
        if item.kind is Kind.FLAG:
            found[item.id] = text == "yes"
        elif item.kind is Kind.CHOICE:
            found[item.id] = text
        else:
            found[item.id] = _number(item, text)
    return found


def _in_words(item: Item, sent: QueryDict, keys: Mapping[str, str]) -> str:
    if item.kind is Kind.MULTI:
        return AND.join(dict.fromkeys(sent.getlist(ASKED + item.id)))[: 2 * LONGEST_TEXT]
    text = sent.get(ASKED + item.id, "").strip()[: 2 * LONGEST_TEXT]
    return keys.get(text, text) if item.kind is Kind.INSTITUTION else text


def _number(item: Item, text: str) -> float:
    try:
        return float(text.replace("．", ".").replace("，", "."))
    except ValueError:
        raise Refused(replace(_NO_NUMBER, fields={"item": item.ask, "text": text}, at=item.id)) from None


def _item(item: Item, sent: QueryDict, wrong: dict[str, Any]) -> dict[str, Any]:
    choices: list[tuple[str, str]] = []
    if item.kind is Kind.FLAG:
        choices = [("no", _("没有")), ("yes", _("有"))] if item.when else [("yes", _("是")), ("no", _("否"))]
    elif item.kind in {Kind.CHOICE, Kind.MULTI}:
        choices = [(key, said(text)) for key, text in item.choices.items()]
    elif item.kind is Kind.SCALE and item.low is not None and item.high is not None:
        choices = [(str(value), str(value)) for value in range(int(item.low), int(item.high) + 1)]
    hint = f"{item.low:g}–{item.high:g}" if item.low is not None and item.high is not None else ""
    return {
        "id": item.id,
        "field": ASKED + item.id,
        "ask": said(item.ask),
        "unit": item.unit,
        "hint": hint if item.kind is Kind.NUMBER else "",
        "choices": choices,
        "required": item.required,
        "value": sent.get(ASKED + item.id, "")[: 2 * LONGEST_TEXT],
        "kind": item.kind.value,
        "ticked": sent.getlist(ASKED + item.id) if item.kind is Kind.MULTI else [],
        "only_if": ";".join(f"{ASKED}{key}={AND.join(sorted(says))}" for key, says in item.only_if.items()),
        "error": wrong.get(item.id),
    }


_NO_NUMBER = Refusal(
    code="records.not_a_number",
    message=Text("“{item}”填的“{text}”不是数。", "“{text}” for {item} is no number."),
    instead=Text("请只填数字，如 36.5。", "Give digits only, such as 36.5."),
    status=422,
)
