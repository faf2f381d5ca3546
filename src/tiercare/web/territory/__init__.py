"""Who provides what stands with the resident's own area, and choosing another (WH-03): the residents' page."""
