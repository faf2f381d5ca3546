"""Opening and sealing with this installation's keys."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from tiercare.kernel.secrecy import CannotOpen, KeyRing, key_ring

from ..rules import IdentityKind, mask_number


def ring() -> KeyRing:
    """The installation's keys."""
    return key_ring(settings.HOME)


def place(resident_id: UUID, field: str) -> str:
    """What a sealed value is bound to: it opens only for this entry and this field."""
    return f"residents.{field}:{resident_id}"


def opened_number(
    resident_id: UUID, kind: str, sealed: bytes | memoryview | None, *, keys: KeyRing | None = None
) -> str:
    """A number in the clear; ``""`` where there is none. The caller has recorded the reading.

    Raises:
        CannotOpen: if the keys are gone.
    """
    return "" if sealed is None else (keys or ring()).open(sealed, of=place(resident_id, kind))


def masked_number(
    resident_id: UUID, kind: str, sealed: bytes | memoryview | None, *, keys: KeyRing | None = None
) -> str:
    """What a list may show of a number; an asterisk row where the key is missing, so that lists stay usable.

    ``keys`` are those of the installation; a list fetches them once.
    """
    if sealed is None:
        return ""
    try:
        return mask_number(IdentityKind(kind), opened_number(resident_id, kind, sealed, keys=keys))
    except CannotOpen:
        return "****"
