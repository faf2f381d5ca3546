"""Plain values every layer may use: no ORM, no web, no input or output."""
