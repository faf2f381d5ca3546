"""What the matrix asks about of services of primary care: a request of the resident and one of their ward."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents.models import CareRequest
from tiercare.apps.residents.rules.care import Service
from tiercare.apps.residents.workflow import CareState

from .world import World


def care_planted(world: World) -> dict[str, str]:
    """Asked of the township that answers for both; where they live no text lists the services, so it is laid by hand."""
    station = world.actor("primary_doctor@own")
    with scoped(station):
        keys = [
            CareRequest.objects.create(
                resident_id=UUID(world.ids[whose]),
                institution_id=station.institution_id,
                signed=False,
                service=Service.DOOR_TO_DOOR.value,
                state=CareState.ASKED.value,
                asked_words="示例：要换药",
                due_at=ledger.now() + timedelta(hours=2),
            ).id
            for whose in ("resident", "ward")
        ]
    return {"care": str(keys[0]), "ward_care": str(keys[1])}
