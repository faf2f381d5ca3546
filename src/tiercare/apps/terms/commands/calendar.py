"""Entering a day that is worked or not other than published."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import CalendarDay


def enter_day(actor: Actor, *, day: date, workday: bool, name: str) -> None:
    """Say whether a day is worked: a local arrangement, or next year's before the platform knows it.

    Raises:
        Refused: if the actor does not keep the registers of terms, or the day has no name.
    """
    refuse(may(actor, Right.TERMS_EDIT, division=actor.division_code))
    if not 1 <= len(name.strip()) <= 40:
        raise Refused(_NAMELESS)
    with transaction.atomic():
        CalendarDay.objects.update_or_create(day=day, defaults={"workday": workday, "name": name.strip()})
        ledger.append(
            actor,
            events.DayEntered(day=day, workday=workday, name=name.strip()),
            subject_type="terms.day",
            subject_id=stable_id("terms.day", day.isoformat()),
            division_code=actor.division_code,
        )


_NAMELESS = Refusal(
    code="terms.day_without_name",
    message=Text(
        "请写明这一天的名称，如“中秋节”“调休上班”。", "Say what day it is, such as “Mid-Autumn Festival”."
    ),
    instead=Text("名称为 1 至 40 个字。", "The name has 1 to 40 characters."),
    at="name",
    status=422,
)
