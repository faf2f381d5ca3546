"""A ground as it would be: the region of the day with what-ifs in it.

A what-if is a plain row, as it is kept with a plan and sent by pages: ``{"act": "open", "institution": …}``, ``{"act": "close", "lead": …}``,
``{"act": "upgrade", "lead": …, "share": beds, "room": {service: amount}, "areas": [codes]}``, ``{"act": "merge", "lead": …, "into": …}``.
Leads and institutions are named by id, by the pack's short name or by their full name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tiercare.engines.planning.changing import Close, Merge, Open, Unchangeable, Upgrade, WhatIf, changed
from tiercare.engines.planning.regions import Region
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .regions import Ground, opening, settled, unsettled, with_opened

ACTS = ("open", "close", "upgrade", "merge")
_INSTEAD = Text(
    "写明 open、close、upgrade 或 merge，以及页面或 tiercare plan solve 列出的医院名称。",
    "Say open, close, upgrade or merge, and a hospital as the page or tiercare plan solve names it.",
)

_ALONE = Text(
    "设想的医联体只有牵头医院，还没有成员，规则卡照此判断。",
    "The consortium that is supposed has a lead and no members yet; cards judge it so.",
)


def supposed(ground: Ground, what_if: Sequence[Mapping[str, Any]]) -> Ground:
    """The ground with leads opened, closed, upgraded or merged.

    Raises:
        Refused: for a change that names nobody, or cannot be.
    """
    if not what_if:
        return ground
    ground = unsettled(ground)
    for row in what_if:
        try:
            change = _read(ground, row)
            region = changed(ground.region, [change])
        except Unchangeable as problem:
            said = {"zh": problem.reason.zh, "en": problem.reason.en}
            raise Refused(_refusal("planning.what_if_impossible", Text("{zh}", "{en}"), **said)) from problem
        ground = replace(ground, region=region)
        if isinstance(change, Open):
            net = with_opened(ground.network, change)
            ground = replace(ground, network=net, told=(*ground.told, _ALONE))
    return settled(ground)


def _read(ground: Ground, row: Mapping[str, Any]) -> WhatIf:
    act = row.get("act")
    if act == "open":
        return opening(ground, _institution(ground, str(row.get("institution", ""))))
    if act == "close":
        return Close(_lead(ground.region, str(row.get("lead", ""))))
    if act == "merge":
        return Merge(
            _lead(ground.region, str(row.get("lead", ""))), _lead(ground.region, str(row.get("into", "")))
        )
    if act == "upgrade":
        return _upgrade(ground, row)
    text = Text("没有“{act}”这种改动。", "There is no change “{act}”.")
    raise Refused(_refusal("planning.what_if_act", text, act=str(act)))


def _upgrade(ground: Ground, row: Mapping[str, Any]) -> Upgrade:
    lead = _lead(ground.region, str(row.get("lead", "")))
    try:
        share = None if row.get("share") is None else float(row["share"])
        room = {str(name): float(amount) for name, amount in dict(row.get("room") or {}).items()}
        areas = None if row.get("areas") is None else frozenset(map(str, row["areas"]))
        if not all(map(math.isfinite, [*room.values(), *([] if share is None else [share])])):
            raise ValueError("not finite")
    except (TypeError, ValueError) as problem:
        text = Text(
            "床位和人力要写成数，县区写成代码。", "Beds and staff are numbers, areas a list of codes."
        )
        raise Refused(_refusal("planning.what_if_number", text)) from problem
    strange = sorted((areas or frozenset()) - set(ground.network.areas))
    if strange:
        text = Text("没有这些县区：{areas}。", "There are no such areas: {areas}.")
        raise Refused(_refusal("planning.what_if_area", text, areas="、".join(strange)))
    return Upgrade(lead, share, room, areas)


def _lead(region: Region, named: str) -> str:
    """The key of the lead that is meant."""
    found = [lead.key for lead in region.leads if named in {lead.key, lead.name}]
    found = found or [lead.key for lead in region.leads if named and named in lead.name]
    if len(found) != 1:
        raise Refused(_unnamed(named, [lead.name for lead in region.leads], several=len(found) > 1))
    return found[0]


def _institution(ground: Ground, named: str) -> str:
    """The id of the institution that is meant."""
    every = ground.network.local()
    found = [each.id for each in every if named and named in {each.id, each.slug, each.name}]
    found = found or [each.id for each in every if named and named in each.name and each.level >= 2]
    if len(found) != 1:
        names = [each.name for each in every if each.level >= 2]
        raise Refused(_unnamed(named, names, several=len(found) > 1))
    return found[0]


def _unnamed(named: str, known: Sequence[str], *, several: bool) -> Refusal:
    text = Text("这里没有“{named}”。", "There is no “{named}” here.")
    if several:
        text = Text("“{named}”不止一家，请写全名。", "“{named}” is more than one; write the full name.")
    shown = "、".join(known[:12]) + ("…" if len(known) > 12 else "")
    instead = Text("可选的有：{known}。", "There are: {known}.")
    return replace(_refusal("planning.what_if_nobody", text, named=named, known=shown), instead=instead)


def _refusal(code: str, text: Text, **fields: str) -> Refusal:
    return Refusal(code=code, message=text, instead=_INSTEAD, fields=fields, at="what_if", status=422)
