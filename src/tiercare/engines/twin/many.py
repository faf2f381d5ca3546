"""Many simulated years, a task each: on the processors of one machine, or on Spark where a province outgrows it.

A task is one seed with all that is played under it, so that what is compared shares people and luck; it carries everything it needs, so where it
runs changes nothing. Answers come in the order of the tasks. PySpark is needed by ``on_spark`` only (as in ``planning.many``).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tiercare.engines.measures.synth import Profile
from tiercare.engines.payment import Benefits

from .assumptions import Assumptions
from .levers import Levers
from .outcomes import Loss, losers, outcomes
from .running import Prepared, Year, prepare, simulate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Measuring = Callable[[Year], Mapping[str, float]]
Progress = Callable[[int, int], bool | None]
"""Told how many tasks are done, of how many; asked to stop by the answer ``False``."""

# What ``prepare`` reads of the assumptions: runs in which these are equal share people and needs.
OF_NEEDS = (
    "acute_child", "acute_adult", "acute_middle", "acute_elder", "frailty", "routine", "onset",
    "exacerbation_hypertension", "exacerbation_diabetes", "exacerbation_copd", "exacerbation_coronary",
    "exacerbation_stroke", "exacerbation_tumour",
)  # fmt: skip

_ROUND = 2  # tasks for a processor of the cluster, before what came of them is told


class Stopped(Exception):
    """Somebody asked to stop before there was anything to tell."""


@dataclass(frozen=True, slots=True)
class Run:
    """One year to be played: a policy and what people are like."""

    levers: Levers
    benefits: Benefits
    assumptions: Assumptions


@dataclass(frozen=True, slots=True)
class Task:
    """Runs that share a seed, and so their people and luck.

    Attributes:
        measuring: what is told of each year; a function of a module, since it travels.
        losing: also who loses under the second run against the first.
    """

    profile: Profile
    residents: int
    seed: int
    year: int
    runs: tuple[Run, ...]
    measuring: Measuring = outcomes
    losing: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a task: a mapping for each run; ``cpu`` in seconds of the processor."""

    seed: int
    told: tuple[Mapping[str, float], ...]
    losses: tuple[Loss, ...] = ()
    cpu: float = 0.0


Player = Callable[[Sequence[Task]], Iterable[Answered]]
"""Plays tasks somewhere and answers in their order."""


def answered(task: Task) -> Answered:
    """Play all runs of a task.

    Raises:
        ValueError: losers are asked for, but there is nothing to compare.
    """
    if task.losing and len(task.runs) < 2:
        raise ValueError("losers need two runs")
    began = time.process_time()
    told: list[Mapping[str, float]] = []
    kept: list[Year] = []
    first: Prepared | None = None
    for run in task.runs:
        shared = first is not None and _needs(run) == _needs(task.runs[0])
        made = first if shared and first is not None else _prepared(task, run)
        first = first or made
        year = simulate(
            task.profile, run.levers, residents=task.residents, seed=task.seed, benefits=run.benefits, year=task.year,
            assumptions=run.assumptions, prepared=made,
        )  # fmt: skip
        told.append(task.measuring(year))
        if task.losing and len(kept) < 2:
            kept.append(year)
    losses = tuple(losers(*kept)) if task.losing else ()
    return Answered(task.seed, tuple(told), losses, time.process_time() - began)


def _needs(run: Run) -> tuple[float, ...]:
    return tuple(run.assumptions[name] for name in OF_NEEDS)


def _prepared(task: Task, run: Run) -> Prepared:
    return prepare(
        task.profile, residents=task.residents, seed=task.seed, year=task.year, assumptions=run.assumptions
    )


@contextmanager
def players(processes: int | None = None) -> Iterator[Player]:
    """A player on the processors of this machine (all of them by default), for as many rounds as are wanted."""
    count = processes or os.cpu_count() or 1
    if count == 1:
        yield lambda tasks: map(answered, tasks)
        return
    # Fresh processes: a copy of one with threads in it (a database, Arrow) may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context)
    try:
        yield lambda tasks: pool.map(answered, tasks)
    finally:
        pool.shutdown(cancel_futures=True)


def on_processes(tasks: Iterable[Task], processes: int | None = None) -> Iterator[Answered]:
    """Play each on the processors of this machine; answers come in order, as they get ready."""
    listed = list(tasks)
    with players(1 if len(listed) < 2 else processes) as play:
        yield from play(listed)


def on_spark(session: SparkSession) -> Player:
    """A player with a task of Spark for each; the workers need Tiercare as the driver has it.

    A task and its answer travel with pickle, some ten kilobytes for a city of a thousand institutions. They go in rounds of
    ``_ROUND`` for each processor, since Spark tells nothing before a round is over.
    """
    context = session.sparkContext
    if str(context.master).startswith("local"):
        context.pythonExec = sys.executable  # the workers of this machine are this Python's

    def play(tasks: Sequence[Task]) -> Iterator[Answered]:
        most = _ROUND * context.defaultParallelism
        for begin in range(0, len(tasks), most):
            some = list(tasks[begin : begin + most])
            yield from context.parallelize(some, len(some)).map(answered).collect()

    return play


def told_of(
    answers: Iterable[Answered], many: int, progress: Progress | None, before: int = 0
) -> Iterator[Answered]:
    """The answers as they come, told to ``progress``; ends early where that says so.

    Args:
        many: how many tasks there are in all; before: how many of them were done in earlier rounds.
    """
    for done, each in enumerate(answers, before + 1):
        yield each
        if progress is not None and progress(done, many) is False:
            return
