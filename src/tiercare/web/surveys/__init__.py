"""Surveys of residents: rounds and results for the commission, asking for staff, answering for whoever was drawn."""
