"""What the matrix asks about of requests: one that the township sent up for the resident, a draft, an answered question."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access import commands as access
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis
from tiercare.apps.exchange import commands as exchange
from tiercare.apps.exchange.models import Desk
from tiercare.apps.exchange.rules.acting import Said
from tiercare.apps.exchange.workflow import Act
from tiercare.apps.referrals import commands
from tiercare.apps.referrals.models import Filing
from tiercare.apps.referrals.rules.filing import State as Filed

from .world import World


def requests_planted(world: World, places: dict[str, UUID]) -> dict[str, str]:
    """Each between the township (``own``) and the hospital that leads it (``sister``); ids by the words of the matrix."""
    doctor, office = world.actor("primary_doctor@own"), world.actor("referral_office@sister")
    for house, actor in (("institution", doctor), ("hospital", office)):
        Desk.objects.create(institution_id=places[house], name="转诊办公室", staff=[actor.account_id])
    content = exchange.Content(
        problem_code="I10",
        problem="原发性高血压",
        to_institution=places["hospital"],
        specialty="",
        payload={
            "reason": "示例理由",
            "question": "示例问题",
            "ground": {"beyond": "capacity", "severity": "urgent"},
        },
    )

    def made(kind: str, *, again: str = "", sent: bool = True) -> UUID:
        row = commands.start(doctor, resident_id=world.resident, kind=kind, again=again)
        if sent:
            commands.send(doctor, request_id=row.id, content=content)
        else:
            exchange.amend(doctor, request_id=row.id, content=content)
        return row.id

    request = made("up")
    asked = made("advice", again="示例：另一件事")
    exchange.turn(office, request_id=asked, act=Act.ACCEPT)
    exchange.turn(office, request_id=asked, act=Act.REPORT, said=Said(content={"advice": "示例答复"}))
    draft = made("up", again="示例：再一件事", sent=False)
    with scoped(doctor):
        for each, stands in ((request, Filed.UNCONNECTED), (asked, Filed.NOT_TAKEN_BACK)):
            Filing.objects.create(request_id=each, resident_id=world.resident, state=stands.value)
    # The rows about the resident's record take the hospital for one that has no ground to read it.
    with scoped(office):
        for each in (request, asked):
            access.end_relation(office, kind=Basis.REQUEST, source_id=each)
    return {"request": str(request), "request_draft": str(draft), "asked": str(asked)}
