"""What is done to the record."""

from __future__ import annotations

from .asking import answer_survey, handle_alert
from .contacts import cancel_contact, do_contact, plan_contact
from .discharging import follow_up_discharge
from .documents import add_document, record_results
from .formularies import end_drug, import_drugs, keep_drug
from .plans import end_plan, make_plan
from .prompting import answer_prompt
from .visits import end_encounter, note_visit, set_stage
from .withdrawing import withdraw, withdraw_by_key

__all__ = [
    "add_document",
    "answer_prompt",
    "answer_survey",
    "cancel_contact",
    "do_contact",
    "end_drug",
    "end_encounter",
    "end_plan",
    "follow_up_discharge",
    "handle_alert",
    "import_drugs",
    "keep_drug",
    "make_plan",
    "note_visit",
    "plan_contact",
    "record_results",
    "set_stage",
    "withdraw",
    "withdraw_by_key",
]
