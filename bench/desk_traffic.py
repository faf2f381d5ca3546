"""What a desk sends: newcomers to register, the statements of its list, and requests through a real web server."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db.backends.base.base import BaseDatabaseWrapper

from tiercare.apps.residents.rules import IdentityKind, Registration, Sex
from tiercare.cli import children
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


class Desk:
    """One client with a line that stays open, signed in."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.ask("GET", "/sign-in")
        form = {"username": username, "password": password, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        status, _ = self.ask("POST", "/sign-in", urlencode(form), "application/x-www-form-urlencoded")
        assert status == HTTPStatus.FOUND, status

    def ask(
        self, method: str, path: str, body: str = "", kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """One request; the answer's status and body."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method != "GET":
            token = self.cookies.get("csrftoken", "")
            headers |= {"Content-Type": kind, "X-CSRFToken": token, "Idempotency-Key": uuid4().hex}
        self.line.request(method, path, body.encode(), headers)
        answer = self.line.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read()


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


def cpu_seconds(root: int) -> float:
    """CPU time so far of a process and all below it, those that ended included as far as their parent waited."""
    ticks = os.sysconf("SC_CLK_TCK")
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in _family(root)) / ticks


def _family(root: int) -> list[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int(_stat(int(folder.name))[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def through_http(
    port: int, username: str, password: str, database: int, runs: int
) -> dict[str, dict[str, float]]:
    """Registering, searching by name, the list of twenty; eight clients, access check and read record on."""
    web = children.start("web", port)
    try:
        _await(port)
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
            served(
                desks, works[:80] if name != "create" else works[:0] or works[:8], web.pid, database
            )  # warm
            row = served(desks, works[8:] if name == "create" else works, web.pid, database)
            found[name] = row.told()
            print(f"{name:<24}{row.p50:>9}{row.p95:>9}{row.cpu_web:>9}{row.cpu_database:>9}")
        return found
    finally:
        children.end([web])


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


def _await(port: int) -> None:
    for _ in range(300):
        with suppress(OSError):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            if line.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise RuntimeError("the web server does not answer")
