"""What can be asked about records."""

from __future__ import annotations

from .alerts import Alert, alerts_owed, followup_alert, followup_alerts
from .completeness import ELEMENTS, Completeness, completeness
from .contacts import Contact, Due, contact, contacts_alerted, contacts_due, contacts_of_request
from .control import Proposal, proposals
from .documents import File, document, document_limit, request_documents, withdrawn_document
from .fact_patients import fact_patients
from .fact_rows import Came, fact_surveys, fact_visits, months_answered, months_visited, services_owed
from .facts import Facts, diseases_of, facts
from .forms import forms_at
from .formularies import Item, drug_gap, formulary, formulary_export, formulary_template
from .going_down import SENDER, LeftElsewhere, Ready, going_down, left_elsewhere, left_shown_to, reason_owed
from .ours import guidelines_at, guidelines_of_pack, said
from .patient import Patient, patient
from .prompts import Prompt, Prompted, open_prompts, prompt_answers, prompted, prompts_at
from .summary import Summary, summary
from .surveys import Stay, Survey, own_stays, stays_here, survey
from .timeline import Ahead, Entry, Timeline, timeline
from .visits import OwnVisit, own_visit
from .withdrawn import Gone, OwnEntry, own_entry, withdrawn_among, withdrawn_shown, withdrawn_with

__all__ = [
    "ELEMENTS",
    "SENDER",
    "Ahead",
    "Alert",
    "Came",
    "Completeness",
    "Contact",
    "Due",
    "Entry",
    "Facts",
    "File",
    "Gone",
    "Item",
    "LeftElsewhere",
    "OwnEntry",
    "OwnVisit",
    "Patient",
    "Prompt",
    "Prompted",
    "Proposal",
    "Ready",
    "Stay",
    "Summary",
    "Survey",
    "Timeline",
    "alerts_owed",
    "completeness",
    "contact",
    "contacts_alerted",
    "contacts_due",
    "contacts_of_request",
    "diseases_of",
    "document",
    "document_limit",
    "drug_gap",
    "fact_patients",
    "fact_surveys",
    "fact_visits",
    "facts",
    "followup_alert",
    "followup_alerts",
    "forms_at",
    "formulary",
    "formulary_export",
    "formulary_template",
    "going_down",
    "guidelines_at",
    "guidelines_of_pack",
    "left_elsewhere",
    "left_shown_to",
    "months_answered",
    "months_visited",
    "open_prompts",
    "own_entry",
    "own_stays",
    "own_visit",
    "patient",
    "prompt_answers",
    "prompted",
    "prompts_at",
    "proposals",
    "reason_owed",
    "request_documents",
    "said",
    "services_owed",
    "stays_here",
    "summary",
    "survey",
    "timeline",
    "withdrawn_among",
    "withdrawn_document",
    "withdrawn_shown",
    "withdrawn_with",
]
