"""How a region's places stand under the cards of its pack on one day, for the public pages of rules."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tiercare.apps.ledger.prepared import rows
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet, Verdict, evaluate

from ..rules.cards import PREDICATES, DayOffers, Hospital
from ..rules.shares import Offer
from .promises import cards, hospitals, offers

# By institution: sessions are found by institution and day.
_OFFERING = """
SELECT v.institution_id FROM network_institutionversion v
WHERE v.period @> %(on)s::date AND v.division_code LIKE %(area)s::text || '%%'
  AND EXISTS (SELECT FROM capacity_session s
              WHERE s.institution_id = v.institution_id AND s.day = %(on)s::date AND s.state = 'PUBLISHED')
"""


def standing(pack_id: str, *, on: date, packs: PackSet | None = None) -> list[Verdict]:
    """The verdicts of the pack's cards about places on what its region offers that day, waivers counted.

    Raises:
        KeyError: if the pack is none of ``packs``.
    """
    known = packs or mandates.packs()
    pack = known.packs[pack_id]
    listed = cards(known, pack_id)
    if not listed:
        return []
    area = "" if pack.region == "00" else pack.region
    offering = [row["institution_id"] for row in rows(_OFFERING, on=on, area=area)]
    there: dict[UUID, Hospital] = {}
    offered: tuple[Offer, ...] = ()
    if offering:
        there = {hospital.id: hospital for hospital, _ in hospitals(offering, on)}
        offered = offers(offering, on, on).get(on, ())
    waivable = any(card.waivable for card in listed)
    return evaluate(
        known,
        listed,
        PREDICATES,
        DayOffers(on, there, offered),
        on=on,
        waivers=mandates.waivers(pack_id, on=on) if waivable else (),
    )
