"""The table of columns: as it is shown, and as it comes back from the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from tiercare.apps.evaluation.queries.importing import Draft
from tiercare.apps.evaluation.rules import importing as rules
from tiercare.apps.evaluation.rules.importing import Choice
from tiercare.engines.measures.importing import name_of, word_of
from tiercare.engines.measures.schema import Column, Fact, Type, facts
from tiercare.web import given
from tiercare.web.pages import english, said

from . import words

_LONGEST = 120
_WORDS = 30  # different words of a column that are asked for
_SHOWN = 3
_NAMED = frozenset({Type.KEY, Type.CODE, Type.CODES, Type.DIVISION, Type.WORD, Type.FLAG})
_FLAGS = (("true", "是"), ("false", "否"))


def choices_of(sent: QueryDict, fact: Fact, draft: Draft) -> dict[str, Choice]:
    """What the form chose, column by column.

    A column that was not chosen before is read as it would be drafted: its unit and words were not on the page yet.

    Raises:
        Refused: something typed is too long.
    """
    choices = {}
    for name in rules.columns_of(fact):
        header = sent.get(f"c.{name}", "")
        fixed = given.text(sent, f"v.{name}", longest=_LONGEST)
        if header and header != sent.get(f"was.{name}", ""):
            drafted = rules.guessed(fact.columns.get(name), header, draft.values.get(header, ()))
            choices[name] = Choice(header, fixed, drafted.unit, "", drafted.words)
            continue
        begins = f"w.{name}."
        meant = {
            key.removeprefix(begins): word for key, word in sent.items() if key.startswith(begins) and word
        }
        choices[name] = Choice(header, fixed, sent.get(f"u.{name}", ""), sent.get(f"d.{name}", ""), meant)
    return choices


def source_of(sent: QueryDict) -> str:
    """Where the form says the file comes from.

    Raises:
        Refused: it is too long.
    """
    return given.text(sent, "source", longest=_LONGEST)


def rows(content: Mapping[str, Any], draft: Draft, wrong: Mapping[str, Any]) -> dict[str, Any]:
    """The table: required columns, optional ones that have a source, the others, and headers that nobody uses."""
    fact = facts()[content["fact"]]
    choices = rules.choices_of(content)
    all_rows = [_row(fact, name, choices[name], draft, wrong.get(name)) for name in rules.columns_of(fact)]
    used = {each.header for each in choices.values()}
    return {
        "required": [row for row in all_rows if row["required"]],
        "optional": [row for row in all_rows if not row["required"] and row["chosen"]],
        "others": [row for row in all_rows if not row["required"] and not row["chosen"]],
        "unused": [
            (header, _sample(values)) for header, values in draft.values.items() if header not in used
        ],
        "lacking": sum(row["required"] and not row["chosen"] for row in all_rows),
        "gone": sorted(header for header in used if header and header not in draft.values),
    }


def _row(fact: Fact, name: str, choice: Choice, draft: Draft, wrong: Any) -> dict[str, Any]:
    column = fact.columns.get(name)
    values = draft.values.get(choice.header, ())
    of_money = column is not None and column.type is Type.YUAN and bool(choice.header)
    of_days = column is not None and column.type is Type.DATE and bool(choice.header)
    return {
        "name": name,
        "called": said(rules.called(fact, name)),
        "says": _more(fact, name),
        "type": words.type_of(column) if column else _("月份"),
        "required": rules.is_required(fact, name),
        "fills": _may_be_filled(fact, name, choice),
        "chosen": bool(choice.header or choice.fixed),
        "header": choice.header,
        "gone": bool(choice.header) and choice.header not in draft.values,
        "unsure": name in draft.unsure,
        "headers": [(header, header == choice.header) for header in draft.values],
        "sample": _sample(values),
        "fixed": choice.fixed,
        "fixed_words": _choices_of(column, choice.fixed),
        "units": _options(rules.UNITS, choice.unit or "yuan") if of_money else [],
        "orders": _options(rules.ORDERS, choice.order or "ymd") if of_days else [],
        "words": _words(column, choice, values),
        "open": sum(1 for each in _words(column, choice, values) if not each["sure"]),
        "wrong": wrong,
    }


def _more(fact: Fact, name: str) -> str:
    """The sentence of a column, where it says more than its name."""
    column = fact.columns.get(name)
    if column is None:
        return _("月份，如 2025-03。")
    sentence = said(column.says)
    return "" if sentence.rstrip("。.") == said(rules.called(fact, name)) else sentence


def _may_be_filled(fact: Fact, name: str, choice: Choice) -> bool:
    """Whether one value may stand for all rows, or for those without: not what tells rows apart, nor days and amounts that
    nobody has written down."""
    if choice.fixed or not choice.header:
        return True
    column = fact.columns.get(name)
    named = column is not None and column.type in _NAMED
    return named and name not in (*fact.key, "person")


def _options(known: Mapping[str, Any], chosen: str) -> list[tuple[str, str, bool]]:
    return [(key, said(name), key == chosen) for key, name in known.items()]


def _choices_of(column: Column | None, chosen: str) -> list[tuple[str, str, bool]]:
    """The words that a column may hold, where it holds only such."""
    if column is None or column.type not in {Type.WORD, Type.FLAG}:
        return []
    takes = (
        _FLAGS
        if column.type is Type.FLAG
        else [(word, word if english() else name_of(word)) for word in column.words]
    )
    return [
        (word, f"{name}（{word}）" if name != word and not english() else word, word == chosen)
        for word, name in takes
    ]


def _words(column: Column | None, choice: Choice, values: Sequence[str]) -> list[dict[str, Any]]:
    """Words of the file that ours are not, and those that were given a meaning."""
    if column is None or column.type not in {Type.WORD, Type.FLAG} or not choice.header:
        return []
    # Understood as they are: our own words, and the usual ones for yes and no. Others need a meaning, be it a guess.
    plain = column.words if column.type is Type.WORD else [each for each in values if word_of(column, each)]
    strange = [value for value in values if value not in plain or value in choice.words]
    named = [*dict.fromkeys([*strange, *choice.words])][:_WORDS]
    return [
        {
            "theirs": theirs,
            "options": _choices_of(column, choice.words.get(theirs) or word_of(column, theirs)),
            "sure": bool(choice.words.get(theirs)),
        }
        for theirs in named
    ]


def _sample(values: Sequence[str]) -> str:
    shown = [value if len(value) <= 16 else f"{value[:15]}…" for value in values[:_SHOWN]]
    return _("、").join(shown) + ("…" if len(values) > _SHOWN else "")
