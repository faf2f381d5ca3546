"""Many regions at once: the same plans wherever they are made, in the order asked, and one that cannot be stops nobody."""

from __future__ import annotations

from tiercare.engines.planning.many import Answered, Task, answered, on_processes

from .regions_made import road

TASKS = [
    Task("a", road(), seed=3, effort=0.1),
    Task("no room", road(west={"people": 50.0}, east={"people": 60.0}), effort=0.1),
    Task("wrong", road(people=(0, 0, 0, 0, 0, 0)), effort=0.1),
    Task("b", road(people=(900, 10, 10, 10, 10, 10)), seed=4, effort=0.1),
]


def told(each: Answered) -> tuple[object, ...]:
    """All but the time it took."""
    return each.key, each.plan and (dict(each.plan.lead_of), each.plan.parts, each.plan.bound), each.why


def test_one_that_cannot_be_is_told_and_the_others_are_planned() -> None:
    a, crowded, wrong, b = on_processes(TASKS, 1)
    assert (a.key, b.key) == ("a", "b")
    assert a.plan is not None
    assert b.plan is not None
    assert crowded.plan is wrong.plan is None
    assert crowded.why
    assert wrong.why


def test_processes_give_what_one_gives_in_the_order_asked() -> None:
    assert [told(each) for each in on_processes(TASKS, 2)] == [told(answered(task)) for task in TASKS]
