"""The reconciler: every counter against the bookings that it counts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.kernel.actor import Actor

from .. import sql
from ..rules.vocabulary import EXTRA
from ..workflow import COUNTED


@dataclass(frozen=True, slots=True)
class Drift:
    """A counter that tells another number than its rows."""

    counter: str
    place: str
    told: int
    counted: int


def drift(*, limit: int = 100) -> list[Drift]:
    """Counters that are wrong; there must be none. The platform's own work: it looks at all bookings."""
    with scoped(Actor.system(), area=EVERYWHERE), connection.cursor() as cursor:
        cursor.execute(
            sql.DRIFT,
            {
                "counted": [state.value for state in COUNTED],
                "extra": [channel.value for channel in EXTRA],
                "limit": limit,
            },
        )
        return [Drift(*row) for row in cursor.fetchall()]
