"""Who acts: the person, in which role, for which institution or area, through which channel."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from .ids import uuid7

SYSTEM_NAME = "系统"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, as the server knows it. Built at the edge from the session, never from input.

    ``role`` is the role the person has picked to act in; ``institution_id`` and ``division_code`` say for
    whom (a consortium office acts for its lead hospital, a commission for its area). ``resident_id`` is set
    where a resident acts for themself. ``request_id`` ties all events of one request together.
    """

    account_id: UUID | None
    name: str
    role: str
    institution_id: UUID | None = None
    division_code: str | None = None
    resident_id: UUID | None = None
    channel: str = "web"
    request_id: UUID | None = None

    @property
    def is_system(self) -> bool:
        """True for scheduled work that no person ordered."""
        return self.account_id is None and self.role == "system"

    @classmethod
    def system(cls, channel: str = "job") -> Actor:
        """The platform itself: scheduled jobs, the demonstration region, repairs."""
        return cls(account_id=None, name=SYSTEM_NAME, role="system", channel=channel, request_id=uuid7())
