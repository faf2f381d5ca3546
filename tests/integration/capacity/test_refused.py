"""Who gets no place is told the right reason, and lists show no place that is none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.capacity.commands import NoPlace, allow_extra, book
from tiercare.apps.capacity.models import Session, Slot
from tiercare.apps.capacity.queries import of_day
from tiercare.apps.capacity.queries.board import own_sessions, session_sheet
from tiercare.apps.capacity.queries.session import days_of, left_of
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger

from .conftest import HOLD, later, slot_of, used

FAMILY, OPEN = Channel.FAMILY_DOCTOR, Channel.OPEN


def slots_of(session_id) -> list:
    return list(Slot.objects.filter(session_id=session_id).order_by("during").values_list("id", flat=True))


def refusal_of(run):
    with pytest.raises(NoPlace) as caught:
        run()
    return caught.value.refusals[0]


@pytest.mark.parametrize("extra", [False, True])
def test_a_session_whose_places_are_gone_is_full_though_a_slot_has_room(
    hospital, session, register, extra: bool
) -> None:
    """Slots may hold more than the session offers; walk-ins are kept for nobody who books."""
    at = session({OPEN: 1}, by_time=60)
    if extra:
        allow_extra(hospital.office, session_id=at, channel=Channel.WALK_IN, units=3, reason="示例")
    one, other = slots_of(at)[:2]
    book(hospital.family_doctor, slot_id=one, resident_id=register())
    resident = register("李小红")
    refusal = refusal_of(lambda: book(hospital.family_doctor, slot_id=other, resident_id=resident))
    assert refusal.code == "capacity.slot_full"


def test_what_is_kept_is_named_with_when_it_opens(hospital, session, register) -> None:
    at = session({FAMILY: 1, Channel.REFERRAL: 1, OPEN: 0})
    resident = register()
    refusal = refusal_of(lambda: book(hospital.family_doctor, slot_id=slot_of(at), resident_id=resident))
    assert refusal.code == "capacity.only_reserved_left"
    for language, names in (("zh", ("家庭医生转诊", "转诊")), ("en", ("family-doctor referral", "referral"))):
        said = refusal.sentence(language)
        assert all(name in said for name in names) and "None" not in said


def test_a_slot_that_has_begun_has_no_free_place(hospital, session) -> None:
    at = session({OPEN: 4}, days=1, by_time=60)
    starts = Slot.objects.get(id=slots_of(at)[1]).during.lower
    day = ledger.today() + timedelta(days=1)

    def free() -> list[int]:
        found = of_day(hospital.family_doctor, institution_id=hospital.id, day=day, channel=OPEN)
        return [each.free for each in found]

    assert free() == [1, 1, 1, 1]
    later(seconds=(starts - ledger.now()).total_seconds())
    assert free() == [0, 0, 1, 1]


def test_a_hold_that_ran_out_costs_no_list_a_place_though_nobody_has_swept_it(
    hospital, session, register
) -> None:
    """What pages show is what somebody could take: counters still hold the place, the clock has let it go."""
    at = session({OPEN: 2}, by_time=120, per_slot=1)
    doctor, day = hospital.family_doctor, Session.objects.get(id=at).day
    pool = Session.objects.get(id=at).pool_id
    for slot, name in zip(slots_of(at), ("王小明", "李小红"), strict=True):
        book(doctor, slot_id=slot, resident_id=register(name), hold=True)

    def counts() -> tuple[list[int], int, dict, int, int, list[int]]:
        found = of_day(doctor, institution_id=hospital.id, day=day, channel=OPEN)
        (of_pool,) = days_of(doctor, pool_id=pool, channel=OPEN, first=day)
        sheet = session_sheet(hospital.office, at)
        (row,) = own_sessions(hospital.office, day, day)
        return (
            [each.free for each in found],
            of_pool.free,
            left_of(doctor, [at], channel=OPEN),
            row.free,
            sum(each.free for each in sheet.quotas),
            [each.used for each in sheet.slots],
        )

    assert counts() == ([0, 0], 0, {}, 0, 0, [1, 1])
    later(seconds=HOLD.total_seconds())
    assert counts() == ([1, 1], 2, {at: {OPEN: 2}}, 2, 2, [0, 0])
    assert used(at) == {"OPEN": 2}, "reading swept nothing"
