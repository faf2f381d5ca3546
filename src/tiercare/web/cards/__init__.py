"""Pages of the health card."""
