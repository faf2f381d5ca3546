"""Capacity through HTTP: bookings a second, lists, the rush of an opening."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from capacity_ground import FAMILY, OPEN, Ground, booked, enlarge, oversold, sessions
from capacity_load import CREATED, ERROR, Client, Generator, Plan, Request, Sent, booking
from django.db import connections
from web_server import cpu_seconds

CLIENTS = (1, 8, 32)
SPREAD = 500


@dataclass
class Bench:
    """Everything a cell needs: the ground, the server, the generator, and how long a cell lasts."""

    ground: Ground
    generator: Generator
    port: int
    web: int
    database: int
    seconds: float

    def clients(self, count: int) -> list[Client]:
        """So many clients, signed in."""
        return self.ground.signed_in(self.port, count)

    def measured(self, clients: int, groups: Sequence[Sequence[Request]], **more: Any) -> Measured:
        """Send, and count what it cost: of the web server, the database and the generator apart."""
        plan = Plan(self.port, self.clients(clients), groups, **more)
        before = cpu_seconds(self.web), cpu_seconds(self.database)
        sent = self.generator.run(plan)
        spent = cpu_seconds(self.web) - before[0], cpu_seconds(self.database) - before[1]
        return Measured(sent, *spent)


@dataclass(frozen=True)
class Measured:
    """What came back, and CPU seconds of web server and database."""

    sent: Sent
    web: float
    database: float

    def told(self, good: int = CREATED) -> dict[str, Any]:
        """Rate, milliseconds for the client, CPU milliseconds a request, answers by code."""
        times = sorted((each.ended - each.started) * 1000 for each in self.sent.answers)
        count = len(times)
        each = [round(part * 1000 / count, 2) for part in (self.web, self.database, self.sent.cpu)]
        codes = Counter(one.code or str(one.status) for one in self.sent.answers)
        return {
            "per_s": round(sum(one.status == good for one in self.sent.answers) / self.sent.seconds),
            "p50": round(times[count // 2], 1),
            "p95": round(times[int(count * 0.95)], 1),
            "cpu": round(each[0] + each[1], 2),
            "cpu_web": each[0],
            "cpu_database": each[1],
            "cpu_generator": each[2],
            "answers": dict(codes),
        }


def show(name: str, told: dict[str, Any]) -> None:
    """One line of the table."""
    columns = ("per_s", "p50", "p95", "cpu", "cpu_web", "cpu_database", "cpu_generator")
    print(f"{name:<34}" + "".join(f"{told[each]:>9}" for each in columns), told["answers"], flush=True)


def head() -> None:
    """The head of the table; CPU in milliseconds a request."""
    columns = ("/s", "p50 ms", "p95 ms", "cpu ms", "web", "database", "generator")
    print(f"{'':<34}" + "".join(f"{each:>9}" for each in columns), flush=True)


class Places:
    """500 sessions, half of each kept for family doctors, and bookings spread over them that nobody made yet."""

    def __init__(self, ground: Ground, label: str, each: int = 400) -> None:
        self.ground, self.taken = ground, 0
        units = [{FAMILY: each // 2, OPEN: each // 2}] * SPREAD
        self.slots = sessions(ground, label, units, pools=50)
        self.places = each * SPREAD

    def pairs(self, count: int) -> list[tuple[UUID, UUID]]:
        """So many slots with residents who have none there; signed and others in turn."""
        found = []
        for at in range(self.taken, self.taken + count):
            turn, slot = divmod(at, SPREAD)
            found.append((self.slots[slot], self.ground.residents[turn]))
        self.taken += count
        assert self.taken <= self.places * 0.9, "the places of this cell are used up"
        return found


def hot(ground: Ground, label: str) -> list[tuple[UUID, UUID]]:
    """One session with a place for everybody: a booking for each resident."""
    (slot,) = sessions(ground, label, [{OPEN: 1_000}])
    enlarge([slot], len(ground.residents))
    return [(slot, each) for each in ground.residents]


def requests(pairs: Sequence[tuple[UUID, UUID]], **more: Any) -> list[list[Request]]:
    """A booking each, each by itself."""
    return [[booking(slot, resident, **more)] for slot, resident in pairs]


def bookings(bench: Bench, places: Places) -> dict[str, Any]:
    """Cell 1: bookings a second, hot and spread, at 1, 8 and 32 clients; while there are places nobody is refused."""
    found: dict[str, Any] = {}
    head()
    bench.measured(8, requests(places.pairs(400)))  # plans and connections are warm from here on
    for count in CLIENTS:
        pairs = hot(bench.ground, f"hot-{count}")
        for name, groups in (("hot", requests(pairs)), ("spread", requests(places.pairs(8_000)))):
            told = bench.measured(count, groups, seconds=bench.seconds).told()
            told["spurious"] = sum(told["answers"].values()) - told["answers"].get(str(CREATED), 0)
            found[f"{name} {count}"] = told
            show(f"book, {name}, {count} clients", told)
    return found


_DAY_OF = """
SELECT s.institution_id, s.pool_id, s.day FROM capacity_session s JOIN capacity_slot l ON l.session_id = s.id
WHERE l.id = %s
"""


def lists(bench: Bench) -> dict[str, Any]:
    """Cell 3: the list of 20 bookings, and the slots of a day of one clinic and of a whole hospital (200)."""
    listed = requests(hot(bench.ground, "listed")[:20])
    assert bench.measured(1, listed).told()["answers"] == {str(CREATED): 20}
    places = sessions(bench.ground, "day", [{OPEN: 16}] * 20, pools=10, by_time=15, hours=4)
    with connections["owner"].cursor() as cursor:
        cursor.execute(_DAY_OF, [places[0]])
        institution, pool, day = cursor.fetchone()
    whole = f"/api/capacity/slots?institution={institution}&day={day}"
    asked = {
        "list of 20 bookings": "/api/capacity/bookings",
        "slots of a clinic's day (32)": f"{whole}&pool={pool}",
        "slots of a hospital's day (200)": whole,
    }
    found = {}
    head()
    for name, path in asked.items():
        groups = [[Request("GET", path)]] * 20_000
        measured = bench.measured(8, groups, seconds=bench.seconds * 0.8, bodies=True)
        found[name] = measured.told(200)
        items = len(json.loads(measured.sent.answers[-1].body)["items"])
        assert items == int(re.findall(r"\d+", name)[-1]), f"{name} shows {items}"
        show(f"{name}", found[name])
    return found


def rush(bench: Bench, seconds: float) -> dict[str, Any]:
    """Cell 8 (A12): 5,000 places, 20,000 who want one within a minute, whether or not the last was answered.

    In another time than a minute so many more or fewer want so many more or fewer places.
    """
    a_clinic = round(500 * seconds / 60)
    # One more session of each clinic: losers have something to be offered.
    offered = [{OPEN: a_clinic}] * 10 + [{OPEN: 5}] * 10
    slots = sessions(bench.ground, "rush", offered, pools=10, specialty="07")[:10]
    everyone = bench.ground.residents
    count = round(20_000 * seconds / 60)
    wanted = [(slots[at % 10], everyone[at // 10]) for at in range(count)]
    found = bench.measured(256, requests(wanted), rate=count / seconds)
    told = found.told() | {
        "attempts": len(found.sent.answers),
        "seconds": round(found.sent.seconds, 1),
        "p95_first_half": _p95(found.sent, 0, count // 2),  # the places go, and the first come too late
        "p95_second_half": _p95(found.sent, count // 2, count),
        "places": 10 * a_clinic,
        "booked": booked(slots),
        "oversold": oversold(slots),
        "errors_5xx": sum(each.status >= ERROR or each.status == 0 for each in found.sent.answers),
        "losers_without_alternatives": sum(
            each.status == 409 and not each.alternatives for each in found.sent.answers
        ),
    }
    show(f"rush: {count:,} for {10 * a_clinic:,} places", told)
    shown = ("seconds", "p95_first_half", "p95_second_half", "booked", "oversold", "errors_5xx")
    print({name: told[name] for name in shown}, flush=True)
    return told


def _p95(sent: Sent, first: int, last: int) -> float:
    """Of the groups between two, by their turn."""
    times = sorted((each.ended - each.started) * 1000 for each in sent.answers if first <= each.group < last)
    return round(times[int(len(times) * 0.95)], 1)
