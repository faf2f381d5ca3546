"""XH-41: a second-level hospital sets a share for referrals by its referral bookings; the platform proposes one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity.commands import adopt_share, keep_pool, keep_week, publish_days
from tiercare.apps.capacity.models import Pool, Quota
from tiercare.apps.capacity.queries import proposed_shares
from tiercare.apps.capacity.rules.pools import PoolGiven, WeekGiven
from tiercare.apps.capacity.rules.shares import keeps, promised, proposed
from tiercare.apps.capacity.rules.vocabulary import Channel, Grade, Kind
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network import queries as network
from tiercare.apps.network.models import InstitutionVersion
from tiercare.kernel.clock import ZONE
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .test_promises import altered

FAMILY, REFERRAL, MEMBER, OPEN = Channel.FAMILY_DOCTOR, Channel.REFERRAL, Channel.MEMBER, Channel.OPEN


@pytest.fixture
def bound_to_set(hospital) -> None:
    """The county under a pack that has hospitals of the second level set their share."""
    place = network.place_of(hospital.id, on=ledger.today())
    Mandate.objects.create(
        division_code=place.division_code[:6], pack="xinhui", period=(date(2019, 1, 1), None)
    )
    InstitutionVersion.objects.filter(institution_id=hospital.id).update(level=2, category="GENERAL")


@pytest.fixture
def pools(hospital) -> dict[Kind, Pool]:
    """A clinic and beds, served every day of the week, without any share."""
    made = {}
    for kind, grade in ((Kind.CLINIC, Grade.ORDINARY), (Kind.BED, Grade.INPATIENT)):
        given = PoolGiven(code=kind.value.lower(), name=f"示例{kind.value}", kind=kind, grade=grade)
        made[kind] = keep_pool(hospital.office, institution_id=hospital.id, given=given)
        lines = [WeekGiven(day, *_hours(kind), capacity=20, on_holidays=True) for day in range(1, 8)]
        keep_week(hospital.office, pool_id=made[kind].id, lines=lines)
    return made


def _hours(kind: Kind):
    return (time(8), time(11)) if kind is Kind.CLINIC else (time(14), time(17))


def past(
    pool: Pool, days: int, channels: dict[Channel, int], *, state: str = "ATTENDED", drawn: str = ""
) -> None:
    """A session of so many days ago with bookings by channel, written as they lie in the tables."""
    day = ledger.today() - timedelta(days=days)
    starts = datetime(day.year, day.month, day.day, 8, tzinfo=ZONE) + timedelta(minutes=Pool.objects.count())
    session, slot = uuid7(), uuid7()
    total = sum(channels.values())
    at = {
        "session": session,
        "slot": slot,
        "pool": pool.id,
        "host": pool.institution_id,
        "day": day,
        "starts": starts,
        "ends": starts + timedelta(hours=3),
        "total": total,
        "nobody": UUID(int=0),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('tiercare.scope', %s, true)", ["{" + str(pool.institution_id) + "}"]
        )
        cursor.execute(
            "INSERT INTO capacity_session (id, pool_id, institution_id, kind, grade, day, during, capacity, state)"
            " SELECT %(session)s, id, institution_id, kind, grade, %(day)s, tstzrange(%(starts)s, %(ends)s), %(total)s,"
            " 'PUBLISHED' FROM capacity_pool WHERE id = %(pool)s",
            at,
        )
        cursor.execute(
            "INSERT INTO capacity_slot (id, session_id, during, capacity, used, issued) VALUES (%(slot)s, %(session)s,"
            " tstzrange(%(starts)s, %(ends)s), %(total)s, %(total)s, %(total)s)",
            at,
        )
        cursor.execute(
            "INSERT INTO capacity_quota (session_id, channel, holder_id, cap, used)"
            " VALUES (%(session)s, 'OPEN', %(nobody)s, %(total)s, %(total)s)",
            at,
        )
        number = 0
        for channel, often in channels.items():
            for _ in range(often):
                number += 1
                cursor.execute(
                    "INSERT INTO capacity_booking (id, session_id, slot_id, resident_id, institution_id, channel,"
                    " quota_channel, holder_id, state, number) VALUES (%(id)s, %(session)s, %(slot)s, %(resident)s,"
                    " %(host)s, %(channel)s, %(drawn)s, %(nobody)s, %(state)s, %(number)s)",
                    at
                    | {
                        "id": uuid7(),
                        "resident": uuid7(),
                        "channel": channel.value,
                        "drawn": drawn or "OPEN",
                        "state": state,
                        "number": number,
                    },
                )


def by_resource(hospital) -> dict[str, tuple[int, int, float | None]]:
    found = proposed_shares(hospital.office, institution_id=hospital.id, on=ledger.today())
    return {each.resource: (each.booked, each.referred, each.share) for each in found}


def planted(pools: dict[Kind, Pool]) -> None:
    """Of visits 23 in the last eight weeks, 4 by referral (17.4 %, so 18); what is older, held or cancelled, and who
    just came, does not count. Of admissions 8, 2 by referral: 25 % to the point."""
    past(pools[Kind.CLINIC], 1, {FAMILY: 2, REFERRAL: 1, MEMBER: 3, OPEN: 9})
    past(pools[Kind.CLINIC], 56, {FAMILY: 1, OPEN: 7})
    past(pools[Kind.CLINIC], 57, {FAMILY: 40})
    past(pools[Kind.CLINIC], 3, {REFERRAL: 5}, state="CANCELLED")
    past(pools[Kind.CLINIC], 4, {OPEN: 6}, drawn="WALK_IN")
    past(pools[Kind.BED], 5, {REFERRAL: 2, OPEN: 6})


@pytest.mark.clause("XH-41")
def test_a_share_is_proposed_from_recent_referral_bookings(
    hospital, bound_to_set, pools, monkeypatch
) -> None:
    assert by_resource(hospital) == {"outpatient_slot": (0, 0, None), "inpatient_bed": (0, 0, None)}
    planted(pools)
    assert by_resource(hospital) == {"outpatient_slot": (23, 4, 0.18), "inpatient_bed": (8, 2, 0.25)}
    longer = altered("XH-41.proposal_weeks", 9)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): longer)
    assert by_resource(hospital)["outpatient_slot"] == (63, 44, 0.70)
    monkeypatch.undo()
    third = altered("XH-41.tier", 3)
    monkeypatch.setattr(mandates, "packs", lambda extra=(): third)
    assert by_resource(hospital) == {}  # nobody has this hospital set one


@pytest.mark.clause("XH-41")
def test_without_a_share_nothing_is_published_and_the_proposal_mends_it(
    hospital, bound_to_set, pools
) -> None:
    planted(pools)
    day = ledger.today() + timedelta(days=2)

    def offer():
        return publish_days(hospital.office, institution_id=hospital.id, first=day, last=day)

    with pytest.raises(Refused) as refused:
        offer()
    assert {each.code for each in refused.value.refusals} == {"second_level_keeps_some"}
    for resource, share in (("outpatient_slot", 0.18), ("inpatient_bed", 0.25)):
        assert adopt_share(hospital.office, institution_id=hospital.id, resource=resource).share == share
    published, _ = offer()
    caps = dict(
        Quota.objects.filter(session_id__in=published.session_ids, channel=REFERRAL.value).values_list(
            "session__kind", "cap"
        )
    )
    assert caps == {"CLINIC": 4, "BED": 5}  # 18 % and 25 % of twenty, rounded up
    with pytest.raises(Refused) as refused:
        adopt_share(hospital.office, institution_id=hospital.id, resource="outpatient_slot")
    assert [each.code for each in refused.value.refusals] == ["capacity.shares_all_set"]


def test_a_hospital_that_nobody_asks_is_proposed_nothing(hospital, pools) -> None:
    planted(pools)
    assert by_resource(hospital) == {}
    with pytest.raises(Refused) as refused:
        adopt_share(hospital.office, institution_id=hospital.id, resource="outpatient_slot")
    assert [each.code for each in refused.value.refusals] == ["capacity.no_share_asked"]


def test_nothing_is_proposed_from_nothing_and_only_the_own_office_asks(hospital, bound_to_set, pools) -> None:
    with pytest.raises(Refused) as refused:
        adopt_share(hospital.office, institution_id=hospital.id, resource="outpatient_slot")
    assert [each.code for each in refused.value.refusals] == ["capacity.nothing_to_propose_from"]
    for actor in (hospital.family_doctor, hospital.site.actor(Role.REFERRAL_OFFICE, "stranger")):
        with pytest.raises(Refused):
            proposed_shares(actor, institution_id=hospital.id, on=ledger.today())
        with pytest.raises(Refused):
            adopt_share(actor, institution_id=hospital.id, resource="outpatient_slot")


@given(booked=st.integers(1, 5000), part=st.integers(0, 5000), offered=st.integers(1, 500))
def test_what_is_proposed_keeps_the_part_that_came_by_referral(booked: int, part: int, offered: int) -> None:
    referred = min(part, booked)
    share = proposed(referred, booked)
    assert share is not None and 0.01 <= share <= 1
    assert keeps(offered, promised(offered, share), referred / booked)
    assert share - referred / booked < 0.01 or share == 0.01
