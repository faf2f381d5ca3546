"""The nightly hunt for duplicates: every prefecture with residents in it, one after the other."""

from __future__ import annotations

import logging

from tiercare.apps.residents import commands
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

log = logging.getLogger(__name__)


def nightly() -> int:
    """Compare the residents of each prefecture that has enough of them; returns how many new pairs were listed.

    Where a hunt is under way already (somebody runs the command), that prefecture's turn is the next night.
    """
    actor, new = Actor.system(), 0
    for area in commands.areas_worth_a_hunt(actor):
        try:
            new += commands.hunt(actor, area=area).new
        except Refused as refused:
            log.warning("no hunt for duplicates in %s: %s", area, refused)
    return new
