"""Panels: indicators side by side, as clauses ask for them."""
