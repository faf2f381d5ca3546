"""Asking again and again."""

from __future__ import annotations

from typing import Any

from tiercare.apps.access.rules.rates import LIMITS, Per, Rated
from tiercare.kernel.ids import uuid7

from .world import World, ask


def a_minutes_worth(what: Rated) -> int:
    """How often one account may ask within a minute."""
    return min(limit.most for limit in LIMITS[what] if limit.per is Per.ACCOUNT)


def posted(world: World, name: str, address: str, sent: dict[str, Any]) -> Any:
    """A JSON request with a key of its own."""
    return ask(
        world.people[name],
        "post",
        address,
        data=sent,
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
    )
