"""Which days are worked: the published calendar of public holidays and working weekends (调休), and what was entered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from tiercare.apps.ledger.prepared import rows

from .models import CalendarDay

_SATURDAY = 6
_ENTERED = "SELECT day, workday FROM terms_calendarday WHERE day BETWEEN %(first)s::date AND %(last)s::date"


@dataclass(frozen=True, slots=True)
class Workday:
    """Whether a day is worked, what it is called if it is no ordinary one, and whether that is ``published``.

    For a year whose calendar the State Council has not published yet the week alone counts.
    """

    day: date
    worked: bool
    name: str
    published: bool

    @property
    def holiday(self) -> bool:
        """A public holiday with a name; an ordinary weekend is none."""
        return not self.worked and bool(self.name)


def workdays(first: date, last: date) -> dict[date, Workday]:
    """Every day from ``first`` to ``last``, the last included.

    Raises:
        ValueError: if ``last`` lies before ``first``.
    """
    if last < first:
        raise ValueError(f"{last} lies before {first}")
    entered = {row.day: row for row in CalendarDay.objects.filter(day__range=(first, last))}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {
        day: Workday(day, row.workday, row.name, published=True)
        if (row := entered.get(day)) is not None
        else _published(day)
        for day in days
    }


def worked_from(first: date, last: date) -> Callable[[date], bool]:
    """Whether a day of these is worked, as ``workdays`` tells it; the calendar is looked into as far as is asked."""
    entered = {row["day"]: bool(row["workday"]) for row in rows(_ENTERED, first=first, last=last)}
    return lambda day: entered[day] if day in entered else _published(day).worked


def _published(day: date) -> Workday:
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # its year is not published
        return Workday(day, day.isoweekday() < _SATURDAY, "", published=False)
    known = chinese_calendar.Holiday(name) if name else None
    return Workday(day, not free, known.chinese if known else "", published=True)
