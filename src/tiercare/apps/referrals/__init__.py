"""Referrals up, down and lateral, and advice: kinds of request with what they carry, where they go, and why."""
