"""Writing a referral: starting it, filling it in, taking a place, planning the way down, asking for advice."""
