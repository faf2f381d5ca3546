"""The record: visits, diagnoses, results, medicines, documents, plans and planned contacts of a resident."""
