"""Matters, goals and shelves as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, ngettext

from tiercare.apps.evaluation.queries.goals import Standing as GoalStanding
from tiercare.apps.evaluation.queries.matters import Listed
from tiercare.apps.evaluation.queries.oversight import Names, indicator, names
from tiercare.apps.evaluation.rules import oversight as rules
from tiercare.apps.evaluation.rules.kinds import NAMES, KindId
from tiercare.apps.evaluation.workflow import STATE_NAMES, Side, State
from tiercare.engines.measures import rounding
from tiercare.engines.measures.oversight import MODE_NAMES, PARTY_NAMES, Mode
from tiercare.kernel.clock import ZONE
from tiercare.kernel.text import Text
from tiercare.web.pages import said

_NEAR = 3  # days before the end at which a line is marked
_STATES: Mapping[State, tuple[str, str]] = {
    State.OPEN: ("advice", "edit"),
    State.SUBMITTED: ("waived", "search"),
    State.RETURNED: ("at_risk", "undo"),
    State.APPROVED: ("met", "check"),
    State.CLOSED: ("met", "check"),
    State.LOCKED: ("met", "key"),
    State.WITHDRAWN: ("not_in_force", "ban"),
}
KIND_ICONS: Mapping[str, str] = {
    KindId.INSPECTION: "search",
    KindId.RECTIFICATION: "edit",
    KindId.GOAL: "flag",
    KindId.REPORT: "book",
    KindId.ALERT: "alert",
    KindId.PROJECT: "list",
}
_JUDGEMENTS: Mapping[rules.Judgement, tuple[str, str]] = {
    rules.Judgement.MET: ("met", "check"),
    rules.Judgement.PARTLY: ("at_risk", "alert"),
    rules.Judgement.NOT_MET: ("violated", "ban"),
    rules.Judgement.NOT_SEEN: ("not_applicable", "minus"),
}


def named(lines: Iterable[Listed], *, on: date) -> Names:
    """The names of all sides and subjects of these matters."""
    return names([p for each in lines for p in (each.standing.owner, each.standing.issuer)], on=on)


def state(value: State) -> dict[str, str]:
    """A state as a tag."""
    colour, icon = _STATES[value]
    return {"code": value.value, "name": said(STATE_NAMES[value]), "colour": colour, "icon": icon}


def judgement(value: rules.Judgement) -> dict[str, str]:
    """A judgement as a tag."""
    colour, icon = _JUDGEMENTS[value]
    return {"name": said(rules.JUDGEMENT_NAMES[value]), "colour": colour, "icon": icon}


def due(line: Listed) -> dict[str, Any] | None:
    """Until when, in words; nothing of what is over."""
    day, today = line.standing.due_on, line.standing.today
    if line.turn is None or day is None:
        return None
    left = (day - today).days
    if left < 0:
        words = ngettext("逾期 %(n)d 天", "逾期 %(n)d 天", -left) % {"n": -left}
    elif left == 0:
        words = gettext("今天到期")
    else:
        words = ngettext("还有 %(n)d 天", "还有 %(n)d 天", left) % {"n": left}
    return {"words": words, "day": day, "over": left < 0, "near": 0 <= left <= _NEAR}


def line(each: Listed, known: Names) -> dict[str, Any]:
    """A matter as a row."""
    standing = each.standing
    turn = {Side.OWNER: standing.owner, Side.ISSUER: standing.issuer}
    return {
        "id": each.id,
        "title": standing.title,
        "kind": standing.kind,
        "kind_name": said(NAMES[KindId(standing.kind)]),
        "icon": KIND_ICONS.get(standing.kind, "list"),
        "state": state(standing.state),
        "owner": said(known.party(standing.owner)),
        "issuer": said(known.party(standing.issuer)),
        "turn": said(known.party(turn[each.turn])) if each.turn else "",
        "due": due(each),
        "escalated": each.escalated,
        "open_children": standing.open_children,
        "clauses": each.clauses,
        "period": standing.period,
        "synthetic": bool(standing.payload.get("synthetic")),
    }


def lines(found: Sequence[Listed], *, on: date) -> list[dict[str, Any]]:
    """Matters as rows."""
    known = named(found, on=on)
    return [line(each, known) for each in found]


def both(content: Mapping[str, Any]) -> str:
    """A bilingual text of a payload in the reader's language."""
    return said(Text(str(content.get("zh", "")), str(content.get("en", content.get("zh", "")))))


def mode(code: str) -> str:
    """How an inspection is done."""
    return said(MODE_NAMES[Mode(code)]) if code in set(Mode) else code


def party(code: str) -> str:
    """Whose side of it an item is."""
    return said(PARTY_NAMES[code])


def goal(each: GoalStanding, known: Names) -> dict[str, Any]:
    """A goal with its numbers, its course as a line and why it is red."""
    payload = each.line.standing.payload
    reasons = []
    if each.line.standing.overdue:
        reasons.append(gettext("已过期限"))
    if each.owes:
        reasons.append(gettext("该报进展了"))
    if each.behind:
        reasons.append(gettext("低于计划") if payload["op"] == ">=" else gettext("高于计划"))
    target = each.target
    actual = each.actual
    return {
        **line(each.line, known),
        "op": {">=": "≥", "<=": "≤"}[payload["op"]],
        "target": amount(target, each.line),
        "actual": amount(actual, each.line) if actual is not None else "",
        "planned": amount(each.planned, each.line),
        "counted": bool(each.points) and each.points[-1].counted,
        "indicator": payload["indicator"],
        "on": each.points[-1].on if each.points else None,
        "last_word": each.last_word,
        "next_word": each.next_word,
        "red": each.red,
        "reasons": reasons,
        "reached": actual is not None and rules.reached(payload, actual, target),
        "spark": _spark(each),
        "points": [
            {"on": p.on, "actual": amount(p.actual, each.line), "counted": p.counted} for p in each.points
        ],
    }


def amount(value: Decimal, of: Listed) -> str:
    """A goal's number with its unit."""
    payload = of.standing.payload
    known = indicator(of.standing.pack, payload["indicator"]) if payload["indicator"] else None
    if known is not None:
        return rounding.shown(Fraction(value), known.unit.zh)
    return f"{rounding.plain(Fraction(value))} {both(payload['unit'])}".strip()


_WIDTH, _HEIGHT = 96, 24  # of a spark line, in its own units


def _spark(each: GoalStanding) -> dict[str, Any] | None:
    """The points as a line over the year, and the height of the target."""
    if not each.points:
        return None
    values = [float(p.actual) for p in each.points]
    low, high = min(*values, 0.0, float(each.target)), max(*values, float(each.target))
    scale = (_HEIGHT - 6) / (high - low or 1)

    def y(value: float) -> float:
        return round(_HEIGHT - 3 - (value - low) * scale, 1)

    spots = [
        (round(3 + p.on.timetuple().tm_yday / 366 * (_WIDTH - 6), 1), y(float(p.actual))) for p in each.points
    ]
    return {
        "line": " ".join(f"{a},{b}" for a, b in spots),
        "x": spots[-1][0],
        "y": spots[-1][1],
        "target": y(float(each.target)),
        "width": _WIDTH,
        "height": _HEIGHT,
    }


def moment(value: Any) -> str:
    """A time as people in China read it."""
    return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
