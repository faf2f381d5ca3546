"""Booking a place: from a resident's page, the institution's bookings, the appointment desk, and residents themselves."""
