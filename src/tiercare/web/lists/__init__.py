"""Lists that the policies name and regions fill in."""
