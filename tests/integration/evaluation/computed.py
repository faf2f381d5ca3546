"""The hand-made year computed once for all tests of a process: what it comes to hangs on nothing but the facts and the packs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tiercare.apps.evaluation.commands.running import Computed, compute, keep
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor

from .facts_made import commission, lay


@cache
def small_year() -> Computed:
    """The small 芜湖 of 2018 and 2019; the caller has a database."""
    with tempfile.TemporaryDirectory() as folder:
        return compute("wuhu", root=lay(Path(folder) / "facts"))


def keep_small_year() -> UUID:
    """Kept as a run of its own; answers its id."""
    return keep(commission(), small_year())


def keep_periods(pack: str, region: str) -> UUID:
    """A run of another pack that holds nothing but the small year's periods: for what is read from the facts themselves."""
    year = small_year()
    nothing = replace(year.assessment, standings=(), values=())
    empty = replace(year, pack=pack, region=region, assessment=nothing, values=(), cards=(), noticed=())
    return keep(commission(region), empty)


_KNOWN: dict[tuple[object, ...], tuple[PackSet, Computed]] = {}


def run_once(actor: Actor, pack: str, *, root: Path | None = None, years: Sequence[int] = ()) -> UUID:
    """As ``commands.running.run`` for tests that look at what was kept: the same facts and packs are computed once a process.

    Only where nothing is recorded as complete and the register of the region is as it was laid down.
    """
    packs, folder = mandates.packs(), root or Path(settings.FACTS_ROOT)
    said = tuple((each.name, each.read_bytes()) for each in sorted((folder / "manifest").iterdir()))
    key = (id(packs), pack, tuple(years), said)  # the packs are held, so that nothing else gets their id
    if key not in _KNOWN:
        _KNOWN[key] = packs, compute(pack, root=folder, years=years)
    return keep(actor, _KNOWN[key][1])
