"""Who lies in which bed: planned, admitted, moved, discharged.

Locks go in one order: the case for which a bed is kept, the beds by id, the stay; so nobody waits in a ring.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import commands as ledger
from tiercare.apps.ledger import queries as ledger_queries
from tiercare.apps.messages import commands as messages
from tiercare.apps.messages.commands import Word
from tiercare.apps.network import queries as network
from tiercare.apps.residents import queries as residents
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused, refuse

from .. import events
from ..models import Bed, Stay
from ..rules import refusals
from ..rules import stays as rules
from ..rules.beds import BedFacts, BedSex, Need, StayState, misfits, untimely
from ..rules.stays import Told
from . import case_steps

STAY = "capacity.stay"
_INSTANT = timedelta(microseconds=1)


def plan_stay(
    actor: Actor,
    *,
    bed_id: UUID,
    resident_id: UUID,
    starts: datetime,
    until: datetime | None = None,
    isolation: bool = False,
    booking_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Stay:
    """Keep a bed for a resident from ``starts`` on, and tell them; with ``case_id`` for that admission or operation.

    Raises:
        Refused: if the bed is another institution's or does not fit; if somebody has it in that time, or the resident
            lies elsewhere then; if the institution does not look after the resident, or they have died; if the time is
            past; if the case is not theirs, over, or has a bed.
    """
    with scoped(actor):
        institution = _institution_of(actor, bed_id)
        ground = residents.ground_to_book(resident_id, booker=institution, on=ledger_queries.today())
        if not ground.person:
            raise Refused(refusals.NOBODY)
        if not ground.known:
            raise Refused(refusals.NOT_YOUR_RESIDENT)
        if case_id is not None:
            case_steps.check_case(case_id, institution_id=institution, person=ground.person)
        (bed,) = _locked([bed_id])
        (least,) = residents.least_of(ground.person[:1])
        if least.deceased:
            raise Refused(refusals.DECEASED)
        need = Need(least.sex, isolation, starts, until)
        refuse(untimely(starts, now=ledger_queries.now()), *misfits(_facts(bed), need))
        stay = Stay(
            bed=bed,
            institution_id=institution,
            resident_id=ground.person[0],
            booking_id=booking_id,
            case_id=case_id,
            during=TimestamptzRange(starts, until),
            isolation=isolation,
            state=StayState.PLANNED.value,
        )
        _put(actor, stay, "plan")
        _tell(actor, stay, Told.PLANNED)
    return stay


def admit(actor: Actor, *, stay_id: UUID) -> Stay:
    """The resident lies in the bed from now on. Where the bed is kept for a case, its step of admission is done.

    Raises:
        Refused: if there is no such stay, it is not planned or its time is over, or the bed is still taken.
    """
    with scoped(actor):
        case = case_steps.of_stay(stay_id)
        stay, now = _own_stay(actor, stay_id, [StayState.PLANNED]), ledger_queries.now()
        if stay.during.upper is not None and stay.during.upper <= now:
            raise Refused(rules.over(stay.during.upper))
        stay.state, stay.during = StayState.IN.value, TimestamptzRange(now, stay.during.upper)
        _put(actor, stay, "admit")
        if case is not None:
            case_steps.admitted(actor, case)
    return stay


def discharge(actor: Actor, *, stay_id: UUID) -> Stay:
    """The resident has left; the bed is free from now on, also before the planned end.

    Raises:
        Refused: if there is no such stay, or nobody lies in the bed by it.
    """
    with scoped(actor):
        stay = _own_stay(actor, stay_id, [StayState.IN])
        _leave(actor, stay, "discharge")
    return stay


def cancel_stay(actor: Actor, *, stay_id: UUID) -> Stay:
    """The bed is not needed after all; the resident is told.

    Raises:
        Refused: if there is no such stay, or somebody lies in the bed by it already.
    """
    with scoped(actor):
        stay = _own_stay(actor, stay_id, [StayState.PLANNED])
        _cancel(actor, stay)
    return stay


def change_bed(actor: Actor, *, stay_id: UUID, bed_id: UUID) -> Stay:
    """The resident gets another bed: one who lies from now on, both in one act; one who is planned for the same time.

    Answers the stay in the other bed: of who lies a new one, so that the record says where they lay until when.

    Raises:
        Refused: as ``plan_stay`` and ``discharge``; if it is the bed they have.
    """
    with scoped(actor):
        _institution_of(actor, bed_id)
        stay = _own_stay(actor, stay_id, [StayState.PLANNED, StayState.IN], also=bed_id)
        bed = Bed.objects.get(id=bed_id)
        if bed.institution_id != stay.institution_id:
            raise Refused(rules.NO_SUCH_BED)
        if bed.id == stay.bed_id:
            raise Refused(replace(rules.SAME_BED, fields={"bed": str(bed)}))
        lies = stay.state == StayState.IN
        starts = max(ledger_queries.now(), stay.during.lower + _INSTANT) if lies else stay.during.lower
        until = stay.during.upper
        if until is not None and until <= starts:  # who lies beyond the planned end: nobody knows the new one
            until = None
        sex = residents.least_of([stay.resident_id])[0].sex
        refuse(*misfits(_facts(bed), Need(sex, stay.isolation, starts, until)))
        if not lies:
            stay.bed = bed
            _put(actor, stay, "change_bed")
            _tell(actor, stay, Told.CHANGED)
            return stay
        _leave(actor, stay, "change_bed", at=starts)
        moved = Stay(
            bed=bed,
            institution_id=stay.institution_id,
            resident_id=stay.resident_id,
            booking_id=stay.booking_id,
            case_id=stay.case_id,
            during=TimestamptzRange(starts, until),
            isolation=stay.isolation,
            state=StayState.IN.value,
        )
        _put(actor, moved, "lay")
    return moved


def retime(actor: Actor, *, stay_id: UUID, starts: datetime | None = None, until: datetime | None) -> Stay:
    """Another end, and for who is planned another begin (empty: as it was); who is planned is told.

    Raises:
        Refused: if there is no such stay, the times make no sense, or somebody else has the bed then.
    """
    with scoped(actor):
        stay = _own_stay(actor, stay_id, [StayState.PLANNED, StayState.IN])
        planned = stay.state == StayState.PLANNED
        begins = starts if planned and starts is not None else stay.during.lower
        now = ledger_queries.now()
        need = Need(
            stay.bed.sex, stay.isolation, begins, until
        )  # sex and isolation fitted when it was planned
        refuse(untimely(begins, now=now) if planned else None, *misfits(_facts(stay.bed), need))
        if not planned and until is not None and until <= now:
            raise Refused(rules.over(until))
        stay.during = TimestamptzRange(begins, until)
        _put(actor, stay, "retime")
        if planned:
            _tell(actor, stay, Told.CHANGED)
    return stay


def _leave(actor: Actor, stay: Stay, act: str, *, at: datetime | None = None) -> None:
    """Out of the bed now. Who should have had it already, while it was not left in time, has it from now on; whose
    time passed meanwhile has it no more."""
    ends = at or max(ledger_queries.now(), stay.during.lower + _INSTANT)
    lain = TimestamptzRange(stay.during.lower, ends)
    late = Stay.objects.filter(bed_id=stay.bed_id, state=StayState.PLANNED.value, during__overlap=lain)
    for each in late.select_related("bed").order_by("during"):
        if each.during.upper is not None and each.during.upper <= ends:
            _cancel(actor, each)
        else:
            each.during = TimestamptzRange(ends, each.during.upper)
            _put(actor, each, "delay")
    stay.state, stay.during = StayState.OUT.value, lain
    _put(actor, stay, act)


def _cancel(actor: Actor, stay: Stay) -> None:
    stay.state = StayState.CANCELLED.value
    _put(actor, stay, "cancel")
    _tell(actor, stay, Told.CANCELLED)


def _put(actor: Actor, stay: Stay, act: str) -> None:
    """Write the stay as it now is, with its event.

    Raises:
        Refused: if somebody has the bed in that time, or the resident another one.
    """
    try:
        with transaction.atomic():
            stay.save()
    except IntegrityError as error:
        raise Refused(_clash(error, stay)) from error
    ledger.append(
        actor,
        events.StayTurned(act=act, bed_id=stay.bed_id, resident=stay.resident_id, state=stay.state),
        subject_type=STAY,
        subject_id=stay.id,
        institution_id=stay.institution_id,
        division_code=actor.division_code,
    )


def _tell(actor: Actor, stay: Stay, told: Told) -> None:
    names = network.names_of_institutions([stay.institution_id], on=ledger_queries.today())
    text = rules.word(
        told,
        hospital=names.get(stay.institution_id, ""),
        bed=str(stay.bed),
        day=stay.bed.day,
        starts=stay.during.lower,
        until=stay.during.upper,
    )
    words = [Word(stay.resident_id, text, STAY, stay.id)]
    messages.tell(actor, words, institution_id=stay.institution_id)


def _institution_of(actor: Actor, bed_id: UUID) -> UUID:
    """The institution whose bed it is, where the actor lays patients into its beds."""
    found = Bed.objects.filter(id=bed_id).values_list("institution_id", flat=True).first()
    if found is None:
        raise Refused(rules.NO_SUCH_BED)
    refuse(_may_lay(actor, found))
    return found


def _may_lay(actor: Actor, institution_id: UUID) -> Refusal | None:
    """Who keeps the beds and deals with patients: an office that only counts does not lay anybody."""
    return may(actor, Right.CAPACITY_KEEP, institution_id=institution_id) or may(
        actor, Right.CAPACITY_BOOK, institution_id=institution_id
    )


def _own_stay(
    actor: Actor, stay_id: UUID, states: Collection[StayState], *, also: UUID | None = None
) -> Stay:
    """The stay, its bed locked before it; and that other bed."""
    found = Stay.objects.filter(id=stay_id).values_list("bed_id", "institution_id").first()
    if found is None:
        raise Refused(rules.NO_SUCH_STAY)
    refuse(_may_lay(actor, found[1]))
    _locked([found[0], *([also] if also else [])])
    stay = Stay.objects.select_for_update(of=("self",)).select_related("bed").get(id=stay_id)
    if stay.bed_id != found[0] or stay.state not in states:
        raise Refused(rules.STANDS_ELSEWHERE)
    return stay


def _locked(beds: Collection[UUID]) -> list[Bed]:
    return list(Bed.objects.select_for_update(no_key=True).filter(id__in=beds).order_by("id"))


def _facts(bed: Bed) -> BedFacts:
    return BedFacts(str(bed), BedSex(bed.sex), bed.isolation, bed.day, bed.out_of_use)


def _clash(error: IntegrityError, stay: Stay) -> Refusal:
    """What the constraint that said no means; of a bed with the time that somebody has it."""
    said, bed = str(error), str(stay.bed)
    if "bed_for_one" in said:
        other = (
            Stay.objects.filter(bed_id=stay.bed_id, during__overlap=stay.during)
            .exclude(id=stay.id)
            .exclude(state=StayState.CANCELLED.value)
            .order_by("during")
            .first()
        )
        return (
            rules.STANDS_ELSEWHERE
            if other is None
            else rules.taken(bed, other.during.lower, other.during.upper)
        )
    if "one_lies_in_a_bed" in said:
        return replace(rules.STILL_TAKEN, fields={"bed": bed})
    if "resident_lies_once" in said:
        return rules.IN_A_BED
    if "resident_in_one_bed" in said:
        return rules.LIES_ELSEWHERE
    raise error
