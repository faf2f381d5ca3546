"""What provincial hospitals did in a region's consortia in a year (WH-53), from the network and the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import ibis

from tiercare.apps.network import queries as network
from tiercare.apps.network.queries.holders import holders
from tiercare.apps.network.rules import Network
from tiercare.apps.network.rules.facts import Affiliation, Institution, Role
from tiercare.engines.measures.periods import Span
from tiercare.engines.measures.store import Store
from tiercare.engines.measures.store.manifest import regions_in
from tiercare.kernel.text import Text

from .importing import root

# What is counted, in the order in which it is shown.
COUNTED: Mapping[str, Text] = {
    "up_received": Text("接收上转（例）", "referrals up received"),
    "up_accepted_in_time": Text("其中时限内接收（例）", "of these accepted in time"),
    "down_sent": Text("向下转诊（例）", "referrals down sent"),
    "support_acts": Text("下派、坐诊、带教（次）", "postings, clinics, teaching"),
    "support_people": Text("下派人员（人）", "people sent"),
    "support_days": Text("下派人日", "person-days"),
    "learners": Text("接收进修人员（人）", "people come up to learn"),
    "remote_done": Text("完成远程服务（例）", "remote services done"),
}


@dataclass(frozen=True, slots=True)
class Took:
    """A hospital with the consortia that it stands in: its role and how many other members each has."""

    key: str
    name: str
    consortia: Sequence[tuple[str, str, int]]
    counts: Mapping[str, int]


def participation(region: str, year: Span) -> tuple[list[Took], bool]:
    """What each provincial hospital in a region did in a year, by name; and whether any of it is made up."""
    last = _end(year)
    facts = network.network_facts(region, on=last)
    hospitals = [
        each for each in facts.local() if each.affiliation is Affiliation.PROVINCE and not each.primary
    ]
    if not hospitals:
        return [], False
    inside = [code for code in regions_in(root()) if code.startswith(region)]
    keys = {ids[0]: key for key, ids in holders(on=last).institutions.items()}  # itself comes first
    of = {each.id: keys.get(UUID(each.id), each.slug) for each in hospitals}
    counts: dict[str, dict[str, int]] = {key: {} for key in of.values()}
    synthetic = False
    if inside:
        with Store(root(), regions=inside) as store:
            synthetic = store.synthetic
            _count(store, counts, year)
    took = [
        Took(
            of[each.id],
            each.name,
            _consortia(facts, each),
            {name: counts[of[each.id]].get(name, 0) for name in COUNTED},
        )
        for each in hospitals
    ]
    return sorted(took, key=lambda each: each.name), synthetic


def _end(year: Span) -> date:
    """The last day of a period."""
    after = year.last % 100 + 1
    first = date(year.last // 100 + after // 13, (after - 1) % 12 + 1, 1)
    return first - timedelta(days=1)


def _consortia(facts: Network, hospital: Institution) -> list[tuple[str, str, int]]:
    found = []
    for consortium in facts.consortia_of(hospital.id):
        leads = {each.id for each in facts.members(consortium.id, Role.LEAD)}
        whole = [
            consortium,
            *facts.children(consortium.id),
        ]  # those that joined as a whole count with their members
        others = {each.id for one in whole for each in facts.members(one.id)} - {hospital.id}
        found.append((consortium.name, "LEAD" if hospital.id in leads else "MEMBER", len(others)))
    return found


def _count(store: Store, counts: dict[str, dict[str, int]], year: Span) -> None:
    keys, months = list(counts), list(year.months())

    def told(name: str, expression: Any) -> None:
        for row in store.run(expression):
            counts[row["house"]][name] = int(row["n"] or 0)

    def of(fact: str) -> Any:
        rows = store.table(fact)
        return rows.filter(rows.month.isin(months))

    if store.months("referrals"):
        sent = of("referrals")
        up = sent.filter(sent.direction == "up", sent.receiver.isin(keys)).group_by(house=sent.receiver)
        told("up_received", up.aggregate(n=ibis._.count()))
        timely = sent.filter(sent.direction == "up", sent.receiver.isin(keys), sent.in_time)
        told("up_accepted_in_time", timely.group_by(house=timely.receiver).aggregate(n=timely.count()))
        down = sent.filter(sent.direction == "down", sent.sender.isin(keys))
        told("down_sent", down.group_by(house=down.sender).aggregate(n=down.count()))
    if store.months("support"):
        acts = of("support")
        out = acts.filter(acts.direction == "down", acts.sender.isin(keys))
        by = out.group_by(house=out.sender)
        told("support_acts", by.aggregate(n=out.act.nunique()))
        told("support_people", by.aggregate(n=out.person.nunique()))
        told("support_days", by.aggregate(n=out.days.sum()))
        come = acts.filter(acts.direction == "up", acts.receiver.isin(keys))
        told("learners", come.group_by(house=come.receiver).aggregate(n=come.person.nunique()))
    if store.months("remote"):
        asked = of("remote")
        done = asked.filter(asked.receiver.isin(keys), asked.done)
        told("remote_done", done.group_by(house=done.receiver).aggregate(n=done.count()))
