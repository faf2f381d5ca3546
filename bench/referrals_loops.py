"""Cells of the bench of referrals that go through HTTP: creating, whole loops, the worklist."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from capacity_ground import OPEN, Ground, sessions
from capacity_load import CREATED, Answer, Generator, Plan, Request, post
from web_server import cpu_seconds

CLIENTS, FEW = 32, 8
_OK = 200
PATH = "/api/requests"
PAYLOAD = {
    "reason": "血压控制不佳，尿蛋白阳性",
    "findings": "血压186/112",
    "wanted": "评估靶器官损害",
    "ground": {"severity": "urgent"},
}
REPORT = {"diagnosis": "高血压3级（很高危）", "treatment": "调整为两药联合", "advice": "两周后复诊"}


@dataclass
class Bench:
    """The ground, the office that receives, the server and the generator."""

    ground: Ground
    office: Ground
    generator: Generator
    port: int
    web: int
    database: int
    turn: int = 0

    def people(self, count: int) -> list[UUID]:
        """So many residents in turn; who comes again has another problem by then."""
        found = [self.ground.residents[(self.turn + at) % len(self.ground.residents)] for at in range(count)]
        self.turn += count
        return found


@dataclass(frozen=True)
class Phase:
    """One step of all loops: answers by the loop's number, wall seconds, CPU seconds of server, database, generator."""

    answers: dict[int, Answer]
    seconds: float
    web: float
    database: float
    generator: float
    refused: Counter[str]

    def bodies(self) -> dict[int, Any]:
        """What was answered, of those that were done."""
        return {
            at: json.loads(each.body) for at, each in self.answers.items() if each.status in {_OK, CREATED}
        }


def phase(bench: Bench, who: Ground, requests: Sequence[Request], *, clients: int) -> Phase:
    """Send one step of every loop; the next goes over a line when the last is answered."""
    lines = who.signed_in(bench.port, clients)
    before = cpu_seconds(bench.web), cpu_seconds(bench.database)
    sent = bench.generator.run(Plan(bench.port, lines, [[each] for each in requests], bodies=True))
    after = cpu_seconds(bench.web), cpu_seconds(bench.database)
    refused = Counter(
        each.code or str(each.status) for each in sent.answers if each.status not in {_OK, CREATED}
    )
    return Phase(
        {each.note: each for each in sent.answers},
        sent.seconds,
        after[0] - before[0],
        after[1] - before[1],
        sent.cpu,
        refused,
    )


def _create(bench: Bench, count: int, label: str, clients: int) -> tuple[list[Phase], dict[int, UUID]]:
    """Begin, hold a place, send."""
    each = 20
    slots = sessions(bench.ground, label, [{OPEN: each}] * (-(-count // each) + 1), pools=10, specialty="08")
    people = bench.people(count)
    problem = f"I1{0 if label == 'warm' else 1 + sum(map(ord, label)) % 9}"
    begun = phase(
        bench,
        bench.ground,
        [
            post(
                PATH,
                at,
                kind="up",
                resident=person,
                urgency="URGENT",
                problem_code=problem,
                problem="原发性高血压",
                payload=PAYLOAD,
                again="另一次就诊",
            )
            for at, person in enumerate(people)
        ],
        clients=clients,
    )
    keys = {at: UUID(body["id"]) for at, body in begun.bodies().items()}
    held = phase(
        bench,
        bench.ground,
        [post(f"{PATH}/{key}/place", at, slot=slots[at // each]) for at, key in keys.items()],
        clients=clients,
    )
    sent = phase(bench, bench.ground, [_act(keys, at, "submit") for at in keys], clients=clients)
    return [begun, held, sent], keys


def _act(keys: dict[int, UUID], at: int, act: str, **more: Any) -> Request:
    return post(f"{PATH}/{keys[at]}/acts/{act}", at, **more)


def created(bench: Bench, count: int, label: str = "create") -> dict[str, Any]:
    """Creating a referral with its place, by eight clients: the three requests of each together."""
    _create(bench, FEW * 4, f"warm-{label}", FEW)  # plans and connections are warm from here on
    phases, keys = _create(bench, count, label, FEW)
    times = [
        sum(one.answers[at].ended - one.answers[at].started for one in phases) * 1000
        for at in keys
        if all(at in one.answers for one in phases)
    ]
    told = _times(times) | {
        "begin": _times(_each(phases[0])),
        "hold": _times(_each(phases[1])),
        "send": _times(_each(phases[2])),
        "cpu_a_step": _cpu(phases),
        "refused": sum(sum(one.refused.values()) for one in phases),
        "refusals": dict(sum((one.refused for one in phases), Counter())),
    }
    print(f"create with a place, {FEW} clients ({label})", told, flush=True)
    return told


def loops(bench: Bench, count: int) -> dict[str, Any]:
    """Whole loops at 32 clients; the rate is loops over the time that all their steps took."""
    phases, keys = _create(bench, count, "loops", CLIENTS)
    office = [("accept", {}), ("arrive", {}), ("report", {"content": REPORT})]
    for act, more in office:
        phases.append(
            phase(bench, bench.office, [_act(keys, at, act, **more) for at in keys], clients=CLIENTS)
        )
    phases.append(phase(bench, bench.ground, [_act(keys, at, "acknowledge") for at in keys], clients=CLIENTS))
    closed = sum(body.get("state") == "CLOSED" for body in phases[-1].bodies().values())
    names = ("begin", "hold", "send", "accept", "arrive", "report", "acknowledge")
    seconds = sum(one.seconds for one in phases)
    told = {
        "loops": closed,
        "loops_per_s": round(closed / seconds, 1),
        "steps_per_s": round(sum(len(one.answers) for one in phases) / seconds),
        "cpu_a_step": _cpu(phases),
        "steps": {
            name: _times(_each(one)) | {"cpu": _cpu([one]), "cpu_database": _cpu([one], database=True)}
            for name, one in zip(names, phases, strict=True)
        },
        "refused": sum(sum(one.refused.values()) for one in phases) + count - closed,
        "refusals": dict(sum((one.refused for one in phases), Counter())),
    }
    print(f"whole loops, {CLIENTS} clients", told, flush=True)
    return told


def worklist(bench: Bench, seconds: float) -> dict[str, Any]:
    """The hospital's office asks for its list of twenty with counts, by eight clients."""
    lines = bench.office.signed_in(bench.port, FEW)
    groups = [[Request("GET", f"{PATH}?box=in&per_page=20")]] * 20_000
    before = cpu_seconds(bench.web), cpu_seconds(bench.database)
    sent = bench.generator.run(Plan(bench.port, lines, groups, seconds=seconds, bodies=True))
    spent = cpu_seconds(bench.web) - before[0] + cpu_seconds(bench.database) - before[1]
    good = [each for each in sent.answers if each.status == _OK]
    told = _times([(each.ended - each.started) * 1000 for each in good]) | {
        "per_s": round(len(good) / sent.seconds, 1),
        "cpu": round(spent * 1000 / max(1, len(sent.answers)), 2),
        "items": len(json.loads(good[-1].body)["items"]) if good else 0,
        "refused": len(sent.answers) - len(good),
    }
    print(f"worklist, {FEW} clients", told, flush=True)
    return told


def _each(one: Phase) -> list[float]:
    return [(each.ended - each.started) * 1000 for each in one.answers.values()]


def _times(found: Sequence[float]) -> dict[str, float]:
    times = sorted(found)
    if not times:
        return {"p50": 0.0, "p95": 0.0}
    return {"p50": round(times[len(times) // 2], 1), "p95": round(times[int(len(times) * 0.95)], 1)}


def _cpu(phases: Sequence[Phase], *, database: bool = False) -> float:
    """Milliseconds of server and database, or of the database alone, for one request."""
    count = sum(len(one.answers) for one in phases)
    spent = sum(one.database if database else one.web + one.database for one in phases)
    return round(spent * 1000 / max(1, count), 2)
