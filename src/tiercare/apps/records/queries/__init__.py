"""What can be asked about records."""

from __future__ import annotations

from .completeness import ELEMENTS, Completeness, completeness
from .contacts import Contact, Due, contact, contacts_alerted, contacts_due, contacts_of_request
from .control import Proposal, proposals
from .documents import File, document, document_limit, request_documents
from .facts import Facts, diseases_of, facts
from .going_down import Ready, going_down
from .ours import guidelines_at, said
from .patient import Patient, patient
from .summary import Summary, summary
from .timeline import Ahead, Entry, Timeline, timeline
from .visits import OwnVisit, own_visit

__all__ = [
    "ELEMENTS",
    "Ahead",
    "Completeness",
    "Contact",
    "Due",
    "Entry",
    "Facts",
    "File",
    "OwnVisit",
    "Patient",
    "Proposal",
    "Ready",
    "Summary",
    "Timeline",
    "completeness",
    "contact",
    "contacts_alerted",
    "contacts_due",
    "contacts_of_request",
    "diseases_of",
    "document",
    "document_limit",
    "facts",
    "going_down",
    "guidelines_at",
    "own_visit",
    "patient",
    "proposals",
    "request_documents",
    "said",
    "summary",
    "timeline",
]
