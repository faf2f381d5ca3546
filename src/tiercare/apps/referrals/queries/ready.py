"""Who is ready to go down and has nobody who takes them over yet (NHC-38, YN-52, XH-49)."""

from __future__ import annotations

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger.prepared import rows
from tiercare.apps.records import queries as records
from tiercare.apps.records.queries.going_down import Ready
from tiercare.kernel.actor import Actor

# Somebody for whom a downward request was sent from here since they were marked is on the way, or has gone.
_SENT = """
SELECT DISTINCT r.resident_id FROM exchange_request r
WHERE r.from_institution = %(house)s AND r.kind = 'down'
  AND r.state NOT IN ('DRAFT', 'WITHDRAWN', 'CANCELLED', 'RETURNED')
  AND (r.over_at IS NULL OR EXISTS (
      SELECT FROM records_encounter e WHERE e.resident_id = r.resident_id AND e.institution_id = %(house)s
        AND e.stage <> '' AND e.stage_at <= r.made_at))
"""


def ready_to_go_down(actor: Actor) -> list[Ready]:
    """Patients of the actor's institution who are marked as recovered or stable and for whom no downward request is on the
    way, the longest marked first; the reading is recorded.

    Raises:
        Refused: if the actor sees no such list.
    """
    return [each for each in _of(actor) if each.ended_at is None]


def discharged_without_plan(actor: Actor) -> list[Ready]:
    """Of those, who has left already: neither a request, nor a reason why they were kept (XH-49).

    Raises:
        Refused: as ``ready_to_go_down``.
    """
    return [each for each in _of(actor) if each.ended_at is not None]


def _of(actor: Actor) -> list[Ready]:
    with scoped(actor):
        sent = [row["resident_id"] for row in rows(_SENT, house=actor.institution_id)]
    return records.going_down(actor, without=sent)
