"""The residents' own pages: their card, who read their record, whom they let in, their objections and family."""
