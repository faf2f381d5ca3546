"""What is done to messages."""

from __future__ import annotations

from .telling import Word, tell

__all__ = ["Word", "tell"]
