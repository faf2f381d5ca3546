"""What stands behind an alert where the alert itself carries only the first of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.prepared import rows
from tiercare.kernel.actor import Actor

from .matters import Shown, area_of

_FINDING = """
SELECT content FROM evaluation_finding
WHERE run_id = %(run)s AND kind = 'signal' AND name = %(name)s AND span = %(span)s AND key = %(key)s LIMIT 1
"""


def joins_behind(actor: Actor, shown: Shown) -> Sequence[Mapping[str, Any]]:
    """Every join beside the plan behind an alert that the actor was shown: those of the finding, or, where the run is no longer
    there or not the actor's to see, those that the alert carries."""
    payload, standing = shown.standing.payload, shown.standing
    carried = payload.get("content", {}).get("joins", [])
    if not carried or not payload.get("run"):
        return carried
    with scoped(actor, area=area_of(actor)):
        found = rows(
            _FINDING, run=payload["run"], name="land_grab", span=standing.period, key=standing.subject_key
        )
    if not found:
        return carried
    content = found[0]["content"]
    whole = json.loads(content) if isinstance(content, str) else content
    return whole.get("joins", carried)
