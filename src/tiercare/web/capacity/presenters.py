"""Pools and their words as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop

from tiercare.apps.capacity.queries.keeping import PoolRow
from tiercare.apps.capacity.queries.promises import APP, Bound, bound
from tiercare.apps.capacity.rules.beds import BedSex
from tiercare.apps.capacity.rules.shares import RESOURCE_NAMES
from tiercare.apps.capacity.rules.vocabulary import (
    CHANNEL_NAMES,
    GRADE_NAMES,
    GRADES,
    OFFERED,
    RESERVED,
    Channel,
    Kind,
)
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import RuleCard
from tiercare.kernel.clock import ZONE
from tiercare.web.pages import said

from .choosing import device_name

_ = gettext_noop

REGISTERS: Mapping[Kind, str] = {Kind.CLINIC: _("号源池"), Kind.BED: _("床位池"), Kind.EXAM: _("检查池")}
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
_SEXES: Mapping[BedSex, str] = {BedSex.ANY: _("不限"), BedSex.MALE: _("男"), BedSex.FEMALE: _("女")}
# Short, for the legend and the narrow cells of grids.
_SHORT: Mapping[Channel, str] = {
    Channel.FAMILY_DOCTOR: _("家医"),
    Channel.REFERRAL: _("转诊"),
    Channel.MEMBER: _("成员"),
    Channel.OPEN: _("公开"),
    Channel.WALK_IN: _("现场"),
    Channel.OVERBOOK: _("加号"),
}


def register_name(kind: Kind) -> str:
    """号源池, 床位池 or 检查池."""
    return gettext(REGISTERS[kind])


def weekday(day: date | int) -> str:
    """周一 …; of a day, or by its ISO number."""
    return gettext(WEEKDAYS[(day if isinstance(day, int) else day.isoweekday()) - 1])


def grades(kind: Kind) -> list[tuple[str, str]]:
    """The grades that fit the kind."""
    return [(grade.value, said(GRADE_NAMES[grade])) for grade in GRADES[kind]]


def sexes() -> list[tuple[str, str]]:
    """For whom a bed is."""
    return [(sex.value, gettext(name)) for sex, name in _SEXES.items()]


def channels(wanted: Iterable[Channel] = OFFERED) -> list[dict[str, str]]:
    """Channels with their names and the short ones; ``code`` names the colour."""
    return [
        {"code": each.value.lower(), "name": said(CHANNEL_NAMES[each]), "short": gettext(_SHORT[each])}
        for each in wanted
    ]


def default_release(institution_id: UUID, on: date) -> int:
    """Hours before the start from which on what is kept is open to all, where a pool sets none: the pack's number."""
    return release_of(bound(institution_id, on=on))


def release_of(binding: Bound | None) -> int:
    """The same of what is known to bind the institution."""
    return 0 if binding is None else int(binding.release.total_seconds() // 3600)


def segments(units: Mapping[Channel, float], total: float) -> list[dict[str, Any]]:
    """Parts of a bar a hundred wide, those kept first."""
    found, start = [], 0.0
    for channel in OFFERED:
        width = units.get(channel, 0) / total * 100 if total else 0
        if width:
            found.append({"code": channel.value.lower(), "x": f"{start:.2f}", "width": f"{width:.2f}"})
            start += width
    return found


def reserves(units: Mapping[Channel, Any]) -> list[dict[str, Any]]:
    """What is kept, by channel, in short words; what nobody is promised is left out."""
    return [
        {"code": each.value.lower(), "short": gettext(_SHORT[each]), "units": units[each]}
        for each in RESERVED
        if units.get(each)
    ]


def pool(row: PoolRow, release: int) -> dict[str, Any]:
    """A line of the list of pools; ``release`` is what holds where the pool sets none."""
    kept = {channel: f"{share * 100:g}%" for channel, share in row.shares.items()}
    rest = max(0.0, 1 - sum(row.shares.values()))
    return {
        "of": row,
        "grade": said(GRADE_NAMES[row.grade]),
        "about": _about(row),
        "reserves": reserves(kept),
        "bar": segments({**row.shares, Channel.OPEN: rest}, 1),
        "by": _by(row),
        "release": release if row.release_hours is None else row.release_hours,
    }


def _by(row: PoolRow) -> str:
    """How its places are cut."""
    if row.slot_minutes:
        return gettext("每 %(minutes)s 分钟一段") % {"minutes": row.slot_minutes}
    return gettext("按天") if row.kind is Kind.BED else gettext("按顺序号")


def _about(row: PoolRow) -> str:
    """Who or what serves it: a physician; a ward with whom it takes; an item on a device."""
    if row.kind is Kind.CLINIC:
        return row.clinician
    if row.kind is Kind.BED:
        sex = str(row.details.get("sex", BedSex.ANY.value))
        taken = [str(row.details.get("ward", ""))]
        taken += (
            [gettext("收治%(sex)s性") % {"sex": gettext(_SEXES[BedSex(sex)])}] if sex in {"M", "F"} else []
        )
        taken += [gettext("可隔离")] if row.details.get("isolation") else []
        return " · ".join(filter(None, taken))
    device = device_name(row.equipment_kind, row.equipment_model) if row.equipment_kind else ""
    return " · ".join(filter(None, (row.item, device)))


# --- what policy promises ----------------------------------------------------------------------------


def of_bound(binding: Bound | None) -> list[dict[str, Any]]:
    """The promises by which an institution is bound, each with its share, resources and clauses."""
    if binding is None:
        return []
    named = {card.id: card for card in mandates.packs().cards_for(binding.pack) if card.app == APP}
    return [
        {
            **card_of(named[promise.card]),
            "share": f"{promise.share * 100:g}%",
            "resources": resources(sorted(promise.resources)),
            "channel": said(CHANNEL_NAMES[promise.channel]),
        }
        for promise in binding.promises
    ]


def card_of(card: RuleCard) -> dict[str, Any]:
    """A card as a page links it."""
    return {"pack": card.pack, "id": card.id, "sentence": said(card.sentence), "clauses": card.clauses}


def resources(names: Sequence[str]) -> str:
    """What the texts call the resources."""
    return "、".join(said(RESOURCE_NAMES[name]) if name in RESOURCE_NAMES else name for name in names)


def clock(moment: Any) -> str:
    """The time of day in China."""
    return f"{moment.astimezone(ZONE):%H:%M}"


def until(starts: Any, ends: Any) -> str:
    """When something ends; midnight is 24:00."""
    end = clock(ends)
    return "24:00" if end == "00:00" and ends > starts else end
