"""What all forms of a change share: the day, the title, the rows they read to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiercare.apps.network.queries.drafts import present_rows
from tiercare.apps.network.rules.drafting import Change, read_rows, unreadable
from tiercare.apps.network.rules.entries import Entry
from tiercare.apps.network.rules.reorganising import Present
from tiercare.kernel.refusal import Refused
from tiercare.web.frame import Frame

from .fields import Day, Kept, Line, Pick, PickSeveral

_BLANKS = 3  # empty inputs offered after those that are filled


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as the template shows it."""

    name: str
    label: str
    kind: str
    value: Any
    hint: str
    required: bool
    choices: tuple[tuple[str, str], ...]
    error: str
    narrowed: str = ""


class ActForm(forms.Form):
    """A change of one kind. ``act`` names it in addresses, ``about`` says when to use it, ``layout`` which fields
    stand in a row."""

    act: ClassVar[str]
    name: ClassVar[Promise]
    about: ClassVar[Promise]
    layout: ClassVar[tuple[tuple[str, ...], ...]]
    day_field: ClassVar[str] = "start"

    title = Line(200, required=False, label=_("标题（可不填，按内容生成）"))

    def __init__(self, frame: Frame, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None):
        super().__init__(data, initial=dict(initial or {}))
        self.frame = frame
        day = _day(data.get(self.day_field, "") if data is not None else "") or frame.on
        there = replace(frame, on=day)
        for field in self.fields.values():
            pick = field.of if isinstance(field, PickSeveral) else field
            if isinstance(pick, Pick):
                pick.frame = there

    @property
    def rows(self) -> list[list[Shown]]:
        """The fields, row by row."""
        return [[self._shown(name) for name in row] for row in (*self.layout, ("title",))]

    def _shown(self, name: str) -> Shown:
        field = self.fields[name]
        pick = field.of if isinstance(field, PickSeveral) else field
        value = self.typed.get(name, "")
        if isinstance(field, PickSeveral):
            filled = [text for text in value or () if text]
            value = filled + [""] * _BLANKS
        choices = tuple((str(k), str(v)) for k, v in getattr(field, "choices", ()))
        return Shown(
            name=name,
            label=str(field.label),
            kind=field.shown,
            value=value,
            hint=str(field.help_text),
            required=field.required,
            choices=choices,
            error=" ".join(self.errors.get(name, ())) if self.is_bound else "",
            narrowed=",".join(getattr(pick, "kinds", ())),
        )

    @property
    def typed(self) -> dict[str, Any]:
        """Everything as it was typed, or as it is offered at first."""
        if not self.is_bound:
            return {name: self.initial.get(name, self._first(name)) for name in self.fields}
        return {
            name: self.data.getlist(name) if isinstance(field, PickSeveral) else self.data.get(name, "")
            for name, field in self.fields.items()
        }

    def _first(self, name: str) -> Any:
        field = self.fields[name]
        if isinstance(field, Kept):
            return f"{self.frame.pack.id}-{secrets.token_hex(5)}"
        if isinstance(field, Day) and field.required:
            return self.frame.on.isoformat()
        return [] if isinstance(field, PickSeveral) else ""

    def built(self) -> Change:
        """The change, with the form it was typed into.

        Raises:
            Refused: if it makes no sense as asked.
        """
        return replace(self.change(), form={"act": self.act, "typed": self.typed})

    def change(self) -> Change:
        """The rows that the form asks for."""
        raise NotImplementedError

    def called(self) -> str:
        """A title from the content."""
        raise NotImplementedError

    @property
    def title_given(self) -> str:
        """The title typed, or one from the content."""
        return (self.cleaned_data["title"] or self.called())[:200]

    def given(self, name: str) -> Any:
        """What a field reads to."""
        return self.cleaned_data[name]

    def code(self, name: str) -> str:
        """The code of what a field stands for; nothing if it is blank."""
        picked = self.cleaned_data.get(name)
        return picked.code if picked else ""

    def present(self, *, institutions: tuple[str, ...] = (), consortia: tuple[str, ...] = ()) -> Present:
        """What stands on the day of the change."""
        on = self.given(self.day_field)
        return Present(on, present_rows(institutions=institutions, consortia=consortia, on=on))


def row(register: str, **cells: object) -> Entry:
    """A row of a register.

    Raises:
        Refused: if the register does not read it.
    """
    texts = {key: _text(value) for key, value in cells.items() if value not in (None, "", (), [])}
    entries, misread = read_rows([{"register": register, "cells": texts}])
    if misread:
        raise Refused(unreadable(misread[0]))
    return entries[0]


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return "、".join(map(str, value))
    return gettext("是") if value is True else str(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
