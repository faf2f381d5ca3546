"""Drives: synthetic people by the platform's own commands, acts a second; then seeds with faults, every invariant held on every day.

In a database of its own (var/bench-driving), emptied before: 芜湖 with its hospitals, township centres and synthetic residents. First a
month of the twin's people without faults, which tells what an act costs; then as many seeds of three days as asked for, each in a copy
of the database, with processes killed, copies come late, clocks ahead, hospitals offline and messages repeated. A seed that failed is
told and can be played again: ``--seed N``. ``--soak``: a thousand seeds, hours on a small machine. ``--quick``: seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("TIERCARE_HOME", str(Path(__file__).resolve().parents[1] / "var" / "bench-driving"))

from tiercare.cli import bootstrap  # importing it sets Django up

# isort: split
from capacity import machine
from capacity_copy import copied, working_in

from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.commands import mark_synthetic
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.network.commands.demonstrating import lay_down_registers
from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.cli.twin_drive import as_told
from tiercare.cli.twin_people import lived_of
from tiercare.jobs.dispatcher import deliver_due
from tiercare.jobs.driving.ground import lay
from tiercare.jobs.driving.running import Drive, drive
from tiercare.jobs.sealer import seal_all
from tiercare.kernel.actor import Actor

HOME = Path(os.environ["TIERCARE_HOME"])
REGION, DAYS, ACTS = "wuhu", 3, 60
USUAL, QUICK, SOAK = (30, 3_000, 10), (3, 100, 2), (30, 12_000, 1_000)
_WEEK = 7


def main() -> int:
    """Lay the ground, drive a month, then the seeds; a table and a line of JSON. 1 if an invariant did not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--soak", action="store_true", help="the long version")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: shows that it runs")
    parser.add_argument("--seeds", type=int, help="so many seeds with faults")
    parser.add_argument("--from-seed", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="play this one again, and nothing else")
    asked = parser.parse_args()
    days, acts, count = SOAK if asked.soak else QUICK if asked.quick else USUAL
    seeds = range(asked.from_seed, asked.from_seed + (count if asked.seeds is None else asked.seeds))
    first = _ground(days)
    result: dict[str, Any] = {"machine": machine(), "month": None}
    if asked.seed is None:
        result["month"] = _month(first, days, acts)
    result |= _seeds(ledger.today() - timedelta(days=DAYS), [asked.seed] if asked.seed is not None else seeds)
    result["load"] = [round(each, 1) for each in os.getloadavg()]
    bootstrap.release()
    print(json.dumps(result, ensure_ascii=False, default=str))
    month = result["month"]
    return 1 if result["failed"] or (month is not None and month["findings"]) else 0


def _ground(days: int) -> date:
    """The region in an empty database, with places on offer and residents, for a month and for the seeds' three days."""
    began = time.monotonic()
    for part in ("postgres", "keys", "checkpoints.jsonl"):
        path = HOME / part
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    actor = Actor.system("cli")
    bootstrap.attach()
    bootstrap.migrate()
    mark_synthetic()
    lay_down_divisions(actor)
    laid = lay_down_region(actor=actor, pack_id=REGION)
    lay_down_registers(actor=actor, region=REGION, on=laid.verdict_on)
    first = ledger.today() - timedelta(days=days)
    lay(REGION, first=first, days=days)
    deliver_due()  # once for all copies
    seal_all()
    print(f"ground: {time.monotonic() - began:.0f} s", flush=True)
    return first


def _month(first: date, days: int, acts: int) -> dict[str, Any]:
    with copied("driven_month") as there, working_in(there):
        asked = Drive(REGION, first, days, acts, 1, chain_each=_WEEK)
        told = as_told(asked, drive(asked, people=lambda ground: lived_of(ground, acts=acts, seed=1)))
    (HOME / "checkpoints.jsonl").unlink(missing_ok=True)  # of a database that is gone
    shown = ("commands", "seconds", "seconds_looking", "commands_per_second", "cpu_ms_per_command")
    print(f"{days} days:", {name: told[name] for name in shown}, told["findings"][:3], flush=True)
    return told


def _seeds(first: date, seeds: Any) -> dict[str, Any]:
    faults: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    other: Counter[str] = Counter()
    failed: dict[int, list[str]] = {}
    commands, began = 0, time.monotonic()
    for number, seed in enumerate(seeds, 1):
        with copied("driven_seed") as there, working_in(there):
            done = drive(Drive(REGION, first, DAYS, ACTS, seed, faults=True))
        (HOME / "checkpoints.jsonl").unlink(missing_ok=True)
        faults, refused = faults + done.tally.faults, refused + done.tally.refused
        other += done.tally.other
        commands += done.tally.count
        if not done.kept:
            failed[seed] = [f"{each.day} {each.invariant}: {each.seen}" for each in done.tally.findings]
            print(f"seed {seed} FAILED", *failed[seed], sep="\n  ", flush=True)
        if number % 10 == 0:
            print(f"{number} seeds, {time.monotonic() - began:.0f} s, {len(failed)} failed", flush=True)
    seconds = time.monotonic() - began
    return {
        "seeds": len(seeds),
        "failed": failed,
        "commands": commands,
        "seconds_a_seed": round(seconds / max(1, len(seeds)), 2),
        "faults": dict(sorted(faults.items())),
        "refused": dict(sorted(refused.items())),
        "other": dict(sorted(other.items())),
    }


if __name__ == "__main__":
    sys.exit(main())
