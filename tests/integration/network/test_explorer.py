"""What the lists, the explorer and the registers of an institution answer, against what stands in the tables."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.models import Event
from tiercare.apps.network import commands, models
from tiercare.apps.network.queries.explorer import surroundings
from tiercare.apps.network.queries.institution import institution_page
from tiercare.apps.network.queries.listing import Wanted, consortia, institutions
from tiercare.apps.network.queries.ranges import bounds
from tiercare.apps.network.rules import freshness
from tiercare.apps.network.rules.reach import Reach, reached
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import VERDICT_DAY as ON


def _id(slug: str) -> UUID:
    return models.Institution.objects.get(slug=f"wuhu-{slug}").id


def _hospital(division: str) -> models.Institution:
    institution = models.Institution.objects.create(slug=f"far-{division}")
    models.InstitutionVersion.objects.create(
        institution=institution,
        name=f"{division}医院",
        category="GENERAL",
        level=3,
        owner="PUBLIC",
        affiliation="COUNTY",
        division_code=division,
        period=DateRange(date(2010, 1, 1), None),
    )
    return institution


@pytest.mark.parametrize(
    ("home", "places", "expected"),
    [
        ("3402", ["340202", "340221"], (Reach.LOCAL, (), ())),
        ("340221", ["340202"], (Reach.LOCAL, (), ())),
        ("3402", ["340202", "340104"], (Reach.PREFECTURES, (), ("3401",))),
        ("3402", ["340202", "310104", "340104"], (Reach.PROVINCES, ("31",), ("3401",))),
        ("53", ["530102"], (Reach.LOCAL, (), ())),
        ("53", ["530102", "532301"], (Reach.PREFECTURES, (), ("5301", "5323"))),
        ("53", ["530102", "520102"], (Reach.PROVINCES, ("52",), ())),
        ("53", [], (Reach.LOCAL, (), ())),
    ],
)
def test_how_far_a_consortium_reaches(home: str, places: list[str], expected: tuple[object, ...]) -> None:
    found = reached(home, places)
    assert (found.reach, found.provinces, found.prefectures) == expected


@pytest.mark.parametrize("home", ["34", "3402", "340202"])
@pytest.mark.parametrize(
    "places", [["340202"], ["340104"], ["310104"], ["340104", "320104"], ["340302", "340202"]]
)
def test_the_database_counts_reach_as_the_rule_has_it(wuhu: str, home: str, places: list[str]) -> None:
    consortium = models.Consortium.objects.create(slug="far", kind="SPECIALTY_ALLIANCE", specialty_code="07")
    models.ConsortiumVersion.objects.create(
        consortium=consortium, name="远方联盟", division_code=home, period=DateRange(date(2019, 1, 1), None)
    )
    for place in places:
        models.Membership.objects.create(
            consortium=consortium,
            institution=_hospital(place),
            role="MEMBER",
            period=DateRange(date(2019, 1, 1), None),
        )
    expected = reached(home, places)
    for reach in (Reach.PREFECTURES, Reach.PROVINCES):
        found = consortia(home, Wanted(text="远方联盟", reach=reach), on=ON)
        assert [row.reached for row in found.rows] == ([expected] if expected.reach is reach else [])
    assert consortia(home, Wanted(text="远方联盟"), on=ON).reaches == (
        {expected.reach: 1} if expected.beyond else {}
    )


def test_counts_by_area_add_up(wuhu: str) -> None:
    found = surroundings("3402", whole=["34"], parted=["34", "3402"], on=ON)
    counties = [c for code, c in found.counts.items() if len(code) == 6]
    assert sum(c.institutions for c in counties) == found.counts["3402"].institutions
    assert found.counts["34"] == found.counts["3402"]
    below = sum(c.consortia for c in counties)
    own = models.ConsortiumVersion.objects.filter(division_code="3402", period__contains=ON).count()
    assert below + own == found.counts["3402"].consortia


def test_above_the_prefecture_only_whole_consortia_make_a_day(wuhu: str) -> None:
    member = models.Membership.objects.filter(role="MEMBER", period__contains=ON).first()
    assert member is not None
    member.period = DateRange(member.period.lower, date(2019, 10, 10))
    member.save()
    assert date(2019, 10, 10) in surroundings("3402", whole=[], parted=["3402"], on=ON).days
    assert date(2019, 10, 10) not in surroundings("34", whole=[], parted=["34"], on=ON).days


def test_a_county_lists_consortia_of_elsewhere_in_which_it_takes_part(wuhu: str) -> None:
    alone = consortia("340223", Wanted(), on=ON)
    around = consortia("340223", Wanted(), on=ON, with_guests=True)
    assert {row.local for row in alone.rows} == {True}
    assert {row.id for row in alone.rows} == {row.id for row in around.rows if row.local}
    assert any("远程医疗" in row.name for row in around.rows if not row.local)
    assert sum(around.counts.values()) == around.total == len(around.rows)


def test_a_page_beyond_the_last_is_empty_and_still_knows_the_total(wuhu: str) -> None:
    found, located = institutions("3402", Wanted(page=99), on=ON)
    assert (found.rows, found.pages) == ((), 4)
    assert len(located) <= found.total


@pytest.mark.parametrize("code", ["", "34 OR 1=1", "３４", "-1"])
def test_what_is_no_code_never_reaches_the_database(code: str) -> None:
    with pytest.raises(ValueError, match="not a division code"):
        bounds(code)


def test_a_register_ages_from_the_latest_row_or_word(wuhu: str) -> None:
    key = _id("second_hospital")
    since = ON - freshness.STALE_AFTER
    models.Department.objects.create(
        institution_id=key, name="神经内科", specialty_code="03.04", period=DateRange(since, None)
    )

    def departments(on: date):
        page = institution_page(key, on=on)
        return next(each for each in page.registers if each.register == "departments")

    assert (departments(ON).age, departments(ON).stale) == (freshness.STALE_AFTER.days, False)
    assert departments(ON + timedelta(days=1)).stale
    assert departments(since - timedelta(days=1)).last is None
    assert departments(since - timedelta(days=1)).stale


def test_an_institution_confirms_its_own_registers_only(wuhu: str) -> None:
    own, other = _id("second_hospital"), _id("first_hospital")
    office = Actor(uuid7(), "演示·转诊办", "referral_office", institution_id=own, request_id=uuid7())
    reported = commands.confirm_register(actor=office, institution_id=own, register="equipment")
    again = commands.confirm_register(actor=office, institution_id=own, register="equipment")
    assert reported.pk == again.pk
    today = clock.today()
    register = next(
        each for each in institution_page(own, on=today).registers if each.register == "equipment"
    )
    assert (register.last, register.age, register.stale, register.by) == (today, 0, False, "演示·转诊办")
    with pytest.raises(Refused):
        commands.confirm_register(actor=office, institution_id=other, register="equipment")
    assert not models.Reported.objects.filter(institution_id=other).exists()
    assert Event.objects.filter(kind="network.register_confirmed").count() == 2
