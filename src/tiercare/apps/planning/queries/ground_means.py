"""What people of a region need of beds and doctors by the standards of its pack, and what each lead's consortium has of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from tiercare.apps.network.rules import Institution, Network, Owner, Role
from tiercare.engines.planning.explaining import why
from tiercare.engines.planning.regions import Region, Wishes
from tiercare.engines.planning.standards import Counted, Measure
from tiercare.kernel.text import Text

from .ours import said_in, standards_in

_NONE = Text("{what}没有登记，不作限制。", "{what}: none on record, so they limit nothing.")
_LACKING = Text(
    "照标准，{what}不够，怎样划分都做不到，不作限制：",
    "By the standard there are too few {what}, whatever the division; they limit nothing: ",
)


def with_services(region: Region, net: Network, code: str, on: date) -> Region:
    """The region with needs and means by service, as the register and the standards of the pack have them."""
    found = without_services(region)
    for counted in _limiting(code, on):
        found = _with(found, net, counted, code, on)
    return found


def kept_services(region: Region, code: str, on: date) -> tuple[Region, tuple[Text, ...]]:
    """The region without the services that no division of it could keep, and why each was left out."""
    told: list[Text] = []
    kept = region
    for counted in _limiting(code, on):
        name = counted.standard.id
        if not any(lead.room.get(name) for lead in region.leads):
            told.append(_filled(_NONE, counted))
            kept = _without(kept, name)
            continue
        # Places may be divided here: what even so cannot be kept cannot be kept at all.
        lacking = why(_only(region, name), Wishes())
        if lacking:
            head = _filled(_LACKING, counted)
            zh, en = "".join(each.zh for each in lacking), " ".join(each.en for each in lacking)
            told.append(Text(head.zh + zh, head.en + en))
            kept = _without(kept, name)
    return kept, tuple(told)


def room_of(one: Institution, region: Region, code: str, on: date) -> Mapping[str, float]:
    """What a hospital alone has of the services that limit the region."""
    limited = set(region.services)
    return {
        each.standard.id: _amount([one], each) for each in _limiting(code, on) if each.standard.id in limited
    }


def _limiting(code: str, on: date) -> list[Counted]:
    return [each for each in standards_in(code, on=on) if each.measure is not Measure.INSTITUTIONS]


def _only(region: Region, name: str) -> Region:
    leads = [
        replace(lead, room={name: lead.room[name]} if name in lead.room else {}) for lead in region.leads
    ]
    return replace(region, leads=leads)


def _without(region: Region, name: str) -> Region:
    leads = [
        replace(lead, room={key: amount for key, amount in lead.room.items() if key != name})
        for lead in region.leads
    ]
    return replace(region, leads=leads)


def without_services(region: Region) -> Region:
    """The region without needs and means by service."""
    places = [replace(place, need={}) for place in region.places]
    return replace(region, places=places, leads=[replace(lead, room={}) for lead in region.leads], names={})


def _filled(text: Text, counted: Counted) -> Text:
    what = {"what": _inside_a_sentence(counted)}
    return Text(text.fill(what), text.fill(what, "en"))


def _inside_a_sentence(counted: Counted) -> Text:
    name = counted.standard.name
    return Text(name.zh, name.en[:1].lower() + name.en[1:])


def _with(region: Region, net: Network, counted: Counted, code: str, on: date) -> Region:
    name, standard = counted.standard.id, counted.standard
    private = said_in(code, "NHC-04.ownership", on=on) == "private"
    places = [
        replace(place, need={**place.need, name: place.people / standard.people * standard.amount})
        for place in region.places
    ]
    leads = [
        replace(lead, room={**lead.room, name: _amount(_members(net, lead.key, private=private), counted)})
        for lead in region.leads
    ]
    return replace(
        region, places=places, leads=leads, names={**region.names, name: _inside_a_sentence(counted)}
    )


def _members(net: Network, key: str, *, private: bool) -> list[Institution]:
    """The lead and the members of a consortium, once each; a hospital that leads without one stands for itself. Private ones count where
    the region's documents have them in consortia."""
    if key not in net.consortia:
        return [net.institutions[key]] if key in net.institutions else []
    every = {each.id: each for each in net.members(key, Role.LEAD, Role.MEMBER)}
    return [each for each in every.values() if private or each.owner is not Owner.PRIVATE]


def _amount(members: Sequence[Institution], counted: Counted) -> float:
    if counted.measure is Measure.BEDS:
        return float(sum(each.beds for each in members))
    return float(sum(each.general_practitioners for each in members))
