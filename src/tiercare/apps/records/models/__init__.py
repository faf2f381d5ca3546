"""What is kept of residents' health. All of it stands under row-level security (migration 0002)."""

from __future__ import annotations

from .conditions import Condition
from .documents import Document
from .encounters import Encounter
from .followups import DownPrompt, FollowUpAlert, FormAnswer
from .formularies import FormularyItem
from .medications import Medication
from .observations import Observation
from .plans import CarePlan, PlannedContact

__all__ = [
    "CarePlan",
    "Condition",
    "Document",
    "DownPrompt",
    "Encounter",
    "FollowUpAlert",
    "FormAnswer",
    "FormularyItem",
    "Medication",
    "Observation",
    "PlannedContact",
]
