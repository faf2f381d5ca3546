"""Indicators: the book, one indicator beside its definition, the cases behind it, and what clauses want to rise or fall."""
