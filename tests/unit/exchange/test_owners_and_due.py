"""The line of escalation ends at somebody; times that packs allow."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.exchange.rules.due import Allowed, Unit, due, read
from tiercare.apps.exchange.rules.owners import Level, Owner, above
from tiercare.kernel.clock import ZONE

HOSPITAL, LEAD = uuid4(), uuid4()


def week(day: date) -> bool:
    return day.isoweekday() < 6


def test_the_line_goes_up_and_stays_at_its_end() -> None:
    owner, seen = Owner(Level.PERSON, HOSPITAL, uuid4()), []
    for _ in range(6):
        owner = above(owner, lead_id=LEAD, area="140100")
        seen.append(owner.level)
    assert seen == [Level.OFFICE, Level.LEAD, *[Level.COMMISSION] * 4]
    assert owner.area == "140100"


def test_a_lead_hospital_is_not_asked_about_itself() -> None:
    assert above(Owner(Level.OFFICE, LEAD), lead_id=LEAD, area="140100").level is Level.COMMISSION
    assert above(Owner(Level.OFFICE, HOSPITAL), lead_id=None, area="140100").level is Level.COMMISSION
    with pytest.raises(ValueError, match="area"):
        above(Owner(Level.OFFICE, HOSPITAL), lead_id=None, area="")


@given(st.sampled_from(Unit), st.integers(1, 300))
def test_what_is_written_is_read(unit: Unit, amount: int) -> None:
    assert read(str(Allowed(amount, unit))) == Allowed(amount, unit)


@pytest.mark.parametrize("text", ["", "m", "0m", "-1h", "1.5h", "3w", "400d", "99999m", "١h", "4 h"])
def test_nothing_else_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"span of time|out of bounds"):
        read(text)


def test_working_days_leave_out_those_that_are_free() -> None:
    friday = datetime(2026, 11, 20, 16, 30, tzinfo=ZONE)
    assert due(read("1d"), friday, worked=week) == datetime(2026, 11, 23, 16, 30, tzinfo=ZONE)
    assert due(read("2d"), friday, worked=week) == datetime(2026, 11, 24, 16, 30, tzinfo=ZONE)
    saturday = friday + timedelta(days=1)
    assert due(read("1d"), saturday, worked=week) == datetime(2026, 11, 23, 16, 30, tzinfo=ZONE)
    assert due(read("15m"), friday, worked=week) == friday + timedelta(minutes=15)
    assert due(read("48h"), friday, worked=week) == friday + timedelta(hours=48)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.times(), st.integers(1, 60))
def test_so_many_days_are_worked_on_the_way(day: date, at: time, days: int) -> None:
    begun = datetime.combine(day, at, ZONE)
    end = due(Allowed(days, Unit.WORKDAYS), begun, worked=week)
    between = [begun.date() + timedelta(days=n + 1) for n in range((end.date() - begun.date()).days)]
    assert sum(map(week, between)) == days
    assert week(end.date())
