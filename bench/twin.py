"""How fast a region is simulated, in how much memory: 0.1, 1 and 4 million residents, their fact tables, twenty pairs of policies, the driver.

Cells: ``years`` (each size in a process of its own: people and needs, the year, its outcomes, its fact tables), ``pairs`` (two policies on the
same people, seed by seed, on all processors), ``driver`` (``tiercare twin drive`` in a home of its own, ``var/bench-twin``, laid down when it is
missing). Seconds are wall and CPU of the measured process; what numba compiles is compiled, and read from its cache, before. The region is
invented, of eight counties; ``--pack wuhu`` takes a pack's. ``--quick`` shows that it runs; ``--soak`` plays a hundred pairs.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tiercare.engines.measures.synth import Profile
from tiercare.engines.payment import Benefits
from tiercare.engines.policy import load_packs
from tiercare.engines.twin.assumptions import given
from tiercare.engines.twin.balance import imbalances
from tiercare.engines.twin.comparing import Policy, compare
from tiercare.engines.twin.facts import write_facts
from tiercare.engines.twin.from_packs import benefits_of
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.outcomes import outcomes
from tiercare.engines.twin.running import prepare, simulate
from tiercare.kernel.text import Text

ROOT = Path(__file__).resolve().parents[1]
SIZES, PAIRS = (100_000, 1_000_000, 4_000_000), 20
CELLS = ("years", "pairs", "driver")
SEED, WARM = 20_250_101, 3_000
WHOLE, WANTED = (
    1_000_000,
    20.0,
)  # residents, and within how many seconds their year is to be played on two cores
PHASES = ("prepare", "play", "outcomes", "facts")
HOME = ROOT / "var" / "bench-twin"
RESERVED = {"10 %": 0.1, "20 %": 0.2}  # of the slots, kept for referrals: what is compared
DRIVEN = {"days": 3, "acts": 1_200}


def main() -> None:
    """Measure, print tables and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", default=",".join(CELLS), help="what to measure")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="residents")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--residents", type=int, default=WHOLE // 2, help="of each year of the pairs")
    parser.add_argument("--pack", default="", help="the region of a pack; an invented one if not said")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--soak", action="store_true", help="a hundred pairs")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(one_year(asked.child, asked.pack)))
        return
    if asked.quick:
        asked.sizes, asked.pairs, asked.residents = "20000,50000", 3, 20_000
    asked.pairs = 100 if asked.soak else asked.pairs
    told: dict[str, Any] = {"region": asked.pack or "invented", "cores": os.cpu_count()}
    for cell, measure in (("years", years), ("pairs", pairs), ("driver", driver)):
        if cell in asked.cells.split(","):
            told[cell] = measure(asked)
    print(json.dumps(told))
    if any(row["imbalances"] for row in told.get("years", ())):
        raise SystemExit(1)


# --- one year


def years(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """A table with a line for each size, each from a process of its own so that the peak of memory is its own."""
    head = "".join(f"{name:>18}" for name in PHASES)
    print(f"\n{'residents':>11}{head}{'year':>16}{'peak MB':>9}{'+ facts':>9}{'visits':>13}")
    print(f"{'':>11}{'wall (CPU) s':>18}{'':>54}{'wall (CPU) s':>16}")
    found = []
    for size in map(int, asked.sizes.split(",")):
        command = [sys.executable, __file__, "--child", str(size), "--pack", asked.pack]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        row: dict[str, Any] = json.loads(out.splitlines()[-1])
        cells = "".join(f"{row['wall'][name]:>9.2f} ({row['cpu'][name]:>6.2f})" for name in PHASES)
        print(
            f"{size:>11,}{cells}{row['year']:>8.2f} ({row['year_cpu']:>5.1f}){row['peak_mb']:>8,}{row['peak_mb_with_facts']:>9,}"
            f"{row['visits']:>13,}"
        )
        if size == WHOLE:
            kept = "yes" if row["year"] <= WANTED else "NO"
            print(f"{'':>11}wanted for {WHOLE:,}: <= {WANTED:.0f} s on two cores; kept: {kept}")
        if row["imbalances"]:
            print(f"{'':>11}THE YEAR DOES NOT ADD UP: {'; '.join(row['imbalances'])}")
        found.append(row)
    return found


def one_year(size: int, pack: str) -> dict[str, Any]:
    """Every phase of a year; its balance sheet must be in order."""
    profile, benefits = region(pack)
    levers = Levers(reserve_share=0.1, bed_reserve_share=0.1)
    with tempfile.TemporaryDirectory() as folder:
        write_facts(
            simulate(profile, levers, residents=WARM, seed=SEED, benefits=benefits), Path(folder) / "warm"
        )
        clock = Clock()
        made = clock(
            "prepare", lambda: prepare(profile, residents=size, seed=SEED, year=2025, assumptions=given())
        )
        year = clock(
            "play",
            lambda: simulate(profile, levers, residents=size, seed=SEED, benefits=benefits, prepared=made),
        )
        values = clock("outcomes", lambda: outcomes(year))
        before = peak()
        wrong = imbalances(year)
        rows = clock("facts", lambda: write_facts(year, Path(folder) / "facts"))
        megabytes = sum(path.stat().st_size for path in Path(folder, "facts").rglob("*.parquet")) >> 20
    return {
        "residents": size,
        "wall": clock.wall,
        "cpu": clock.cpu,
        "year": round(clock.wall["prepare"] + clock.wall["play"], 2),
        "year_cpu": round(clock.cpu["prepare"] + clock.cpu["play"], 2),
        "peak_mb": before,
        "peak_mb_with_facts": peak(),
        "visits": len(year.visits),
        "rows": sum(rows.values()),
        "facts_mb": megabytes,
        "primary_share": round(values["primary_share"], 4),
        "imbalances": wrong,
    }


class Clock:
    """Seconds of each phase."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    def __call__(self, phase: str, act: Callable[[], Any]) -> Any:
        """Do it, and note how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        done = act()
        self.wall[phase] = round(time.perf_counter() - wall, 3)
        self.cpu[phase] = round(time.process_time() - cpu, 3)
        return done


def peak() -> int:
    """Peak of memory of this process in MB. Not getrusage: what it tells lives on through exec."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) // 1024


def region(pack: str) -> tuple[Profile, Benefits]:
    """A profile and its benefits. What reads a pack's region brings half the platform with it: only where it is asked for."""
    packs = load_packs()
    if not pack:
        return Profile.invented(1, 8, townships=8), benefits_of(packs, "cn")
    reading = importlib.import_module("tiercare.cli.facts_profile")
    return reading.profile_of(packs.packs[pack]), benefits_of(packs, pack)


# --- many years


def pairs(asked: argparse.Namespace) -> dict[str, Any]:
    """Twenty per cent of slots kept against ten, on the same people."""
    profile, benefits = region(asked.pack)
    simulate(
        profile, Levers(), residents=WARM, seed=SEED, benefits=benefits
    )  # what numba compiles is in its cache
    sides = [
        Policy(Text(name, name), Levers(reserve_share=share), benefits) for name, share in RESERVED.items()
    ]
    print(f"\n{asked.pairs} pairs of {asked.residents:,} residents, assumptions drawn")
    begin = time.perf_counter()
    found = compare(
        *sides, profile=profile, residents=asked.residents, seeds=asked.pairs, processes=os.cpu_count()
    )
    seconds = time.perf_counter() - begin
    said = found["referral_wait"]
    print(
        f"{seconds:.1f} s, {seconds / asked.pairs:.2f} s a pair; days that referrals wait {said.mean:+.4f} [{said.low:+.4f}, {said.high:+.4f}]"
    )
    return {
        "pairs": asked.pairs,
        "residents": asked.residents,
        "seconds": round(seconds, 1),
        "seconds_a_pair": round(seconds / asked.pairs, 2),
        "referral_wait": [round(each, 5) for each in (said.mean, said.low, said.high)],
    }


# --- the driver


def driver(asked: argparse.Namespace) -> dict[str, Any] | None:
    """Acts that synthetic people play through the platform's own commands, in a home of their own."""
    if not there("tiercare.jobs.driving"):
        return None
    days, acts = (1, 120) if asked.quick else DRIVEN.values()
    command = [str(Path(sys.executable).with_name("tiercare")), "twin", "drive", "--json"]
    command += ["--days", str(days), "--acts", str(acts), "--region", asked.pack or "wuhu"]
    environment = {**os.environ, "TIERCARE_HOME": os.environ.get("TIERCARE_HOME", str(HOME))}
    environment.pop("TIERCARE_DATABASE_URL", None)
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout.lstrip().startswith("{"):
        print(f"\ndriver: not measured, exit {done.returncode} 未测")
        return None
    said = json.loads(done.stdout)
    names = ("commands", "seconds", "seconds_looking", "commands_per_second", "cpu_ms_per_command")
    found = {name: said.get(name) for name in names} | {"findings": len(said.get("findings", ()))}
    print(f"\ndriver, {days} days: " + ", ".join(f"{name} {value}" for name, value in found.items()))
    return found


def there(module: str) -> bool:
    """Whether a part is in this installation."""
    if importlib.util.find_spec(module) is not None:
        return True
    print(f"\n{module}: not measured, it is not there 未测")
    return False


if __name__ == "__main__":
    main()
