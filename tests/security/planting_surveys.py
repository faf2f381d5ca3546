"""A round of a survey in the resident's county: they were drawn, and have not answered."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation.commands import surveys
from tiercare.apps.evaluation.commands.surveys import Opening
from tiercare.apps.evaluation.models import SurveyInvitation
from tiercare.apps.ledger import queries as ledger

from .world import COUNTY, World


def surveys_planted(world: World) -> dict[str, str]:
    """The round, and the resident's invitation."""
    today = ledger.today()
    wanted = Opening("first_choice", COUNTY, today, today + timedelta(days=20), 20)
    key = surveys.open_round(world.actor("commission@own"), wanted)
    with scoped(world.actor("registrar@own")):
        mine = SurveyInvitation.objects.get(round_id=key, resident_id=UUID(world.ids["resident"]))
    return {"survey_round": str(key), "invitation": str(mine.id)}
