"""What the pages of the card show: people by as little as recognises them, uses by their names, codes as pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest

from tiercare.apps.residents import queries as residents
from tiercare.apps.residents.queries.cards import Arrived, Today
from tiercare.apps.residents.rules import IDENTITY_NAMES, SEX_NAMES, IdentityKind, Sex
from tiercare.apps.residents.rules.cards import RESIDENT_CARD, TIMED_USES, TYPE_NAMES, grouped, use_name
from tiercare.apps.terms import queries as terms
from tiercare.kernel.clock import ZONE
from tiercare.web.pages import said

# Ours: what is offered first for a timed appointment; the desk types another where it is another.
_WINDOW_MINUTES = 30
_MASKED_DIGITS = 8


def people(found: Sequence[residents.Least], *, on: date) -> list[dict[str, Any]]:
    """How desks recognise these: masked name, sex, year of birth, area, document."""
    areas = terms.divisions({each.division_code for each in found}, on=on)
    return [_person(each, areas) for each in found]


def _person(least: residents.Least, areas: Mapping[str, Any]) -> dict[str, Any]:
    area = areas.get(least.division_code)
    return {
        "id": least.id,
        "name": least.name,
        "sex": said(SEX_NAMES[Sex(least.sex)]),
        "birth_year": least.birth_year,
        "area": area.name if area else "",
        "document": said(IDENTITY_NAMES[IdentityKind(least.identity_kind)]),
        "number": least.number,
        "temporary": least.temporary,
        "deceased": least.deceased,
    }


def uses(request: HttpRequest) -> list[dict[str, Any]]:
    """What a card opens at this desk, in the order of the documents that say so."""
    named = residents.card_uses(request.actor.division_code, on=request.today)
    return [
        {"code": use, "name": said(use_name(use)), "timed": use in TIMED_USES, "clauses": clauses}
        for use, clauses in named.items()
    ]


def window(now: datetime) -> dict[str, str]:
    """The half hour that is running, as the form offers it; the next one shortly before midnight ends with the day."""
    local = now.astimezone(ZONE)
    start = local.replace(minute=local.minute - local.minute % _WINDOW_MINUTES, second=0, microsecond=0)
    end = start + timedelta(minutes=_WINDOW_MINUTES)
    if end.date() != start.date():
        end = start.replace(hour=23, minute=59)
    return {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}


def arrivals(today: Today, *, on: date) -> list[dict[str, Any]]:
    """Lines of the list of today."""
    shown = people([row.least for row in today.rows], on=on)
    return [
        {"row": row, "person": person, "use": said(use_name(row.use)), "window": _span(row)}
        for row, person in zip(today.rows, shown, strict=True)
    ]


def counts(today: Today, offered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The uses with how many came for each today; those no longer offered stay while somebody came for them."""
    names = {use["code"]: use["name"] for use in offered}
    names |= {use: said(use_name(use)) for use in today.counts if use not in names}
    return [{"code": use, "name": name, "count": today.counts.get(use, 0)} for use, name in names.items()]


def _span(row: Arrived) -> str:
    if row.window is None:
        return ""
    return f"{row.window.start.astimezone(ZONE):%H:%M}–{row.window.end.astimezone(ZONE):%H:%M}"


def held(card: residents.Held) -> dict[str, Any]:
    """A card on a page: its number is covered but for the ends."""
    number = grouped(card.number[:4] + "*" * _MASKED_DIGITS + card.number[-4:])
    return {"number": number, "issued_at": card.issued_at, "by_resident": card.institution_id is None}


def physical(types: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """Whether a card to hold in the hand is used here, and what the clauses that name types are."""
    clauses = tuple(dict.fromkeys(clause for named in types.values() for clause in named))
    return {
        "used": not types or RESIDENT_CARD in types,
        "name": said(TYPE_NAMES[RESIDENT_CARD]),
        "clauses": clauses,
    }
