"""Who acts in a demonstration: somebody who works at an institution, or a resident themself. Nobody of them exists."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.rules import Role
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7


def staff(role: Role, institution: UUID, division: str = "") -> Actor:
    """Somebody who works there."""
    return Actor(
        account_id=stable_id("demonstration", role.value, str(institution)),
        name="演示",
        role=role.value,
        institution_id=institution,
        division_code=division or None,
        channel="cli",
        request_id=uuid7(),
    )


def oneself(resident: UUID) -> Actor:
    """The resident themself."""
    return Actor(
        account_id=stable_id("demonstration", "resident", str(resident)),
        name="演示",
        role=Role.RESIDENT.value,
        resident_id=resident,
        channel="cli",
        request_id=uuid7(),
    )
