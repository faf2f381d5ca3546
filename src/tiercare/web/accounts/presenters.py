"""Accounts as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.access.queries.staff import Held, Narrowed, Person, Slip, StaffList, Standing, allowed
from tiercare.apps.access.rights import GRANTABLE
from tiercare.apps.access.rules import REACH_NAMES, RIGHT_NAMES, ROLE_NAMES, Reach, Right, Role, reach, staff
from tiercare.apps.access.rules.staff import StaffState
from tiercare.kernel.refusal import Refusal
from tiercare.web.pages import said, told

STATES: Mapping[StaffState, tuple[str, str, str]] = {
    StaffState.ACTIVE: (gettext_noop("在用"), "met", "check"),
    StaffState.INVITED: (gettext_noop("待设口令"), "at_risk", "key"),
    StaffState.DISABLED: (gettext_noop("已停用"), "not_applicable", "ban"),
}
TILES: Mapping[Narrowed, tuple[str, str, str]] = {
    Narrowed.ACTIVE: (gettext_noop("在用"), "met", "check"),
    Narrowed.INVITED: (gettext_noop("待设口令"), "at_risk", "key"),
    Narrowed.ROLELESS: (gettext_noop("没有角色"), "advice", "minus"),
    Narrowed.UNSECURED: (gettext_noop("缺第二步验证"), "violated", "alert"),
    Narrowed.DISABLED: (gettext_noop("已停用"), "not_applicable", "ban"),
}
_STANDINGS = {
    Standing.NOW: (gettext_noop("有效"), "met", "check"),
    Standing.LATER: (gettext_noop("未到起始日"), "advice", "calendar"),
    Standing.ENDED: (gettext_noop("已结束"), "not_applicable", "minus"),
}
_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Tag:
    """A state as icon and word."""

    name: str
    tag: str
    icon: str


def tag(of: tuple[str, str, str]) -> Tag:
    """A state in the reader's language."""
    name, colour, icon = of
    return Tag(gettext(name), colour, icon)


def tiles(found: StaffList) -> list[dict[str, Any]]:
    """What the list can be narrowed to, each with its count over the whole area."""
    return [{"code": key.value, "count": found.counts[key], "of": tag(TILES[key])} for key in TILES]


def roles_to_choose() -> list[tuple[str, str]]:
    """The roles that are given, for a select."""
    return [(role.value, said(ROLE_NAMES[role])) for role in GRANTABLE]


def rows(people: Iterable[Person]) -> list[dict[str, Any]]:
    """A line of the list for each account."""
    return [
        {
            "of": person,
            "state": tag(STATES[person.state]),
            "held": [{"role": said(ROLE_NAMES[each.role]), "place": each.place_name} for each in person.now],
        }
        for person in people
    ]


def held_rows(held: Iterable[Held], why_not: Refusal | None) -> list[dict[str, Any]]:
    """A line for each role; one that can still be taken back says so, or why not."""
    return [
        {
            "of": each,
            "role": said(ROLE_NAMES[each.role]),
            "standing": tag(_STANDINGS[each.standing]),
            "open": each.standing is not Standing.ENDED,
            "why_not": told(why_not) if why_not else None,
        }
        for each in held
    ]


def may_do(person: Person) -> list[dict[str, Any]]:
    """What the account may do today: each right with how far it reaches and where."""
    return [
        {
            "right": right,
            "name": said(RIGHT_NAMES[right]),
            "by": [
                {"reach": said(REACH_NAMES[how_far]), "place": _where(each, how_far)} for each, how_far in by
            ],
        }
        for right, by in allowed(person).items()
    ]


def acts(person: Person, slip: Slip | None, why_not: Refusal | None) -> list[dict[str, Any]]:
    """What can be done with the account; ``form`` names the address, and ``why_not`` stands where it cannot be done."""
    synthetic = staff.SYNTHETIC_STAYS if person.synthetic else None
    if person.state is StaffState.DISABLED:
        return [_act("reopen", gettext("重新启用并打印邀请单"), "check", why_not or synthetic, slip=True)]
    renewed = (
        gettext("重新发邀请单") if person.state is StaffState.INVITED else gettext("重设口令（发邀请单）")
    )
    found = [_act("again", renewed, "key", why_not or synthetic, slip=True)]
    if slip is not None:
        found.append(_act("withdraw", gettext("作废邀请单"), "undo", why_not))
    if person.has_factor:
        found.append(_act("remove-factor", gettext("解除第二步验证"), "shield", why_not))
    found.append(_act("disable", gettext("立即停用"), "ban", why_not))
    return found


def matrix() -> list[dict[str, Any]]:
    """The table of rights: a line per right, a cell per role."""
    return [
        {
            "right": right.value,
            "name": said(RIGHT_NAMES[right]),
            "cells": [{"role": role, "reach": _reach(right, role)} for role in Role],
        }
        for right in Right
    ]


def page_number(text: str) -> int:
    """The page that an address asks for, the first where it asks for nonsense."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < _MOST_PAGES else 1


def _act(name: str, label: str, icon: str, why_not: Refusal | None, *, slip: bool = False) -> dict[str, Any]:
    return {
        "act": name,
        "name": label,
        "icon": icon,
        "slip": slip,
        "why_not": told(why_not) if why_not else None,
    }


def _where(held: Held, how_far: Reach) -> str:
    return "" if how_far is Reach.ANYWHERE else held.place_name


def _reach(right: Right, role: Role) -> dict[str, str]:
    how_far = reach(role, right)
    return {"code": how_far.value, "name": said(REACH_NAMES[how_far])}
