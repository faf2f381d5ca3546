"""Signing in and out, picking a role, the password and the language."""
