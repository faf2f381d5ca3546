"""What the addresses of the statistics ask for: a period, a side, an institution."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from tiercare.apps.referrals.queries import statistics as counting
from tiercare.apps.referrals.queries.statistics import Scope, Side
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text
from tiercare.web.capacity import days

from . import presenters


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    first: date
    last: date
    side: Side
    institution: UUID | None
    year: int

    def scope(self, request: HttpRequest) -> Scope:
        """Raises ``Refused`` as ``queries.scope_of``."""
        return counting.scope_of(
            request.actor,
            first=self.first,
            last=self.last,
            side=self.side,
            institution_id=self.institution,
        )

    @property
    def query(self) -> dict[str, Any]:
        """For links that keep it."""
        return {
            "first": self.first,
            "last": self.last,
            "side": self.side.value,
            "institution": self.institution or "",
        }


def asked_of(request: HttpRequest) -> Asked:
    """Raises ``Refused`` for a day, a side, an institution or a year that is none."""
    today = request.today
    last = days.asked(request, "last", today)
    first = days.asked(request, "first", min(presenters.quarter(today), last))
    side, year = request.GET.get("side") or Side.ALL.value, request.GET.get("year") or str(today.year)
    if side not in set(Side):
        raise Refused(wrong("side"))
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise Refused(wrong("year"))
    return Asked(first, last, Side(side), id_of(request, "institution"), int(year))


def id_of(request: HttpRequest, name: str) -> UUID | None:
    """An id of the address; ``None`` where it is empty. Raises ``Refused`` where it is none."""
    typed = request.GET.get(name, "")
    try:
        return UUID(typed) if typed else None
    except ValueError as error:
        raise Refused(wrong(name)) from error


def number_of(request: HttpRequest) -> int:
    """The page that is asked for, from 1."""
    typed = request.GET.get("page", "1")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1


def wrong(at: str) -> Refusal:
    """What is said of a condition that does not exist."""
    return Refusal(
        code=f"referrals.no_such_{at}",
        message=Text("所选的条件不存在。", "There is nothing like what was chosen."),
        instead=Text("请从列表中重新选择。", "Choose again from the list."),
        at=at,
        status=422,
    )
