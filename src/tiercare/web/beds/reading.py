"""What the forms of beds send: moments in China, what a bed is, and whose number or card was given."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.rules.card_tokens import is_token
from tiercare.apps.residents.rules.cards import read_card_number
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refusal
from tiercare.kernel.text import Text
from tiercare.web.capacity.typed import Sent

LONGEST = 1200  # characters: a card's token is the longest thing that is scanned


def moment(sent: Sent, name: str) -> datetime | None:
    """A date with its time, in China; ``None`` where nothing was typed."""
    typed = sent.text(name, longest=30)
    if not typed:
        return None
    try:
        found = datetime.fromisoformat(typed)
        return found if found.tzinfo else found.replace(tzinfo=ZONE)
    except ValueError:
        sent.faults.append(replace(_NO_MOMENT, fields={"typed": typed[:20]}, at=name))
        return None


def needed_moment(sent: Sent, name: str) -> datetime:
    """A date with its time that has to be there.

    Raises:
        Refused: with everything that did not read so far.
    """
    found = moment(sent, name)
    if found is None and not sent.faults:
        sent.faults.append(replace(_NO_MOMENT, fields={"typed": ""}, at=name))
    sent.judge()
    assert found is not None
    return found


def sex(sent: Sent) -> BedSex:
    """For whom the bed is; anybody where it does not say."""
    asked = sent.text("sex", longest=10)
    return BedSex(asked) if asked in set(BedSex) else BedSex.ANY


def resident(request: HttpRequest, sent: Sent) -> UUID:
    """Whose number was typed, or whose card was scanned. Call it outside the command's transaction: that somebody asked
    stays recorded when the command refuses.

    Raises:
        Refused: if nobody bears it, or the card is not good.
    """
    text = sent.text("number", longest=LONGEST)
    if is_token(text) or read_card_number(text) is not None:
        return commands.scan(request.actor, text=text).least.id
    return queries.one_by_number(request.actor, text, at="number").id


_NO_MOMENT = Refusal(
    code="capacity.not_a_moment",
    message=Text("“{typed}”不是日期和时间。", "“{typed}” is no date with a time."),
    instead=Text("请填写日期和时间，如 2026-11-24 08:30。", "Give both, such as 2026-11-24 08:30."),
    status=422,
)
