"""What the matrix asks about of planning: a version of the city's plan, another under discussion, and a search that waits."""

from __future__ import annotations

from datetime import date, timedelta

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.planning import commands, queries
from tiercare.apps.planning.queries import plans
from tiercare.engines.planning.regions import neighbours

from .world import CITY, World

_ON = date(2019, 7, 1)  # on which the divisions of the document all stand


def plans_planted(world: World) -> dict[str, str]:
    """Their numbers and ids."""
    city = world.actor("commission@own")
    region, wishes = queries.ground_of(CITY, on=_ON).region, queries.wishes_for(CITY, on=_ON)
    beside, seats = neighbours(region), {lead.place for lead in region.leads}
    moved = next(
        {place.key: region.today[other]}
        for place in region.places
        for other in sorted(beside[place.key])
        if region.today[other] != region.today[place.key] and place.key not in seats
    )
    lead_of = {**region.today, **moved}
    first, second = (
        commands.save_plan(city, CITY, commands.Draft("示例：方案", wishes, lead_of, on=_ON))
        for _ in range(2)
    )
    today = ledger.today()
    discussed = plans.plan(city, CITY, second).line.id
    asked = commands.parties_of(city, discussed)
    party = asked[0].party
    matter = commands.discuss(
        city,
        commands.Discussion(
            discussed,
            "示例：请提意见",
            [each.party for each in asked],
            today + timedelta(days=10),
            today + timedelta(days=20),
            today + timedelta(days=60),
        ),
    )
    search = commands.ask_search(city, CITY, commands.Asked("示例：方案", wishes, on=_ON))
    return {
        "plan_number": str(first),
        "plan_discussed": str(second),
        "plan_discussion": str(matter),
        "plan_party": party.area,
        "plan_search": str(search),
    }
