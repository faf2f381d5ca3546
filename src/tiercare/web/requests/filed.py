"""How a referral was filed with the insurer, as the case and the list show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest

from tiercare.apps.exchange.queries import Case
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.referrals import queries
from tiercare.apps.referrals.queries import Filed
from tiercare.apps.referrals.rules.filing import STATE_NAMES, WAY_ON, Act, State, after
from tiercare.apps.referrals.rules.insurer import silence_told
from tiercare.apps.residents.rules.cover import SCHEME_NAMES
from tiercare.kernel.clock import day_of
from tiercare.web.pages import english, said

from . import words

_COLOURS: Mapping[State, tuple[str, str]] = {
    State.WAITING: ("not_applicable", "clock"),
    State.SENT: ("not_applicable", "clock"),
    State.ACCEPTED: ("met", "check"),
    State.BY_HAND: ("met", "check"),
    State.REFUSED: ("violated", "alert"),
    State.FAILED: ("violated", "alert"),
    State.NO_COVER: ("at_risk", "alert"),
    State.UNCONNECTED: ("at_risk", "alert"),
    State.NOT_TAKEN_BACK: ("at_risk", "alert"),
    State.NOT_NEEDED: ("waived", "minus"),
    State.TAKING_BACK: ("not_applicable", "clock"),
    State.TAKEN_BACK: ("waived", "undo"),
    State.DROPPED: ("waived", "minus"),
}


def of_case(request: HttpRequest, of: Case) -> dict[str, Any]:
    """The filing of a case for its page; empty where there is none, or whoever looks has no part in it."""
    found = queries.filing_beside(request.actor, of) if of.line.sent_at else None
    return {} if found is None else {"filing": _shown(found, day_of(ledger.now()))}


def tag(state: State) -> dict[str, str]:
    """A state as a tag."""
    colour, icon = _COLOURS[state]
    return {"code": state.value, "name": said(STATE_NAMES[state]), "colour": colour, "icon": icon}


def said_by(words_kept: str, *, answered: bool) -> str:
    """What the insurer said, or why it did not."""
    if answered or not words_kept:
        return words_kept
    return silence_told(words_kept, "en" if english() else "zh")


def _shown(found: Filed, today: date) -> dict[str, Any]:
    return {
        "state": tag(found.state),
        "scheme": said(SCHEME_NAMES[found.scheme]) if found.scheme else "",
        "area": found.area_name,
        "number": found.number,
        "words": said_by(found.words, answered=found.answered_at is not None),
        "answered": words.moment(found.answered_at, today) if found.answered_at else "",
        "next": words.moment(found.next_try_at, today) if found.next_try_at and found.tries else "",
        "tries": found.tries,
        "way_on": said(WAY_ON[found.state]) if found.state in WAY_ON else "",
        "again": found.task and after(found.state, Act.AGAIN) is not None,
        "by_hand": after(found.state, Act.NUMBER) is not None,
        "undone": after(found.state, Act.UNDONE) is not None,
    }
