"""Many regions, one task each: on the processors of one machine, or on Spark, one task a city.

Every task carries its own seed, so where it runs changes nothing. A region that has no plan is told as such and stops nobody else. Answers
come in the order of the tasks. PySpark is needed by ``on_spark`` only (as in ``measures``).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiercare.kernel.text import Text

from .proposing import proposed
from .reading import faults
from .regions import Plan, Region, Wishes
from .tasks import Impossible

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True, slots=True)
class Task:
    """One region that is to be planned; the rest as in ``proposing.proposed``."""

    key: str
    region: Region
    wishes: Wishes = field(default_factory=Wishes)
    seed: int = 0
    effort: float = 1.0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a task.

    Attributes:
        plan: the plan with its gap; none where ``why`` says that there is none, or what is wrong with the region.
        cpu: seconds of the processor that it took.
    """

    key: str
    plan: Plan | None
    why: tuple[Text, ...] = ()
    cpu: float = 0.0


def answered(task: Task) -> Answered:
    """Plan one region; what is wrong with it is told, not raised."""
    began = time.process_time()
    wrong = faults(task.region)
    if wrong:
        return Answered(task.key, None, tuple(fault.text for fault in wrong), time.process_time() - began)
    try:
        plan = proposed(task.region, task.wishes, seed=task.seed, effort=task.effort, seconds=task.seconds)
    except Impossible as problem:
        why = problem.reasons or (
            Text("没有能满足容量的连片方案。", "No connected plan keeps the capacities."),
        )
        return Answered(task.key, None, why, time.process_time() - began)
    return Answered(task.key, plan, (), time.process_time() - began)


def on_processes(tasks: Iterable[Task], processes: int | None = None) -> Iterator[Answered]:
    """Plan each on the processors of this machine (all of them by default); answers come in order, as they get ready."""
    count = processes or os.cpu_count() or 1
    listed = list(tasks)
    if count == 1 or len(listed) < 2:
        yield from map(answered, listed)
        return
    # Fresh processes: a copy of one with threads in it (HiGHS, a database) may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(count, len(listed)), mp_context=context) as pool:
        yield from pool.map(answered, listed)


def on_spark(tasks: Sequence[Task], session: SparkSession) -> list[Answered]:
    """Plan each as a task of its own on Spark; the workers need Tiercare as the driver has it.

    A task and its answer travel with pickle, some hundred kilobytes for a city of a thousand places.
    """
    if not tasks:
        return []
    context = session.sparkContext
    if str(context.master).startswith("local"):
        context.pythonExec = sys.executable  # the workers of this machine are this Python's
    return list(context.parallelize(tasks, len(tasks)).map(answered).collect())
