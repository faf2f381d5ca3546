"""Institutions, departments, clinicians, consortia, agreements and grids, every one with its period."""
