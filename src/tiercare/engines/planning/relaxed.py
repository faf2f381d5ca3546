"""Bounds from below: what no plan can undercut, by letting places be served twice or not at all for a price (Lagrange).

Each place has a price; each site keeps the places that are worth more than they cost, as far as its capacity goes; the p best sites
count. The best prices are sought by subgradient steps. Whatever the prices, the sum is a valid bound.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .tasks import Flags, Floats, Ints


@njit(cache=True)
def fractional(
    gains: Floats, needs: Floats, items: Ints, count: int, capacity: float, served: Floats, by: float
) -> float:
    """The most that fits when the last item may be cut: Dantzig's bound of a knapsack."""
    order = np.argsort(-(gains[:count] / needs[:count]))
    left, total = capacity, 0.0
    for at in order:
        if needs[at] <= left:
            left -= needs[at]
            total += gains[at]
            served[items[at]] += by
        else:
            served[items[at]] += by * left / needs[at]
            total += gains[at] * left / needs[at]
            break
    return total


@njit(cache=True)
def _dantzig(gain: Floats, need: Floats, at: int, left: float) -> float:
    """The most that items from ``at`` on (best first) can add when the last may be cut."""
    total = 0.0
    for k in range(at, gain.shape[0]):
        part = min(1.0, left / need[k])
        total += gain[k] * part
        if part < 1.0:
            break
        left -= need[k]
    return total


@njit(cache=True)
def _last_taken(taken: Flags, before: int) -> int:
    at = before - 1
    while at >= 0 and not taken[at]:
        at -= 1
    return at


@njit(cache=True)
def whole(gains: Floats, needs: Floats, count: int, capacity: float, chosen: Flags, limit: int) -> float:
    """The most that fits of whole items, by depth-first search below Dantzig's bound; ``chosen`` gets the best found.

    Answers a number that no choice exceeds: the best found, or Dantzig's bound where ``limit`` steps did not suffice.
    """
    order = np.argsort(-(gains[:count] / needs[:count]))
    gain, need = gains[order], needs[order]
    taken, best_taken = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    best, here, left, at = 0.0, 0.0, capacity, 0
    answer = _dantzig(gain, need, 0, capacity)
    for _ in range(limit):
        if here + _dantzig(gain, need, at, left) > best + 1e-9:
            while at < count and need[at] <= left:
                taken[at] = True
                left -= need[at]
                here += gain[at]
                at += 1
            if here > best:
                best = here
                best_taken[:] = taken
            at += 1  # the one that does not fit is left out
            if at < count:
                continue
        last = _last_taken(taken, min(at, count))
        if last < 0:
            answer = best
            break
        taken[last] = False
        left += need[last]
        here -= gain[last]
        at = last + 1
    chosen[:] = False
    for k in range(count):
        chosen[order[k]] = best_taken[k]
    return answer


@njit(cache=True)
def of_site(
    cost: Floats,
    prices: Floats,
    need: Floats,
    capacity: float,
    exact: bool,
    served: Floats,
    by: float,
    gains: Floats,
    needs: Floats,
    items: Ints,
) -> float:
    """What one site (a row of costs) is worth within its capacity; ``served`` grows by ``by`` times the share of each place kept.

    ``gains``, ``needs`` and ``items`` are room to work in, as long as there are places.
    """
    count = 0
    free = 0.0
    for j in range(cost.shape[0]):
        gain = prices[j] - cost[j]
        if gain <= 0.0 or need[j] > capacity:
            continue
        if need[j] <= 0.0 or capacity == np.inf:
            free += gain
            served[j] += by
            continue
        gains[count], needs[count], items[count] = gain, need[j], j
        count += 1
    if count == 0:
        return -free
    total = 0.0
    for k in range(count):
        total += needs[k]
    if total <= capacity:
        for k in range(count):
            free += gains[k]
            served[items[k]] += by
        return -free
    if not exact:
        return -free - fractional(gains, needs, items, count, capacity, served, by)
    chosen = np.zeros(count, np.bool_)
    best = whole(gains, needs, count, capacity, chosen, 20_000)
    for k in range(count):
        if chosen[k]:
            served[items[k]] += by
    return -free - best


@njit(cache=True)
def bound_at(
    cost: Floats,
    need: Floats,
    capacity: Floats,
    opening: Floats,
    p: int,
    prices: Floats,
    alive: Ints,
    exact: bool,
    worth: Floats,
    served: Floats,
) -> float:
    """The bound that these prices give. ``worth`` of each site in ``alive`` and how often each place is ``served`` come with it."""
    n = cost.shape[1]
    gains, needs, items, nothing = np.empty(n), np.empty(n), np.empty(n, np.int64), np.zeros(n)
    worth[:] = np.inf
    for at in range(alive.shape[0]):
        i = alive[at]
        worth[i] = opening[i] + of_site(
            cost[i], prices, need, capacity[i], exact, nothing, 0.0, gains, needs, items
        )
    served[:] = 0.0
    total = 0.0
    for j in range(n):
        total += prices[j]
    for i in np.argsort(worth)[:p]:
        total += worth[i]
        of_site(cost[i], prices, need, capacity[i], exact, served, 1.0, gains, needs, items)
    return total


@njit(cache=True)
def picked(
    cost: Floats, need: Floats, capacity: Floats, p: int, prices: Floats, opened: Ints, held: Ints
) -> None:
    """A plan out of prices: the site that is worth most with all it keeps, then the best for what is left, ``p`` times.

    ``opened`` gets the sites, ``held`` the position of each place among them, -1 for what nobody kept. A site's worth only falls as places
    are taken, so only the best on the list is ever counted anew.
    """
    m, n = cost.shape
    left, worth, kept = prices.copy(), np.empty(m), np.zeros(n)
    gains, needs, items = np.empty(n), np.empty(n), np.empty(n, np.int64)
    for i in range(m):
        worth[i] = of_site(cost[i], left, need, capacity[i], True, kept, 0.0, gains, needs, items)
    held[:] = -1
    k = 0
    while k < p:
        i = int(np.argmin(worth))
        kept[:] = 0.0
        now = of_site(cost[i], left, need, capacity[i], True, kept, 1.0, gains, needs, items)
        if now > worth[i] + 1e-9:
            worth[i] = now
            continue
        opened[k], worth[i] = i, np.inf
        for j in range(n):
            if kept[j] > 0.5:
                held[j], left[j] = k, -1e300
        k += 1


@njit(cache=True)
def climb(
    cost: Floats,
    need: Floats,
    capacity: Floats,
    opening: Floats,
    p: int,
    prices: Floats,
    best_prices: Floats,
    best_worth: Floats,
    alive: Ints,
    exact: bool,
    upper: float,
    state: Floats,
    steps: int,
) -> int:
    """Some subgradient steps from ``prices``; answers how many were made.

    ``state`` holds the best bound, the factor of the step and the steps without progress; all arrays are changed in place. The
    steps end early when the bound meets ``upper`` or the factor has become too small to move anything.
    """
    worth, served = np.empty(cost.shape[0]), np.empty(cost.shape[1])
    direction = np.zeros(cost.shape[1])
    for step in range(steps):
        bound = bound_at(cost, need, capacity, opening, p, prices, alive, exact, worth, served)
        if bound > state[0] + 1e-6 * abs(state[0]):
            state[2] = 0.0
        else:
            state[2] += 1.0
        if bound > state[0]:
            state[0] = bound
            best_prices[:] = prices
            best_worth[:] = worth
        if state[2] >= 20.0:
            state[1] *= 0.7
            state[2] = 0.0
            prices[:] = best_prices
        if state[0] >= upper - 1e-9 or state[1] < 1e-4:
            return step + 1
        length = 0.0
        for j in range(prices.shape[0]):
            direction[j] = 0.7 * (1.0 - served[j]) + 0.3 * direction[j]
            length += direction[j] * direction[j]
        if length < 1e-12:
            return step + 1
        move = state[1] * (upper - bound) / length
        for j in range(prices.shape[0]):
            prices[j] += move * direction[j]
    return steps
