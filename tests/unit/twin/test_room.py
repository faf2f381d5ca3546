"""The compiled loop writes within its tables, however small they begin; what a year comes to does not depend on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tiercare.engines.twin import running
from tiercare.engines.twin.levers import Destination, Levers
from tiercare.engines.twin.running import Year, simulate
from tiercare.engines.twin.state import State

from .years import PROFILE, YEAR, benefits, prepared

TABLES = ("book", "seen", "sent")
_RESIDENTS = 3_000


def year_with(levers: Levers, seed: int, *, rows_each: float = running.MOST_EACH) -> Year:
    made = prepared(_RESIDENTS, seed)
    return simulate(
        PROFILE,
        levers,
        residents=_RESIDENTS,
        seed=seed,
        benefits=benefits(),
        year=YEAR,
        prepared=made,
        rows_each=rows_each,
    )


def content(year: Year) -> list[bytes]:
    """Everything that a year is; of the tables what is filled."""
    state = year.state
    rest = [getattr(state, name) for name in State._fields if name not in TABLES]
    return [
        each.tobytes() for each in (year.visits, year.sent, year.residents, state.book[: state.top[2]], *rest)
    ]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The states that were begun: each table lies before a field of rows that nobody may touch."""
    made: list[dict[str, Any]] = []
    state_of = running.state_of

    def fenced(*args: Any) -> State:
        state = state_of(*args)
        whole = {name: np.zeros(len(state.book) + 40_000, getattr(state, name).dtype) for name in TABLES}
        for each in whole.values():
            each.view(np.uint8)[:] = 0xA5
            each[: len(state.book)] = 0
        made.append({"rows": len(state.book), **whole})
        return state._replace(**{name: each[: len(state.book)] for name, each in whole.items()})

    monkeypatch.setattr(running, "state_of", fenced)
    return made


def test_too_few_rows_are_begun_anew_and_give_the_same_year(begun: list[dict[str, Any]]) -> None:
    levers = Levers(reserve_share=0.2, destination=Destination.STRICT)
    usual = content(year_with(levers, 5))
    assert len(begun) == 1, "what is usual suffices"
    assert content(year_with(levers, 5, rows_each=0)) == usual
    rows = [each["rows"] for each in begun[1:]]
    assert len(rows) > 2 and rows == [rows[0] * 2**n for n in range(len(rows))]
    for each in begun:
        for name in TABLES:
            assert (each[name][each["rows"] :].view(np.uint8) == 0xA5).all(), (
                f"{name} was written beyond its end"
            )


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(st.floats(0, 1.5), st.integers(1, 4), st.floats(0, 0.9))
def test_however_many_rows_there_are_the_year_is_the_same(rows_each: float, seed: int, share: float) -> None:
    levers = Levers(reserve_share=share)
    assert content(year_with(levers, seed, rows_each=rows_each)) == content(year_with(levers, seed))
