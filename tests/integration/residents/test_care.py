"""Services of primary care that residents ask for: who answers, by when, who reads meanwhile, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.models import CareRelation
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import find
from tiercare.apps.ledger.models import Event
from tiercare.apps.messages.models import Message
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.events import CareTurned
from tiercare.apps.residents.models import CareRequest, Resident, ResponsibleDoctor
from tiercare.apps.residents.rules.care import LONGEST_WORDS
from tiercare.apps.residents.workflow import OPEN, CareAct, CareState, care_step
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import altered
from ..referrals.places import away
from ..referrals.seen import in_force
from .care import codes, later, reads, synthetic_clock
from .conftest import Site, given, register, site
from .test_consents import make_guardian

__all__ = ["given", "register", "site", "synthetic_clock"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def xinhui(site: Site) -> None:
    in_force("xinhui")


@pytest.fixture
def hers(register: Callable[..., UUID]) -> UUID:
    """Registered at the township, signed nowhere."""
    return register("李小红")


def ask(
    site: Site, resident: UUID, service: str = "home", words: str = "示例：要换药", actor: Actor | None = None
) -> UUID:
    who = actor or site.resident(resident)
    return commands.ask_care(who, resident_id=resident, service=service, words=words)


def row(key: UUID, resident: UUID) -> CareRequest:
    with scoped(Actor.system("test"), persons=[resident]):
        return CareRequest.objects.get(id=key)


def turn(site: Site, key: UUID, act: CareAct, resident: UUID) -> None:
    station = site.actor(Role.PRIMARY_DOCTOR)
    if act is CareAct.AGREE:
        soon = ledger.now() + timedelta(minutes=1)
        commands.agree_care(station, request_id=key, visit_at=soon)
        later(minutes=2)
    elif act is CareAct.DECLINE:
        commands.decline_care(station, request_id=key, words="示例原因", instead="示例办法")
    elif act is CareAct.FINISH:
        commands.finish_care(station, request_id=key)
    else:
        commands.withdraw_care(site.resident(resident), request_id=key)


def test_every_way_of_three_acts_goes_by_the_table(site: Site, hers: UUID) -> None:
    """Whatever is tried: the table decides, an open request is due and read by its station, a closed one neither."""
    for acts in product(CareAct, repeat=3):
        key = ask(site, hers)
        for act in acts:
            before = CareState(row(key, hers).state)
            step = care_step(before, act)
            if step is None:
                with pytest.raises(Refused) as caught:
                    turn(site, key, act, hers)
                assert codes(caught) == {"residents.care_not_in_this_state"}
            else:
                turn(site, key, act, hers)
            now = row(key, hers)
            assert now.state == (step.target if step else before)
            assert (now.due_at is not None) == (now.state in OPEN) == relation_stands(key, hers)
            assert now.institution_id == site.township
        if row(key, hers).state in OPEN:
            commands.withdraw_care(site.resident(hers), request_id=key)


def relation_stands(key: UUID, resident: UUID) -> bool:
    with scoped(Actor.system("test"), persons=[resident]):
        return CareRelation.objects.get(source_id=key).until is None


def test_the_signed_team_answers_and_without_one_the_nearest_of_primary_care(
    site: Site, register: Callable[..., UUID]
) -> None:
    away(site.township, of=site.county_hospital, km=2)
    signed, unsigned = (
        register(name, site.actor(Role.REGISTRAR, "county_hospital")) for name in ("王一", "王二")
    )
    other = (
        InstitutionVersion.objects.filter(
            category="TOWNSHIP_CENTRE", division_code="340223", period__contains=ledger.today()
        )
        .exclude(institution_id=site.township)
        .order_by("institution_id")[0]
        .institution_id
    )
    with scoped(Actor.system("test"), persons=[signed]):
        ResponsibleDoctor.objects.create(
            resident_id=signed,
            institution_id=other,
            doctor_name="示例医生",
            source="test",
            period=DateRange(date(2019, 1, 1), None),
        )
    found = row(ask(site, signed), signed)
    assert (found.institution_id, found.doctor_name, found.signed) == (other, "示例医生", True)
    found = row(ask(site, unsigned), unsigned)
    assert (found.institution_id, found.signed) == (site.township, False)


def test_the_station_reads_the_record_until_it_is_closed(site: Site, register: Callable[..., UUID]) -> None:
    away(site.township, of=site.county_hospital, km=2)
    his = register("王一", site.actor(Role.REGISTRAR, "county_hospital"))
    station = site.actor(Role.PRIMARY_DOCTOR)
    assert reads(station, his) == ""
    key = ask(site, his)
    assert reads(station, his) == "request"
    commands.withdraw_care(site.resident(his), request_id=key)
    assert reads(station, his) == ""


def test_what_is_late_stands_first_and_says_so(
    site: Site, hers: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = site.actor(Role.PRIMARY_DOCTOR)
    first = ask(site, hers, "home")
    altered(monkeypatch, "XH-23", care_answer_hours=1)
    hurried = ask(site, hers, "door_to_door")
    assert [each.id for each in queries.care_asked(station)] == [hurried, first]
    assert row(hurried, hers).due_at - row(hurried, hers).asked_at == timedelta(hours=1)
    later(hours=2)
    assert [each.overdue for each in queries.care_asked(station)] == [True, False]
    mine = queries.my_care(site.resident(hers), hers)
    assert {each.id: each.overdue for each in mine.requests} == {hurried: True, first: False}
    commands.decline_care(station, request_id=hurried, words="示例", instead="示例")
    assert [each.overdue for each in queries.care_asked(station)] == [False, False]
    later(days=8)
    assert [each.id for each in queries.care_asked(station)] == [first], "closed a week ago it is in no list"


def test_how_far_off_a_visit_may_be_is_the_packs_to_say(
    site: Site, hers: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, station = ask(site, hers), site.actor(Role.PRIMARY_DOCTOR)
    in_ten_days = ledger.now() + timedelta(days=10)
    altered(monkeypatch, "XH-23", care_visit_hours=48, care_report_hours=5)
    with pytest.raises(Refused) as caught:
        commands.agree_care(station, request_id=key, visit_at=in_ten_days)
    assert codes(caught) == {"residents.care_time_far"}
    altered(monkeypatch, "XH-23", care_visit_hours=480)
    commands.agree_care(station, request_id=key, visit_at=in_ten_days)
    assert row(key, hers).due_at == in_ten_days + timedelta(hours=5)
    with pytest.raises(Refused) as caught:
        commands.finish_care(station, request_id=key)
    assert codes(caught) == {"residents.care_not_yet"}


def test_what_cannot_be_asked_for(site: Site, hers: UUID, register: Callable[..., UUID]) -> None:
    ask(site, hers)
    neighbour = register("张小军")
    for service, words, code in (
        ("home", "再要一次", "residents.care_asked_already"),
        ("massage", "要", "residents.care_service"),
        ("door_to_door", "  ", "residents.care_words"),
        ("door_to_door", "长" * (LONGEST_WORDS + 1), "residents.care_words_long"),
    ):
        with pytest.raises(Refused) as caught:
            ask(site, hers, service, words)
        assert codes(caught) == {code}
    with pytest.raises(Refused) as caught:
        ask(site, neighbour, actor=site.resident(hers))
    assert codes(caught) == {"access.no_basis"}
    with pytest.raises(Refused):
        ask(site, hers, "door_to_door", actor=site.actor(Role.PRIMARY_DOCTOR))
    with scoped(Actor.system("test"), persons=[neighbour]):
        Resident.objects.filter(id=neighbour).update(deceased_on=ledger.today())
    with pytest.raises(Refused) as caught:
        ask(site, neighbour)
    assert "residents.care_deceased" in codes(caught)


def test_nobody_answers_or_withdraws_what_is_anothers(
    site: Site, hers: UUID, register: Callable[..., UUID]
) -> None:
    key = ask(site, hers)
    stranger = site.actor(Role.CLINICIAN, "county_hospital")
    for attempt in (
        lambda: commands.decline_care(stranger, request_id=key, words="示例", instead="示例"),
        lambda: commands.finish_care(stranger, request_id=key),
        lambda: commands.withdraw_care(site.resident(register("张小军")), request_id=key),
    ):
        with pytest.raises(Refused) as caught:
            attempt()
        assert codes(caught) == {"residents.no_such_care_request"}
    with pytest.raises(Refused):
        commands.finish_care(site.actor(Role.REGISTRAR), request_id=key)
    assert queries.care_asked(stranger) == ()


def test_a_guardian_asks_for_a_ward_and_takes_it_back(site: Site, register: Callable[..., UUID]) -> None:
    child, mother = register("王小宝", birth_date=date(2022, 5, 1)), register("李小红")
    make_guardian(site, child, mother)
    key = ask(site, child, actor=site.resident(mother))
    assert [each.id for each in queries.my_care(site.resident(mother), child).requests] == [key]
    commands.withdraw_care(site.resident(mother), request_id=key)
    assert row(key, child).state == CareState.WITHDRAWN


def test_of_answers_that_follow_each_other_the_last_is_told(site: Site, hers: UUID) -> None:
    key, station = ask(site, hers), site.actor(Role.PRIMARY_DOCTOR)
    commands.agree_care(station, request_id=key, visit_at=ledger.now() + timedelta(hours=1), words="小王来")
    commands.decline_care(station, request_id=key, words="小王病了", instead="周三到卫生院")
    for event in Event.objects.filter(kind=CareTurned.KIND).order_by("sequence"):
        find("words.tell_of_care")(event)
    with scoped(Actor.system("test"), persons=[hers]):
        (told,) = Message.objects.filter(about_id=key).values_list("text", flat=True)
    assert "小王病了。您可以：周三到卫生院。" in told
