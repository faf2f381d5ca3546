"""Keeping the beds of a ward, and who lies in which: planned, admitted, moved, discharged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse
from tiercare.kernel.text import Text

from .. import events
from ..models import Bed, Stay
from ..rules import refusals
from ..rules.beds import BedFacts, BedSex, Need, StayState, misfits

BED, STAY = "capacity.bed", "capacity.stay"


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
    """Enter a bed, or change the one of this ward and number.

    Raises:
        Refused: if the actor does not keep this institution's beds, or ward or number are missing or too long.
    """
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    ward, number = ward.strip(), number.strip()
    if not (1 <= len(ward) <= 40 and 1 <= len(number) <= 12 and (ward + number).isprintable()):
        raise Refused(_NAMELESS)
    with transaction.atomic():
        bed, _ = Bed.objects.update_or_create(
            institution_id=institution_id,
            ward=ward,
            number=number,
            defaults={
                "sex": sex.value,
                "isolation": isolation,
                "day": day,
                "out_of_use": out_of_use.strip()[:200],
                "changed_at": ledger_queries.now(),
            },
        )
        ledger.append(
            actor,
            events.BedKept(ward=ward, number=number, in_use=not bed.out_of_use),
            subject_type=BED,
            subject_id=bed.id,
            institution_id=institution_id,
            division_code=actor.division_code,
        )
    return bed


def plan_stay(
    actor: Actor,
    *,
    bed_id: UUID,
    resident_id: UUID,
    starts: datetime,
    until: datetime | None = None,
    isolation: bool = False,
    booking_id: UUID | None = None,
) -> Stay:
    """Keep a bed for a resident from ``starts`` on.

    Raises:
        Refused: if the bed is another institution's or does not fit; if somebody has it in that time, or the resident
            lies elsewhere then; if the institution does not look after the resident.
    """
    bed = _own_bed(actor, bed_id)
    ground = residents.ground_to_book(resident_id, booker=bed.institution_id, on=ledger_queries.today())
    if not ground.person:
        raise Refused(refusals.NOBODY)
    if not ground.known:
        raise Refused(_NOT_YOURS)
    sex = residents.least_of(ground.person[:1])[0].sex
    refuse(*misfits(_facts(bed), Need(sex, isolation, starts, until)))
    with scoped(actor):
        return _lay(actor, bed, ground.person[0], starts, until, StayState.PLANNED, booking_id)


def admit(actor: Actor, *, stay_id: UUID) -> Stay:
    """The resident lies in the bed from now on.

    Raises:
        Refused: if there is no such stay, it is not planned, or the bed is still taken.
    """
    with scoped(actor):
        stay = _own_stay(actor, stay_id, StayState.PLANNED)
        return _change(
            actor, stay, StayState.IN, TimestamptzRange(ledger_queries.now(), stay.during.upper), "admit"
        )


def discharge(actor: Actor, *, stay_id: UUID) -> Stay:
    """The resident has left; the bed is free from now on.

    Raises:
        Refused: if there is no such stay, or nobody lies in the bed by it.
    """
    with scoped(actor):
        stay = _own_stay(actor, stay_id, StayState.IN)
        return _change(
            actor, stay, StayState.OUT, TimestamptzRange(stay.during.lower, ledger_queries.now()), "discharge"
        )


def cancel_stay(actor: Actor, *, stay_id: UUID) -> Stay:
    """The bed is not needed after all.

    Raises:
        Refused: if there is no such stay, or somebody lies in the bed by it already.
    """
    with scoped(actor):
        stay = _own_stay(actor, stay_id, StayState.PLANNED)
        return _change(actor, stay, StayState.CANCELLED, stay.during, "cancel")


def change_bed(actor: Actor, *, stay_id: UUID, bed_id: UUID) -> Stay:
    """The resident lies in another bed from now on, both in one act.

    Raises:
        Refused: as ``plan_stay`` and ``discharge``.
    """
    bed = _own_bed(actor, bed_id)
    with scoped(actor):
        stay = _own_stay(actor, stay_id, StayState.IN)
        now = ledger_queries.now()
        sex = residents.least_of([stay.resident_id])[0].sex
        refuse(*misfits(_facts(bed), Need(sex, stay.bed.isolation, now, stay.during.upper)))
        _change(actor, stay, StayState.OUT, TimestamptzRange(stay.during.lower, now), "change_bed")
        return _lay(actor, bed, stay.resident_id, now, stay.during.upper, StayState.IN, stay.booking_id)


def _lay(
    actor: Actor,
    bed: Bed,
    resident_id: UUID,
    starts: datetime,
    until: datetime | None,
    state: StayState,
    booking_id: UUID | None,
) -> Stay:
    try:
        with transaction.atomic():
            stay = Stay.objects.create(
                bed=bed,
                institution_id=bed.institution_id,
                resident_id=resident_id,
                booking_id=booking_id,
                during=TimestamptzRange(starts, until),
                state=state.value,
            )
    except IntegrityError as error:
        raise Refused(_clash(error, bed)) from error
    _tell(actor, stay, "plan" if state is StayState.PLANNED else "lay")
    return stay


def _change(actor: Actor, stay: Stay, state: StayState, during: TimestamptzRange, act: str) -> Stay:
    stay.state, stay.during = state.value, during
    try:
        with transaction.atomic():
            stay.save(update_fields=["state", "during"])
    except IntegrityError as error:
        raise Refused(_clash(error, stay.bed)) from error
    _tell(actor, stay, act)
    return stay


def _tell(actor: Actor, stay: Stay, act: str) -> None:
    ledger.append(
        actor,
        events.StayTurned(act=act, bed_id=stay.bed_id, resident=stay.resident_id, state=stay.state),
        subject_type=STAY,
        subject_id=stay.id,
        institution_id=stay.institution_id,
        division_code=actor.division_code,
    )


def _own_bed(actor: Actor, bed_id: UUID) -> Bed:
    bed = Bed.objects.filter(id=bed_id).first()
    if bed is None:
        raise Refused(_NO_SUCH_BED)
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=bed.institution_id))
    return bed


def _own_stay(actor: Actor, stay_id: UUID, state: StayState) -> Stay:
    stay = Stay.objects.select_for_update(of=("self",)).select_related("bed").filter(id=stay_id).first()
    if stay is None:
        raise Refused(_NO_SUCH_STAY)
    refuse(may(actor, Right.CAPACITY_KEEP, institution_id=stay.institution_id))
    if stay.state != state:
        raise Refused(_STANDS_ELSEWHERE)
    return stay


def _facts(bed: Bed) -> BedFacts:
    return BedFacts(str(bed), BedSex(bed.sex), bed.isolation, bed.day, bed.out_of_use)


def _clash(error: IntegrityError, bed: Bed) -> Refusal:
    if "bed_for_one" in str(error):
        return replace(_TAKEN, fields={"bed": str(bed)})
    if "resident_in_one_bed" in str(error):
        return _LIES_ELSEWHERE
    raise error


_NAMELESS = Refusal(
    code="capacity.bed_without_number",
    message=Text(
        "请填写病区（40 字以内）和床号（12 字以内）。", "Give the ward (40 characters) and the number (12)."
    ),
    instead=Text("请补充后保存。", "Add them, then save."),
    at="number",
    status=422,
)
_NO_SUCH_BED = Refusal(
    code="capacity.no_such_bed",
    message=Text("没有这张床。", "There is no such bed."),
    instead=Text("请从床位图中重新选择。", "Choose again on the board."),
    at="bed",
    status=404,
)
_NO_SUCH_STAY = Refusal(
    code="capacity.no_such_stay",
    message=Text(
        "没有这条床位安排，或它不属于本机构。", "There is no such stay, or it is another institution's."
    ),
    instead=Text("请刷新床位图后重试。", "Reload the board and try again."),
    at="stay",
    status=404,
)
_STANDS_ELSEWHERE = Refusal(
    code="capacity.stay_stands_elsewhere",
    message=Text("这条床位安排已被他人办理。", "Somebody has gone on with this stay already."),
    instead=Text("请刷新床位图。", "Reload the board."),
    at="stay",
)
_TAKEN = Refusal(
    code="capacity.bed_taken",
    message=Text("{bed}在这段时间已有安排。", "{bed} is taken in that time."),
    instead=Text("请另选床位或时间。", "Choose another bed or time."),
    at="bed",
)
_LIES_ELSEWHERE = Refusal(
    code="capacity.resident_in_another_bed",
    message=Text("这位患者在这段时间已安排了别的床位。", "The patient has another bed in that time."),
    instead=Text("请先取消或结束那条安排，或办理换床。", "Cancel or end that one first, or change beds."),
    at="resident",
)
_NOT_YOURS = Refusal(
    code="capacity.not_your_resident",
    message=Text(
        "本机构与这位居民没有诊疗关系，不能安排床位。", "Your institution does not look after this resident."
    ),
    instead=Text("请先扫电子健康卡或登记到院。", "Scan the health card or register the visit first."),
    at="resident",
    status=403,
)
