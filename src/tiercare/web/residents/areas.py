"""Choosing where somebody lives: province, prefecture, county, township, village, each from what the one before holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network.rules.reach import PROVINCE_NAMES
from tiercare.apps.terms import queries as terms
from tiercare.web.pages import page, said

_LEVELS: tuple[tuple[str, str], ...] = (
    ("province", gettext_noop("省")),
    ("prefecture", gettext_noop("市（州）")),
    ("county", gettext_noop("县（市、区）")),
    ("township", gettext_noop("乡镇（街道）")),
    ("village", gettext_noop("村（居）委会")),
)


@dataclass(frozen=True, slots=True)
class Level:
    """One select of the picker."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]]


@require_POST
@page(Right.RESIDENTS_REGISTER)
def areas(request: HttpRequest) -> HttpResponse:
    """The picker again after one of its selects changed; writes nothing."""
    return render(request, "residents/_areas.html", {"levels": picker(request.POST, on=ledger.today())})


def picker(values: Mapping[str, str], *, on: date) -> list[Level]:
    """The selects with what was chosen, the next of them open; at most four look-ups.

    What was left over from another parent is dropped: the register says what lies where, for codes of townships
    need not begin with those of their county.
    """
    levels: list[Level] = []
    for name, label in _LEVELS:
        options: list[tuple[str, str]] = []
        if not levels:
            options = [(each, said(text)) for each, text in PROVINCE_NAMES.items()]
        elif levels[-1].value:
            options = [(row.code, row.name) for row in terms.children(levels[-1].value, on=on)]
        value = values.get(name, "")
        levels.append(Level(name, gettext(label), value if value in dict(options) else "", options))
    return levels


def deepest(levels: list[Level]) -> str:
    """The code of the smallest area chosen."""
    return next((level.value for level in reversed(levels) if level.value), "")


def values_of(code: str, *, on: date) -> dict[str, str]:
    """What the selects hold for an area, its own and those above it."""
    chain = [row.code for row in terms.ancestors(code, on=on)]
    return dict(zip((name for name, _ in _LEVELS), [*chain, code], strict=False))
