"""What people fall ill with in the year, before anybody decides anything: the same under every policy."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tiercare.engines.measures.synth import assumptions as usual
from tiercare.engines.measures.synth.columns import Array, Calendar
from tiercare.engines.measures.synth.diseases import diseases
from tiercare.engines.measures.synth.people import DISEASES

from .assumptions import Assumptions
from .chance import at, luck, normal, poisson
from .levers import ROUTINE_WEEKS
from .residents import NAMED

ACUTE, ROUTINE, WORSE = range(3)  # falls ill, comes for drugs and checks, gets worse
_DUE = 7 * ROUTINE_WEEKS  # days that a prescription lasts at least
_BANDS = ("child", "adult", "middle", "elder")
_CHRONIC = len(DISEASES)
_MOST = 120  # needs of one person in a year
_HOW_MANY, _WHEN, _WHAT, _FRAIL, _KEEPS, _PHASE, _WORSE = (
    100,
    1000,
    2000,
    60,
    62,
    3000,
    4000,
)  # what somebody's luck is asked for


# A need: whose, on which day of the year, code of ``diseases()``, sort (of the three above), and the number by which its luck is known.
NEED = np.dtype(
    [("number", np.int64), ("person", np.int32), ("day", np.int16), ("code", np.int16), ("sort", np.int8)],
    align=True,
)


def needs_of(residents: Array, calendar: Calendar, given: Assumptions, seed: int) -> Array:
    """Records of the year's needs in the order of their days, within a day in an order that favours nobody. Routine visits stand at every four
    weeks, and worsening at the rate of the uncontrolled: policy thins them."""
    month = calendar.month(calendar.days) % 12
    weights = (np.array(usual.SEASON)[month] * np.array(usual.WEEKDAYS)[calendar.weekday]).cumsum()
    codes, edges = _codes()
    around = _Around(
        bits=np.array([DISEASES.index(name) for name in NAMED], np.int64),
        rates=np.array([given[f"acute_{band}"] for band in _BANDS]),
        worse=np.array([given[f"exacerbation_{name}"] for name in NAMED]),
        days=weights / weights[-1],
        winter=np.isin(month + 1, usual.WINTER),
        codes=codes,
        edges=edges,
        routine=_routine_codes(),
    )
    luck_of = seed, given["frailty"], given["routine"]
    starts = np.concatenate([[0], np.cumsum(_counted(residents, around, *luck_of))])
    found = np.empty(starts[-1], NEED)
    _fill(residents, around, *luck_of, starts, found)
    return _mixed(found, len(calendar.days))


class _Around(NamedTuple):
    """What the needs are drawn from."""

    bits: Array
    rates: Array
    worse: Array
    days: Array
    winter: Array
    codes: Array
    edges: Array
    routine: Array


def _codes() -> tuple[Array, Array]:
    """For each row of ``Diseases.rows`` (chronic disease or band, outside winter and in it) codes and the edges of their shares. Of chronic
    diseases only what is serious: what is not is the routine."""
    ill = diseases()
    wide = max(len(shares) for shares in ill.rows.shares)
    codes, edges = np.zeros((len(ill.rows.shares), wide), np.int16), np.ones((len(ill.rows.shares), wide))
    for row, shares in enumerate(ill.rows.shares):
        kept = {
            code: share
            for code, share in shares.items()
            if row // 2 >= len(DISEASES) or ill.serious[code] > 0
        } or shares
        weight = np.cumsum(list(kept.values()))
        codes[row, : len(kept)], edges[row, : len(kept)] = list(kept), weight / weight[-1]
        codes[row, len(kept) :] = list(kept)[-1]
    return codes, edges


def _routine_codes() -> Array:
    """What somebody with each of DISEASES comes for when nothing has happened: the commonest code that is not serious, if there is one."""
    ill, found = diseases(), []
    for n in range(len(DISEASES)):
        shares = ill.rows.shares[2 * n]
        mild = {code: share for code, share in shares.items() if ill.serious[code] == 0} or shares
        found.append(max(mild, key=lambda code: mild[code]))
    return np.array(found, np.int16)


@njit(cache=True)
def _of_person(
    p: int,
    people: Array,
    around: _Around,
    seed: int,
    frailty: float,
    adherence: float,
    day: Array,
    code: Array,
    sort: Array,
) -> int:
    """The needs of one person, into ``day``, ``code`` and ``sort``; answers how many."""
    n, last = 0, min(len(around.winter) - 1, people[p].died)
    band = people[p].band
    mean = around.rates[band] * math.exp(frailty * normal(seed, p, _FRAIL) - frailty * frailty / 2)
    row = 2 * (_CHRONIC + (2 if band == 1 and not people[p].female else band))
    for j in range(min(poisson(mean, luck(seed, p, _HOW_MANY)), _MOST // 2)):
        d = at(around.days, luck(seed, p, _WHEN + j))
        if d <= last:
            r = row + around.winter[d]
            day[n], sort[n] = d, ACUTE
            code[n] = around.codes[r, at(around.edges[r], luck(seed, p, _WHAT + j))]
            n += 1
    own = 0
    for bit in around.bits:
        own += people[p].chronic >> bit & 1
    if own == 0:
        return n
    since = people[p].onset
    if luck(seed, p, _KEEPS) < adherence:
        phase = int(luck(seed, p, _PHASE) * _DUE)
        for k in range((last - phase) // _DUE + 1):
            d = phase + k * _DUE
            if d >= since and n < _MOST:
                day[n], sort[n] = d, ROUTINE
                code[n] = around.routine[
                    _nth_own(people[p].chronic, around.bits, int(luck(seed, p, _PHASE + 1 + k) * own))
                ]
                n += 1
    for i in range(len(around.bits)):
        if people[p].chronic >> around.bits[i] & 1:
            many = poisson(around.worse[i] * len(around.winter) / 365.0, luck(seed, p, _WORSE + 64 * i))
            for j in range(min(many, _MOST - n)):
                d = int(luck(seed, p, _WORSE + 64 * i + 2 * j + 1) * len(around.winter))
                if since <= d <= last:
                    r = 2 * around.bits[i] + around.winter[d]
                    day[n], sort[n] = d, WORSE
                    code[n] = around.codes[r, at(around.edges[r], luck(seed, p, _WORSE + 64 * i + 2 * j + 2))]
                    n += 1
    return n


@njit(cache=True)
def _nth_own(chronic: int, bits: Array, n: int) -> int:
    """The n-th of somebody's named diseases, as its place among all of them."""
    for bit in bits:
        if chronic >> bit & 1:
            if n == 0:
                return int(bit)
            n -= 1
    return int(bits[0])


@njit(cache=True)
def _counted(people: Array, around: _Around, seed: int, frailty: float, adherence: float) -> Array:
    count = np.zeros(len(people), np.int64)
    day, code, sort = (
        np.empty(_MOST + 1, np.int16),
        np.empty(_MOST + 1, np.int16),
        np.empty(_MOST + 1, np.int8),
    )
    for p in range(len(count)):
        count[p] = _of_person(p, people, around, seed, frailty, adherence, day, code, sort)
    return count


@njit(cache=True)
def _fill(
    people: Array, around: _Around, seed: int, frailty: float, adherence: float, starts: Array, found: Array
) -> None:
    days, codes, sorts = (
        np.empty(_MOST + 1, np.int16),
        np.empty(_MOST + 1, np.int16),
        np.empty(_MOST + 1, np.int8),
    )
    for p in range(len(people)):
        n = _of_person(p, people, around, seed, frailty, adherence, days, codes, sorts)
        for j in range(n):
            row = found[starts[p] + j]
            row.person, row.day, row.code, row.sort, row.number = p, days[j], codes[j], sorts[j], p * 128 + j


@njit(cache=True)
def _mixed(found: Array, days: int) -> Array:
    """By day; within a day in an order that has nothing to do with where people live, so that no place is always first."""
    many = len(found)
    step = 2654435761 % many if many > 1 else 1
    while math.gcd(step, many) > 1:
        step += 1
    at_day = np.zeros(days + 1, np.int64)
    for i in range(many):
        at_day[found[i].day + 1] += 1
    at_day = np.cumsum(at_day)
    mixed = np.empty_like(found)
    i = 0
    for _ in range(many):
        d = found[i].day
        mixed[at_day[d]] = found[i]
        at_day[d] += 1
        i = (i + step) % many
    return mixed
