"""How long a place is kept while somebody fills in a form: the pack's number, kept in memory for the hot path."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from tiercare.apps.mandates import queries as mandates
from tiercare.engines.policy import PackSet

from .ours import number

MINUTES = "hold_minutes"
# Some thousand hospitals on a few days: when there are more, it is asked anew.
_MOST = 20_000


@dataclass
class _Known:
    """What was asked of these packs, by institution and day."""

    packs: PackSet | None = None
    holds: dict[tuple[UUID, date], timedelta] = field(default_factory=dict)


_known = _Known()


def hold_at(institution_id: UUID, *, on: date) -> timedelta:
    """How long places of this institution are held on that day; nothing where no pack says so. Asked once a day and
    process: a pack that is put in force today counts for holds from tomorrow on."""
    packs = mandates.packs()
    if _known.packs is not packs or len(_known.holds) >= _MOST:
        _known.packs, _known.holds = packs, {}
    key = institution_id, on
    if key not in _known.holds:
        _known.holds[key] = timedelta(minutes=number(MINUTES, institution_id, on=on) or 0)
    return _known.holds[key]
