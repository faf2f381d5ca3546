"""Places that can be had: pools, sessions, quotas that policy promises, and bookings that cannot be oversold."""
