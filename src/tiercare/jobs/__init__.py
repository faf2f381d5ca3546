"""Scheduled and queued work, and the one process that does it."""
