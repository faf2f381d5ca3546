"""The small acts of the compiled loop: finding and taking a place, noting a visit and what it costs, going into the book."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from tiercare.engines.measures.synth.columns import Array

from .chance import luck, normal
from .prices import CAP, DEDUCTIBLE, SELF_SHARE, SHARE, Prices
from .state import BOOKED, FREE, KEPT, RELEASED, SENT, TAKEN, USED

OUT, EMERGENCY, IN = range(3)  # visits.kind
SELF, UP, DOWN, URGENT = range(4)  # visits.arrival
_COST, _DAYS, _WEIGHS = 30, 40, 50
_LONGEST = 60  # days of a stay; the arrays of state.HORIZON reach farther
_EPISODE = 30  # days within which a referred stay goes on with the deductible
_FIRST, _LAST = 0, 1


@njit(cache=True)
def first_place(places: Array, site: int, day: int, until: int, referred: bool) -> int:
    """The first day from ``day`` up to ``until`` on which there is a place, or -1; reserved ones count for those referred."""
    for d in range(day, until + 1):
        if places[site, d, FREE] > 0 or (referred and places[site, d, KEPT] > 0):
            return d
    return -1


@njit(cache=True)
def take(places: Array, site: int, day: int, referred: bool) -> bool:
    """Take a place that is there; whether it was a reserved one. Reserved ones first for those they are kept for."""
    places[site, day, TAKEN] += 1
    if referred and places[site, day, KEPT] > 0:
        places[site, day, KEPT] -= 1
        places[site, day, USED] += 1
        return True
    places[site, day, FREE] -= 1
    return False


@njit(cache=True)
def release(places: Array, day: int) -> None:
    """Open to everybody what is still kept for a day."""
    for site in range(len(places)):
        left = places[site, day, KEPT]
        if left > 0:
            places[site, day, KEPT] = 0
            places[site, day, FREE] += left
            places[site, day, RELEASED] += left


@njit(cache=True)
def enter(
    book: Array,
    top: Array,
    person: int,
    site: int,
    code: int,
    kind: int,
    arrival: int,
    asked: int,
    number: int,
    sent: int,
) -> int:
    """A new entry of the book; its number."""
    i = int(top[BOOKED])
    top[BOOKED] += 1
    row = book[i]
    row.person, row.site, row.code, row.kind = person, site, code, kind
    row.arrival, row.asked, row.number, row.sent, row.following = arrival, asked, number, sent, -1
    return i


@njit(cache=True)
def on_day(book: Array, head: Array, i: int, day: int) -> None:
    """Let an entry come on a day."""
    book[i].following = head[day]
    head[day] = i


@njit(cache=True)
def in_line(book: Array, line: Array, i: int, site: int, row: int) -> None:
    """Let an entry wait for a bed, behind those who came before."""
    if line[site, row, _FIRST] < 0:
        line[site, row, _FIRST] = i
    else:
        book[line[site, row, _LAST]].following = i
    line[site, row, _LAST] = i


@njit(cache=True)
def send(
    sent: Array,
    top: Array,
    person: int,
    direction: int,
    source: int,
    target: int,
    day: int,
    place: int,
    code: int,
    stable: bool,
    state: int,
) -> int:
    """A new referral; its number."""
    i = int(top[SENT])
    top[SENT] += 1
    row = sent[i]
    row.person, row.direction, row.source, row.target, row.submitted = person, direction, source, target, day
    row.place, row.arrived, row.code, row.stable, row.state = place, -1, code, stable, state
    return i


@njit(cache=True)
def cost_of(seed: int, number: int, prices: Prices, care: int, tier: int, factor: float, days: int) -> int:
    """What a case costs, in fen: log-normal round the middle of its care and tier, longer stays dearer (to the power 0.6)."""
    middle = prices.middle[care, tier] * factor
    if care == 1:
        middle *= (max(days, 1) / 7.0) ** 0.6
    return max(int(middle * math.exp(normal(seed, number, _COST + 4 * care) * prices.spread[care])), 100)


@njit(cache=True)
def fund_of(
    table: Array, continuous: bool, who: Any, care: int, tier: int, referred: bool, cost: int, day: int
) -> int:
    """What the fund pays of it, in fen: after the deductible a share, up to the year's cap; the deductible of outpatients is a year's, that of
    stays is paid with each, and goes on with a referred one where the benefits say so (国办发〔2017〕32号)."""
    row = table[who.cover, care, tier]
    share = row[SHARE] if referred else row[SELF_SHARE]
    if care == 0:
        due = min(max(row[DEDUCTIBLE] - who.deductible, 0), cost)
        who.deductible += due
        fund = min(((cost - due) * share + 5_000) // 10_000, max(row[CAP] - who.paid, 0))
        who.paid += fund
        return int(fund)
    goes_on = continuous and referred and day - who.since <= _EPISODE
    due = min(max(row[DEDUCTIBLE] - who.stay_deductible, 0) if goes_on else row[DEDUCTIBLE], cost)
    who.stay_deductible = who.stay_deductible + due if goes_on else due
    who.since = day
    fund = min(((cost - due) * share + 5_000) // 10_000, max(row[CAP] - who.stay_paid, 0))
    who.stay_paid += fund
    return int(fund)


@njit(cache=True)
def days_of(seed: int, number: int, middle: float, spread: float, short: bool) -> int:
    """Days of a stay: log-normal, at least one, at most sixty."""
    if short:
        return 1
    return min(max(int(middle * math.exp(normal(seed, number, _DAYS) * spread) + 0.5), 1), _LONGEST)


@njit(cache=True)
def referred_to(
    seed: int, number: int, places: Array, utility: Array, choice: Array, day: int, until: int, weight: float
) -> tuple[int, int]:
    """The hospital that suits a referred patient best, with its first place: (choice, day) or (-1, -1) when none has one in time. Everybody
    weighs a little differently (Gumbel)."""
    best, when, most = -1, -1, -math.inf
    for k in range(len(choice)):
        if utility[k] == -math.inf:
            continue
        found = first_place(places, choice[k], day + 1, until, True)
        if found < 0:
            continue
        chance = -math.log(-math.log(luck(seed, number, _WEIGHS + k) * 0.999998 + 0.000001))
        worth = utility[k] - weight * (found - day) + chance
        if worth > most:
            best, when, most = k, found, worth
    return best, when
