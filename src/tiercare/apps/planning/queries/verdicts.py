"""What the region's cards say of a proposal before anybody adopts it: the network of the day as the proposal would
have it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.checking import Difference
from tiercare.apps.network.rules import Grid, Network, Role


@dataclass(frozen=True, slots=True)
class Follows:
    """A primary institution that follows its township: from the consortium that answers for it today to the one that is to."""

    institution: str
    old: str
    new: str


def verdict_of(pack: str, net: Network, lead_of: Mapping[str, str], *, on: date) -> Difference:
    """What cards a plan would break, worsen and heal against today's grids; ``lead_of`` names the consortium of each place. Primary
    institutions go with their township, as they would if the plan took effect."""
    return network.difference(pack, net, as_planned(net, lead_of), on=on)


def as_planned(net: Network, lead_of: Mapping[str, str]) -> Network:
    """The network of the day as a plan would have it: its grids, and its members."""
    moved = {(each.institution, each.old): each.new for each in following(net, lead_of)}
    members = tuple(
        replace(each, consortium=moved.get((each.institution, each.consortium), each.consortium))
        for each in net.memberships
    )
    return replace(net, grids=grids_of(net, lead_of), memberships=members)


def following(net: Network, lead_of: Mapping[str, str]) -> tuple[Follows, ...]:
    """Who goes with their township: members in primary care of a consortium that answers for it today and would no more. A hospital
    stays where it is a member: it serves more than its township."""
    held = held_in(net)
    found = []
    for each in net.memberships:
        one = net.institutions[each.institution]
        new, grid = lead_of.get(one.township), held.get(one.township)
        if not one.primary or each.role is not Role.MEMBER or new is None or grid is None:
            continue
        answering = net.grids[grid].responsible
        elsewhere = {other.consortium for other in net.by_institution.get(each.institution, ())}
        if each.consortium in answering and new not in answering and new not in elsewhere:
            found.append(Follows(each.institution, each.consortium, new))
    return tuple(found)


def grids_of(net: Network, lead_of: Mapping[str, str]) -> Mapping[str, Grid]:
    """Grids as a plan has them, each under the key and name that its consortium's grid bears today. An area that lies whole in one grid is
    named as a whole, as the texts do; what the plan does not speak of (a street without residents on record) stays in its grid."""
    named = {key: grid for grid in net.grids.values() for key in grid.responsible}
    # Keys of consortia for what the plan divides, keys of grids for what it leaves alone.
    answering = {lead: named[lead].id if lead in named else lead for lead in set(lead_of.values())}
    held = {**held_in(net), **{place: answering[lead] for place, lead in lead_of.items()}}
    parts: dict[str, set[str]] = {}
    for place, key in held.items():
        parts.setdefault(key, set()).add(place)
    leads = {key: lead for lead, key in answering.items()}
    found = {}
    for key, left in parts.items():
        known = net.grids.get(key)
        lead = leads.get(key)
        responsible = (lead,) if lead is not None else known.responsible if known else ()
        name = known.name if known is not None else net.consortia[key].name
        found[key] = Grid(key, name, _places(net, left), responsible)
    return found


def held_in(net: Network, *, among: Collection[str] | None = None) -> Mapping[str, str]:
    """The grid of each township: its own before that of its area; of some grids only, where they are named."""
    townships = {area.code: area.townships or (area.code,) for area in net.areas.values()}
    held: dict[str, str] = {}
    grids = [grid for grid in net.grids.values() if among is None or grid.id in among]
    for grid in sorted(grids, key=lambda grid: min(map(len, grid.places), default=0)):
        for place in grid.places:
            held.update(dict.fromkeys(townships.get(place, (place,)), grid.id))
    return held


def _places(net: Network, townships: set[str]) -> tuple[str, ...]:
    """Townships as the texts name them: a whole area by its own code."""
    left = set(townships)
    whole = [area.code for area in net.areas.values() if area.townships and set(area.townships) <= left]
    for code in whole:
        left -= set(net.areas[code].townships)
    return tuple(sorted((*whole, *left)))
