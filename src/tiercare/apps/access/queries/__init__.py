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
from .scoping import EVERYWHERE, scoped, wall_of

__all__ = [
    "EVERYWHERE",
    "DemoAccount",
    "GrantInForce",
    "account_by_username",
    "acting",
    "care_facts",
    "demo_accounts",
    "grants_in_force",
    "scoped",
    "visitor",
    "wall_clock",
    "wall_of",
]
