"""The clause ledger: every clause of every document."""
