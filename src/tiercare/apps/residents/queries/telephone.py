"""The telephone under which a resident is told things."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.ledger.prepared import rows

from ..rules import IdentityKind
from . import vault
from .opening import person_of

_PHONE = """
SELECT i.resident_id, i.sealed FROM residents_identifier i
WHERE i.resident_id = ANY (%(persons)s::uuid[]) AND i.kind = 'phone' AND i.retired_at IS NULL
ORDER BY array_position(%(persons)s::uuid[], i.resident_id), i.recorded_at DESC LIMIT 1
"""


def telephone_of(resident_id: UUID) -> str:
    """The number on record, in the clear, for handing a message over; ``""`` where there is none.

    The caller stands in ``scoped`` for the person, or is the platform itself.

    Raises:
        CannotOpen: if the keys are gone.
    """
    found = rows(_PHONE, persons=list(person_of(resident_id)))
    if not found:
        return ""
    return vault.opened_number(found[0]["resident_id"], IdentityKind.PHONE.value, found[0]["sealed"])
