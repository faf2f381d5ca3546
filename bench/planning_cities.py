"""Cell ``cities``: many seeded cities, one task each, on two processes and on local Spark; the time for a city should stay level.

Run with ``make bench B=planning ARGS="--cells cities"``; ``--cities`` takes other numbers of them. Spark is left out, and said so, without Java 17.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import shapely

from tiercare.engines.planning.judging import Weight, broken
from tiercare.engines.planning.many import Answered, Task, on_processes, on_spark
from tiercare.engines.planning.regions import Lead, Place, Region, Wishes

CITIES = 340  # prefecture-level cities and their like: what the whole country would take
WISHES = Wishes(uneven=2.0, border=5.0)


def city(seed: int, places: int = 90, grids: int = 8) -> Region:
    """A made-up city of the size of 芜湖 in townships: people log-normal, leads where people are, neighbours by triangles."""
    chance = np.random.default_rng(seed)
    at = np.array([105.0, 30.0]) + chance.random((places, 2))
    people = np.round(chance.lognormal(10, 0.6, places))
    seats = np.sort(chance.choice(places, grids, replace=False, p=people / people.sum()))
    beds = chance.lognormal(6, 0.5, grids)
    each = [
        Place(f"t{j}", f"乡镇{j}", (float(x), float(y)), f"a{int(4 * (x - 105))}", float(people[j]))
        for j, (x, y) in enumerate(at.tolist())
    ]
    leads = [
        Lead(f"h{i}", f"医院{i}", f"t{j}", each[j].at, float(beds[i])) for i, j in enumerate(seats.tolist())
    ]
    minutes = np.hypot(*(at[seats][:, None, :] - at[None, :, :]).transpose(2, 0, 1)) * 110 * 1.3 / 45 * 60
    index = {point: j for j, point in enumerate(map(tuple, at.tolist()))}
    edges = shapely.delaunay_triangles(shapely.MultiPoint(at), only_edges=True)
    beside = {
        tuple(sorted((f"t{index[a]}", f"t{index[b]}"))) for a, b in (line.coords for line in edges.geoms)
    }
    return Region(each, leads, minutes, beside)


def tasks(count: int) -> list[Task]:
    """So many cities, the same for the same number."""
    return [Task(f"city {seed}", city(seed), WISHES, seed=seed, effort=0.25) for seed in range(count)]


def measured(counts: Sequence[int]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of the table, and what is wrong with the plans."""
    rows: list[dict[str, Any]] = []
    faults: list[str] = []
    ways: list[tuple[str, Callable[[list[Task]], Iterable[Answered]]]] = [
        ("2 processes", lambda given: on_processes(given, 2))
    ]
    spark = _spark()
    if spark is not None:
        ways.append(("Spark local[2]", lambda given: on_spark(given, spark)))
    for name, way in ways:
        list(way(tasks(4)))  # workers start, and compile, before the clock runs
        for count in counts:
            given = tasks(count)
            began = time.perf_counter()
            told = list(way(given))
            wall = time.perf_counter() - began
            faults += _wrong(given, told)
            gaps = [answer.plan.gap for answer in told if answer.plan is not None]
            cpu = sum(answer.cpu for answer in told)
            rows.append(
                {"way": name, "cities": count, "wall_s": round(wall, 2), "cpu_per_city": round(cpu / count, 3),
                 "wall_per_city": round(wall / count, 3), "worst_gap": max(gaps), "planned": len(gaps)}
            )  # fmt: skip
            print(
                f"{name:<16}{count:>6} cities {wall:>8.1f} s {wall / count:>8.3f} s/city {cpu / count:>8.3f} cpu s/city"
                f"  worst gap {100 * max(gaps):.2f} %  {CITIES} would take {CITIES * wall / count / 60:.1f} min",
                flush=True,
            )
    if spark is not None:
        spark.stop()
    return rows, faults


def _wrong(given: list[Task], told: list[Answered]) -> list[str]:
    if [answer.key for answer in told] != [task.key for task in given]:
        return ["answers are not in the order of the tasks"]
    return [
        f"{task.key}: {wrong.text.en}"
        for task, answer in zip(given, told, strict=True)
        for wrong in (broken(task.region, task.wishes, answer.plan) if answer.plan is not None else ())
        if wrong.kind is Weight.RULE
    ]


def _spark() -> Any:
    if find_spec("pyspark") is None or shutil.which("java") is None:
        print("Spark left out: it needs PySpark and Java 17.")
        return None
    made: Any = import_module("tiercare.engines.measures.on_spark")
    return made.session("local[2]", memory="1g", partitions=2, more={"spark.ui.showConsoleProgress": "false"})
