"""From the opinions to the network, through the pages: handed in, refused to whoever handed it in, approved, and taken into effect."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.test import Client

from tiercare.apps.evaluation.commands import act
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.network import queries as network
from tiercare.apps.planning import commands
from tiercare.apps.planning.commands import Draft
from tiercare.apps.planning.queries import ground_of, plans
from tiercare.apps.planning.queries.verdicts import grids_of

from ..planning.test_plans import CITY, ON, SECOND, WISHES, discussed, one_moved, opine
from .capacity_desk import text_of
from .test_planning import Open, to


def test_a_plan_that_was_approved_becomes_the_network(client_of: Open, wuhu: str) -> None:
    ground = ground_of(wuhu, on=ON)
    drawn, _ = one_moved(ground.region)
    number = commands.save_plan(CITY, wuhu, Draft("示例：调整一个镇", WISHES, drawn, on=ON))
    matter = discussed(plans.plan(CITY, wuhu, number).line.id)
    opine(matter)
    office = client_of()
    assert _done(office, matter, "submit", words="意见已汇总").status_code == 302
    # The one account of the test is another person than the demonstration's commission; who handed in does not approve.
    refused = _done(office, matter, "approve")
    assert refused.status_code == 403 and "不能自己审定" in text_of(refused, 403)
    act(SECOND, matter_id=matter, act=Act.APPROVE)
    page = text_of(office.get(to(f"/supervision/matters/{matter}")))
    assert "施行" in page
    assert _done(office, matter, "lock").status_code == 302
    start = ledger.today() + timedelta(days=40)
    assert dict(network.network_facts(wuhu, on=start).grids) == grids_of(ground.network, drawn)
    assert "已施行" in text_of(office.get(to("/planning/plans")))


def _done(client: Client, matter: UUID, step: str, **said: str):
    return client.post(to(f"/supervision/matters/{matter}/{step}"), {"words": "", **said})
