"""One year of a region under a policy: everything put together, month by month, since people go where they waited least lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from tiercare.engines.measures.synth import Profile
from tiercare.engines.measures.synth.columns import Array, Calendar
from tiercare.engines.measures.synth.diseases import diseases
from tiercare.engines.measures.synth.people import People
from tiercare.engines.measures.synth.world import World
from tiercare.engines.payment import Benefits

from .assumptions import Assumptions, given
from .choosing import nearest, referral_utility, weights_of
from .ground import Ground, ground_of
from .levers import Destination, Levers
from .needs import needs_of
from .play import ILL, Play, Rules
from .prices import Prices, mode_of, prices_of
from .residents import residents_of
from .state import SEEN, SENT, State, state_of
from .tallies import STILL_BOOKED, STILL_IN_LINE
from .year import NO_ROOM, play_days

MOST_EACH = 2.2  # visits, entries and referrals that one need leads to on average, and more than it ever did; otherwise it is played again
_LEAST_ROWS = 1000
# Assumptions that the loop takes as they are.
_PLAIN: dict[str, type] = {
    **dict.fromkeys(("patience_referred", "patience_self", "bed_patience"), int),
    **dict.fromkeys(
        ("up_serious", "remote_solves", "posted_solve", "outside_when_none", "no_show", "moved", "back", "spread", "controlled_ratio",
         "gain_signed", "gain", "loss", "wait"),
        float,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Year:
    """What happened. Days count from the year's first; sites, places and persons are indices of ``world`` and ``people``; money in fen.

    Attributes:
        residents: records of PERSON as they are when the year ends; visits: of VISIT; sent: of REFERRAL.
        state: places, beds and counts.
        needs: how many there were.
    """

    world: World
    people: People
    residents: Array
    ground: Ground
    levers: Levers
    given: Assumptions
    seed: int
    visits: Array
    sent: Array
    state: State
    prices: Prices
    needs: int

    @property
    def days(self) -> int:
        """How many the year has."""
        return len(self.world.calendar.days)


def simulate(
    profile: Profile,
    levers: Levers,
    *,
    residents: int,
    seed: int,
    benefits: Benefits,
    year: int = 2025,
    assumptions: Assumptions | None = None,
    prepared: Prepared | None = None,
    rows_each: float = MOST_EACH,
) -> Year:
    """Play one year; the same arguments give the same arrays, on every machine.

    Args:
        residents: synthetic people; capacity is scaled to them.
        benefits: what the fund pays, as the region's packs write it; read on 1 July.
        prepared: people and their needs made for the same region, number, seed, year and assumptions of need: policies that are compared
            share them.
        rows_each: how many rows of each table there are for a need at first. It changes no result: if they do not suffice, the year begins anew
            with twice as many.
    """
    using = assumptions or given()
    made = prepared or prepare(profile, residents=residents, seed=seed, year=year, assumptions=using)
    world, needs = made.world, made.needs
    ground = ground_of(world, levers, using, residents)
    prices = prices_of(benefits, levers, using, on=date(year, 7, 1))

    def begun(rows: int) -> Play:
        state = state_of(ground, levers, world.calendar.weekday, len(world.calendar.months), rows)
        return Play(
            ground=ground, people=residents_of(made.people, levers, using), state=state, prices=prices, ill=_ill(),
            rules=_rules(levers, using, seed, len(world.calendar.days)),
            choices=weights_of(world, ground, prices, using, np.zeros(len(world.sites))),
            referral=referral_utility(world, ground, prices, using), nearest=nearest(ground),
        )  # fmt: skip

    rows = int(len(needs) * rows_each) + _LEAST_ROWS
    while not _play(play := begun(rows), world, needs, using):
        rows *= 2
    _left_over(play)
    seen, sent = (
        table[: play.state.top[n]] for n, table in ((SEEN, play.state.seen), (SENT, play.state.sent))
    )
    return Year(
        world,
        made.people,
        play.people,
        ground,
        levers,
        using,
        seed,
        seen,
        sent,
        play.state,
        prices,
        len(needs),
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """People and what they fall ill with."""

    world: World
    people: People
    needs: Array


def prepare(profile: Profile, *, residents: int, seed: int, year: int, assumptions: Assumptions) -> Prepared:
    """The part of a run that no policy changes."""
    world = World(profile, Calendar(year, 1), seed, ())
    people = People(world, residents)
    return Prepared(
        world,
        people,
        needs_of(residents_of(people, Levers(), assumptions), world.calendar, assumptions, seed),
    )


def _play(play: Play, world: World, needs: Array, using: Assumptions) -> bool:
    """Month by month: choices follow the waits of the month before. Whether there was room for all of it."""
    edges = world.calendar.edges - world.calendar.edges[0]
    waited, at = play.state.waited, 0
    for month in range(len(world.calendar.months)):
        if month:
            waits = np.divide(waited[0], waited[1], out=np.zeros(waited.shape[1]), where=waited[1] > 0)
            play = play._replace(choices=weights_of(world, play.ground, play.prices, using, waits))
            waited[:] = 0
        at = play_days(play, int(edges[month]), int(edges[month + 1]), month, needs, at)
        if at == NO_ROOM:
            return False
    return True


def _left_over(play: Play) -> None:
    """What is still to come when the year ends."""
    state = play.state
    state.tally[-1, STILL_BOOKED] = sum(_chain(state.book, int(i)) for i in state.head[play.rules.days :])
    state.tally[-1, STILL_IN_LINE] = sum(_chain(state.book, int(i)) for i in state.line[..., 0].ravel())


def _chain(book: Array, i: int) -> int:
    many = 0
    while i >= 0:
        many, i = many + 1, int(book["following"][i])
    return many


def _ill() -> Array:
    ill = diseases()
    found = np.zeros(len(ill.serious), ILL)
    for name in ("serious", "emergency", "stay", "cost"):
        found[name] = getattr(ill, name)
    found["short"] = ill.day_case
    return found


def _rules(levers: Levers, using: Assumptions, seed: int, days: int) -> Rules:
    mode = mode_of(levers, using)
    plain: dict[str, Any] = {name: kind(using[name]) for name, kind in _PLAIN.items()}
    return Rules(
        seed=seed, days=days, up_minor=using["up_minor"] * mode["up"], down=min(using["down"] * mode["down"], 0.9),
        admitted=using["admitted"] * mode["admit"], days_minor=using["days_minor"] * mode["days"],
        days_serious=using["days_serious"] * mode["days"], weeks=levers.prescription_weeks,
        strict=levers.destination is Destination.STRICT, release_days=-(-levers.release_hours // 24),
        continuous=levers.continuous_deductible, **plain,
    )  # fmt: skip
