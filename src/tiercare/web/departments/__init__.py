"""Departments of the government, each with its own duties; insurance supervision with the paid visits that rules flag."""
