"""A run with a few numbers, a bulletin that is drafted, and papers that were handed over: to a lead hospital, to the province."""

from __future__ import annotations

from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.evaluation.commands import bulletins
from tiercare.apps.evaluation.models import Delivery, Run, Value
from tiercare.apps.evaluation.queries.composing import compose
from tiercare.apps.evaluation.rules.bulletins import BULLETIN, Choice

from .world import CITY, COUNTY, World

_SHARE = "primary_visit_share"


def bulletins_planted(world: World) -> dict[str, str]:
    """The ids of the run, of the draft, and of both deliveries."""
    me = world.actor("commission@own")
    with scoped(me, area=CITY):
        run = Run.objects.create(
            pack="wuhu",
            pack_digest="0" * 64,
            region=CITY,
            spans=["2025"],
            digest="1" * 64,
            synthetic=True,
            made_by_name=me.name,
        )
        for level, key in (("region", CITY), ("division", COUNTY)):
            counts = {"numerator": 3, "denominator": 4, "value": "0.75"}
            Value.objects.create(
                run=run, indicator=_SHARE, version=1, span="2025", level=level, key=key, **counts
            )
    choice = Choice(run.id, "2025", (_SHARE,), "2025年通报")
    draft = bulletins.draft(me, choice)
    content = compose(me, choice)

    def sent(**to: object) -> UUID:
        row = Delivery(purpose=BULLETIN, title="2025年通报", from_area=CITY, **to)
        return bulletins.hand_over(me, row, content)

    with scoped(me, area=CITY):
        lead = sent(to_institution=UUID(world.ids["hospital"]))
        outside = sent(outside="安徽省卫生健康委员会")
    return {
        "run": str(run.id),
        "bulletin": str(draft),
        "delivery": str(lead),
        "delivery_out": str(outside),
    }
