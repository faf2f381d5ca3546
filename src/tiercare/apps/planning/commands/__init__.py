"""What people do with plans."""

from tiercare.apps.evaluation.rules.standing import Party

from .centres import CentreDraft, change_centre, plan_centre
from .discussing import Discussion, discuss, parties_of
from .saving import Draft, save_plan
from .searching import Asked, ask_search, run_search, stop_search
from .serving import lay_service_area

__all__ = [
    "Asked",
    "CentreDraft",
    "Discussion",
    "Draft",
    "Party",
    "ask_search",
    "change_centre",
    "discuss",
    "lay_service_area",
    "parties_of",
    "plan_centre",
    "run_search",
    "save_plan",
    "stop_search",
]
