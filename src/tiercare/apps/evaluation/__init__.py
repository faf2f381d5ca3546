"""Evaluation: indicators computed and kept, assessments, what is published, and everything that supervision asks for."""
