"""A request from one institution to another: one workflow for every kind (referral up, down, lateral, advice …)."""
