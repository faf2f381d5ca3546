"""What a locked result is used for: the latest of a unit, and the factor that its county makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as clock
from tiercare.apps.network.queries.members import consortia_with_members
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..models import Assessed, FactorTable
from ..rules.assessing import factor_of
from .matters import area_of

_COUNTY = 6


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest locked result of a unit. ``factor`` is empty where nothing hangs on it."""

    assessment_id: UUID
    title: str
    period: str
    level: str
    key: str
    name: str
    total: Decimal | None
    place: int | None
    locked_on: date | None
    factor: Decimal | None
    uses: Sequence[str]
    table: FactorTable | None


def latest_result(
    actor: Actor, *, key: str, level: str = "consortium", on: date | None = None
) -> Latest | None:
    """The newest locked result of a consortium or county as of a day, and what its county makes of the score; forms about its
    head show it.

    Raises:
        Refused: if the actor sees no assessments.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    day = on or clock.today()
    with scoped(actor, area=area_of(actor)):
        found = Assessed.objects.filter(key=key, level=level, locked_on__lte=day)
        row = found.order_by("-period", "-locked_on", "-id").first()
        if row is None:
            return None
        table = factors(row.area, on=day)
    in_use = table is not None and table.active
    return Latest(
        row.assessment_id,
        row.title,
        row.period,
        row.level,
        row.key,
        row.name,
        row.total,
        row.place,
        row.locked_on,
        factor_of(table.steps, row.total) if table and in_use else None,
        table.uses if table and in_use else (),
        table,
    )


def factors(area: str, *, on: date) -> FactorTable | None:
    """The table of the county that an area lies in, as of a day; that of the city where the county has none. The caller
    stands in ``scoped``."""
    codes = [area[:length] for length in (_COUNTY, 4) if len(area) >= length]
    found = FactorTable.objects.filter(division_code__in=codes, since__lte=on)
    rows = sorted(found, key=lambda each: (len(each.division_code), each.since, each.made_at))
    return rows[-1] if rows else None


def factor_tables(actor: Actor) -> list[FactorTable]:
    """All tables that the actor may see, the newest first.

    Raises:
        Refused: if the actor sees no assessments.
    """
    refuse(may(actor, Right.EVALUATION_READ))
    with scoped(actor, area=area_of(actor)):
        return list(FactorTable.objects.order_by("division_code", "-since", "-made_at"))


def heads(actor: Actor) -> list[tuple[str, str, str, str]]:
    """The consortia of the actor's area, as key, name, lead's name and area."""
    found = consortia_with_members(actor.division_code or "", on=clock.today())
    return [(each.key, each.name, each.lead_name, each.area) for each in found]
