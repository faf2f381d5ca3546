"""Grids drawn anew: whatever is drawn, nothing before its day changes, every place stays in one grid, and what is refused leaves no trace."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest

from tiercare.apps.network import models
from tiercare.apps.network import queries as network
from tiercare.apps.network.commands import Drawn, redraw_grids
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

SYSTEM = Actor.system("test")
ON = date(2019, 7, 1)


def grids(region: str, on: date):
    return dict(network.network_facts(region, on=on).grids)


def drawn_of(found) -> list[Drawn]:
    return [
        Drawn(UUID(each.id), each.name, each.places, tuple(UUID(lead) for lead in each.responsible))
        for each in found.values()
    ]


def swapped(play: Random, found) -> list[Drawn]:
    """One place of a grid that has several in another grid; sometimes another consortium answers; sometimes a new grid begins."""
    drawn = drawn_of(found)
    donor = play.choice([i for i, each in enumerate(drawn) if len(each.places) > 1])
    place = play.choice(drawn[donor].places)
    left = tuple(each for each in drawn[donor].places if each != place)
    other = play.choice([i for i in range(len(drawn)) if i != donor])
    for i, places in ((donor, left), (other, (*drawn[other].places, place))):
        drawn[i] = Drawn(drawn[i].grid, drawn[i].name, places, drawn[i].consortia)
    if play.random() < 0.3:
        leads = [each.consortia for each in drawn]
        drawn[other] = Drawn(drawn[other].grid, drawn[other].name, drawn[other].places, play.choice(leads))
    if play.random() < 0.3:
        drawn[other] = Drawn(None, "示例：新网格", drawn[other].places, drawn[other].consortia)
    return drawn


@pytest.mark.parametrize("seed", range(3))
def test_a_random_play_keeps_history_and_one_grid_a_place(wuhu: str, seed: int) -> None:
    play, day = Random(seed), ON
    known = {day: grids(wuhu, day)}
    places = sorted(code for each in known[day].values() for code in each.places)
    taken = 0
    for _ in range(8):
        day += timedelta(days=play.choice((0, 1, 30)))
        before = grids(wuhu, day)
        drawn = swapped(play, before)
        try:
            moved = redraw_grids(actor=SYSTEM, region=wuhu, grids=drawn, start=day)
        except Refused:
            assert grids(wuhu, day) == before, "what is refused leaves no trace"
            continue
        taken += 1
        known[day] = grids(wuhu, day)
        assert moved >= 1
        assert sorted(code for each in known[day].values() for code in each.places) == places
        assert {
            code: tuple(map(UUID, each.responsible)) for each in known[day].values() for code in each.places
        } == {code: tuple(sorted(each.consortia)) for each in drawn for code in each.places}
        assert all(grids(wuhu, earlier) == was for earlier, was in known.items()), "history stays"
    assert taken >= 2
    assert not models.GridPlace.objects.filter(period__isempty=True).exists()


def test_what_cannot_be_drawn_is_refused(wuhu: str) -> None:
    found = drawn_of(grids(wuhu, ON))
    twice = [*found, Drawn(None, "示例", found[0].places[:1], found[0].consortia)]
    stranger = Actor(UUID(int=7), "示例", "commission", division_code="4407")
    ghost = [*found[1:], Drawn(found[0].grid, "示例", found[0].places, (UUID(int=9),))]
    for actor, what, code in (
        (SYSTEM, twice, "network.place_in_two_grids"),
        (SYSTEM, ghost, "consortium_not_there"),
        (stranger, found, ""),
        (SYSTEM, found[1:], "network.place_in_no_grid"),
    ):
        with pytest.raises(Refused) as caught:
            redraw_grids(actor=actor, region=wuhu, grids=what, start=ON + timedelta(days=1))
        assert not code or code in {each.code for each in caught.value.refusals}
    redraw_grids(
        actor=SYSTEM, region=wuhu, grids=swapped(Random(1), grids(wuhu, ON)), start=ON + timedelta(days=9)
    )
    with pytest.raises(Refused) as caught:
        redraw_grids(actor=SYSTEM, region=wuhu, grids=found, start=ON + timedelta(days=3))
    assert {each.code for each in caught.value.refusals} == {"network.later_grids"}
