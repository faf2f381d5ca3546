"""The ledger: events as audit trail and outbox in one row, the chain that seals them, and the one clock."""
