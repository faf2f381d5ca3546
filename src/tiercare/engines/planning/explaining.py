"""Why no plan exists, in words: whose room is lacking, by how much, and which places press on it; who can reach nobody."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tiercare.kernel.geo import components
from tiercare.kernel.text import Text

from .programme import Programme, Rows, solve
from .regions import Region, Wishes, beyond_reach, prepared
from .tasks import Dividing, Floats

NAMED = 3  # places in a sentence: who presses most
BEYOND = Text(
    "{count} 个地方在 {limit} 分钟内到不了任何牵头医院：{names}；只能归最近的。",
    "{count} places reach no lead within {limit} minutes: {names}; they can only go to the nearest.",
)


def why(region: Region, wishes: Wishes) -> list[Text]:
    """One sentence for each cause; empty if divisible places would fit (then only connection or whole places stand in the way).

    Places may be divided and capacities be exceeded at a price: what still exceeds them is what is really lacking. Grids may lie in pieces,
    but nobody's reaches beyond the seats of the others.
    """
    task, beyond = _within_reach(region, prepared(region, wishes)), beyond_reach(region, wishes)
    said = []
    alone = [region.places[j].name for j in np.flatnonzero(~np.isfinite(task.cost).any(axis=0)).tolist()]
    if alone:
        names, count = "、".join(alone[:NAMED]), len(alone)
        en = f"{count} places have no lead that is allowed: {names}."
        return [Text(f"{count} 个地方没有任何允许的牵头医院：{names}。", en)]
    if beyond:
        by_key = {place.key: place.name for place in region.places}
        fields = {
            "names": "、".join(by_key[key] for key in beyond[:NAMED]) + ("…" if len(beyond) > NAMED else ""),
            "count": len(beyond),
            "limit": f"{wishes.farthest:g}",
        }
        said.append(Text(BEYOND.fill(fields), BEYOND.fill(fields, "en")))
    excess, shares = _excess(task)
    for k, service in enumerate(region.services):
        for i in np.flatnonzero(excess[:, k] > 0.5).tolist():
            lead, pressing = region.leads[i], shares[i] * task.need[:, k]
            most = [region.places[j].name for j in np.argsort(-pressing)[:NAMED].tolist() if pressing[j] > 0]
            lacking, what = f"{excess[i, k]:,.0f}", region.named(service)
            said.append(
                Text(
                    f"{lead.name}的{what.zh}至少差 {lacking}：{'、'.join(most)}等地没有别的牵头医院可去。",
                    f"{lead.name} lacks at least {lacking} of {what.en}: {', '.join(most)} and others have nowhere else to go.",
                )
            )
    return said


def _within_reach(region: Region, task: Dividing) -> Dividing:
    """The task without pairs that no connected grid can have: every way to the lead passes places that it may not have, the seats of others
    among them."""
    cost, index = task.cost.copy(), {place.key: j for j, place in enumerate(region.places)}
    for i, seat in enumerate(task.seat.tolist()):
        may = {place.key for j, place in enumerate(region.places) if math.isfinite(cost[i, j])}
        mine = next(
            (part for part in components(may, region.beside) if region.places[seat].key in part), set()
        )
        cost[i, [j for key, j in index.items() if key not in mine]] = math.inf
    return replace(task, cost=cost)


def _excess(task: Dividing) -> tuple[Floats, Floats]:
    """The least that capacities must be exceeded by, grids × services in units of the service, with the shares that lead to it."""
    (n, services), m = task.need.shape, task.seat.shape[0]
    pairs = np.argwhere(np.isfinite(task.cost))
    grid, place, k = pairs[:, 0], pairs[:, 1], pairs.shape[0]
    columns = np.arange(k)
    once = Rows(place, columns, np.ones(k), np.ones(n), np.ones(n))
    scale = np.maximum(task.need.sum(axis=0), 1e-9)
    rows = [once]
    for s in range(services):
        over = k + s * m + np.arange(m)
        rows.append(
            Rows(
                np.concatenate([grid, np.arange(m)]),
                np.concatenate([columns, over]),
                np.concatenate([task.need[place, s], -np.ones(m)]),
                np.full(m, -np.inf),
                task.room[:, s],
            )
        )
    cost = np.concatenate([np.zeros(k), np.repeat(1.0 / scale, m)])
    upper = np.concatenate([np.ones(k), np.full(services * m, math.inf)])
    outcome = solve(Programme(cost, upper, tuple(rows)))
    shares = np.zeros((m, n))
    shares[grid, place] = outcome.point[:k]
    return outcome.point[k:].reshape(services, m).T, shares
