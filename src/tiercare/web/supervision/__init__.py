"""督导: what is owed by whom until when, inspections and what they find, goals of the year, reports, alerts."""
