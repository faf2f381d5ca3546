"""Assessments of the year: schemes, self-reports, review, results, what they are used for, and what is published."""
