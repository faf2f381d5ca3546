"""A drive: days played by the platform's own commands, with what goes wrong by seed, and looked through at the end of each."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tiercare.apps.ledger import commands as ledger
from tiercare.engines.population.draws import Chance
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

from .calls import Answer, Carrier, Tally
from .faults import Faults, faults_of, no_faults
from .ground import Ground, lay, read
from .invariants import findings, reserves
from .killing import Slice, killed
from .playing import WINDOW, Player, of_window, windows_of_day
from .redelivering import deliver_again, settle
from .script import People, Planned, Rates, refuse_size, script
from .wire import Wire

# The last look of a day: everything that is due by then was done.
_MIDNIGHT = 23 * 60 + 55
_EARLY = 30  # minutes before the doors open
_IN_ACT = 0.015  # seconds that an act takes, about: the kill falls anywhere in it
_SYSTEM = Actor.system("cli")


@dataclass(frozen=True, slots=True)
class Drive:
    """What is to be driven: from ``first`` on for so many days, at most so many acts."""

    region: str
    first: date
    days: int
    acts: int
    seed: int
    faults: bool = False
    chain_each: int = 1  # the whole chain is read again after every so many days, and after the last
    http: str = ""  # where the platform serves: what the API does goes there
    until: datetime | None = None  # windows that end later are not played


@dataclass(frozen=True, slots=True)
class Driven:
    """How it went. ``seconds`` are those of the days, without laying the ground; ``cpu`` of this process in them."""

    tally: Tally
    seconds: float
    cpu: float
    checked: float

    @property
    def kept(self) -> bool:
        """Whether every invariant held on every day."""
        return not self.tally.findings


def drive(
    asked: Drive,
    *,
    ground: Ground | None = None,
    people: Callable[[Ground], People] | None = None,
    told: Callable[[date], None] = lambda _: None,
) -> Driven:
    """Lay the ground, play every day and look through everything at its end; the clock is set back afterwards.

    Each command is a transaction of its own: broken off, a drive leaves what was done until then. The same drive in the same
    database again does nothing twice, since every command has its key. ``ground`` where one was laid down with more on it;
    ``people`` of this ground instead of the script's own.

    Raises:
        Refused: if the database is no demonstration, there is no such region, nobody to play with, or a size that cannot be.
    """
    refuse_size(asked.days, asked.acts)
    if asked.http and asked.faults:
        raise Refused(_HTTP_AND_FAULTS)
    ground = ground or lay(asked.region, first=asked.first, days=asked.days)
    wire = Wire(asked.http, asked.region) if asked.http else None
    if wire is not None:
        ground = wire.narrowed(ground)
    who = people(ground) if people is not None else scripted(ground, asked)
    by_day: defaultdict[int, list[Planned]] = defaultdict(list)
    for each in who.planned:
        by_day[each.day].append(each)
    tally, faults = Tally(), faults_for(asked, ground)
    player = player_of(ground, asked, who.rates, tally=tally, faults=faults, wire=wire)
    began, cpu, checked = time.monotonic(), time.process_time(), 0.0
    with ledger.lent_clock(_SYSTEM):
        for day in range(asked.days):
            told(ground.day(day))
            tally.day = day
            checked += _day(player, asked, day, by_day[day])
    return Driven(tally, time.monotonic() - began, time.process_time() - cpu, checked)


def scripted(ground: Ground, asked: Drive) -> People:
    """People who need no twin: drawn by a few rates."""
    rates = Rates()
    planned = script(ground.sites, days=asked.days, acts=asked.acts, seed=asked.seed, rates=rates)
    return People(list(planned), rates)


def faults_for(asked: Drive, ground: Ground) -> Faults:
    """What goes wrong in it."""
    if not asked.faults:
        return no_faults(asked.seed)
    return faults_of(
        asked.seed, days=asked.days, windows=len(windows_of_day()), hospitals=len(ground.hospitals)
    )


def player_of(
    ground: Ground, asked: Drive, rates: Rates, *, tally: Tally, faults: Faults, wire: Carrier | None = None
) -> Player:
    """Who plays it."""
    return Player.of(
        ground, seed=asked.seed, most=asked.acts, tally=tally, faults=faults, rates=rates, wire=wire
    )


def play_slice(slice_: Slice, *, ready: Callable[[], None], told: Callable[[Answer], None]) -> None:
    """One window of a drive, whose other process will kill this one in it: ``ready`` just before the first act, ``told`` with
    what each was answered."""
    ground = read(slice_.region, first=slice_.first, days=slice_.days)
    asked = Drive(slice_.region, slice_.first, slice_.days, slice_.acts, slice_.seed, faults=True)
    player = player_of(ground, asked, slice_.rates, tally=Tally(), faults=faults_for(asked, ground))
    player.call.told = told
    ready()
    player.play(slice_.day, slice_.minute, slice_.planned)


def _day(player: Player, asked: Drive, day: int, planned: Sequence[Planned]) -> float:
    """One day; answers the seconds that looking it through took."""
    ground, tally, faults = player.ground, player.tally, player.faults
    player.call.clock.to(ground.moment(day, windows_of_day()[0] - _EARLY))
    promised = reserves(ground.hospitals)
    for number, minute in enumerate(windows_of_day()):
        if asked.until is not None and ground.moment(day, minute) + WINDOW > asked.until:
            break
        window = day * len(windows_of_day()) + number
        if window in faults.kills:
            _kill(player, asked, day, minute, planned)
        player.play(day, minute, planned)
        if window in faults.repeated:
            tally.faults["delivered again"] += deliver_again(faults.seed, window, since=ground.moment(0, 0))
        tally.faults["outbox stood still"] += window in faults.delayed
        player.housekeeping(deliver=window not in faults.delayed)
    tally.faults["hospital-windows offline"] += sum(
        faults.is_offline(hospital, day * len(windows_of_day()) + number)
        for number in range(len(windows_of_day()))
        for hospital in range(len(ground.hospitals))
    )
    evening = ground.moment(day, _MIDNIGHT)
    player.call.clock.to(min(evening, asked.until or evening))
    player.housekeeping()
    tally.other["deliveries"] += settle()
    player.housekeeping()  # what the deliveries led to
    began = time.monotonic()
    last = day == asked.days - 1
    for name, seen in findings(
        hosts=ground.hospitals,
        area=ground.area,
        day=ground.day(day),
        promised=promised,
        requests=tally.requests,
        bookings=tally.bookings,
        chain=last or (day + 1) % asked.chain_each == 0,
    ):
        tally.find(name, seen)
    return time.monotonic() - began


def _kill(player: Player, asked: Drive, day: int, minute: int, planned: Sequence[Planned]) -> None:
    """Another process begins this window and is killed in it; this one then plays it, as the next process would."""
    window = day * len(windows_of_day()) + (minute - windows_of_day()[0]) // (windows_of_day().step)
    todo = tuple(of_window(planned, minute))
    left = asked.acts - player.tally.count
    if left <= 0:
        return
    slice_ = Slice(asked.region, asked.first, asked.days, left, asked.seed, player.rates, day, minute, todo)
    player.call.clock.to(player.ground.moment(day, minute))
    draws = Chance(f"kill:{asked.seed}:{window}")
    met = killed(
        slice_,
        after=draws.randrange(max(1, 2 * len(todo))),
        pause=draws.random() * _IN_ACT,
        told=player.tally.acknowledged,
    )
    player.call.clock.at = None  # the other one moved it
    player.tally.faults["killed at work" if met else "killed too late"] += 1


_HTTP_AND_FAULTS = Refusal(
    code="drive.http_and_faults",
    message=Text(
        "--http 与 --faults 不能同时使用：被杀的进程不经 HTTP。",
        "--http and --faults do not go together: the processes that are killed do not use HTTP.",
    ),
    instead=Text("请分两次推演。", "Drive twice, once with each."),
    at="http",
    status=422,
)
