"""Beds: the lines for them, stays, and what follows when somebody leaves."""

from __future__ import annotations

from numba import njit

from . import tallies as count
from .acting import DOWN, IN, SELF, UP, days_of, enter, first_place, in_line, on_day, send, take
from .chance import luck
from .ground import CENTRE, CHOICES
from .play import BACK, BED, COMMUNITY, DIED, FOLLOW, HOME, MOVE, OPEN, TRANSFER, Play, noted
from .state import BED_FLOOR, FREE_BEDS, full

_LATER = 1 << 44  # the luck of what follows from a need is another than the need's
_SOON = 2  # days from discharge to the follow-up in primary care
_AGAIN = 14  # days from discharge to coming back to the hospital
_DAY_SURGERY = 0.22  # of stays with a small planned operation; as in the synthetic facts: ours


@njit(cache=True)
def to_bed(play: Play, d: int, month: int, p: int, site: int, code: int, number: int, arrival: int) -> None:
    state = play.state
    state.tally[month, count.ENTERED] += 1
    entry = enter(state.book, state.top, p, site, code, BED, arrival, d, number, -1)
    in_line(state.book, state.line, entry, site, 1 if arrival == SELF else 0)


@njit(cache=True)
def admit_waiting(play: Play, d: int, month: int) -> None:
    """Admit those who wait for a bed: urgent and referred ones first, the others as long as what is kept for referrals stays free."""
    state, tally = play.state, play.state.tally[month]
    for site in range(len(state.beds)):
        for row in range(2):
            least = 0 if row == 0 else state.beds[site, BED_FLOOR]
            while state.line[site, row, 0] >= 0 and not full(state):
                entry = state.book[state.line[site, row, 0]]
                who = play.people[entry.person]
                gone, late, already = who.died < d, d - entry.asked > play.rules.bed_patience, who.busy > d
                if not (gone or late or already) and state.beds[site, FREE_BEDS] <= least:
                    break
                state.line[site, row, 0] = entry.following
                if gone:
                    tally[count.DIED_BEFORE] += 1
                elif late:
                    tally[count.NO_BED] += 1
                elif already:
                    tally[count.IN_BED_ALREADY] += 1
                else:
                    _admit(
                        play,
                        d,
                        month,
                        entry.person,
                        site,
                        entry.code,
                        entry.number,
                        entry.arrival,
                        d - entry.asked,
                    )


@njit(cache=True)
def _admit(
    play: Play, d: int, month: int, p: int, site: int, code: int, number: int, arrival: int, wait: int
) -> None:
    """A bed from today on; how the stay will end is known with it."""
    rules, state, who = play.rules, play.state, play.people[p]
    middle = rules.days_serious if play.ill[code].serious > 0 else rules.days_minor
    short = play.ill[code].short and luck(rules.seed, number, 14) < _DAY_SURGERY
    end, left = d + days_of(rules.seed, number, middle, rules.spread, short), HOME
    if who.died <= end:
        end, left = max(who.died, d), DIED
    state.beds[site, FREE_BEDS] -= 1
    state.leaving[site, max(end, d + 1)] += 1
    who.busy = max(end, d + 1)
    if end >= rules.days:
        state.tally[month, count.STILL_IN_BED] += 1
        return
    if left == HOME:
        left = _after(play, end, p, site, code, number)
    noted(play, end, p, site, code, IN, arrival, end - d, left, wait, number)


@njit(cache=True)
def _after(play: Play, end: int, p: int, site: int, code: int, number: int) -> int:
    """What follows a stay: down to primary care, on to a bigger hospital, back for a look, or nothing."""
    ground, rules, state, home = play.ground, play.rules, play.state, play.people[p].home
    chance, inside = luck(rules.seed, number, 15), ground.site[site].inside
    if inside and chance < rules.down:
        centre = ground.centre[home]
        i = send(state.sent, state.top, p, 1, site, centre, end, end + _SOON, code, True, OPEN)
        entry = enter(state.book, state.top, p, centre, code, FOLLOW, DOWN, end, number + _LATER, i)
        on_day(state.book, state.head, entry, end + _SOON)
        return COMMUNITY
    if inside and ground.site[site].tier == 1 and play.ill[code].serious > 0 and chance > 1.0 - rules.moved:
        for k in range(CENTRE + 1, CHOICES):
            target = ground.choice[home, k]
            if (
                target >= 0
                and target != site
                and ground.site[target].tier == 2
                and ground.site[target].inside
            ):
                i = send(state.sent, state.top, p, 2, site, target, end, end, code, False, OPEN)
                entry = enter(state.book, state.top, p, target, code, MOVE, UP, end, number + _LATER, i)
                on_day(state.book, state.head, entry, end)
                return TRANSFER
    if luck(rules.seed, number, 16) < rules.back:
        found = first_place(state.places, site, end + _AGAIN, end + 2 * _AGAIN, False)
        if found >= 0:
            take(state.places, site, found, False)
            on_day(
                state.book,
                state.head,
                enter(state.book, state.top, p, site, code, BACK, SELF, found, number + _LATER, -1),
                found,
            )
    return HOME
