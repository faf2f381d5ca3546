"""What a hospital's own system tells is taken once, in any order; what does not agree is shown and mended."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import events
from tiercare.apps.capacity.commands import NoPlace, book, receive, settle_conflict, stop
from tiercare.apps.capacity.models import Conflict, FeedSession, Quota, Slot
from tiercare.apps.capacity.queries import drift
from tiercare.apps.capacity.queries.feeds import conflicts_of, feeds_of
from tiercare.apps.capacity.rules.conflicts import ConflictState, Way
from tiercare.apps.capacity.rules.feeds import Message
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.messages.models import Message as Told
from tiercare.apps.network.models import Clinician, PracticeSite
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .feeding import caps, delta, full, offered, standing, told

REFERRAL, OPEN = Channel.REFERRAL.value, Channel.OPEN.value
WHY = "窗口已售出同一个号"


@pytest.fixture
def day():
    return ledger.today() + timedelta(days=3)


@pytest.fixture
def pool(hospital):
    """A clinic of which the hospital keeps a quarter for referrals."""
    return hospital.pool("zj", shares={REFERRAL: 0.25})


@pytest.fixture
def his(hospital, pool):
    """Takes a message for the hospital's office."""

    def run(message: Message):
        return receive(hospital.office, message=message)

    return run


@pytest.fixture
def booked(hospital, register):
    """Books so many residents into the slot at this place of a session as told; answers their ids."""
    names = iter(("王小明", "李小红", "张小军", "赵小刚", "钱小玲", "孙小梅"))

    def run(key: str, at: int, many: int) -> list[UUID]:
        slots = Slot.objects.filter(session_id=FeedSession.objects.get(key=key).session_id).order_by("during")
        people = [register(next(names)) for _ in range(many)]
        for person in people:
            book(hospital.family_doctor, slot_id=slots[at].id, resident_id=person)
        return people

    return run


def physician(hospital, code: str) -> UUID:
    """One of the hospital's own."""
    made = Clinician.objects.create(name=f"示例{code}", code=code, title="主任医师", synthetic=True)
    PracticeSite.objects.create(
        clinician=made,
        institution_id=hospital.id,
        ground="REGISTERED",
        period=DateRange(ledger.today(), None),
    )
    return made.id


def heard(resident_id: UUID) -> list[str]:
    """What the resident was told."""
    with scoped(Actor.system("test"), area=EVERYWHERE):
        return list(Told.objects.filter(resident_id=resident_id).values_list("text", flat=True))


def only() -> Conflict:
    (found,) = Conflict.objects.filter(state=ConflictState.OPEN.value)
    return found


def test_what_was_sold_elsewhere_comes_out_of_the_open_places_first(his, day):
    his(full(1, [day], told("a", day, [(4, 0), (4, 0)])))
    assert caps("a") == {REFERRAL: 2, OPEN: 6}
    his(delta(2, told("a", day, [(4, 4), (4, 1)])))
    assert caps("a") == {REFERRAL: 2, OPEN: 1}
    his(delta(3, told("a", day, [(4, 4), (4, 3)])))
    assert caps("a") == {REFERRAL: 1}
    his(delta(4, told("a", day, [(4, 4), (4, 9)])))
    assert offered()["a"][4] == 0 and caps("a") == {}
    his(delta(5, told("a", day, [(4, 0), (4, 0)])))
    assert caps("a") == {REFERRAL: 2, OPEN: 6}
    assert drift() == [] and standing() == set()


def test_a_message_counts_once(his, day):
    first = his(full(1, [day], told("a", day)))
    again = his(full(1, [day], told("a", day)))
    assert (again.again, again.news, again.conflicts) == (True, first.news, first.conflicts)
    with pytest.raises(Refused) as other:
        his(full(1, [day], told("a", day, [(9, 0)])))
    assert other.value.refusals[0].code == "capacity.feed_other_content"
    assert offered()["a"][4] == 8
    assert Event.objects.filter(kind=events.FeedTaken.KIND).count() == 1


def test_an_older_word_about_a_slot_is_left_out_and_what_is_missing_is_named(hospital, his, day):
    his(full(1, [day], told("a", day)))
    his(delta(4, told("a", day, [(4, 2)], reason="")))
    answer = his(delta(3, told("a", day, [(1, 0), (2, 0)])))
    assert answer.old == ("a",) and answer.missing == (2,)
    ((feed),) = feeds_of(hospital.office)
    assert (feed.sequence, feed.missing, feed.full_sequence) == (4, (2,), 1)
    # The second slot was told last by 3, the first by 4.
    assert [places for _, places, _ in offered()["a"][5]] == [2]
    his(full(5, [day], told("a", day, [(4, 2), (2, 0)])))
    assert [places for _, places, _ in offered()["a"][5]] == [2, 2]
    assert feeds_of(hospital.office)[0].missing == ()


def test_a_full_message_takes_off_what_it_does_not_name(his, day):
    his(full(1, [day], told("a", day), told("b", day, hour=13)))
    his(full(3, [day], told("b", day, hour=13)))
    his(delta(2, told("a", day)))  # late: the full message has said that it is gone
    assert offered().keys() == {"b"} and standing() == set()


def test_who_booked_what_was_sold_elsewhere_is_shown_and_moved(hospital, his, booked, day):
    his(full(1, [day], told("a", day, [(4, 0), (4, 0)])))
    first, last = booked("a", 0, 2)
    answer = his(delta(2, told("a", day, [(4, 3), (4, 0)])))
    assert answer.conflicts == 1 and standing() == {("a", "OVERSOLD", "a-0", 1, 2)}
    assert [(places, used) for _, places, used in offered()["a"][5]] == [(2, 2), (4, 0)]
    with pytest.raises(NoPlace):
        booked("a", 0, 1)
    done = settle_conflict(hospital.office, conflict_id=only().id, way=Way.MOVE, reason=WHY)
    assert not done.stands and standing() == set() and drift() == []
    assert [(places, used) for _, places, used in offered()["a"][5]] == [(1, 1), (4, 1)]
    (word,) = [text for text in heard(last) if WHY in text]
    assert "已为您改到" in word
    assert not [text for text in heard(first) if WHY in text]
    settled = conflicts_of(hospital.office, state=ConflictState.SETTLED)
    assert [(each.way, each.kept) for each in settled] == [(Way.MOVE, 2)]
    told_back = Event.objects.get(kind=events.SlotsAnswered.KIND)
    assert told_back.payload["way"] == "move" and told_back.payload["slot_key"] == "a-0"


def test_who_booked_what_was_sold_elsewhere_may_come_beyond_the_offer(hospital, his, booked, day):
    his(full(1, [day], told("a", day, [(4, 0), (4, 0)])))
    booked("a", 0, 2)
    his(delta(2, told("a", day, [(4, 4), (4, 0)])))
    done = settle_conflict(hospital.office, conflict_id=only().id, way=Way.EXTRA, reason=WHY)
    assert not done.stands and drift() == []
    assert [(places, used) for _, places, used in offered()["a"][5]] == [(4, 0)]
    beyond = Quota.objects.get(channel=Channel.OVERBOOK.value)
    assert (beyond.cap, beyond.used) == (2, 2)


def test_a_session_stopped_there_gives_no_new_places_and_keeps_who_has_one(hospital, his, booked, day):
    his(full(1, [day], told("a", day), told("b", day, hour=13)))
    (person,) = booked("a", 0, 1)
    his(delta(2, told("a", day, on_offer=False, reason="医师停诊")))
    assert standing() == {("a", "STOPPED", "", 0, 1)} and offered()["a"][4] == 1
    with pytest.raises(NoPlace):
        booked("a", 1, 1)
    his(delta(3, told("a", day)))  # it was a mistake
    assert standing() == set() and offered()["a"][4] == 8
    his(delta(4, told("a", day, on_offer=False, reason="医师停诊")))
    settle_conflict(hospital.office, conflict_id=only().id, way=Way.STOP, reason="医师停诊")
    assert standing() == set() and offered().keys() == {"b"} and drift() == []
    assert any("已为您改到" in text for text in heard(person))


def test_a_session_stopped_here_is_not_put_back_by_the_system(hospital, his, day):
    his(full(1, [day], told("a", day)))
    stop(hospital.office, session_id=FeedSession.objects.get(key="a").session_id, reason="设备检修")
    his(delta(2, told("a", day, [(6, 0)])))
    assert offered() == {} and standing() == {("a", "STOPPED_HERE", "", 6, 0)}
    answered = settle_conflict(hospital.office, conflict_id=only().id, way=Way.ANSWER)
    assert answered.stands and only().answered_at is not None
    his(delta(3, told("a", day, [(6, 0)], on_offer=False)))
    assert standing() == set()


def test_another_physician_is_put_in_only_by_a_person_once_somebody_booked(hospital, his, booked, day):
    one, other = physician(hospital, "ys01"), physician(hospital, "ys02")
    his(full(1, [day], told("a", day, physician="ys01")))
    assert offered()["a"][1] == one
    his(delta(2, told("a", day, physician="ys02")))
    assert offered()["a"][1] == other
    (person,) = booked("a", 0, 1)
    his(delta(3, told("a", day, physician="ys01")))
    assert offered()["a"][1] == other and standing() == {("a", "PHYSICIAN", "", 0, 1)}
    settle_conflict(hospital.office, conflict_id=only().id, way=Way.SUBSTITUTE, reason="轮转")
    assert offered()["a"][1] == one and standing() == set()
    assert any("改由" in text for text in heard(person))


def test_what_cannot_stand_is_not_put_on_offer_and_says_why(hospital, his, day):
    physician(hospital, "ys01")
    answer = his(
        full(
            1,
            [day],
            told("a", day, physician="ys01"),
            told("b", day, pool="nobody"),
            told("c", day, physician="ys99", hour=13),
            told("d", day, physician="ys01", hour=9),
        )
    )
    assert offered().keys() == {"a"}
    assert {(key, kind) for key, kind, *_ in standing()} == {
        ("b", "UNKNOWN"),
        ("c", "UNKNOWN"),
        ("d", "CLASH"),
    }
    assert answer.conflicts == 3
    hospital.pool("nobody")
    unknown = Conflict.objects.get(told__key="b")
    assert not settle_conflict(hospital.office, conflict_id=unknown.id, way=Way.RECHECK).stands
    assert offered().keys() == {"a", "b"}
    his(delta(2, told("d", day, physician="ys01", hour=14)))
    assert offered().keys() == {"a", "b", "d"}


def test_a_message_that_is_wrong_is_refused_with_everything_that_is(hospital, his, day):
    wrong = full(0, [day], told("a", day + timedelta(days=1), [(-1, 0), (3, 5_000)]), told("a", day, []))
    with pytest.raises(Refused) as refused:
        his(wrong)
    assert {refusal.code.removeprefix("capacity.feed_") for refusal in refused.value.refusals} == {
        "sequence",
        "twice",
        "other_day",
        "count",
        "no_slots",
    }
    assert all(refusal.sentence() for refusal in refused.value.refusals)
    assert not FeedSession.objects.exists()


def test_only_who_keeps_the_places_feeds_and_settles(hospital, his, booked, day):
    for actor in (hospital.family_doctor, hospital.site.actor(Role.COMMISSION)):
        with pytest.raises(Refused):
            receive(actor, message=full(1, [day], told("a", day)))
    his(full(1, [day], told("a", day)))
    booked("a", 0, 1)
    his(delta(2, told("a", day, [(1, 1)])))
    stranger = hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")
    assert conflicts_of(stranger) == [] and feeds_of(stranger) == []
    with pytest.raises(Refused) as refused:
        settle_conflict(stranger, conflict_id=only().id, way=Way.MOVE, reason=WHY)
    assert refused.value.refusals[0].status == 403
    with pytest.raises(Refused) as refused:
        settle_conflict(hospital.office, conflict_id=only().id, way=Way.STOP, reason=WHY)
    assert refused.value.refusals[0].code == "capacity.conflict_not_this_way"
    assert standing()
