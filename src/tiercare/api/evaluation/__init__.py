"""Evaluation for other systems: facts in, numbers out."""
