"""What a desk sends: newcomers to register, the statements of its list, and requests through a real web server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from web_server import Desk, cpu_seconds, serving

from tiercare.apps.residents.rules import IdentityKind, Registration, Sex
from tiercare.engines.population import Village, generate


def newcomers(count: int) -> list[Registration]:
    """Synthetic people who are not in the index yet: numbers of another area each time; who has none stays away."""
    seed = time.time_ns() % 500_000
    village = [Village(f"{120_000 + seed}100201", "示例村")]
    found = []
    for home in generate(seed=seed, villages=village, people=count * 3):
        for each in home.members:
            if each.identity_number:
                found.append(
                    Registration(
                        name=each.name,
                        sex=Sex(each.sex),
                        birth_date=each.birth_date,
                        division_code="340223100201",
                        identity_kind=IdentityKind(each.identity_kind),
                        number=each.identity_number,
                        phone=each.phone or "",
                        address=home.address,
                    )
                )
    return found[:count]


def server_ms(connection: BaseDatabaseWrapper, statement: str, place: UUID, runs: int) -> float:
    """Planning and execution as the server reports them, in milliseconds, the median of several runs."""
    values = {"institution": place, "tokens": [""], "all": 1, "after": UUID(int=0), "limit": 20}
    times = []
    with connection.cursor() as cursor:
        for _ in range(runs):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", values)
            told = cursor.fetchone()[0][0]
            times.append(told["Planning Time"] + told["Execution Time"])
    return sorted(times)[len(times) // 2]


@dataclass(frozen=True)
class Served:
    """What a kind of request cost: milliseconds for the client, CPU milliseconds of web and database processes."""

    p50: float
    p95: float
    cpu_web: float
    cpu_database: float

    def told(self) -> dict[str, float]:
        """As JSON."""
        return {**asdict(self), "cpu": round(self.cpu_web + self.cpu_database, 2)}


def served(desks: list[Desk], works: list[Callable[[Desk], int]], web: int, database: int) -> Served:
    """All works, shared among the desks; every answer must be a success or a question about a double."""
    before = cpu_seconds(web), cpu_seconds(database)
    times: list[float] = []

    def run(at: int) -> None:
        for work in works[at :: len(desks)]:
            started = time.perf_counter()
            status = work(desks[at])
            times.append((time.perf_counter() - started) * 1000)
            # Of so many newcomers a few look like one before them, which a desk is asked about.
            assert status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.CONFLICT, status

    with ThreadPoolExecutor(len(desks)) as pool:
        list(pool.map(run, range(len(desks))))
    spent = cpu_seconds(web) - before[0], cpu_seconds(database) - before[1]
    times.sort()
    return Served(
        round(times[len(times) // 2], 2),
        round(times[int(len(times) * 0.95)], 2),
        *(round(each * 1000 / len(works), 2) for each in spent),
    )


def through_http(username: str, password: str, database: int, runs: int) -> dict[str, dict[str, float]]:
    """Registering, searching by name, the list of twenty; eight clients, access check and read record on."""
    with serving() as (port, web):
        desks = [Desk(port, username, password) for _ in range(8)]
        fresh = [json.dumps(_body(each)) for each in newcomers(runs * 4)]
        names = [each.name for each in newcomers(200)]

        def searched(name: str) -> Callable[[Desk], int]:
            return lambda desk: desk.ask("POST", "/api/residents/search", json.dumps({"name": name}))[0]

        kinds: dict[str, list[Callable[[Desk], int]]] = {
            "session": [lambda desk: desk.ask("GET", "/api/session")[0]] * runs * 4,
            "list of 20": [lambda desk: desk.ask("GET", "/api/residents")[0]] * runs * 4,
            "search by name": [searched(names[at % len(names)]) for at in range(runs * 4)],
            "create": [partial(_create, body) for body in fresh],
        }
        found = {}
        print(f"{'through HTTP, 8 clients':<24}{'p50 ms':>9}{'p95 ms':>9}{'web cpu':>9}{'db cpu':>9}")
        for name, works in kinds.items():
            served(desks, works[:80] if name != "create" else works[:0] or works[:8], web, database)  # warm
            row = served(desks, works[8:] if name == "create" else works, web, database)
            found[name] = row.told()
            print(f"{name:<24}{row.p50:>9}{row.p95:>9}{row.cpu_web:>9}{row.cpu_database:>9}")
        return found


def _create(body: str, desk: Desk) -> int:
    return desk.ask("POST", "/api/residents", body)[0]


def _body(given: Registration) -> dict[str, str | None]:
    return {
        "name": given.name,
        "sex": given.sex.value,
        "birth_date": given.birth_date.isoformat() if given.birth_date else None,
        "division": given.division_code,
        "identity_kind": given.identity_kind.value,
        "number": given.number,
        "phone": given.phone,
        "address": given.address,
    }
