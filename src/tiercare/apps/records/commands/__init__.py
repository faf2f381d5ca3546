"""What is done to the record."""

from __future__ import annotations

from .contacts import cancel_contact, do_contact, plan_contact
from .documents import add_document, record_results
from .plans import make_plan
from .visits import end_encounter, note_visit, set_stage

__all__ = [
    "add_document",
    "cancel_contact",
    "do_contact",
    "end_encounter",
    "make_plan",
    "note_visit",
    "plan_contact",
    "record_results",
    "set_stage",
]
