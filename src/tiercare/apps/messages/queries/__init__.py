"""What can be asked about messages."""

from __future__ import annotations

from .inbox import Received, inbox

__all__ = ["Received", "inbox"]
