"""Linear and whole-number programmes, solved by HiGHS: one way to state them and one way to read what came out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from .tasks import Floats, Ints

HAS_POINT = 2  # HiGHS' "feasible" among the states of a solution


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a programme: entries (row, column, value) counted from 0, and the limits of each row."""

    row: Ints
    column: Ints
    value: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class Programme:
    """Minimise ``cost`` times columns between 0 and ``upper``, rows between their limits; the first ``whole`` columns whole numbers."""

    cost: Floats
    upper: Floats
    rows: tuple[Rows, ...]
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out.

    Attributes:
        solved: HiGHS says itself that nothing better exists; a limit reached is never that.
        impossible: nothing keeps the rows.
        point: a value for each column, the best found; empty if none was.
        bound: what no point undercuts; dual: the price of each row, of a programme without whole columns.
    """

    solved: bool
    impossible: bool
    point: Floats
    bound: float
    dual: Floats


def solve(
    programme: Programme,
    *,
    seconds: float = math.inf,
    nodes: int | None = None,
    slack: float = 0.0,
    start: Floats | None = None,
) -> Outcome:
    """Solve a programme on one thread.

    Args:
        seconds, nodes: where to stop; nodes of the search tree are the same on every machine.
        slack: how much better a plan must be to be looked for (just under 1 where costs are whole numbers).
        start: a point to begin from.
    """
    make: Any = highspy.Highs
    highs = make()
    options = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": 1e-9,
        "mip_abs_gap": max(slack, 1e-6),
    }
    if math.isfinite(seconds):
        options["time_limit"] = max(seconds, 0.01)
    if nodes is not None:
        options["mip_max_nodes"] = nodes
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(_model(programme))
    if start is not None:
        point: Any = highspy.HighsSolution()
        point.col_value = start
        highs.setSolution(point)
    highs.run()
    return _outcome(highs, programme)


def _outcome(highs: Any, programme: Programme) -> Outcome:
    info, status, solution = highs.getInfo(), highs.getModelStatus(), highs.getSolution()
    solved = status == highspy.HighsModelStatus.kOptimal
    impossible = status == highspy.HighsModelStatus.kInfeasible
    has_point = info.primal_solution_status == HAS_POINT
    value = float(info.objective_function_value) if solved else -math.inf
    bound = float(info.mip_dual_bound) if programme.whole else value
    return Outcome(
        solved,
        impossible,
        np.array(solution.col_value) if has_point else np.empty(0),
        math.inf if impossible else bound,
        np.array(solution.row_dual),
    )


def _model(programme: Programme) -> Any:
    columns, shift = programme.cost.shape[0], 0
    row = []
    for rows in programme.rows:
        row.append(rows.row + shift)
        shift += rows.lower.shape[0]
    at = np.concatenate(row)
    column = np.concatenate([rows.column for rows in programme.rows])
    value = np.concatenate([rows.value for rows in programme.rows])
    order = np.lexsort((column, at))
    model: Any = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, shift
    model.col_cost_ = programme.cost
    model.col_lower_, model.col_upper_ = np.zeros(columns), programme.upper
    if programme.whole:
        kinds = [highspy.HighsVarType.kInteger] * programme.whole
        model.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (columns - programme.whole)
    model.row_lower_ = np.concatenate([rows.lower for rows in programme.rows])
    model.row_upper_ = np.concatenate([rows.upper for rows in programme.rows])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=shift))]).astype(
        np.int32
    )
    model.a_matrix_.index_ = column[order].astype(np.int32)
    model.a_matrix_.value_ = value[order]
    return model
