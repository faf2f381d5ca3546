"""Keys: UUIDv7, so that rows of one table lie in the order of their making."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5

# One namespace for keys derived from stable names (demonstration rows, imports), so that laying the same
# data down twice gives the same keys.
NAMESPACE = UUID("6f1d0f0c-3c53-5c0e-9a59-7b6a9a5b3c11")


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    millis = time.time_ns() // 1_000_000
    rand = int.from_bytes(os.urandom(10), "big")
    value = (millis & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= ((rand >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= rand & ((1 << 62) - 1)
    return UUID(int=value)


def stable_id(*parts: str) -> UUID:
    """The key that always belongs to these names, e.g. ``stable_id("institution", "wuhu", "first-hospital")``."""
    return uuid5(NAMESPACE, "/".join(parts))
