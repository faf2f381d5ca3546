"""How large a share a hospital might keep that has to set one itself, from its recent bookings (XH-41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.access import rules as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Right
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import refuse

from ..rules.shares import proposed, resources_of
from ..rules.vocabulary import OFFERED, REFERRED, Grade, Kind
from ..workflow import COUNTED, State
from .ours import number
from .promises import bound

WEEKS = "proposal_weeks"
# Holds are no bookings yet; who walks in does not book.
_STANDING = [state.value for state in COUNTED if state is not State.HELD]

_BOOKED = """
SELECT s.kind, s.grade, count(*)::integer AS booked,
       count(*) FILTER (WHERE b.channel = ANY (%(entitled)s::text[]))::integer AS referred
FROM capacity_session s JOIN capacity_booking b ON b.session_id = s.id
WHERE s.institution_id = %(institution)s AND s.day >= %(first)s::date AND s.day < %(last)s::date
  AND b.state = ANY (%(standing)s::text[]) AND b.quota_channel = ANY (%(offered)s::text[])
GROUP BY s.kind, s.grade
"""
_POOLS = """
SELECT p.id, p.name, p.kind, p.grade, p.shares ?| %(referred)s::text[] AS has_share FROM capacity_pool p
WHERE p.institution_id = %(institution)s AND p.period @> %(on)s::date ORDER BY p.name, p.id
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a hospital might keep of a resource for referrals: ``referred`` of ``booked`` bookings for the days from
    ``first`` to the day before ``last`` came by referral. ``share`` is ``None`` where nothing was booked.

    ``card`` is the rule card (pack and id) that has the hospital set a share; ``without`` the pools that keep none for
    referrals.
    """

    resource: str
    card: tuple[str, str]
    clauses: tuple[str, ...]
    weeks: int
    first: date
    last: date
    booked: int
    referred: int
    share: float | None
    without: tuple[tuple[UUID, str], ...]


def proposed_shares(actor: Actor, *, institution_id: UUID, on: date) -> list[Proposal]:
    """A proposal for each resource of which the institution has to set a share by the cards in force on that day; none
    where no card asks for that.

    Raises:
        Refused: if the actor does not keep this institution's places.
    """
    refuse(access.may(actor, Right.CAPACITY_KEEP, institution_id=institution_id))
    binding = bound(institution_id, on=on)
    if binding is None or not binding.own:
        return []
    weeks = number(WEEKS, institution_id, on=on) or 0
    first = on - timedelta(weeks=weeks)
    counted = _counted(actor, institution_id, first, on)
    pools = rows(_POOLS, institution=institution_id, on=on, referred=[channel.value for channel in REFERRED])
    found = []
    for card, resources in binding.own:
        for resource in sorted(resources):
            booked, referred = counted.get(resource, (0, 0))
            without = tuple(
                (pool["id"], pool["name"])
                for pool in pools
                if not pool["has_share"]
                and resource in resources_of(Kind(pool["kind"]), Grade(pool["grade"]))
            )
            found.append(
                Proposal(
                    resource=resource,
                    card=(card.pack, card.id),
                    clauses=card.clauses,
                    weeks=weeks,
                    first=first,
                    last=on,
                    booked=booked,
                    referred=referred,
                    share=proposed(referred, booked),
                    without=without,
                )
            )
    return found


def _counted(actor: Actor, institution_id: UUID, first: date, last: date) -> dict[str, tuple[int, int]]:
    """Bookings, and those by referral, by resource."""
    with scoped(actor):
        found = rows(
            _BOOKED,
            institution=institution_id,
            first=first,
            last=last,
            entitled=[channel.value for channel in REFERRED],
            standing=_STANDING,
            offered=[channel.value for channel in OFFERED],
        )
    counted: dict[str, tuple[int, int]] = {}
    for row in found:
        for resource in resources_of(Kind(row["kind"]), Grade(row["grade"])):
            booked, referred = counted.get(resource, (0, 0))
            counted[resource] = (booked + row["booked"], referred + row["referred"])
    return counted
