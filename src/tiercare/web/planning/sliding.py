"""The weights as sliders, with what they mean in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tiercare.engines.planning.regions import Wishes

from .asking import SLIDERS

# Name, and what a value of it says; ``{n}`` minutes.
_SAID: Mapping[str, tuple[str, str]] = {
    "uneven": (gettext_noop("负担均衡"), gettext_noop("比按床位应分的人多一人或少一人，算作多走 {n} 分钟")),
    "change": (gettext_noop("少改换"), gettext_noop("每有一人换牵头医院，算作多走 {n} 分钟")),
    "border": (gettext_noop("不跨县区"), gettext_noop("每有一人的牵头医院在别的县区，算作多走 {n} 分钟")),
    "farthest": (gettext_noop("最远时限"), gettext_noop("能不超过 {n} 分钟的都不超过；超过的另外计罚")),
}


def sliders(wishes: Wishes) -> list[dict[str, Any]]:
    """Each weight with its range; a value of the pack outside of it widens it."""
    found = []
    for name, (low, high, step) in SLIDERS.items():
        value = getattr(wishes, name)
        if math.isinf(value):
            value = high
        label, says = _SAID[name]
        found.append(
            {
                "name": name,
                "label": _(label),
                "says": _(says),
                "now": _(says).format(n=f"{value:g}"),
                "low": f"{min(low, value):g}",
                "high": f"{max(high, value):g}",
                "step": f"{step:g}",
                "value": f"{value:g}",
            }
        )
    return found
