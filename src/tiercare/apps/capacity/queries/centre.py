"""What an institution's admission centre runs and keeps: functions, procedures of day surgery, criteria; on any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tiercare.apps.access.rules import Right, may
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.cases import Step, Unit
from ..rules.criteria import Stage
from .ours import said_at

_UNIT = """
SELECT v.level, coalesce(u.functions, '{}') AS functions,
       coalesce(u.day_surgery, false) AS day_surgery
FROM network_institutionversion v
LEFT JOIN capacity_careunit u ON u.institution_id = v.institution_id AND u.period @> %(on)s::date
WHERE v.institution_id = %(institution)s AND v.period @> %(on)s::date
"""
_CATALOGUE = """
SELECT id, name, lower(period) AS since, upper(period) AS until FROM capacity_dayprocedure
WHERE institution_id = %(institution)s AND (%(on)s::date IS NULL OR period @> %(on)s::date)
  AND NOT isempty(period)
ORDER BY name, lower(period)
"""
_CRITERIA = """
SELECT id, disease, stage, version, items, lower(during) AS since FROM capacity_criteria
WHERE institution_id = %(institution)s AND upper_inf(during) AND %(disease)s::text IN ('', disease)
ORDER BY disease, stage
"""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure done as day surgery, from ``since`` until the day before ``until``."""

    id: UUID
    name: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class CatalogueVersion:
    """The catalogue as it stood from a day on: what came, what went, and how many there were then (NHC-47)."""

    number: int
    day: date
    entered: tuple[str, ...]
    retired: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class CriteriaOf:
    """The criteria of a disease that hold now; ``version`` counts the changes, ``since`` says when it began."""

    id: UUID
    disease: str
    stage: Stage
    version: int
    items: tuple[str, ...]
    since: datetime


def may_admit(actor: Actor, institution_id: UUID | None) -> None:
    """Whether the actor works at the institution's desk for admissions: keeps its places and books them for people.

    Raises:
        Refused: if not; an office of a consortium keeps what a centre runs, and sees nobody in it.
    """
    for right in (Right.CAPACITY_KEEP, Right.CAPACITY_BOOK):
        refuse(may(actor, right, institution_id=institution_id))


def unit_of(institution_id: UUID, *, on: date | None = None) -> Unit:
    """What the institution runs on that day (today); nothing where it is not open."""
    found = rows(_UNIT, institution=institution_id, on=on or ledger.today())
    if not found:
        return Unit(0, frozenset(), False)
    return Unit(found[0]["level"], frozenset(found[0]["functions"]), found[0]["day_surgery"])


def day_surgery_tier(institution_id: UUID, *, on: date) -> int | None:
    """The level from which hospitals do day surgery there (NHC-46); ``None`` where no text says."""
    tier = said_at(institution_id, ("NHC-46.hospital_tier",), on=on).get("NHC-46.hospital_tier")
    return tier if isinstance(tier, int) else None


def due_of(institution_id: UUID, *, on: date) -> Mapping[Step, timedelta]:
    """How long each step may take once the one before it is done, where the pack in force gives a number."""
    keys = {f"due_days_{step.value}": step for step in Step}
    said = said_at(institution_id, tuple(keys), on=on)
    return {keys[key]: timedelta(days=value) for key, value in said.items() if isinstance(value, int)}


def green_channel(institution_id: UUID, *, on: date) -> bool:
    """Whether the pack in force gives booked referrals that need admission a channel of their own (NHC-42)."""
    return said_at(institution_id, ("NHC-42.channel",), on=on).get("NHC-42.channel") == "green"


def signed_first(institution_id: UUID, *, on: date) -> bool:
    """Whether the pack in force gives signed residents priority of admission (YN-49)."""
    said = said_at(institution_id, ("YN-49.condition", "YN-49.priority"), on=on)
    condition, priority = said.get("YN-49.condition"), said.get("YN-49.priority")
    return (
        isinstance(condition, tuple)
        and isinstance(priority, tuple)
        and "signed" in condition
        and "admission" in priority
    )


def catalogue(institution_id: UUID, *, on: date) -> list[Procedure]:
    """The procedures done as day surgery on that day (NHC-47)."""
    return [Procedure(**row) for row in rows(_CATALOGUE, institution=institution_id, on=on)]


def catalogue_versions(institution_id: UUID) -> list[CatalogueVersion]:
    """How the catalogue came to be what it is: one version a day on which something changed, the first one first."""
    entered: dict[date, list[str]] = {}
    retired: dict[date, list[str]] = {}
    for row in rows(_CATALOGUE, institution=institution_id, on=None):
        entered.setdefault(row["since"], []).append(row["name"])
        if row["until"] is not None:
            retired.setdefault(row["until"], []).append(row["name"])
    count, found = 0, []
    for number, day in enumerate(sorted({*entered, *retired}), start=1):
        came, went = tuple(entered.get(day, ())), tuple(retired.get(day, ()))
        count += len(came) - len(went)
        found.append(CatalogueVersion(number, day, came, went, count))
    return found


def by_year(versions: list[CatalogueVersion], *, today: date) -> list[tuple[int, int, int]]:
    """Of each year since the first entry: how many procedures stood at its end (this year: today), and how many versions
    it brought."""
    if not versions:
        return []
    found, count = [], 0
    for year in range(versions[0].day.year, today.year + 1):
        those = [each for each in versions if each.day.year == year and each.day <= today]
        count = those[-1].count if those else count
        found.append((year, count, len(those)))
    return found


def criteria_of(institution_id: UUID, *, disease: str = "") -> list[CriteriaOf]:
    """The criteria lists that hold now, of one disease or of all (XH-66)."""
    return [
        CriteriaOf(**{**row, "stage": Stage(row["stage"]), "items": tuple(row["items"])})
        for row in rows(_CRITERIA, institution=institution_id, disease=disease)
    ]
