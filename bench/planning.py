"""How good plans are, how fast, and how sure: OR-Library, a city and a prefecture in connected grids; every plan checked independently.

Cells: ``pmed`` and ``pmedcap`` (OR-Library, against the known optima), ``sets`` (seeded capacitated sets of 200 to 3,000 places), ``city``
(1,029 places, 12 grids), ``prefecture`` (6,000 places, 100 grids), ``cities`` (many cities at once: ``planning_cities``). Seconds are CPU
seconds of this process, wall seconds beside them; gaps are against the valid lower bound that comes with each plan.
``engines/planning/checker`` verifies each plan and shares no code with the solvers.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from planning_cities import measured
from planning_lands import land, scattered

from tiercare.engines.planning.checker import faults_of_choice, faults_of_division
from tiercare.engines.planning.choosing import choose
from tiercare.engines.planning.dividing import divide
from tiercare.engines.planning.tasks import Choosing, Dividing, Found

DATA = Path(__file__).parent / "data" / "orlib"
CELLS = ("pmed", "pmedcap", "sets", "city", "prefecture", "cities")


@dataclass(frozen=True)
class Case:
    """One task with its name, and the best cost known of it (0: none)."""

    name: str
    task: Choosing | Dividing
    known: float = 0.0
    seconds: float | None = None


def graph_distances(text: str) -> tuple[np.ndarray, int]:
    """All-pairs shortest paths of a ``pmed`` file, and p."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    n, p = int(lines[0][0]), int(lines[0][2])
    far = np.full((n, n), math.inf)
    for one, other, length in lines[1:]:
        far[int(one) - 1, int(other) - 1] = far[int(other) - 1, int(one) - 1] = float(length)
    np.fill_diagonal(far, 0.0)
    for k in range(n):
        np.minimum(far, far[:, k, None] + far[None, k, :], out=far)
    return far, p


def pmed(folder: Path) -> Iterator[Case]:
    """The uncapacitated instances that stand in a folder."""
    optima = dict(line.split("\t") for line in (DATA / "pmed-optima.tsv").read_text().splitlines()[1:])
    for path in sorted((folder / "pmed").glob("pmed*.txt"), key=lambda path: int(path.stem[4:])):
        far, p = graph_distances(path.read_text())
        n = far.shape[0]
        task = Choosing(far, np.ones(n), np.full(n, math.inf), p, whole=True)
        yield Case(path.stem, task, float(optima[path.stem]))


def pmedcap(folder: Path) -> Iterator[Case]:
    """The capacitated instances."""
    for path in sorted((folder / "pmedcap").glob("*.txt"), key=lambda path: int(path.stem[7:])):
        numbers = [line.split() for line in path.read_text().splitlines() if line.strip()]
        n, p, room = (int(each) for each in numbers[1])
        at = np.array(numbers[2 : 2 + n], float)
        far = np.floor(np.hypot(at[:, 1, None] - at[:, 1], at[:, 2, None] - at[:, 2]))
        yield Case(
            path.stem, Choosing(far, at[:, 3], np.full(n, float(room)), p, whole=True), float(numbers[0][1])
        )


def sets(_: Path) -> Iterator[Case]:
    """Seeded sets, evenly scattered and in clusters."""
    for n, p, clustered in (
        (200, 15, False),
        (402, 40, False),
        (402, 30, True),
        (1000, 50, False),
        (3000, 100, True),
        (3000, 600, False),
    ):
        name = f"{'clusters' if clustered else 'even'}-{n}-{p}"
        yield Case(name, scattered(n, p, clustered=clustered), seconds=300.0)


def city(_: Path) -> Iterator[Case]:
    """A city of the size of 芜湖: 79 townships and 950 villages, with and without a price on unevenness."""
    for seed, balance in ((1, 0.0), (2, 0.0), (1, 5.0), (2, 5.0)):
        yield Case(f"city-{seed}-{balance:g}", land(1029, 12, seed, balance=balance))


def prefecture(_: Path) -> Iterator[Case]:
    """6,000 villages, 100 leads."""
    for seed, balance in ((1, 0.0), (2, 3.0)):
        yield Case(f"prefecture-{seed}-{balance:g}", land(6000, 100, seed, balance=balance))


def solved(case: Case, seed: int, effort: float) -> Found:
    """The plan for a case."""
    if isinstance(case.task, Choosing):
        return choose(case.task, seed=seed, effort=effort, seconds=case.seconds)
    return divide(case.task, seed=seed, effort=effort, seconds=case.seconds)


def checked(task: Choosing | Dividing, found: Found) -> list[str]:
    """What the independent checker says against a plan."""
    if isinstance(task, Choosing):
        return faults_of_choice(
            task.cost.tolist(), task.need.tolist(), task.room.tolist(), task.p, found.opened.tolist(), found.held.tolist(),
            claimed_cost=found.cost, claimed_bound=found.bound,
        )  # fmt: skip
    beside = {j: task.beside[task.first[j] : task.first[j + 1]].tolist() for j in range(task.need.shape[0])}
    return faults_of_division(
        task.cost.tolist(), task.need.tolist(), task.room.tolist(), task.seat.tolist(), beside, task.fair.tolist(), task.balance,
        found.held.tolist(), claimed_cost=found.cost, claimed_bound=found.bound,
    )  # fmt: skip


def curve(found: Found) -> str:
    """The any-time curve: seconds and gap at some of its points."""
    points = [
        (at, (cost - bound) / abs(bound))
        for at, cost, bound in found.trace
        if math.isfinite(cost) and math.isfinite(bound)
    ]
    return " ".join(f"{at:.1f}s {100 * gap:.2f}%" for at, gap in points[:: max(1, len(points) // 5)])


def main() -> None:
    """Solve, check, print a table and a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--orlib", type=Path, default=DATA, help="a folder with pmed/ and pmedcap/")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--effort", type=float, default=1.0)
    parser.add_argument("--cities", default="10,20,40,80", help="how many cities at once, in turn")
    asked = parser.parse_args()
    # What is compiled on first use is compiled before the clock runs.
    divide(land(30, 3, 0, balance=1.0), effort=0.1)
    choose(scattered(30, 3, clustered=False), effort=0.1)
    made: dict[str, Callable[[Path], Iterator[Case]]] = {
        "pmed": pmed, "pmedcap": pmedcap, "sets": sets, "city": city, "prefecture": prefecture,
    }  # fmt: skip
    rows = []
    print(
        f"{'case':<18}{'known':>9}{'cost':>13}{'bound':>13}{'gap %':>8}{'over %':>8}{'cpu s':>8}{'s':>7}  checked"
    )
    for cell in asked.cells.split(","):
        if cell == "cities":
            continue
        for case in made[cell](asked.orlib):
            wall, cpu = time.perf_counter(), time.process_time()
            found = solved(case, asked.seed, asked.effort)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            faults = checked(case.task, found)
            over = 100 * (found.cost / case.known - 1) if case.known else math.nan
            print(
                f"{case.name:<18}{case.known:>9.0f}{found.cost:>13.1f}{found.bound:>13.1f}{100 * found.gap:>8.3f}{over:>8.3f}"
                f"{cpu:>8.1f}{wall:>7.1f}  {'; '.join(faults) or 'yes'}"
            )
            if cell in ("sets", "city", "prefecture"):
                print(f"{'':<18}{curve(found)}")
            rows.append(
                {"case": case.name, "known": case.known, "cost": found.cost, "bound": found.bound, "gap": found.gap,
                 "proven": found.proven, "cpu_s": round(cpu, 2), "wall_s": round(wall, 2), "faults": faults}
            )  # fmt: skip
    cities, wrong = (
        measured([int(each) for each in asked.cities.split(",")])
        if "cities" in asked.cells.split(",")
        else ([], [])
    )
    print(json.dumps({"planning": rows, "cities": cities, "cities_faults": wrong}))
    if wrong or any(row["faults"] for row in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
