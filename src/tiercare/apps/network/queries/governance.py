"""Charters and seats of a consortium, and the plans of governments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

from .. import models
from ..rules.papers import Standing, standing
from .reading import area_names
from .tables import Table, charter_table


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat in council or committee."""

    id: UUID
    office: str
    held_by: str
    period: Period


@dataclass(frozen=True, slots=True)
class CharterRow:
    """An edition of a charter: one text, or wording by section."""

    adopted_on: date
    text: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Governance:
    """A consortium's charters (the newest first, later ones than the day left out) and seats of the day."""

    consortium_id: UUID
    table: Table
    charters: tuple[CharterRow, ...]
    seats: tuple[SeatRow, ...]


def governance(consortium_id: UUID, *, on: date) -> Governance:
    """Charter and council of a consortium on ``on``.

    Raises:
        Refused: if there is no such consortium that day.
    """
    charters = models.Charter.objects.filter(consortium_id=consortium_id, adopted_on__lte=on)
    seats = models.CouncilSeat.objects.filter(consortium_id=consortium_id, period__contains=on)
    return Governance(
        consortium_id,
        charter_table(consortium_id, on=on),
        tuple(CharterRow(row.adopted_on, row.text, row.texts) for row in charters.order_by("-adopted_on")),
        tuple(
            SeatRow(row.id, row.office, row.held_by, Period(row.period.lower, row.period.upper))
            for row in seats.order_by("office", "held_by")
        ),
    )


# --- plans ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageRow:
    """A milestone of a plan."""

    id: UUID
    text: Text
    due: date
    met_on: date | None
    met_by: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with its milestones by day."""

    id: UUID
    division: str
    area: str
    finished_on: date
    goal: str
    basis: models.Basis
    stages: tuple[StageRow, ...]


def plan_rows(region: str, *, on: date) -> list[PlanRow]:
    """Plans of ``region`` and the areas in it that were finished by ``on``, the newest first."""
    plans = models.RegionalPlan.objects.filter(
        division_code__startswith="" if region == "00" else region, finished_on__lte=on
    ).prefetch_related("milestones")
    areas = area_names(on=on)
    return [
        PlanRow(
            id=row.id,
            division=row.division_code,
            area=areas.get(row.division_code, row.division_code),
            finished_on=row.finished_on,
            goal=row.goal,
            basis=models.Basis(row.basis),
            stages=tuple(
                StageRow(
                    stage.id,
                    Text(stage.text_zh, stage.text_en or stage.text_zh),
                    stage.due,
                    stage.met_on if stage.met_on and stage.met_on <= on else None,
                    stage.met_by,
                    standing(stage.due, stage.met_on, on),
                )
                for stage in sorted(row.milestones.all(), key=lambda stage: (stage.due, stage.text_zh))
            ),
        )
        for row in plans.order_by("-finished_on", "division_code")
    ]
