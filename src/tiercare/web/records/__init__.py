"""The record of a resident: timeline, noting a visit, documents, and contacts that are due."""
