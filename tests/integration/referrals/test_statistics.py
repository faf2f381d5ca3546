"""Statistics beside rows counted by hand: how many, how answered, how long, by group, from year to year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.models import Booking, Slot
from tiercare.apps.capacity.rules.vocabulary import Channel
from tiercare.apps.exchange.models import Notice
from tiercare.apps.exchange.rules.kinds import Urgency
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network.models import Department, InstitutionVersion
from tiercare.apps.records.models import Encounter
from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.statistics import Narrowed, Side
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from ..capacity.admitting import altered
from ..capacity.conftest import Hospital, hospital, session, slot_of
from ..residents.conftest import Site, given, register, site
from .counting import SYSTEM, at, laid

__all__ = ["given", "hospital", "register", "session", "site"]
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class World:
    """A township, its hospital, one elsewhere; a resident; the first of the months that are counted."""

    site: Site
    resident: UUID
    first: date

    def scope(self, role: Role = Role.COMMISSION, place: str = "township", **more):
        values = {"first": self.first, "last": self.first + timedelta(days=27)}
        return counting.scope_of(self.site.actor(role, place), **(values | more))

    def day(self, number: int, hour: float = 8):
        return at(self.first + timedelta(days=number), hour)


@pytest.fixture
def world(site: Site, register: Callable[..., UUID]) -> World:
    today = ledger.today()
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)  # the last one, which is over
    return World(site, register("王小明"), month)


def ten(world: World) -> dict[str, UUID]:
    """Ten requests of last month, between the township (T), its hospital (H) and the stranger (S)."""
    t, h, s, who = world.site.township, world.site.county_hospital, world.site.stranger, world.resident
    ward = Department.objects.create(
        institution_id=h, name="心内科", specialty_code="03.04", period=DateRange(date(2018, 1, 1), None)
    ).id
    day, emergency = world.day, Urgency.EMERGENCY
    whole = [(Act.ACCEPT, 2), (Act.SCHEDULE, 3), (Act.ARRIVE, 24), (Act.TAKE_IN, 25), (Act.REPORT, 49)]
    return {
        # Up, T to H: accepted and closed; accepted later; returned; returned, mended and accepted; sent on to S; not answered.
        "closed": laid("up", t, h, who, day(1), [*whole, (Act.ACKNOWLEDGE, 60)]),
        "accepted": laid("up", t, h, who, day(2), [(Act.ACCEPT, 10)]),
        "returned": laid("up", t, h, who, day(3), [(Act.RETURN, 4, "no_capacity")], department=ward),
        "mended": laid(
            "up",
            *(t, h, who, day(4)),
            [(Act.RETURN, 1, "incomplete"), (Act.SUBMIT, 3), (Act.ACCEPT, 6)],
            department=ward,
        ),
        "sent_on": laid("up", t, h, who, day(5), [(Act.REDIRECT, 2, "no_capacity", s), (Act.ACCEPT, 5)]),
        "waiting": laid("up", t, h, who, day(6)),
        # An emergency that simply came.
        "emergency": laid(
            "up", t, h, who, day(7), [(Act.ARRIVE, 0.5), (Act.TAKE_IN, 0.75)], urgency=emergency
        ),
        # Down, H to T: arrived; not come.
        "down": laid("down", h, t, who, day(8), [(Act.ACCEPT, 1), (Act.ARRIVE, 48)], group="chronic_stable"),
        "not_come": laid(
            "down",
            *(h, t, who, day(9)),
            [(Act.ACCEPT, 1), (Act.SCHEDULE, 1), (Act.MISS, 72)],
            group="convalescent",
        ),
        "advice": laid("advice", t, s, who, day(10), [(Act.ACCEPT, 1), (Act.REPORT, 5)]),
        # Before the period and after it: not counted.
        "before": laid("up", t, h, who, day(-1, 23.9), [(Act.ACCEPT, 2)]),
        "after": laid("down", h, t, who, day(28, 0), [(Act.ACCEPT, 2)]),
    }


def test_what_is_counted_is_what_was_laid_down(world: World) -> None:
    ten(world)
    found = counting.statistics(world.scope())
    assert dict(found.counts) == {
        "sent": 10,
        "up": 7,
        "down": 2,
        "lateral": 0,
        "advice": 1,
        "answered": 9,
        "accepted": 8,
        "bounced": 3,
        "planned": 8,
        "without_place": 8,
        "arrived": 3,
        "missed": 1,
        "lost_place": 0,
        "closed": 1,
        "without_note": 0,
        "open": 9,
        "escalated": 0,
        "unheard": 0,
        "emergency": 1,
    }
    assert found.share("accepted", "answered") == 8 / 9
    assert found.share("bounced", "answered") == 3 / 9
    assert found.share("up", "lateral") is None
    assert [(each.month, each.up, each.down) for each in found.months] == [(world.first, 7, 2)]


def test_every_number_opens_the_list_behind_it(world: World) -> None:
    made = ten(world)
    for side in Side:
        scope = world.scope(side=side)
        found = counting.statistics(scope)
        for measure, number in found.counts.items():
            listed, total = counting.cases(scope, measure=measure)
            assert (len(listed), total) == (number, number), measure
    listed, _ = counting.cases(world.scope(), measure="bounced", only=Narrowed(code="no_capacity"))
    assert {each.id for each in listed} == {made["returned"], made["sent_on"]}
    listed, total = counting.cases(world.scope(), page=2, per_page=4)
    assert (len(listed), total) == (4, 10)
    assert listed[0].id == made["waiting"]  # newest first: the four of the first page came later
    with pytest.raises(Refused):
        counting.cases(world.scope(), measure="1=1")


def test_times_are_medians_of_hours_from_the_first_sending(world: World) -> None:
    ten(world)
    found = counting.statistics(world.scope())
    hours = {each.step: (each.median / 3600, each.cases) for each in found.times}
    # Answered after 2, 10, 4, 1, 2, 0.5, 1, 1 and 1 hours; accepted after 2, 10, 6, 5, 0.5, 1, 1 and 1.
    assert hours["answered"] == (1.0, 9)
    assert hours["accepted"] == (1.5, 8)
    assert hours["arrived"] == (24.0, 3)
    assert hours["closed"] == (60.0, 1)
    p90 = {each.step: each.p90 / 3600 for each in found.times}
    # The ninth decile of eight: between 6 and 10, three tenths of the way.
    assert p90["accepted"] == pytest.approx(7.2)
    assert [(each.step, each.median / 60, each.cases) for each in found.emergency] == [
        ("answered", 30.0, 1),
        ("accepted", 30.0, 1),
        ("arrived", 30.0, 1),
        ("taken_in", 45.0, 1),
    ]


def test_who_returned_what_by_code_and_department(world: World) -> None:
    ten(world)
    found = counting.statistics(world.scope())
    rows = {(each.act, each.code, each.institution_id, each.department): each.cases for each in found.bounced}
    h = world.site.county_hospital
    assert rows == {
        ("return", "no_capacity", h, "心内科"): 1,
        ("return", "incomplete", h, "心内科"): 1,
        ("redirect", "no_capacity", h, ""): 1,
    }
    by_ward = next(each for each in found.bounced if each.code == "incomplete")
    listed, total = counting.cases(
        world.scope(), measure="bounced", only=Narrowed(by=h, department=by_ward.department_id)
    )
    assert (len(listed), total) == (2, 2)


@pytest.mark.clause("XH-47")
def test_referrals_down_are_counted_by_group_and_receiver(world: World) -> None:
    ten(world)
    found = counting.statistics(world.scope())
    t = world.site.township
    assert [
        (each.group, each.institution_id, each.sent, each.accepted, each.arrived) for each in found.down
    ] == [
        ("chronic_stable", t, 1, 1, 1),
        ("convalescent", t, 1, 1, 0),
    ]
    listed, total = counting.cases(world.scope(), measure="down", only=Narrowed(group="convalescent", to=t))
    assert (total, listed[0].state) == (1, "NO_SHOW")


def test_an_institution_counts_what_it_sent_and_what_came(world: World) -> None:
    ten(world)
    office = (Role.REFERRAL_OFFICE, "county_hospital")
    sent = counting.statistics(world.scope(*office, side=Side.OUT)).counts
    assert (sent["sent"], sent["down"], sent["up"]) == (2, 2, 0)
    came = counting.statistics(world.scope(*office, side=Side.IN)).counts
    # What it sent on to another is still among what came to it.
    assert (came["sent"], came["bounced"], came["emergency"]) == (7, 3, 1)
    there = counting.statistics(world.scope(Role.REFERRAL_OFFICE, "stranger", side=Side.IN)).counts
    assert (there["sent"], there["advice"]) == (2, 1)
    own = world.scope(institution_id=world.site.stranger)
    assert counting.statistics(own).counts["sent"] == 2


def test_who_sent_with_a_place_in_hand(world: World, hospital: Hospital, session) -> None:
    made = ten(world)
    slot = slot_of(session({Channel.REFERRAL: 5}))
    states = {"closed": ("ATTENDED", 3), "accepted": ("CANCELLED", -1), "returned": ("CANCELLED", 5)}
    sent_on = {"closed": 1, "accepted": 2, "returned": 3}
    with scoped(SYSTEM, area="*"):
        for name, (state, turned) in states.items():
            moment = world.day(sent_on[name])
            Booking.objects.create(
                slot_id=slot,
                session_id=Slot.objects.get(id=slot).session_id,
                institution_id=hospital.id,
                resident_id=world.resident,
                booked_by=world.site.township,
                channel="REFERRAL",
                quota_channel="REFERRAL",
                holder_id=counting.NOBODY,
                state=state,
                number=1 + len(name),
                source_id=made[name],
                made_at=moment - timedelta(hours=2),
                changed_at=moment + timedelta(hours=turned),
            )
    found = counting.statistics(world.scope()).counts
    assert (found["planned"], found["without_place"]) == (8, 6)  # given back before it was sent is none


def test_escalations_and_what_nobody_saw(world: World) -> None:
    made = ten(world)
    t, h = world.site.township, world.site.county_hospital
    with scoped(SYSTEM, area="*"):
        for about, institution, account in [
            ("escalated", t, UUID(int=1)),
            ("escalated", h, None),
            ("escalated", t, UUID(int=1)),
            ("unheard", t, UUID(int=1)),
            ("unheard", h, None),
        ]:
            Notice.objects.create(
                institution_id=institution, account_id=account, request_id=made["waiting"], about=about
            )
    found = counting.statistics(world.scope()).counts
    assert (found["escalated"], found["unheard"]) == (1, 1)


@pytest.fixture
def xinhui(site: Site) -> None:
    """The county goes by the pack of 新会."""
    Mandate.objects.create(division_code="340223", pack="xinhui", period=DateRange(date(2018, 1, 1), None))


def _years(world: World, last: int, this: int) -> int:
    """So many referrals down that arrived, in the last whole year and the one before; answers the year."""
    year = ledger.today().year - 1
    t, h = world.site.township, world.site.county_hospital
    for count, of in ((last, year - 1), (this, year)):
        for number in range(count):
            moment = at(date(of, 12, 31), 23.9) if number == 0 else at(date(of, 3, number))
            laid("down", h, t, world.resident, moment, [(Act.ACCEPT, 1), (Act.ARRIVE, 2)])
    laid("down", h, t, world.resident, at(date(year, 5, 1)), [(Act.ACCEPT, 1)])  # did not arrive
    laid(
        "down", h, world.site.stranger, world.resident, at(date(year, 5, 2)), [(Act.ARRIVE, 1)]
    )  # to a hospital
    laid("down", t, h, world.resident, at(date(year, 5, 3)), [(Act.ARRIVE, 1)])  # from primary care
    return year


@pytest.mark.clause("XH-130")
def test_growth_from_year_to_year_is_held_against_the_packs_target(
    world: World, xinhui: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    InstitutionVersion.objects.filter(institution_id=world.site.county_hospital).update(level=2)
    year = _years(world, last=10, this=11)
    scope = world.scope(Role.REFERRAL_OFFICE, "county_hospital")
    found = counting.growth(scope, year=year)
    assert (found.this, found.last, found.rate, found.target, found.met) == (11, 10, 0.1, 0.10, True)
    altered(monkeypatch, "XH-130", down_referral_yoy_growth=0.2)
    assert counting.growth(scope, year=year).met is False
    InstitutionVersion.objects.filter(institution_id=world.site.county_hospital).update(level=1)
    found = counting.growth(scope, year=year)
    assert (found.this, found.last, found.rate, found.met) == (0, 0, None, None)


def test_growth_cannot_be_computed_from_nothing(world: World, xinhui: None) -> None:
    InstitutionVersion.objects.filter(institution_id=world.site.county_hospital).update(level=3)
    year = _years(world, last=0, this=3)
    found = counting.growth(world.scope(Role.REFERRAL_OFFICE, "county_hospital"), year=year)
    assert (found.this, found.last, found.rate, found.met) == (3, 0, None, None)
    with pytest.raises(Refused):
        counting.growth(world.scope(), year=ledger.today().year + 1)


def test_a_year_that_is_not_over_is_held_against_the_same_days(world: World) -> None:
    today = ledger.today()
    found = counting.growth(world.scope(), year=today.year)
    assert (found.until, found.target, found.clauses) == (today, None, ())
    assert counting._same_day(date(2024, 2, 29), 2023) == date(2023, 2, 28)


@pytest.mark.clause("NHC-38")
@pytest.mark.clause("YN-52")
def test_days_from_the_mark_to_the_way_down(world: World, register: Callable[..., UUID]) -> None:
    h, t = world.site.county_hospital, world.site.township

    def marked(stage: str, day: int, *, left: float | None = None, kept: str = "", resident=world.resident):
        ready = world.day(day)
        with scoped(SYSTEM, area="*"):
            Encounter.objects.create(
                resident_id=resident,
                institution_id=h,
                source="test",
                source_key=str(uuid7()),
                kind="INPATIENT",
                started_at=ready - timedelta(days=5),
                ended_at=None if left is None else ready + timedelta(days=left),
                stage=stage,
                stage_at=ready,
                kept_reason=kept,
            )

    others = [world.resident, *(register(name) for name in ("李小红", "张小军", "赵小燕", "孙小丽"))]
    for number, resident in enumerate(others):
        marked(
            "ACUTE_RECOVERY",
            2 + number,
            resident=resident,
            left=None if number < 3 else 4,
            kept="要求留院" if number == 4 else "",
        )
    # Sent down after 2 and 5 days; one still waits, one left without a plan, one with a reason to stay.
    laid("down", h, t, others[0], world.day(4), group="convalescent")
    laid("down", h, t, others[1], world.day(8), group="convalescent")
    laid(
        "down", h, t, others[2], world.day(1), group="convalescent"
    )  # before they were ready: another matter
    (found,) = counting.statistics(world.scope()).stages
    assert (found.stage, found.marked, found.sent) == ("ACUTE_RECOVERY", 5, 2)
    assert (found.waiting, found.left_without, found.kept) == (1, 1, 1)
    assert (found.median, found.p90) == (3.5, pytest.approx(4.7))


def test_who_may_count(world: World) -> None:
    for role, place in ((Role.CLINICIAN, "stranger"), (Role.PRIMARY_DOCTOR, "township")):
        with pytest.raises(Refused):
            world.scope(role, place)
    with pytest.raises(Refused) as refused:
        world.scope(last=world.first + timedelta(days=400))
    assert refused.value.refusals[0].code == "referrals.statistics_period"
    with pytest.raises(Refused):
        world.scope(institution_id=uuid7())
    # Whoever acts for a house counts that house, whatever is asked for.
    assert world.scope(Role.REFERRAL_OFFICE, "stranger").institutions == (world.site.stranger,)
