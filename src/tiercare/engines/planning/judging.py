"""What a plan breaks, in words: pieces, capacities, minutes, pairs. It looks at any plan, whoever made it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tiercare.kernel.geo import components
from tiercare.kernel.text import Text

from .regions import PEOPLE, Region, Wishes, allowed, grids, too_far
from .regions import Plan as Planned

_PAIR = Text(
    "{names}不应由{lead}负责：不在服务范围，或另有规定。",
    "{names} should not be with {lead}: outside its area, or ruled otherwise.",
)
_FAR = Text(
    "{names}到{lead}超过 {limit} 分钟，另有更近的牵头医院；若要连片，可能别无办法。",
    "{names} are more than {limit} minutes from {lead}, and a nearer lead could be had; for connected grids there may be no other way.",
)


class Weight(StrEnum):
    """Whether a plan that breaks it is none, or only a worse one."""

    RULE = "RULE"
    WISH = "WISH"  # kept where it can be, and paid for in the cost where it cannot


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule or wish that a plan breaks. ``lead`` is the grid it is about, ``places`` those concerned, ``by`` how much is too much
    (0: no amount)."""

    rule: str
    lead: str
    places: tuple[str, ...]
    text: Text
    by: float = 0.0
    kind: Weight = Weight.RULE


def broken(region: Region, wishes: Wishes, plan: Planned) -> list[Broken]:
    """Everything that a plan breaks: each place with a lead, each lead's own place in its grid, grids in one piece, capacities, pairs that may
    not be, and minutes where a nearer lead would have kept them."""
    names = {place.key: place.name for place in region.places}
    owing = sorted(set(names) - set(plan.lead_of))
    found = []
    if owing:
        shown = _shown(names, owing)
        text = Text(f"{shown}没有归入任何网格。", f"{shown} are in no grid.")
        found.append(Broken("unassigned", "", tuple(owing), text))
    parts = grids(plan)
    for lead in region.leads:
        mine = parts.get(lead.key, [])
        found += _grid(region, names, lead.key, lead.place, mine)
        found += _rooms(region, lead.key, mine)
    found += _pairs(region, wishes, names, plan.lead_of)
    return found


def _shown(names: Mapping[str, str], keys: Sequence[str], most: int = 5) -> str:
    return "、".join(names[key] for key in keys[:most]) + ("…" if len(keys) > most else "")


def _grid(
    region: Region, names: Mapping[str, str], lead: str, seat: str, mine: Sequence[str]
) -> Iterator[Broken]:
    name = next(each.name for each in region.leads if each.key == lead)
    if seat not in mine:
        text = Text(
            f"{name}所在的{names[seat]}不在它自己的网格里。",
            f"{names[seat]}, where {name} stands, is not in its own grid.",
        )
        yield Broken("seat", lead, (seat,), text)
    pieces = components(mine, region.beside)
    apart = sorted({key for piece in pieces if seat not in piece for key in piece})
    if apart and len(pieces) > 1:
        shown = _shown(names, apart)
        text = Text(
            f"{name}的网格不连片：{shown}与{names[seat]}不相连。",
            f"The grid of {name} is in pieces: {shown} are apart from {names[seat]}.",
        )
        yield Broken("pieces", lead, tuple(apart), text)


def _rooms(region: Region, lead: str, mine: Sequence[str]) -> Iterator[Broken]:
    of = next(each for each in region.leads if each.key == lead)
    inside = set(mine)
    for service, room in sorted(of.room.items()):
        carried = sum(
            (place.people if service == PEOPLE else place.need.get(service, 0.0))
            for place in region.places
            if place.key in inside
        )
        if carried > room * (1 + 1e-9) and math.isfinite(room):
            what = region.named(service)
            zh = f"{of.name}的{what.zh}不够：需要 {carried:,.0f}，有 {room:,.0f}。"
            en = f"{of.name} lacks {what.en}: {carried:,.0f} are needed, it has {room:,.0f}."
            yield Broken("capacity", lead, tuple(mine), Text(zh, en), carried - room)


def _pairs(
    region: Region, wishes: Wishes, names: Mapping[str, str], lead_of: Mapping[str, str]
) -> Iterator[Broken]:
    minutes, far = allowed(region), too_far(region, wishes)
    at = {lead.key: (i, lead.name) for i, lead in enumerate(region.leads)}
    wrong: dict[tuple[str, str], list[str]] = {}
    for j, place in enumerate(region.places):
        key = lead_of.get(place.key)
        if key is not None and not math.isfinite(minutes[at[key][0], j]):
            wrong.setdefault(("pair", key), []).append(place.key)
        elif key is not None and far[at[key][0], j]:
            wrong.setdefault(("far", key), []).append(place.key)
    for (rule, key), places in sorted(wrong.items()):
        fields = {"names": _shown(names, places), "lead": at[key][1], "limit": f"{wishes.farthest:g}"}
        text, kind = (_PAIR, Weight.RULE) if rule == "pair" else (_FAR, Weight.WISH)
        said = Text(text.fill(fields), text.fill(fields, "en"))
        yield Broken(rule, key, tuple(places), said, kind=kind)
