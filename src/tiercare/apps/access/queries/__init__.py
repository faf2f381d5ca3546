"""What can be asked of access."""

from __future__ import annotations

from .accounts import (
    DemoAccount,
    GrantInForce,
    account_by_username,
    acting,
    demo_accounts,
    grants_in_force,
    visitor,
    wall_clock,
)
from .care import care_facts
from .colleagues import Worker, names_of, staff_at
from .scoping import EVERYWHERE, scoped, wall_of

__all__ = [
    "EVERYWHERE",
    "DemoAccount",
    "GrantInForce",
    "Worker",
    "account_by_username",
    "acting",
    "care_facts",
    "demo_accounts",
    "grants_in_force",
    "names_of",
    "scoped",
    "staff_at",
    "visitor",
    "wall_clock",
    "wall_of",
]
