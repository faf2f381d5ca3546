"""The region explorer: tree, map, days, and what lies in an area."""
