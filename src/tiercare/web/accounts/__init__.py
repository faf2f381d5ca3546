"""Accounts of staff: inviting, roles, leaving, who may do what; and one's own second factor."""
