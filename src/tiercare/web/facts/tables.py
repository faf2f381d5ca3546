"""``/facts/tables/…``: what a fact table holds, column by column, what came of it, and a file to fill in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tiercare.apps.access.rules import Right
from tiercare.apps.evaluation.queries import presence
from tiercare.apps.evaluation.rules import importing as rules
from tiercare.engines.measures.importing import name_of
from tiercare.engines.measures.schema import Column, Fact, Type
from tiercare.engines.measures.schema import facts as all_tables
from tiercare.engines.sheets import Table, write_xlsx
from tiercare.kernel.refusal import Refused
from tiercare.web.imports.downloads import as_file
from tiercare.web.pages import english, page, said

from . import presenters, words

_YES_NO = ("是", "否")


@require_safe
@page(Right.EVALUATION_READ)
def detail(request: HttpRequest, table: str) -> HttpResponse:
    """Grain, owner, columns; the batches of it, or with ``?month=202503`` those of a month."""
    fact = _found(table)
    text = request.GET.get("month", "")
    month = int(text) if text.isascii() and text.isdigit() and len(text) == 6 else None
    found = presence.batches(request.actor, request.frame.pack.region, fact=table, month=month)
    context = {
        "fact": fact,
        "title": said(fact.title),
        "grain": said(fact.grain),
        "sent_by": said(fact.sent_by),
        "columns": [_column(fact, each) for each in rules.columns_of(fact)],
        "batches": [presenters.came(each) for each in found],
        "month": words.month(month) if month else "",
        "tables": [(each.name, said(each.title)) for each in all_tables().values()],
    }
    return render(request, "facts/table.html", context)


@require_safe
@page(Right.EVALUATION_READ)
def template(request: HttpRequest, table: str) -> HttpResponse:
    """An empty workbook with our columns, a note on each, and lists of words."""
    fact = _found(table)
    return as_file(f"{said(fact.title)}-{_('模板')}.xlsx", write_xlsx([sheet_of(fact)]))


def sheet_of(fact: Fact) -> Table:
    """The empty sheet: headers by which a mapping is drafted without a question."""
    notes, choices = {}, {}
    for name in rules.columns_of(fact):
        column = fact.columns.get(name)
        notes[name] = _note(column)
        if column is not None and column.type is Type.WORD:
            choices[name] = column.words
        elif column is not None and column.type is Type.FLAG:
            choices[name] = _YES_NO
    return Table(said(fact.title), rules.columns_of(fact), (), notes=notes, choices=choices)


def _note(column: Column | None) -> str:
    if column is None:
        return "月份，如 2025-03。必填。\nThe month, such as 2025-03. Required."
    free = column.optional or column.type is Type.CODES
    needed = ("选填", "optional") if free else ("必填", "required")
    words_of = "\n" + "\n".join(f"{word} {name_of(word)}" for word in column.words) if column.words else ""
    unit = {Type.YUAN: "单位：元 unit: yuan\n", Type.MINUTES: "单位：分钟 unit: minutes\n"}.get(
        column.type, ""
    )
    return f"{column.says.zh}{needed[0]}。\n{column.says.en} {needed[1].capitalize()}.\n{unit}{words_of}".rstrip()


def _column(fact: Fact, name: str) -> dict[str, Any]:
    column = fact.columns.get(name)
    return {
        "name": name,
        "called": said(rules.called(fact, name)),
        "says": said(column.says) if column else _("月份，如 2025-03。"),
        "type": words.type_of(column) if column else _("月份"),
        "required": rules.is_required(fact, name),
        "words": [
            (word, "" if english() or name_of(word) == word else name_of(word)) for word in column.words
        ]
        if column
        else [],
        "key": name in fact.unique,
    }


def _found(name: str) -> Fact:
    fact = all_tables().get(name)
    if fact is None:
        raise Refused(rules.NO_SUCH_TABLE)
    return fact
