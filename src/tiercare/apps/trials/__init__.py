"""Trying a policy before it is adopted: two sets of levers played in a simulated region, and what would differ. All of it is made up."""
