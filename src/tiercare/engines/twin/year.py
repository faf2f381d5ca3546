"""A year day by day, compiled: needs, choices, places, visits, referrals up. What it changes stands in ``state``; stays in ``stays``."""

from __future__ import annotations

from numba import njit

from tiercare.engines.measures.synth.columns import Array

from . import tallies as count
from .acting import (
    DOWN,
    EMERGENCY,
    OUT,
    SELF,
    UP,
    URGENT,
    enter,
    first_place,
    on_day,
    referred_to,
    release,
    send,
    take,
)
from .chance import at, luck
from .choosing import CHRONIC, MINOR, SERIOUS
from .ground import CHOICES, OUTSIDE, USUAL
from .levers import ROUTINE_WEEKS
from .needs import ACUTE, ROUTINE, WORSE
from .play import CLOSED, DEAD, FIRST, FOLLOW, MOVE, NO_SHOW, OPEN, REFERRED, RETURNED, Play, Record, noted
from .state import BEDS, FREE_BEDS, full
from .stays import admit_waiting, to_bed

NO_ROOM = -1
_ASIDE = 3  # days until somebody without a place is seen outside
_FORGOTTEN = 120  # days without a visit after which control may be lost
_SIFTED = 1.6  # those referred need a bed so much more often; ours


@njit(cache=True)
def play_days(play: Play, first: int, last: int, month: int, needs: Array, begin: int) -> int:
    """The days from ``first`` up to ``last``; ``begin`` is the index of the first need of ``first``. Answers that of ``last``, or NO_ROOM when
    the tables are too small: then nothing of what was played counts."""
    state, rules, beds = play.state, play.rules, play.state.beds
    i = begin
    for d in range(first, last):
        for ahead in range(rules.release_days + 1):
            if ahead == rules.release_days or d == 0:
                release(state.places, d + ahead)
        for site in range(len(beds)):
            beds[site, FREE_BEDS] += state.leaving[site, d]
        admit_waiting(play, d, month)
        _due(play, d, month)
        while i < len(needs) and needs[i].day == d and not full(state):
            _need(play, d, month, needs[i])
            i += 1
        if full(state):
            return NO_ROOM
        for site in range(len(beds)):
            state.bed_days[site, d] = beds[site, BEDS] - beds[site, FREE_BEDS]
    return i


@njit(cache=True)
def _need(play: Play, d: int, month: int, need: Record) -> None:
    """Somebody needs something today."""
    rules, tally, who = play.rules, play.state.tally[month], play.people[need.person]
    number = need.number
    tally[count.NEEDS] += 1
    if who.busy > d:
        tally[count.IN_BED_ALREADY] += 1
        return
    if need.sort != ACUTE:
        if who.controlled and d - who.last_seen > _FORGOTTEN and luck(rules.seed, number, 11) < rules.loss:
            who.controlled = False
        if (
            need.sort == ROUTINE
            and who.controlled
            and luck(rules.seed, number, 9) >= ROUTINE_WEEKS / rules.weeks
        ):
            tally[count.THINNED] += 1
            who.last_seen = d  # the drugs at home last
            return
        if need.sort == WORSE and who.controlled and luck(rules.seed, number, 12) >= rules.controlled_ratio:
            tally[count.AVERTED] += 1
            return
    if luck(rules.seed, number, 1) < play.ill[need.code].emergency:
        _emergency(play, d, month, need.person, need.code, number)
    else:
        _goes(play, d, month, need)


@njit(cache=True)
def _goes(play: Play, d: int, month: int, need: Record) -> None:
    """Where somebody goes, and whether there is a place."""
    ground, rules, state, number = play.ground, play.rules, play.state, need.number
    p, code, tally = need.person, need.code, state.tally[month]
    who = play.people[p]
    kind = CHRONIC if need.sort == ROUTINE else (SERIOUS if play.ill[code].serious > 0 else MINOR)
    edges = play.choices[who.home, kind, 1 if who.signed else 0, 1 if who.habit else 0, who.cover]
    k = at(edges, luck(rules.seed, number, 2))
    site = who.usual if k == USUAL else ground.choice[who.home, k]
    if not ground.site[site].hospital:
        tally[count.FIRST_PRIMARY] += 1
        _primary(play, d, month, p, site, code, need.sort, number, SELF)
        return
    if not ground.site[site].inside:
        tally[count.FIRST_OUTSIDE] += 1
        _hospital(play, d, month, p, site, code, number, SELF, d, -1)
        return
    tally[count.FIRST_HOSPITAL] += 1
    found = first_place(state.places, site, d, d + rules.patience_self, False)
    if found < 0:
        tally[count.DISPLACED] += 1
        _primary(play, d, month, p, who.usual, code, need.sort, number, SELF)
        return
    take(state.places, site, found, False)
    if found == d:
        _hospital(play, d, month, p, site, code, number, SELF, d, -1)
    else:
        on_day(
            state.book,
            state.head,
            enter(state.book, state.top, p, site, code, FIRST, SELF, d, number, -1),
            found,
        )


@njit(cache=True)
def _emergency(play: Play, d: int, month: int, p: int, code: int, number: int) -> None:
    """The nearest hospital sees an emergency at once; paperwork comes later (XH-48)."""
    home = play.people[p].home
    k = at(play.nearest[home], luck(play.rules.seed, number, 2))
    site = play.ground.choice[home, k]
    play.state.tally[month, count.EMERGENCIES] += 1
    noted(play, d, p, site, code, EMERGENCY, URGENT, 0, -1, 0, number)
    if luck(play.rules.seed, number, 6) < min(play.ill[code].stay * 1.3, 1.0) * play.rules.admitted:
        to_bed(play, d, month, p, site, code, number, URGENT)


@njit(cache=True)
def _primary(
    play: Play, d: int, month: int, p: int, site: int, code: int, sort: int, number: int, arrival: int
) -> None:
    """A visit in primary care: treated there, with a hospital's help from a distance or by a doctor posted there, or referred up."""
    rules, seed, tally = play.rules, play.rules.seed, play.state.tally[month]
    noted(play, d, p, site, code, OUT, arrival, 0, -1, 0, number)
    if sort == ROUTINE or arrival == DOWN:
        _followed(play, d, p, number)
        if arrival == DOWN:
            return
    if play.ill[code].serious == 0 and sort != WORSE:
        if luck(seed, number, 3) < rules.up_minor:
            _refer(play, d, month, p, site, code, number)
        return
    if luck(seed, number, 4) < play.ground.site[site].posted * rules.posted_solve:
        tally[count.SOLVED_POSTED] += 1
    elif play.ground.site[site].remote and luck(seed, number, 5) < rules.remote_solves:
        tally[count.SOLVED_REMOTE] += 1
        play.state.remote[site, month] += 1
    elif luck(seed, number, 3) < rules.up_serious:
        _refer(play, d, month, p, site, code, number)


@njit(cache=True)
def _followed(play: Play, d: int, p: int, number: int) -> None:
    """A visit that looks after a chronic disease may bring it under control."""
    rules, who = play.rules, play.people[p]
    who.last_seen = d
    if who.chronic > 0 and luck(rules.seed, number, 10) < (rules.gain_signed if who.signed else rules.gain):
        who.controlled = True


@njit(cache=True)
def _refer(play: Play, d: int, month: int, p: int, site: int, code: int, number: int) -> None:
    """Refer somebody up, with a place in hand or without any to be found."""
    ground, rules, state, who = play.ground, play.rules, play.state, play.people[p]
    until = d + rules.patience_referred
    target = ground.site[site].up
    if rules.strict:
        found = first_place(state.places, target, d + 1, until, True)
    else:
        k, found = referred_to(
            rules.seed,
            number,
            state.places,
            play.referral[who.home, who.cover],
            ground.choice[who.home],
            d,
            until,
            rules.wait,
        )
        target = ground.choice[who.home, k] if k >= 0 else target
    stable = play.ill[code].serious == 0
    i = send(
        state.sent, state.top, p, 0, site, target, d, found, code, stable, OPEN if found >= 0 else RETURNED
    )
    if found >= 0:
        state.sent[i].kept = take(state.places, target, found, True)
        on_day(
            state.book,
            state.head,
            enter(state.book, state.top, p, target, code, REFERRED, UP, d, number, i),
            found,
        )
        return
    for k in range(CHOICES):
        away = ground.choice[who.home, k]
        if (
            away >= 0
            and ground.layer[who.home, k] == OUTSIDE
            and luck(rules.seed, number, 7) < rules.outside_when_none
        ):
            state.tally[month, count.GONE_OUTSIDE] += 1
            on_day(
                state.book,
                state.head,
                enter(state.book, state.top, p, away, code, FIRST, SELF, d, number, -1),
                d + _ASIDE,
            )
            return
    state.tally[month, count.UNMET] += 1


@njit(cache=True)
def _hospital(
    play: Play,
    d: int,
    month: int,
    p: int,
    site: int,
    code: int,
    number: int,
    arrival: int,
    asked: int,
    sent: int,
) -> None:
    """Seen by a hospital's outpatient clinic; some need a bed."""
    noted(play, d, p, site, code, OUT, arrival, 0, -1, d - asked, number)
    state = play.state
    if play.ground.site[site].inside:
        state.waited[0, site] += d - asked
        state.waited[1, site] += 1
    if sent >= 0:
        state.sent[sent].arrived, state.sent[sent].state = d, CLOSED
    if luck(play.rules.seed, number, 6) < play.ill[code].stay * play.rules.admitted * (
        _SIFTED if arrival == UP else 1.0
    ):
        to_bed(play, d, month, p, site, code, number, arrival)


@njit(cache=True)
def _due(play: Play, d: int, month: int) -> None:
    """What the book has for today."""
    state, rules, tally = play.state, play.rules, play.state.tally[month]
    i = state.head[d]
    while i >= 0 and not full(state):
        entry = state.book[i]
        i, who, sent, number = entry.following, play.people[entry.person], entry.sent, entry.number
        outcome = OPEN
        if who.died < d:
            tally[count.DIED_BEFORE] += 1
            outcome = DEAD
        elif entry.kind == MOVE:
            outcome = CLOSED
            to_bed(play, d, month, entry.person, entry.site, entry.code, number, UP)
        elif who.busy > d or (entry.kind <= REFERRED and luck(rules.seed, number, 8) < rules.no_show):
            tally[count.NO_SHOWS] += 1
            outcome = NO_SHOW
        elif entry.kind == FOLLOW:
            outcome = CLOSED
            _primary(play, d, month, entry.person, entry.site, entry.code, ACUTE, number, DOWN)
        else:
            _hospital(
                play, d, month, entry.person, entry.site, entry.code, number, entry.arrival, entry.asked, sent
            )
        if sent >= 0 and outcome != OPEN:
            state.sent[sent].state = outcome
            if outcome == CLOSED:
                state.sent[sent].arrived = d
