"""当日候诊: the sessions of a day, the queue with its reasons, calling, walking in, the screen, and the waits."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.capacity.conftest import slot_of, synthetic_clock, to_the_day, used

from tiercare.apps.access.commands import relate
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.capacity.commands import allow_extra, book, turn
from tiercare.apps.capacity.models import Booking
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.capacity.workflow import Act
from tiercare.apps.ledger.models import Event
from tiercare.kernel.ids import uuid7

from .capacity_desk import acting_at, given, hospital, register, sent, session, site, text_of
from .residents_desk import id_number

__all__ = ["acting_at", "given", "hospital", "register", "session", "site", "synthetic_clock"]  # fixtures

OPEN = Channel.OPEN
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def desk(acting_at) -> Client:
    """The registrar of the county hospital."""
    client: Client = acting_at(Role.REGISTRAR)
    return client


def referred(hospital, resident: UUID) -> UUID:
    """An open request that brings them to the hospital."""
    source = uuid7()
    with scoped(hospital.desk):
        relate(
            hospital.desk,
            resident_id=resident,
            institution_id=hospital.id,
            division_code="340223",
            kind=Basis.REQUEST,
            source_id=source,
        )
    return source


@pytest.fixture
def today(hospital, session, register) -> tuple[UUID, UUID, UUID]:
    """A session of today with two patients: one of them referred, and booked after the other."""
    at = session({OPEN: 9}, walk_ins=1)
    plain, second = register("王小明"), register("李小红")
    own = hospital.site.resident
    first = book(own(plain), slot_id=slot_of(at), resident_id=plain).booking_id
    source = referred(hospital, second)
    other = book(own(second), slot_id=slot_of(at), resident_id=second, source_id=source).booking_id
    to_the_day(at)
    return at, first, other


def order_on(text: str) -> list[str]:
    return re.findall(r'<tr class="is-[a-z -]+" id="r-([0-9a-f-]+)"', text)


def test_the_day_shows_each_session_with_its_counts_and_reads_no_record(desk, hospital, today) -> None:
    at, first, _ = today
    turn(hospital.desk, booking_id=first, act=Act.ARRIVE)
    before = Event.objects.filter(kind="access.record_read").count()
    text = text_of(desk.get("/daylist"))
    assert f"/daylist/{at}" in text and "示例池" in text
    assert re.search(r'data-label="待到院">1<.*?data-label="候诊"><strong>1<', text, re.DOTALL)
    assert "王" not in text.partition("<main")[2]
    assert Event.objects.filter(kind="access.record_read").count() == before
    assert "没有放号" in text_of(desk.get("/daylist", {"day": "2031-01-01"}))
    text_of(desk.get("/daylist", {"day": "soup"}), 422)


@pytest.mark.clause("NHC-41")
def test_the_queue_says_why_each_stands_where_and_by_which_clause(desk, hospital, today) -> None:
    at, first, other = today
    text = text_of(desk.get(f"/daylist/{at}"))
    assert order_on(text) == [str(other), str(first)]
    row = text.partition(f'id="r-{other}"')[2].partition("</tr>")[0]
    assert "预约转诊" in row and "/clauses/NHC-41" in row and "李*红" in row
    assert "按时段和号序" in text.partition(f'id="r-{first}"')[2].partition("</tr>")[0]
    assert "李小红" not in text
    turn(hospital.desk, booking_id=first, act=Act.ARRIVE)  # who is there comes before who is not
    assert order_on(text_of(desk.get(f"/daylist/{at}"))) == [str(first), str(other)]
    read = Event.objects.filter(kind="access.record_read", institution_id=hospital.id).latest("sequence")
    assert read.payload["what"] == "bookings" and len(read.payload["residents"]) == 2


def test_check_in_call_and_see_from_the_queue(desk, today) -> None:
    at, first, _ = today
    text = text_of(desk.get(f"/daylist/{at}"))
    assert re.search(r'id="call-next"[^>]* disabled', text)
    answer = desk.post(f"/daylist/{at}/{first}/arrive", sent())
    assert answer.status_code == 302 and f"at={first}" in answer["Location"]
    text = text_of(desk.get(answer["Location"]))
    assert not re.search(r'id="call-next"[^>]* disabled', text)
    assert re.search(rf'id="b-{first}-attend"[^>]* autofocus', text)
    assert desk.post(f"/daylist/{at}/call", sent()).status_code == 302
    assert "叫过" in text_of(desk.get(f"/daylist/{at}"))
    assert "都叫过了" in text_of(desk.post(f"/daylist/{at}/call", sent()), 409)
    assert desk.post(f"/daylist/{at}/{first}/call", sent()).status_code == 302  # once more
    assert desk.post(f"/daylist/{at}/{first}/attend", sent()).status_code == 302
    text = text_of(desk.get(f"/daylist/{at}"))
    assert str(first) not in order_on(text) and "看过的和没来的" in text
    assert "不能就诊" in text_of(desk.post(f"/daylist/{at}/{first}/attend", sent()), 409)
    text_of(desk.post(f"/daylist/{at}/{first}/confirm", sent()), 404)
    text_of(desk.post(f"/daylist/{at}/stop", sent()), 404)


def test_a_list_that_is_as_it_was_is_not_sent_again_and_not_read(desk, hospital, today) -> None:
    at, first, _ = today
    mark = re.search(r"since=([0-9a-f]{32})", text_of(desk.get(f"/daylist/{at}")))
    assert mark
    reads = Event.objects.filter(kind="access.record_read").count()
    again = desk.get(f"/daylist/{at}", {"since": mark[1]}, **HTMX)
    assert again.status_code == 204 and Event.objects.filter(kind="access.record_read").count() == reads
    turn(hospital.desk, booking_id=first, act=Act.ARRIVE)
    assert f"r-{first}" in text_of(desk.get(f"/daylist/{at}", {"since": mark[1]}, **HTMX))


def test_somebody_walks_in_or_is_taken_beyond_the_offer(desk, hospital, today, register) -> None:
    at, *_ = today
    numbers = [id_number(sequence=each) for each in (771, 773)]
    for name, number in zip(("周小兵", "吴小燕"), numbers, strict=True):
        register(name, actor=hospital.desk, number=number)
    refused = text_of(desk.post(f"/daylist/{at}/walk-in", sent(number="340223190001010000")), 422)
    assert "340223190001010000" in refused and '<details class="adding" open>' in refused
    answer = desk.post(f"/daylist/{at}/walk-in", sent(number=numbers[0]))
    assert answer.status_code == 302
    text = text_of(desk.get(f"/daylist/{at}"))
    assert "现场号" in text and "周*兵" in text and "挂现场号（余" not in text and "加号（余" not in text
    allow_extra(hospital.office, session_id=at, channel=Channel.OVERBOOK, units=1, reason="专家同意")
    slot = slot_of(at)
    assert f'value="{slot}"' in text_of(desk.get(f"/daylist/{at}"))
    assert desk.post(f"/daylist/{at}/overbook", sent(number=numbers[1], slot=slot)).status_code == 302
    assert used(at) == {"OPEN": 2, "WALK_IN": 1, "OVERBOOK": 1}
    with scoped(hospital.desk):
        assert Booking.objects.filter(session_id=at).count() == 4


def test_the_screen_shows_numbers_and_nothing_of_anybody(desk, hospital, today) -> None:
    at, first, other = today
    for key in (first, other):
        turn(hospital.desk, booking_id=key, act=Act.ARRIVE)
    desk.post(f"/daylist/{at}/call", sent())
    before = Event.objects.filter(kind="access.record_read").count()
    text = text_of(desk.get(f"/daylist/{at}/screen"))
    called, _, coming = text.partition("接下来")
    assert "<b>2</b> 号" in called and "<b>1</b>" in coming and "<b>2</b>" not in coming
    assert "小" not in text.partition("<main")[2] and str(other) not in text
    assert "预约转诊" not in text
    assert Event.objects.filter(kind="access.record_read").count() == before
    mark = re.search(r"since=([0-9a-f]{32})", text)
    assert mark and desk.get(f"/daylist/{at}/screen", {"since": mark[1]}, **HTMX).status_code == 204


def test_others_do_not_see_the_queue(acting_at, today) -> None:
    at, *_ = today
    for role, place in ((Role.REGISTRAR, "township"), (Role.CLINICIAN, "stranger")):
        for address in (f"/daylist/{at}", f"/daylist/{at}/screen"):
            text_of(acting_at(role, place).get(address), 403)
        text_of(acting_at(role, place).post(f"/daylist/{at}/call", sent()), 403)


def test_another_day_offers_nothing_to_do(desk, hospital, session, register) -> None:
    at, resident = session({OPEN: 3}, walk_ins=1), register()
    key = book(hospital.family_doctor, slot_id=slot_of(at), resident_id=resident).booking_id
    text = text_of(desk.get(f"/daylist/{at}"))
    assert str(key) in order_on(text)[0]
    assert 'id="call-next"' not in text and "-arrive" not in text and "挂现场号" not in text
    assert "不是今天" in text_of(desk.post(f"/daylist/{at}/{key}/arrive", sent()), 409)


def test_a_queue_asks_as_often_however_many_wait(
    desk, hospital, session, register, django_assert_num_queries
) -> None:
    at = session({OPEN: 12})
    names = ("王一", "王二", "王三", "王四", "王五", "王六", "王七", "王八")
    keys = [
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(name)).booking_id
        for name in names
    ]
    to_the_day(at)
    turn(hospital.desk, booking_id=keys[0], act=Act.ARRIVE)
    turn(hospital.desk, booking_id=keys[0], act=Act.ATTEND)
    for key in keys[2:]:
        turn(hospital.family_doctor, booking_id=key, act=Act.CANCEL)
    desk.get(f"/daylist/{at}")
    with CaptureQueriesContext(connection) as two:
        desk.get(f"/daylist/{at}")
    for number in range(6):
        book(hospital.family_doctor, slot_id=slot_of(at), resident_id=register(f"李{names[number][1]}"))
    with django_assert_num_queries(len(two)):
        desk.get(f"/daylist/{at}")


def test_how_long_people_waited_is_shown_for_a_span_of_days(desk, today) -> None:
    assert "签约居民" in text_of(desk.get("/daylist/waits"))
    asked = {"first": "2026-01-01", "last": "2026-12-01"}
    assert "超过 31 天" in text_of(desk.get("/daylist/waits", asked), 422)
