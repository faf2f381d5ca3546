"""Pure rules of capacity: code lists, channels, shares."""
