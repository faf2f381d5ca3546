"""Waiting lists and objections to absences, for staff: desks, and the institution that offers the places."""
