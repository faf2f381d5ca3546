"""Capacity through real HTTP and below it: bookings a second, last-place races, random operations, a rush, kills.

In a database of its own (var/bench-capacity), emptied before; the region is 芜湖 with four thousand synthetic residents
of one township. Load comes from a process of its own over lines that stay open, with sign-in, token and a key for every
request; CPU of web server, database and generator is told apart. ``--soak``: a million random operations, twenty
million slots; hours on a small machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("TIERCARE_HOME", str(Path(__file__).resolve().parents[1] / "var" / "bench-capacity"))

from tiercare.cli import bootstrap  # importing it sets Django up

# isort: split
import capacity_ground
import capacity_http
import capacity_kills
import capacity_mass
import capacity_races
import capacity_random
import capacity_workers
from capacity_http import Bench, Places
from capacity_load import Generator
from capacity_targets import held_against
from web_server import postmaster, serving

from tiercare.apps.ledger.commands import mark_synthetic
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.terms.commands import lay_down_divisions

HOME = Path(os.environ["TIERCARE_HOME"])
# The sizes of an ordinary run and of the long one.
USUAL = {"seconds": 5.0, "operations": 100_000, "slots": 2_000_000, "races": 10_000, "rush_s": 60.0}
SOAK = {"seconds": 20.0, "operations": 1_000_000, "slots": 20_000_000, "races": 50_000, "rush_s": 60.0}
QUICK = {"seconds": 1.0, "operations": 2_000, "slots": 60_000, "races": 300, "rush_s": 10.0}
CELLS = ("a2", "bookings", "levels", "lists", "races", "holds", "random", "mass", "rush", "kills")


def main() -> int:
    """Lay the ground, run the cells, print tables and a line of JSON; 1 if something does not hold that must."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--soak", action="store_true", help="the long version")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: shows that it runs")
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=CELLS)
    asked = parser.parse_args()
    sizes = SOAK if asked.soak else QUICK if asked.quick else USUAL
    began = time.monotonic()
    generator = Generator()  # before this process has connections and threads
    clear()
    result: dict[str, Any] = {
        "machine": machine(),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "sizes": sizes,
    }
    print(result, flush=True)
    bootstrap.attach()
    bootstrap.migrate()
    mark_synthetic()
    lay_down_divisions(capacity_ground.SYSTEM)
    lay_down_region(actor=capacity_ground.SYSTEM, pack_id="wuhu")
    ground = capacity_ground.lay_down()
    print(
        f"{len(ground.residents):,} residents; the ground took {time.monotonic() - began:.0f} s", flush=True
    )
    result |= cells(ground, generator, sizes, set(asked.cells))
    result["seconds"] = round(time.monotonic() - began)
    result["load"] = [round(each, 1) for each in os.getloadavg()]
    generator.end()
    bootstrap.release()
    if asked.soak:  # millions of slots are not left lying about
        bootstrap.private_cluster().stop()
        clear()
    good = held_against(result)
    print(json.dumps(result, ensure_ascii=False, default=str))
    return 0 if good else 1


def clear() -> None:
    """What a run before has left goes."""
    for part in ("postgres", "keys", "demo_accounts.json"):
        path = HOME / part
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def cells(
    ground: capacity_ground.Ground, generator: Generator, sizes: dict[str, Any], wanted: set[str]
) -> dict[str, Any]:
    """The cells that are wanted, in the order in which they do not disturb each other."""
    found: dict[str, Any] = {}

    def run(name: str, work: Callable[[], Any]) -> None:
        if name in wanted:
            began = time.monotonic()
            print(f"\n— {name}", flush=True)
            found[name] = work()
            print(f"  ({time.monotonic() - began:.0f} s)", flush=True)

    run("a2", lambda: _shown(capacity_races.unguarded(ground, generator, min(500, sizes["races"]))))
    places = Places(ground, "spread")
    run("levels", lambda: capacity_workers.compared(ground, places, sizes["seconds"] * 0.8))
    with serving(HOME / "web.log") as (port, web):
        bench = Bench(ground, generator, port, web, postmaster(), sizes["seconds"])
        run("bookings", lambda: capacity_http.bookings(bench, places))
        run("lists", lambda: capacity_http.lists(bench))
        run("races", lambda: _races(bench, sizes["races"]))
        run("holds", lambda: _holds(bench, places, sizes["races"]))
    run("random", lambda: capacity_random.random_operations(ground, sizes["operations"]))
    run("mass", lambda: capacity_mass.grown(ground, generator, sizes["slots"], sizes["seconds"]))
    with serving(HOME / "web.log") as (port, web):
        bench = Bench(ground, generator, port, web, postmaster(), sizes["seconds"])
        run("rush", lambda: capacity_http.rush(bench, sizes["rush_s"]))
        found["deadlocks"] = capacity_ground.deadlocks()  # before the kills: a crash forgets them
        run("kills", lambda: capacity_kills.kills(bench, Places(ground, "kills")))
    return found


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    print(told, flush=True)
    return told


def _races(bench: Bench, races: int) -> dict[str, Any]:
    slots = capacity_races.arena(bench.ground, "a1", races)
    return _shown(capacity_races.last_places(bench, slots))


def _holds(bench: Bench, places: Places, races: int) -> dict[str, Any]:
    return {
        "a4": capacity_races.holds(bench, races // 10),
        "a5": capacity_races.confirmations(bench, places, races // 10),
    }


def machine() -> str:
    """Cores, memory, system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}"


if __name__ == "__main__":
    sys.exit(main())
