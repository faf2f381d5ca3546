"""Referrals through real HTTP: whole loops a second, creating with a place in hand, the worklist over millions of requests.

In a database of its own (var/bench-referrals), emptied before; the region is 芜湖 with four thousand synthetic residents of one
township, whose doctor refers to the hospital that leads it. A loop is what two people do: begin, hold a place, send; accept,
record the arrival, report; acknowledge. Each is one request by one of 32 clients with sign-in, token and a key of its own; a
request goes from one to the next when all of them have done the same step. CPU of web server, database and generator is told
apart. The same loop as bare SQL in the same run: the same rows, without rules, rights, audit trail or wall.
``--quick``: seconds instead of minutes. ``--requests``: how many lie in the table when the worklist is asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("TIERCARE_HOME", str(Path(__file__).resolve().parents[1] / "var" / "bench-referrals"))

from tiercare.cli import bootstrap  # importing it sets Django up

# isort: split
import capacity_ground
import referrals_bare
import referrals_loops
import referrals_mass
from capacity import machine
from capacity_load import Generator
from referrals_loops import Bench
from web_server import postmaster, serving

from tiercare.apps.access.commands import Place, lay_down_demo_accounts
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.commands import mark_synthetic
from tiercare.apps.network.commands import lay_down_region
from tiercare.apps.terms.commands import lay_down_divisions

HOME = Path(os.environ["TIERCARE_HOME"])
USUAL = {"loops": 1_500, "created": 600, "requests": 5_000_000, "seconds": 5.0}
QUICK = {"loops": 64, "created": 32, "requests": 50_000, "seconds": 1.0}
# What is wanted of two cores that server, database and generator share with nobody else.
WANTED = (
    ("loops", "loops_per_s", ">=", 60),
    ("loops", "cpu_a_step", "<=", 5),
    ("create", "p95", "<=", 300),
    ("worklist", "p95", "<=", 150),
)


def main() -> int:
    """Lay the ground, run the cells, print a table and a line of JSON; 1 if a step was refused that must not be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--requests", type=int, help="in the table when the worklist is asked for")
    asked = parser.parse_args()
    sizes: dict[str, Any] = dict(QUICK if asked.quick else USUAL)
    sizes["requests"] = asked.requests or sizes["requests"]
    began = time.monotonic()
    generator = Generator()  # before this process has connections and threads
    for part in ("postgres", "keys", "demo_accounts.json"):
        path = HOME / part
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    result: dict[str, Any] = {
        "machine": machine(),
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_before": [round(each, 1) for each in os.getloadavg()],
        "sizes": sizes,
    }
    print(result, flush=True)
    ground, office = _ground()
    print(f"{len(ground.residents):,} residents; {time.monotonic() - began:.0f} s", flush=True)
    with serving(HOME / "web.log") as (port, web):
        bench = Bench(ground, office, generator, port, web, postmaster())
        result["create"] = referrals_loops.created(bench, sizes["created"])
        result["loops"] = referrals_loops.loops(bench, sizes["loops"])
        result["bare"] = referrals_bare.bare(ground, sizes["seconds"])
        result["loops"]["ratio_to_bare"] = round(
            result["loops"]["loops_per_s"] / result["bare"]["loops_per_s"], 3
        )
        result["mass"] = referrals_mass.grown(ground, sizes["requests"])
        result["worklist"] = referrals_loops.worklist(bench, sizes["seconds"])
        result["create_in_mass"] = referrals_loops.created(bench, sizes["created"], label="mass")
    result["seconds"] = round(time.monotonic() - began)
    result["load_after"] = [round(each, 1) for each in os.getloadavg()]
    generator.end()
    bootstrap.release()
    for cell, name, sign, wanted in WANTED:
        value = result[cell][name]
        good = value >= wanted if sign == ">=" else value <= wanted
        print(f"{cell} {name:<24}{value:>10}  {sign} {wanted}{'' if good else '   ✗'}")
    print(json.dumps(result, ensure_ascii=False, default=str))
    refused = sum(result[cell]["refused"] for cell in ("create", "loops", "worklist", "create_in_mass"))
    return 1 if refused else 0


def _ground() -> tuple[capacity_ground.Ground, capacity_ground.Ground]:
    """The township's doctor, and the hospital's referral office, each with lines of its own."""
    bootstrap.attach()
    bootstrap.migrate()
    mark_synthetic()
    lay_down_divisions(capacity_ground.SYSTEM)
    lay_down_region(actor=capacity_ground.SYSTEM, pack_id="wuhu")
    ground = capacity_ground.lay_down()
    accounts = lay_down_demo_accounts(
        capacity_ground.SYSTEM,
        region="bench",
        area=Place("示例", ground.area),
        places={
            Role.PRIMARY_DOCTOR: Place("示例卫生院", ground.area, ground.township),
            Role.REFERRAL_OFFICE: Place("示例医院", ground.area, ground.hospital),
        },
        since=ledger.today(),
        folder=HOME,
    )
    name = f"bench.{Role.REFERRAL_OFFICE.value}"
    office = capacity_ground.Ground(
        ground.township,
        ground.hospital,
        ground.area,
        ground.residents,
        ground.signed,
        accounts[name],
        username=name,
    )
    return ground, office


if __name__ == "__main__":
    sys.exit(main())
