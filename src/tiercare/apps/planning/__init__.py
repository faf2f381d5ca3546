"""Planning a region: what it is made of for the planner, proposals, and what the region's cards say of them."""
