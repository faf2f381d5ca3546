"""Scorecards: panels and lines with points, ranks, records of completion, and the replay of a result."""
