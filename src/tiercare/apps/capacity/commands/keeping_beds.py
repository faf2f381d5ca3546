"""Keeping the beds of a ward: entering one or a row of them, changing one, taking one out of use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Bed, DayBedSpan, Stay
from ..rules.beds import LONGEST_NUMBER, BedFacts, BedSex, StayState, bed_numbers, disturbs
from ..rules.stays import moment

BED = "capacity.bed"
_LONGEST_WARD, _LONGEST_REASON = 40, 200


def keep_bed(
    actor: Actor,
    *,
    institution_id: UUID,
    ward: str,
    number: str,
    sex: BedSex = BedSex.ANY,
    isolation: bool = False,
    day: bool = False,
    out_of_use: str = "",
) -> Bed:
    """Enter a bed, or change the one of this ward and number. ``out_of_use`` says why; empty: it is in use.

    Raises:
        Refused: if the actor does not keep this institution's beds, ward or number are missing or too long, or
            somebody has the bed and would no longer fit.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    ward, number = _named(ward), number.strip()
    if not (1 <= len(number) <= LONGEST_NUMBER and number.isprintable()):
        raise Refused(_NAMELESS)
    now = ledger_queries.now()
    with scoped(actor):
        bed = (
            Bed.objects.select_for_update(no_key=True)
            .filter(institution_id=institution_id, ward=ward, number=number)
            .first()
        )
        if bed is None:
            bed = Bed(institution_id=institution_id, ward=ward, number=number)
        else:
            becomes = BedFacts(str(bed), sex, isolation, day, out_of_use.strip())
            _undisturbed(bed, becomes, now)
        bed.sex, bed.isolation, bed.day = sex.value, isolation, day
        bed.out_of_use, bed.changed_at = out_of_use.strip()[:_LONGEST_REASON], now
        bed.save()
        _keep_span(bed, now)
        _tell(actor, bed)
    return bed


def enter_beds(
    actor: Actor,
    *,
    institution_id: UUID,
    ward: str,
    numbers: str,
    sex: BedSex = BedSex.ANY,
    isolation: bool = False,
    day: bool = False,
) -> list[Bed]:
    """Enter a row of beds that are alike, all or none; ``numbers`` as ``rules.beds.bed_numbers`` reads it.

    Raises:
        Refused: if the actor does not keep this institution's beds, the numbers do not read or are absurdly many, or
            one of them stands in the ward already.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    ward, wanted, now = _named(ward), bed_numbers(numbers), ledger_queries.now()
    with transaction.atomic():
        rows = Bed.objects.bulk_create(
            (
                Bed(
                    institution_id=institution_id,
                    ward=ward,
                    number=number,
                    sex=sex.value,
                    isolation=isolation,
                    day=day,
                    changed_at=now,
                )
                for number in wanted
            ),
            ignore_conflicts=True,
        )
        made = list(Bed.objects.filter(id__in=[row.id for row in rows]))
        if len(made) < len(wanted):
            missed = [number for number in wanted if number not in {row.number for row in made}]
            raise Refused(replace(_KNOWN, fields={"ward": ward, "numbers": "、".join(missed[:8])}))
        for bed in made:
            _keep_span(bed, now)
            _tell(actor, bed)
    return made


def _named(ward: str) -> str:
    ward = ward.strip()
    if not (1 <= len(ward) <= _LONGEST_WARD and ward.isprintable()):
        raise Refused(replace(_NAMELESS, at="ward"))
    return ward


def _undisturbed(bed: Bed, becomes: BedFacts, now: datetime) -> None:
    """Raises ``Refused`` where somebody has the bed and would no longer fit."""
    held = Stay.objects.filter(bed=bed, state__in=(StayState.PLANNED.value, StayState.IN.value))
    since = sorted(each.during.lower for each in held)
    was = BedFacts(str(bed), BedSex(bed.sex), bed.isolation, bed.day, bed.out_of_use)
    refuse(disturbs(was, becomes, people=len(since), first=moment(since[0] if since else now)))


def _keep_span(bed: Bed, now: datetime) -> None:
    """Since when it counts as a day bed, and until when it did."""
    counts = bed.day and not bed.out_of_use
    span = DayBedSpan.objects.filter(bed=bed, during__upper_inf=True).first()
    if counts and span is None:
        DayBedSpan.objects.create(bed=bed, during=TimestamptzRange(now, None))
    elif span is not None and not counts:
        ends = max(now, span.during.lower + timedelta(microseconds=1))
        span.during = TimestamptzRange(span.during.lower, ends)
        span.save(update_fields=["during"])


def _tell(actor: Actor, bed: Bed) -> None:
    ledger.append(
        actor,
        events.BedKept(ward=bed.ward, number=bed.number, in_use=not bed.out_of_use),
        subject_type=BED,
        subject_id=bed.id,
        institution_id=bed.institution_id,
        division_code=actor.division_code,
    )


_NAMELESS = Refusal(
    code="capacity.bed_without_number",
    message=Text(
        "请填写病区（40 字以内）和床号（12 字以内）。", "Give the ward (40 characters) and the number (12)."
    ),
    instead=Text("请补充后保存。", "Add them, then save."),
    at="number",
    status=422,
)
_KNOWN = Refusal(
    code="capacity.bed_known",
    message=Text("{ward}已有床号：{numbers}。", "{ward} has these numbers already: {numbers}."),
    instead=Text(
        "请去掉这些床号；要改已有的床，请在床位图上打开它。",
        "Leave them out; to change one, open it on the board.",
    ),
    at="numbers",
)
