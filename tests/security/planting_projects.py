"""What the matrix asks about of work programmes: a project of the city's commission that the township centre owes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tiercare.apps.evaluation.commands.matters import Issue, issue
from tiercare.apps.evaluation.queries.book import works_of
from tiercare.apps.evaluation.queries.oversight import party_of
from tiercare.apps.evaluation.rules.kinds import KindId
from tiercare.apps.evaluation.rules.projects import payload_of
from tiercare.apps.ledger import queries as ledger

from .world import World


def projects_planted(world: World) -> dict[str, str]:
    """The project, of a programme with parts; who may owe one is the programme's, who may see one is not."""
    today = ledger.today()
    programme = works_of("wuhu", on=today).programmes["centre_candidate"]
    owner = party_of(UUID(world.ids["institution"]), on=today)
    assert owner is not None
    plan = {"centre": "regional", "field": "示例"}
    key = issue(
        world.actor("commission@own"),
        Issue(
            KindId.PROJECT,
            "示例项目",
            owner,
            today + timedelta(days=30),
            period=str(today.year),
            payload=payload_of(programme, programme, plan, {}),
        ),
    )
    return {"project": str(key), "project_part": programme.parts[0].id}
