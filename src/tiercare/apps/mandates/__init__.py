"""Which pack is in force where, waivers by name, and the lists that regions fill in."""
