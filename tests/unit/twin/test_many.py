"""Many years at once: the same wherever they are played, in the order asked, and sharing people changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from tiercare.engines.twin.assumptions import Assumptions, given
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.many import OF_NEEDS, Answered, Run, Task, answered, on_processes, players
from tiercare.engines.twin.running import prepare
from tiercare.engines.twin.totals import totals

from .years import PROFILE, YEAR, benefits

PLAIN = Run(Levers(), benefits(), given())
OTHER = Run(Levers(reserve_share=0.3, reimbursement_gap=15), benefits(), given())
SICK = Run(Levers(), benefits(), given().with_values({"acute_adult": given()["acute_adult"] * 1.2}))
TASKS = [
    Task(PROFILE, 1500, 3, YEAR, (PLAIN, OTHER), losing=True),
    Task(PROFILE, 300, 4, YEAR, (PLAIN,)),
    Task(PROFILE, 800, 1, YEAR, (PLAIN, SICK, OTHER), totals),
]


def seen(each: Answered) -> str:
    """All but the time it took; as text, in which even what is not a number equals itself."""
    return repr((each.seed, each.told, each.losses))


def test_processes_give_what_one_gives_in_the_order_asked() -> None:
    assert [seen(each) for each in on_processes(TASKS, 2)] == [seen(each) for each in on_processes(TASKS, 1)]
    assert [len(each.told) for each in on_processes(TASKS, 1)] == [2, 1, 3]


def test_the_same_player_plays_again() -> None:
    with players(1) as play:
        assert [seen(each) for each in play(TASKS[1:2])] == [seen(each) for each in play(TASKS[1:2])]


def test_what_is_shared_within_a_task_is_what_each_would_have_alone() -> None:
    """People and needs are made once for runs that need the same; a run that falls ill otherwise gets its own."""
    together = answered(TASKS[2])
    alone = [answered(replace(TASKS[2], runs=(run,))).told[0] for run in TASKS[2].runs]
    assert list(together.told) == alone
    assert alone[1]["visits"] > alone[0]["visits"]


def test_losers_are_told_only_where_asked() -> None:
    assert answered(TASKS[0]).losses
    assert not answered(replace(TASKS[0], losing=False)).losses
    with pytest.raises(ValueError, match="two runs"):
        answered(replace(TASKS[1], losing=True))


class _Noting(Mapping[str, float]):
    """Values that remember which of them were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> float:
        self.asked.add(name)
        return given()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(given().values)

    def __len__(self) -> int:
        return len(given().values)


def test_every_assumption_that_makes_needs_is_known_as_such() -> None:
    """What ``prepare`` reads beside them only sets what a policy's own residents are made with again."""
    noting = _Noting()
    made = prepare(PROFILE, residents=600, seed=2, year=YEAR, assumptions=Assumptions(noting))
    assert set(OF_NEEDS) <= noting.asked
    for name in noting.asked - set(OF_NEEDS):
        other = given().with_values({name: given()[name] * 0.5})
        again = prepare(PROFILE, residents=600, seed=2, year=YEAR, assumptions=other)
        assert again.needs.tolist() == made.needs.tolist(), name
