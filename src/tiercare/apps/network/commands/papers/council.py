"""Seats in a council (理事会) or a management committee (管委会). To have none is no error (YN-41)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from psycopg.types.range import DateRange

from tiercare.apps.ledger import commands as ledger
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from ... import events, models
from ..fences import fenced
from ..judging import lock_prefectures
from ..standing import standing_consortium
from .shared import allow_drafting, blank, consortium_area, leads, no_such


@transaction.atomic
def take_seat(
    *, actor: Actor, consortium_id: UUID, office: str, held_by: str, start: date, end: date | None = None
) -> models.CouncilSeat:
    """Let an institution or an office of government take a seat from ``start`` on.

    Raises:
        Refused: if the actor may not, the consortium does not exist that day, something is blank, or they hold
            this seat on one of the days already.
    """
    consortium = standing_consortium(consortium_id, start)
    allow_drafting(actor, consortium.division_code, leads(consortium_id))
    for at, value, what in (
        ("office", office, Text("职务", "office")),
        ("held_by", held_by, Text("任职单位", "holder")),
    ):
        if not value.strip():
            raise Refused(blank(at, what))
    held = models.CouncilSeat.objects.filter(
        consortium_id=consortium_id,
        office=office.strip(),
        held_by=held_by.strip(),
        period__overlap=DateRange(start, end),
    )
    if held.exists():
        raise Refused(
            Refusal(
                code="seat_taken",
                message=Text(
                    "{holder}在这段时间已任{office}。", "{holder} holds the seat of {office} in that time."
                ),
                instead=Text("请先登记离任日期，或换一个职务。", "End that seat first, or choose another."),
                fields={"holder": held_by.strip(), "office": office.strip()},
                at="held_by",
                status=422,
            )
        )
    lock_prefectures([consortium.division_code])
    with fenced():
        seat = models.CouncilSeat.objects.create(
            consortium_id=consortium_id,
            office=office.strip(),
            held_by=held_by.strip(),
            period=DateRange(start, end),
        )
    ledger.append(
        actor,
        events.SeatTaken(str(consortium_id), seat.office, seat.held_by, start),
        subject_type="consortium",
        subject_id=consortium_id,
        division_code=consortium.division_code,
    )
    return seat


@transaction.atomic
def leave_seat(*, actor: Actor, seat_id: UUID, end: date) -> models.CouncilSeat:
    """End a seat; ``end`` is the first day without it.

    Raises:
        Refused: if the actor may not, there is no such seat, or it did not hold before ``end``.
    """
    seat = models.CouncilSeat.objects.select_for_update().filter(id=seat_id).first()
    if seat is None:
        raise Refused(no_such(Text("席位", "seat")))
    division = consortium_area(seat.consortium_id)
    allow_drafting(actor, division, leads(seat.consortium_id))
    if end <= seat.period.lower or (seat.period.upper is not None and end >= seat.period.upper):
        raise Refused(
            Refusal(
                code="seat_not_to_leave",
                message=Text(
                    "席位在 {end} 之前不存在或已结束。", "The seat did not exist before {end}, or has ended."
                ),
                instead=Text("请选任职之后的日期。", "Choose a day after it was taken."),
                fields={"end": end},
                at="end",
                status=422,
            )
        )
    lock_prefectures([division])
    seat.period = DateRange(seat.period.lower, end)
    seat.save(update_fields=["period"])
    ledger.append(
        actor,
        events.SeatLeft(str(seat.consortium_id), seat.office, seat.held_by, end),
        subject_type="consortium",
        subject_id=seat.consortium_id,
        division_code=division,
    )
    return seat
