"""The six base registers of an institution (XH-16): how much stands in each, when it was last kept, by whom and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import queries as network
from tiercare.engines.policy import PackSet, ParameterProblem, parameter
from tiercare.kernel.actor import Actor
from tiercare.kernel.clock import day_of
from tiercare.kernel.refusal import refuse
from tiercare.kernel.text import Text

from .. import events
from ..rules.cards import HOSPITALS

FRESH_DAYS = "register_fresh_days"


class Register(StrEnum):
    """The six, in the order of the text."""

    HOSPITAL = "HOSPITAL"
    DEPARTMENT = "DEPARTMENT"
    PHYSICIAN = "PHYSICIAN"
    CLINIC = "CLINIC"
    BED = "BED"
    EXAM = "EXAM"


REGISTER_NAMES = {
    Register.HOSPITAL: Text("医院", "hospital"),
    Register.DEPARTMENT: Text("科室", "departments"),
    Register.PHYSICIAN: Text("医师", "physicians"),
    Register.CLINIC: Text("门诊号源池", "slot pools"),
    Register.BED: Text("床位池", "bed pools"),
    Register.EXAM: Text("检查池", "examination pools"),
}


class By(StrEnum):
    """How a register was last kept; ``ROW`` where only the latest row tells when."""

    PAGE = "page"
    FILE = "file"
    API = "api"
    FEED = "feed"
    SYSTEM = "system"
    ROW = "row"


_VIA = {"web": By.PAGE, "api": By.API, "cli": By.FILE, "job": By.SYSTEM}
_NETWORK = """
SELECT v.institution_id, v.name, v.division_code, kept.register, kept.rows, kept.began, r.at, r.by
FROM network_institutionversion v
CROSS JOIN LATERAL (
    SELECT 'HOSPITAL' AS register, 'institutions' AS key, 1::bigint AS rows, lower(v.period) AS began
    UNION ALL
    SELECT 'DEPARTMENT', 'departments', count(*), max(lower(d.period)) FROM network_department d
    WHERE d.institution_id = v.institution_id AND d.period @> %(on)s::date
    UNION ALL
    SELECT 'PHYSICIAN', 'clinicians', count(*), max(lower(p.period)) FROM network_practicesite p
    WHERE p.institution_id = v.institution_id AND p.period @> %(on)s::date
) kept
LEFT JOIN network_reported r ON r.institution_id = v.institution_id AND r.register = kept.key
WHERE v.period @> %(on)s::date AND (v.institution_id = %(institution)s::uuid
      OR %(institution)s::uuid IS NULL AND v.division_code LIKE %(area)s::text || '%%'
         AND (v.category = ANY (%(hospitals)s::text[])
              OR EXISTS (SELECT FROM capacity_pool p WHERE p.institution_id = v.institution_id)))
ORDER BY v.name, v.institution_id
"""
# Found by the pool, of which there are few; not by the institution, whose bookings are events too.
_POOLS = """
WITH pools AS (
    SELECT p.id, p.institution_id, p.kind, p.code, p.changed_at FROM capacity_pool p
    WHERE p.institution_id = ANY (%(institutions)s::uuid[]) AND p.period @> %(on)s::date
), counted AS (
    SELECT institution_id, kind, count(*) AS rows, max(changed_at) AS changed_at FROM pools GROUP BY 1, 2
), told AS (
    SELECT DISTINCT ON (p.institution_id, p.kind) p.institution_id, p.kind, e.at, e.actor_name, e.channel,
           EXISTS (SELECT FROM ledger_event f WHERE f.institution_id = p.institution_id AND f.at = e.at
                   AND f.request_id = e.request_id AND f.kind = %(imported)s) AS by_file
    FROM pools p JOIN ledger_event e ON e.subject_id = p.id AND e.kind = ANY (%(kinds)s::text[])
    ORDER BY p.institution_id, p.kind, e.sequence DESC
), fed AS (
    SELECT p.institution_id, p.kind, max(f.heard_at) AS at, max(f.source) AS source
    FROM pools p JOIN capacity_feed f ON f.institution_id = p.institution_id
    WHERE EXISTS (SELECT FROM capacity_feedsession s WHERE s.feed_id = f.id AND s.pool = p.code)
    GROUP BY 1, 2
)
SELECT c.institution_id, c.kind AS register, c.rows, greatest(c.changed_at, t.at) AS at, t.actor_name, t.channel,
       coalesce(t.by_file, false) AS by_file, f.at AS fed_at, f.source
FROM counted c LEFT JOIN told t USING (institution_id, kind) LEFT JOIN fed f USING (institution_id, kind)
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One register: ``rows`` in force, the day on which it was last kept, by whom and how, and how many days ago.

    ``stale``: longer ago than the pack allows, or there is nothing. Without a number of the pack nothing is stale but
    what is empty.
    """

    register: Register
    rows: int
    last: date | None
    who: str
    by: By | None
    age: int | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Registers:
    """The six of one institution; ``limit`` is the number of days of its pack."""

    institution_id: UUID
    institution: str
    kept: tuple[Kept, ...]
    limit: int | None

    @property
    def stale(self) -> int:
        """How many of the six are stale."""
        return sum(each.stale for each in self.kept)


def registers(
    actor: Actor, *, institution_id: UUID | None = None, area: str = "", packs: PackSet | None = None
) -> list[Registers]:
    """The base registers of an institution, or of the hospitals of an area; without either, of the actor's own.

    The most stale first. ``packs`` takes the place of the installed ones.

    Raises:
        Refused: if the actor may not see them there.
    """
    if institution_id is None and not area:
        institution_id, area = actor.institution_id, actor.division_code or ""
    on = ledger.today()
    _allowed(actor, institution_id, area, on)
    found = rows(
        _NETWORK,
        on=on,
        institution=institution_id,
        area=area,
        hospitals=[each.value for each in HOSPITALS],
    )
    pools = {
        (row["institution_id"], row["register"]): row
        for row in rows(
            _POOLS,
            institutions=sorted({row["institution_id"] for row in found}),
            on=on,
            kinds=[events.PoolKept.KIND, events.WeekKept.KIND],
            imported=events.PlacesImported.KIND,
        )
    }
    grouped: dict[UUID, list[dict[str, Any]]] = {}
    for row in found:
        grouped.setdefault(row["institution_id"], []).append(row)
    known, limits = packs or mandates.packs(), dict[str, int | None]()
    shown = []
    for key, own in grouped.items():
        division = own[0]["division_code"]
        if division not in limits:
            limits[division] = _limit(known, division, on)
        limit = limits[division]
        kept = [_of_network(row, on, limit) for row in own]
        kept += [
            _of_pool(each, pools.get((key, each.value)), on, limit)
            for each in (Register.CLINIC, Register.BED, Register.EXAM)
        ]
        shown.append(Registers(key, own[0]["name"], tuple(kept), limit))
    return sorted(shown, key=lambda each: (-each.stale, each.institution))


def _allowed(actor: Actor, institution_id: UUID | None, area: str, on: date) -> None:
    """Raises ``Refused`` if the actor may not see the registers there."""
    place = network.place_of(institution_id, on=on) if institution_id is not None else None
    division = place.division_code if place is not None else area
    refuse(access.may(actor, Right.CAPACITY_PROVE, institution_id=institution_id, division=division))


def _limit(packs: PackSet, division: str, on: date) -> int | None:
    pack = mandates.pack_in_force(division, on=on)
    try:
        value = parameter(packs, FRESH_DAYS, pack, on=on).value
    except ParameterProblem:
        return None
    return value if isinstance(value, int) else None


def _of_network(row: dict[str, Any], on: date, limit: int | None) -> Kept:
    reported = day_of(row["at"]) if row["at"] is not None else None
    last = max((day for day in (reported, row["began"]) if day is not None), default=None)
    told = reported is not None and last == reported
    by = By.PAGE if told else By.ROW if last is not None else None
    return _kept(Register(row["register"]), row["rows"], last, row["by"] if told else "", by, on, limit)


def _of_pool(register: Register, row: dict[str, Any] | None, on: date, limit: int | None) -> Kept:
    if row is None:
        return _kept(register, 0, None, "", None, on, limit)
    at: datetime = row["at"]
    if row["fed_at"] is not None and row["fed_at"] >= at:
        return _kept(register, row["rows"], day_of(row["fed_at"]), row["source"], By.FEED, on, limit)
    by = By.FILE if row["by_file"] else _VIA.get(row["channel"] or "", By.ROW)
    return _kept(register, row["rows"], day_of(at), row["actor_name"] or "", by, on, limit)


def _kept(
    register: Register, count: int, last: date | None, who: str, by: By | None, on: date, limit: int | None
) -> Kept:
    age = None if last is None else max(0, (on - last).days)
    stale = count == 0 or age is None or (limit is not None and age > limit)
    return Kept(register, count, last, who, by, age, stale)
