"""Before booking: the nearest primary care beside a hospital of the list, by the levers that the region's text names (XH-23).

Shown, never demanded: every place of the list can be booked as before. Prices and what the insurance pays are the usual
case of the packs (``benefits.yaml``), an estimate; nothing is said where the packs say nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from tiercare.apps.network.rules.facts import PRIMARY
from tiercare.apps.residents import queries as residents
from tiercare.engines.payment import (
    Benefits,
    Care,
    Cover,
    Estimate,
    InsuranceKind,
    Referral,
    estimate,
    typical_case,
)
from tiercare.engines.payment.estimating import NO_BENEFIT, NOT_IN_BASIC, NOT_ON_RECORD
from tiercare.kernel.actor import Actor
from tiercare.kernel.money import Money
from tiercare.kernel.refusal import refuse

from ..rules.channels import draws
from ..rules.vocabulary import Channel, Kind
from .places import NOBODY
from .search import AHEAD, Hit


class Lever(StrEnum):
    """What residents are drawn by, in the words of the packs (XH-23 ``levers``)."""

    INSURANCE = "insurance"
    PRICE = "price"
    CAPACITY = "capacity"


GENERAL = "02"  # 全科医疗科
_CLINICS_SHOWN = 6  # what fits into a cell
# The nearest of primary care with a place that anybody can book: of the specialty where one offers it within reach, else of
# general practice; of those ``before`` first. What is released by now counts as everybody's.
_NEAREST = """
WITH here AS (
    SELECT v.lng, v.lat FROM network_institutionversion v
    WHERE v.institution_id = %(from)s AND v.period @> %(on)s::date
), near AS (
    SELECT v.institution_id, v.name, v.level,
           6371.0 * 2 * asin(sqrt(power(sin(radians(v.lat - h.lat) / 2), 2)
               + cos(radians(h.lat)) * cos(radians(v.lat)) * power(sin(radians(v.lng - h.lng) / 2), 2))) AS km
    FROM network_institutionversion v, here h
    WHERE v.period @> %(on)s::date AND v.category = ANY (%(primary)s::text[])
      AND v.lat BETWEEN h.lat - %(far)s / 111.0 AND h.lat + %(far)s / 111.0
      AND v.lng BETWEEN h.lng - %(far)s / (111.0 * cos(radians(h.lat)))
                    AND h.lng + %(far)s / (111.0 * cos(radians(h.lat)))
)
SELECT n.institution_id, n.name, n.level, n.km::double precision AS km, o.session_id, o.specialty_code, o.starts_at
FROM near n CROSS JOIN LATERAL (
    SELECT s.id AS session_id, s.specialty_code, lower(l.during) AS starts_at, s.day
    FROM capacity_session s
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(q.cap - q.used), 0)::integer AS units FROM capacity_quota q
        WHERE q.session_id = s.id AND (
            q.channel = ANY (%(draws)s::text[]) AND q.holder_id = %(nobody)s
            OR q.channel NOT IN ('WALK_IN', 'OVERBOOK') AND q.release_at <= (SELECT tiercare_now()))
    ) room
    CROSS JOIN LATERAL (
        SELECT e.during FROM capacity_slot e
        WHERE e.session_id = s.id AND e.used < e.capacity AND lower(e.during) > (SELECT tiercare_now())
        ORDER BY lower(e.during) LIMIT 1
    ) l
    WHERE s.institution_id = n.institution_id AND s.kind = %(kind)s AND s.state = 'PUBLISHED'
      AND s.specialty_code IN (%(specialty)s, %(general)s) AND s.day BETWEEN %(first)s::date AND %(last)s::date
      AND room.units > 0
    ORDER BY s.specialty_code <> %(specialty)s, s.day, lower(l.during), s.id LIMIT 1
) o
WHERE n.km <= %(far)s
ORDER BY o.specialty_code <> %(specialty)s, n.institution_id = ANY (%(before)s::uuid[]) DESC, n.km, n.institution_id
LIMIT 1
"""
_CLINICS = """
SELECT p.institution_id, array_agg(DISTINCT p.specialty_code) AS clinics FROM capacity_pool p
WHERE p.institution_id = ANY (%(institutions)s::uuid[]) AND p.kind = %(kind)s AND p.period @> %(on)s::date
GROUP BY p.institution_id
"""


@dataclass(frozen=True, slots=True)
class Option:
    """One side. ``price`` is what a visit costs as a rule, ``None`` where the pack does not say; ``clinics`` are codes of
    the specialties that can be booked there, some of them, of ``clinics_in_all``."""

    institution_id: UUID
    name: str
    level: int
    km: float
    session_id: UUID
    specialty: str
    starts_at: datetime
    price: Money | None
    estimate: Estimate
    clinics: tuple[str, ...]
    clinics_in_all: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Primary care beside a hospital, and by what they are compared; ``specialty_kept`` is false where the primary side is
    general practice in place of the specialty that was looked for."""

    primary: Option
    hospital: Option
    levers: frozenset[Lever]
    specialty_kept: bool
    clause: str


def comparison(
    actor: Actor,
    *,
    resident_id: UUID,
    specialty: str,
    hits: Sequence[Hit],
    first: date,
    far: float,
    near_to: UUID | None = None,
    before: Collection[UUID] = (),
) -> Comparison | None:
    """The nearest primary care within ``far`` km beside the first hospital among ``hits``; ``before`` are proposed
    first already (YN-48). ``None`` where no text in force asks for it, no hospital is on the list, or no primary care
    within reach has a place. Six statements at most, however long the list; distance as in ``first_places``.

    Raises:
        Refused: if the actor may not see places.
    """
    refuse(access.may(actor, Right.CAPACITY_READ))
    beside = next((hit for hit in hits if not hit.primary), None)
    if beside is None:
        return None
    today = ledger.today()
    ground = residents.ground_to_book(resident_id, booker=actor.institution_id, on=today)
    start = actor.institution_id or ground.signed_at or near_to
    said = residents.first_contact_at(start, on=today) if start else None
    levers = frozenset(Lever(each) for each in said.levers if each in set(Lever)) if said else frozenset()
    if start is None or said is None or not levers:
        return None
    found = rows(
        _NEAREST,
        **{"from": start},
        on=today,
        far=far,
        primary=sorted(each.value for each in PRIMARY),
        kind=Kind.CLINIC.value,
        specialty=specialty,
        general=GENERAL,
        first=max(first, today),
        last=max(first, today) + AHEAD,
        draws=[each.value for each in draws(Channel.OPEN)],
        nobody=NOBODY,
        before=list(before),
    )
    if not found:
        return None
    near = found[0]
    where = [near["institution_id"], beside.place.institution_id]
    clinics = {
        row["institution_id"]: row["clinics"]
        for row in rows(_CLINICS, institutions=where, kind="CLINIC", on=today)
    }
    reckon = _Reckoning(
        residents.cover_at(ground.person, on=today), mandates.benefits(said.pack, mandates.packs()), today
    )
    other = {
        "institution_id": beside.place.institution_id,
        "name": beside.institution,
        "level": beside.level,
        "km": beside.km,
        "session_id": beside.place.session_id,
        "specialty_code": specialty,
        "starts_at": beside.place.starts_at,
    }
    primary, hospital = (_option(row, clinics, reckon) for row in (near, other))
    return Comparison(primary, hospital, levers, near["specialty_code"] == specialty, said.clause)


@dataclass(frozen=True, slots=True)
class _Reckoning:
    """By what is reckoned: the cover on record, and what the pack writes down."""

    cover: residents.CoverOn | None
    benefits: Benefits
    on: date

    @property
    def insured(self) -> InsuranceKind | None:
        """In the basic insurance, or not."""
        known = self.cover is not None and self.cover.scheme.value in set(InsuranceKind)
        return InsuranceKind(self.cover.scheme.value) if self.cover is not None and known else None

    def of(self, level: int) -> tuple[Money | None, Estimate]:
        """What a usual visit at this level costs, and who pays; somebody who comes without a referral. What it costs
        hangs on no insurance: without one on record it is that of residents."""
        kind = self.insured
        case = typical_case(
            self.benefits,
            kind or InsuranceKind.RESIDENT,
            care=Care.OUTPATIENT,
            level=level,
            referral=Referral.NONE,
            on=self.on,
        )
        price = case.cost if case else None
        if kind is None:
            return price, NOT_ON_RECORD if self.cover is None else NOT_IN_BASIC
        if case is None:
            return None, NO_BENEFIT
        return price, estimate(Cover(kind), case, self.benefits, on=self.on)


def _option(row: dict[str, Any], clinics: dict[UUID, list[str]], reckon: _Reckoning) -> Option:
    price, paid = reckon.of(row["level"])
    offered = sorted(clinics.get(row["institution_id"], ()), key=lambda code: (code != GENERAL, code))
    return Option(
        institution_id=row["institution_id"],
        name=row["name"],
        level=row["level"],
        km=round(row["km"], 1),
        session_id=row["session_id"],
        specialty=row["specialty_code"],
        starts_at=row["starts_at"],
        price=price,
        estimate=paid,
        clinics=tuple(offered[:_CLINICS_SHOWN]),
        clinics_in_all=len(offered),
    )
