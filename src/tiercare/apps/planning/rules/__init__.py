"""Rules of planning; no Django."""
