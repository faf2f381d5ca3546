"""What people set out to do on each day of a drive: pure, seeded, the same for the same arguments.

Only what somebody begins stands in the script (a place is wanted, a patient is to be referred); what others do about it comes
due while it is played (``lives``). Whoever has a better model of the people than these few rates writes ``Planned`` themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tiercare.engines.population.draws import Chance
from tiercare.kernel.refusal import Refusal, Refused
from tiercare.kernel.text import Text

MOST_ACTS = 12_000
LONGEST = 366  # days
# Doors open and close, in minutes of the day; what is planned falls on full five minutes, so that the clock is set less often.
OPENS, CLOSES, STEP = 8 * 60, 18 * 60, 5


class Kind(StrEnum):
    """What somebody sets out to do."""

    BOOK_DOCTOR = "book_doctor"  # a family doctor, for a resident who has signed
    BOOK_CLINIC = "book_clinic"  # primary care, for another resident
    BOOK_SELF = "book_self"  # a resident
    REFER = "refer"  # up, with a place in hand where there is one
    ASK = "ask"  # advice of the hospital


@dataclass(frozen=True, slots=True)
class Planned:
    """One thing that somebody sets out to do.

    ``day`` counts from 0, ``minute`` of the day. ``person`` numbers the residents of the institution ``site`` (primary care,
    where it begins; an id), who live in the division ``place``; ``target`` is the hospital that is wanted. ``code`` is the
    pool for a booking, the diagnosis (ICD-10) for a request; ``urgency`` as in ``exchange.rules.kinds``, 0 to 2. A place is
    wanted ``after`` so many days, the next one from there on; -1: the soonest or some other day, as it is drawn.
    """

    day: int
    minute: int
    kind: Kind
    person: int
    place: str
    site: str
    target: str
    code: str
    urgency: int = 2
    after: int = -1


@dataclass(frozen=True, slots=True)
class Site:
    """Primary care with its residents, the first ``signed`` of whom have a family doctor there, and the hospitals near by;
    ``refers`` are those to which it can send requests."""

    id: str
    place: str
    people: int
    signed: int
    hospitals: tuple[str, ...]
    refers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rates:
    """How the people of a drive behave. Assumptions of ours throughout, no text or study gives them; shares lie in 0…1,
    spans in minutes."""

    # Of what is planned; the rest are bookings.
    refer: float = 0.30
    ask: float = 0.06
    # Of the bookings.
    by_doctor: float = 0.3
    by_clinic: float = 0.5
    soonest: float = 0.5  # want the next place, the others a day of their own
    urgent: float = 0.2
    emergency: float = 0.04
    # What becomes of bookings.
    cancelled: float = 0.05
    missed: float = 0.06
    objects: float = 0.4  # of those recorded as absent
    excused: float = 0.7
    examined: float = 0.3  # of those who book a clinic, where an examination goes with it
    late: tuple[int, ...] = (0, 0, 0, 5, 20)
    waits: tuple[int, ...] = (20, 20, 40, 60)
    # What becomes of requests.
    place_in_hand: float = 0.7
    withdrawn: float = 0.05
    returned: float = 0.08
    redirected: float = 0.05
    mended: float = 0.7
    given_up: float = 0.04
    left: float = 0.03
    down: float = 0.35
    lies: float = 0.3  # of those taken in, in a bed
    comes_again: float = 0.6
    decides: tuple[int, int] = (10, 240)
    schedules: tuple[int, int] = (10, 120)
    reports: tuple[int, int] = (60, 3 * 24 * 60)
    answers: tuple[int, int] = (30, 600)
    # Acts that one of each leads to on average, measured over the seeds of the tests; how much of the limit is planned for.
    acts: Mapping[Kind, float] | None = None
    planned_for: float = 0.92

    def acts_of(self, kind: Kind) -> float:
        """How many acts one of this kind leads to on average."""
        return (self.acts or _ACTS)[kind]


_ACTS: Mapping[Kind, float] = {
    Kind.BOOK_DOCTOR: 2.6,
    Kind.BOOK_CLINIC: 2.6,
    Kind.BOOK_SELF: 2.6,
    Kind.REFER: 12.0,
    Kind.ASK: 6.0,
}


@dataclass(frozen=True, slots=True)
class People:
    """Whom a drive plays: what they set out to do, in order, and how they behave besides."""

    planned: Sequence[Planned]
    rates: Rates


# What is referred and asked about: codes of ``cases``.
CODES = ("I10", "I25.1", "E11.9", "J44.9", "N18.3", "I63.9", "K80.2")
# Pools of the demonstration and how much each is wanted.
POOLS: tuple[tuple[str, int], ...] = (
    ("demo-nk", 9),
    ("demo-xnk-zj", 6),
    ("demo-nfm-zj", 3),
    ("demo-ct", 4),
    ("demo-nk-cw", 1),
)


def script(
    sites: Sequence[Site], *, days: int, acts: int, seed: int, rates: Rates | None = None
) -> Iterator[Planned]:
    """What is begun on each of the days, in order; as much of it as comes to at most ``acts`` when it is played.

    Raises:
        Refused: if there is nobody to play with, or the days or acts are none or too many; before the first is drawn.
    """
    refuse_size(days, acts)
    able = [each for each in sites if each.people > 0 and each.hospitals]
    if not able:
        raise Refused(_NOBODY)
    return _drawn(able, days, acts, seed, rates or Rates())


def refuse_size(days: int, acts: int) -> None:
    """
    Raises:
        Refused: if a drive of so many days or acts cannot be played.
    """
    if not 1 <= days <= LONGEST:
        raise Refused(_DAYS)
    if not 1 <= acts <= MOST_ACTS:
        raise Refused(_SIZE)


def _drawn(sites: Sequence[Site], days: int, acts: int, seed: int, rates: Rates) -> Iterator[Planned]:
    draws = Chance(f"script:{seed}")
    shares = _shares(rates)
    each = sum(share * rates.acts_of(kind) for kind, share in shares.items())
    wanted = max(1, round(acts * rates.planned_for / each / seen_of(days)))
    for day in range(days):
        count = wanted * (day + 1) // days - wanted * day // days
        of_day = [_one(draws, day, sites, shares, rates) for _ in range(count)]
        yield from sorted(of_day, key=lambda planned: planned.minute)


def seen_of(days: int) -> float:
    """Which part of what is begun is seen in so many days: in a few hardly anything comes to its end. As measured, three days
    see half of it, a month nearly all."""
    return min(1.0, 1.1 * days / (days + 3.5))


def _shares(rates: Rates) -> dict[Kind, float]:
    booked = 1 - rates.refer - rates.ask
    others = 1 - rates.by_doctor - rates.by_clinic
    return {
        Kind.BOOK_DOCTOR: booked * rates.by_doctor,
        Kind.BOOK_CLINIC: booked * rates.by_clinic,
        Kind.BOOK_SELF: booked * others,
        Kind.REFER: rates.refer,
        Kind.ASK: rates.ask,
    }


def _one(
    draws: Chance, day: int, sites: Sequence[Site], shares: Mapping[Kind, float], rates: Rates
) -> Planned:
    (kind,) = draws.choices(list(shares), weights=list(shares.values()))
    asks = kind in {Kind.REFER, Kind.ASK}
    able = [each for each in sites if each.refers] if asks else sites
    if not able:
        kind, asks, able = Kind.BOOK_CLINIC, False, sites
    site = draws.choice(able)
    minute = OPENS + STEP * draws.randrange((CLOSES - OPENS) // STEP - 6)  # the last half hour begins nothing
    drawn = draws.random()
    urgency = 0 if drawn < rates.emergency else 1 if drawn < rates.emergency + rates.urgent else 2
    signed = kind in {Kind.BOOK_DOCTOR, Kind.REFER} and site.signed > 0
    person = draws.randrange(site.signed if signed else site.people)
    target = draws.choice(site.refers if asks else site.hospitals)
    if asks:
        code = draws.choice(CODES)
    else:
        (code,) = draws.choices([pool for pool, _ in POOLS], weights=[weight for _, weight in POOLS])
    return Planned(day, minute, kind, person, site.place, site.id, target, code, urgency)


_NOBODY = Refusal(
    code="drive.nobody",
    message=Text(
        "这里没有居民，或没有医院可以推演。", "There are no residents here, or no hospitals, to play with."
    ),
    instead=Text(
        "请换一个地区：其牵头医院须有负责某个乡镇的基层成员机构。",
        "Choose a region whose lead hospitals have members that answer for a township.",
    ),
    status=422,
)
_DAYS = Refusal(
    code="drive.days",
    message=Text(f"推演的天数须为 1 至 {LONGEST} 天。", f"A drive lasts from 1 to {LONGEST} days."),
    instead=Text("请改用范围内的天数。", "Choose a number of days in that range."),
    at="days",
    status=422,
)
_SIZE = Refusal(
    code="drive.acts",
    message=Text(f"推演的步数须为 1 至 {MOST_ACTS}。", f"A drive takes from 1 to {MOST_ACTS} acts."),
    instead=Text("请改用范围内的步数。", "Choose a number of acts in that range."),
    at="acts",
    status=422,
)
