"""What is said of a trial, and why something cannot be done with it."""
