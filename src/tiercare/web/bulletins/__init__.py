"""Bulletins, what was handed to whom with receipts, and tables to take along."""
