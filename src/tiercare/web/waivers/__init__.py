"""Exceptions by name, and taking them back."""
