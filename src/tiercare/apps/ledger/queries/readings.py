"""Who read whose records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from .. import sql
from ..models import Event


def readings(resident_ids: Sequence[UUID], *, before: datetime | None = None, limit: int = 50) -> list[Event]:
    """The events that read the records of these people (one person's entries, say), latest first.

    For the next page pass the moment of the last one as ``before``, which is excluded; so that none is lost
    between two pages, those of the very same moment come together, even beyond ``limit``. Stands under
    row-level security: what the caller's transaction may not see (see ``access.queries.scoped``) is not there.
    """
    values = {"residents": list(resident_ids), "before": before, "limit": limit}
    return list(Event.objects.raw(sql.READINGS, values))
