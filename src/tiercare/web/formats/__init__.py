"""How dates read in each language."""
