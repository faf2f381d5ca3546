"""Pure rules of the record."""
