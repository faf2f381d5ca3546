"""The independent checker: whether a plan is what it says. Plain Python, and nothing of the solvers.

Slow on purpose: every sum is taken anew from the task as it was given, neighbours are walked by a queue, and what is claimed
(cost, bound, gap) is compared with what comes out.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from fractions import Fraction

SLACK = 1e-6  # of a cost or load: sums of binary fractions differ in the last digits


def faults_of_choice(
    cost: Sequence[Sequence[float]],
    need: Sequence[float],
    room: Sequence[float],
    p: int,
    opened: Sequence[int],
    held: Sequence[int],
    *,
    claimed_cost: float,
    claimed_bound: float,
) -> list[str]:
    """What is wrong with a choice of sites; empty when nothing is. Costs are sites × places, ``held`` is the site of each place."""
    faults = []
    if len(set(opened)) != len(opened) or len(opened) != p:
        faults.append(f"{len(set(opened))} sites are open, {p} were to be")
    if len(held) != len(need):
        return [*faults, f"{len(held)} places are served of {len(need)}"]
    load: dict[int, Fraction] = {}
    total = 0.0
    for place, site in enumerate(held):
        if site not in set(opened):
            faults.append(f"place {place} is served from site {site}, which is not open")
        load[site] = load.get(site, Fraction(0)) + Fraction(need[place])
        total += cost[site][place]
    for site, carried in load.items():
        if math.isfinite(room[site]) and carried > Fraction(room[site]) + Fraction(SLACK):
            faults.append(f"site {site} carries {float(carried)} of {room[site]}")
    return faults + _claims(total, claimed_cost, claimed_bound)


def faults_of_division(
    cost: Sequence[Sequence[float]],
    need: Sequence[Sequence[float]],
    room: Sequence[Sequence[float]],
    seat: Sequence[int],
    beside: Mapping[int, Sequence[int]],
    fair: Sequence[float],
    balance: float,
    held: Sequence[int],
    *,
    claimed_cost: float,
    claimed_bound: float,
) -> list[str]:
    """What is wrong with a division into grids; empty when nothing is. Costs and rooms are by grid, needs by place."""
    faults = []
    if len(held) != len(need):
        return [f"{len(held)} places are in a grid of {len(need)}"]
    total = 0.0
    for place, grid in enumerate(held):
        if not 0 <= grid < len(seat):
            return [f"place {place} is in grid {grid}, which there is not"]
        total += cost[grid][place]
    for grid in range(len(seat)):
        members = {place for place in range(len(held)) if held[place] == grid}
        if seat[grid] not in members:
            faults.append(f"the seat of grid {grid}, place {seat[grid]}, is in another grid")
        apart = members - _walked(seat[grid], members, beside)
        if apart:
            faults.append(f"grid {grid} is in pieces: {sorted(apart)[:5]} are apart from its seat")
        for service in range(len(room[grid])):
            carried = sum((Fraction(need[place][service]) for place in members), Fraction(0))
            limit = room[grid][service]
            if math.isfinite(limit) and carried > Fraction(limit) + Fraction(SLACK):
                faults.append(f"grid {grid} carries {float(carried)} of {limit} in service {service}")
        first = sum((Fraction(need[place][0]) for place in members), Fraction(0))
        total += balance * abs(float(first) - fair[grid])
    return faults + _claims(total, claimed_cost, claimed_bound)


def _walked(start: int, members: set[int], beside: Mapping[int, Sequence[int]]) -> set[int]:
    if start not in members:
        return set()
    seen, waiting = {start}, deque([start])
    while waiting:
        for place in beside[waiting.popleft()]:
            if place in members and place not in seen:
                seen.add(place)
                waiting.append(place)
    return seen


def _claims(total: float, cost: float, bound: float) -> list[str]:
    faults = []
    if not math.isclose(total, cost, rel_tol=1e-9, abs_tol=SLACK):
        faults.append(f"the cost is {total}, claimed was {cost}")
    if bound > total + SLACK * max(1.0, abs(total)):
        faults.append(f"the bound {bound} lies above the cost {total}")
    return faults
