"""Trying a policy in a simulated region before adopting it: what is changed, the run, and what would come of it."""
