"""Calibration finds parameters again that it knows nothing of but the totals, and says what totals cannot tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
import yaml
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tiercare.engines.policy import load_packs
from tiercare.engines.twin.acting import IN
from tiercare.engines.twin.assumptions import given
from tiercare.engines.twin.calibrating import calibrate
from tiercare.engines.twin.fits import Fit, loose, notices, written
from tiercare.engines.twin.levers import Levers
from tiercare.engines.twin.many import Answered, Run, Stopped, Task, answered
from tiercare.engines.twin.scenarios import read_scenario
from tiercare.engines.twin.totals import (
    ROOM,
    Target,
    default_targets,
    moved,
    on_scales,
    parameters,
    scaled,
    totals,
    unscaled,
)
from tiercare.kernel.refusal import Refused
from tiercare.kernel.text import Text

from .years import PROFILE, YEAR, benefits, played

TRUTHS = [
    {"needs": 1.2, "county_minor": -0.5, "admitted": 0.95},
    {"needs": 0.85, "county_minor": -1.6, "admitted": 0.6},
]
MOVING = ("needs", "county_minor", "admitted")
SCATTER = {
    "visits": 0.05,
    "primary_share": 0.004,
    "admissions": 0.4,
}  # of a mean over four seeds of SOME people
SOME = 3000


def told(values: dict[str, float], seed: int, residents: int = SOME) -> dict[str, float]:
    """The totals of a year under these parameters."""
    run = Run(Levers(), benefits(), moved(given(), values))
    return dict(answered(Task(PROFILE, residents, seed, YEAR, (run,), totals)).told[0])


def target(name: str, value: float, tolerance: float) -> Target:
    return Target(name, value, tolerance, Text(name, name))


def fitted(targets: list[Target], moving: tuple[str, ...] = MOVING, **more: object) -> Fit:
    """A small fit."""
    settings_ = {"residents": SOME, "seeds": 1, "year": YEAR, "processes": 1, **more}
    return calibrate(PROFILE, Levers(), benefits(), targets, moving=moving, **settings_)


@cache
def recovered(truth: int = 0) -> Fit:
    """A fit to totals of years that were made with one of TRUTHS and other dice."""
    made = [told(TRUTHS[truth], seed) for seed in range(50, 54)]
    means = {name: float(np.mean([each[name] for each in made])) for name in SCATTER}
    return fitted([target(name, means[name], by) for name, by in SCATTER.items()], first=8, seeds=4)


@pytest.mark.parametrize("truth", range(len(TRUTHS)))
def test_known_parameters_are_found_again(truth: int) -> None:
    """Within the fit's own uncertainty, which is much smaller than what was unsure before; and the totals are met."""
    fit = recovered(truth)
    assert fit.settled
    assert all(each.met for each in fit.met)
    assert not any(abs(each.before - each.target.value) <= each.target.tolerance for each in fit.met)
    for each in fit.moved:
        assert each.low <= TRUTHS[truth][each.parameter.name] <= each.high
        assert each.pinned > 0.8
    assert fit.loose == ()
    assert min(fit.singular) > 1


def test_a_scenario_takes_the_fit_as_its_assumptions() -> None:
    """What the file says gives the totals that the fit says it reached, to the digit."""
    fit = recovered()
    content = yaml.safe_load(written(fit))
    file = yaml.safe_dump({"pack": "cn", "region": "invented", "assumptions": content["assumptions"]})
    scenario = read_scenario(file.encode(), load_packs())
    run = Run(Levers(), benefits(), scenario.assumptions)
    again = [answered(Task(PROFILE, SOME, seed, YEAR, (run,), totals)).told[0] for seed in fit.seeds]
    for each in fit.met:
        mean = np.mean([on_scales(year)[each.target.name] for year in again])
        assert each.target.off_scale(float(mean)) == pytest.approx(each.reached, rel=1e-12)
        assert content["totals"][each.target.name]["met"] is True
    assert scenario.on >= date(2000, 1, 1)


def test_totals_that_are_met_move_nothing() -> None:
    made = told({}, seed=1, residents=800)
    fit = fitted(
        [target("visits", made["visits"], 0.1), target("admissions", made["admissions"], 1)], residents=800
    )
    assert fit.settled
    assert fit.assumptions == {}
    assert all(each.before == each.value for each in fit.moved)


def test_what_one_total_cannot_tell_is_named() -> None:
    """Visits alone: how often people fall ill is found, what else moves stays near what was assumed and is named."""
    fit = fitted([target("visits", 6.3, 0.15)], ("needs", "up_serious", "outside"), residents=1000)
    by_name = {each.parameter.name: each for each in fit.moved}
    assert by_name["needs"].pinned > 0.8
    assert by_name["outside"].pinned < 0.2
    assert by_name["outside"].value == pytest.approx(by_name["outside"].before, abs=0.3)
    assert len(fit.loose) == 2
    assert all("区域外医院" in each.zh or "上转" in each.zh for each in fit.loose)


def test_a_total_that_the_region_has_not_is_left_out_and_said() -> None:
    """No hospital of level 3: nothing to divide by."""
    lower = replace(
        PROFILE,
        sites=tuple(
            replace(each, tier="secondary") if each.tier == "tertiary" else each for each in PROFILE.sites
        ),
    )
    ratio = target("secondary_to_tertiary", 0.5, 0.1)
    common = {"residents": 600, "seeds": 1, "processes": 1, "moving": ("needs",)}
    fit = calibrate(lower, Levers(), benefits(), [target("visits", 6.0, 0.2), ratio], **common)
    assert fit.without == (ratio,)
    assert [each.target.name for each in fit.met] == ["visits"]
    with pytest.raises(Refused) as refused:
        calibrate(lower, Levers(), benefits(), [ratio], **common)
    assert refused.value.refusals[0].at == "targets"


def test_processes_and_seeds_change_where_not_what() -> None:
    aims = [target("visits", 6.0, 0.2)]
    one, two = (fitted(aims, ("needs",), residents=500, seeds=2, processes=n) for n in (1, 2))
    assert (one.assumptions, one.met, one.seeds) == (two.assumptions, two.met, (1, 2))


def test_unknown_parameters_and_stops() -> None:
    aims = [target("visits", 6.0, 0.2)]
    with pytest.raises(Refused) as refused:
        fitted(aims, ("needs", "luck"))
    assert "luck" in refused.value.refusals[0].sentence("en")
    asked: list[int] = []
    with pytest.raises(Stopped):
        fitted(aims, ("needs",), residents=300, progress=lambda done, many: asked.append(many) or done < 2)
    assert asked


def test_the_fit_weighs_totals_against_what_was_assumed() -> None:
    """A world in which visits are six times the needs and nothing else: the minimum is known exactly, between the target and the assumption."""
    base = given()["acute_adult"]

    def play(tasks: Sequence[Task]) -> Iterator[Answered]:
        for task in tasks:
            told = [{"visits": 6.0 * run.assumptions["acute_adult"] / base, ROOM: 9.0} for run in task.runs]
            yield Answered(task.seed, tuple(told))

    (needs,) = (each for each in parameters() if each.name == "needs")
    wanted = target(
        "visits", 18.0, 3.6
    )  # far off, so that it takes several steps; unsure, so that the assumption has a say
    steep = needs.spread / wanted.spread
    exact = np.log(18 / 6) / wanted.spread * steep / (1 + steep**2)  # spreads moved
    fit = fitted([wanted], ("needs",), player=play)
    assert fit.moved[0].value == pytest.approx(np.exp(exact * needs.spread), rel=0.01)
    assert fit.moved[0].pinned == pytest.approx(1 - 1 / (1 + steep**2), abs=0.02)
    assert fit.settled


def test_totals_are_those_of_the_residents() -> None:
    """Counted one by one: visitors from elsewhere are seen in the region and do not count."""
    year = played(residents=SOME)
    home = {n for n, who in enumerate(year.residents) if year.world.place_inside[who["home"]]}
    own = [row for row in year.visits if int(row["person"]) in home]
    out = [row for row in own if row["kind"] != IN]
    site = year.ground.site
    found = totals(year)
    assert len(home) < SOME
    assert len(own) < len(year.visits)
    assert found["visits"] == pytest.approx(len(out) / len(home))
    assert found["in_area"] == pytest.approx(sum(bool(site[row["site"]]["inside"]) for row in out) / len(out))
    assert found["primary_share"] == pytest.approx(
        sum(not site[row["site"]]["hospital"] for row in out) / len(out)
    )
    assert found["admissions"] >= 100 * (len(own) - len(out)) / len(home)
    assert found["visits"] * (found["in_area"] - found["primary_share"]) < found[ROOM]


def test_a_region_without_enough_places_is_told_so() -> None:
    aims = default_targets()
    assert notices(aims, 9.0) == ()
    (text,) = notices(aims, 1.5)
    assert "1.50" in text.zh
    assert "1.50" in text.en
    assert notices(aims[:1], 0.0) == ()


def test_the_file_is_whole() -> None:
    """Every target is a total of a year and says where it comes from; every parameter lies on its scale."""
    year = told({}, seed=1, residents=300)
    for each in default_targets():
        assert each.name in year
        assert each.source
        assert each.confidence in {"high", "medium", "low"}
        assert each.spread > 0
        assert each.off_scale(each.on_scale) == pytest.approx(each.value)
    for parameter in parameters():
        assert parameter.spread > 0
        start = 1.0 if parameter.name == "needs" else given()[parameter.name]
        assert parameter.value(given(), 0.0) == pytest.approx(start)
        assert parameter.value(given(), 1.0) > start
    assert moved(
        given(), {each.name: each.value(given(), 0.0) for each in parameters()}
    ).values == pytest.approx(given().values)


@drawn(st.floats(0.01, 0.99), st.sampled_from(["plain", "log", "logit"]))
def test_scales_lead_back(value: float, scale: str) -> None:
    assert unscaled(scaled(value, scale), scale) == pytest.approx(value)


@settings(max_examples=60, deadline=None)
@drawn(st.integers(1, 5).flatmap(lambda rows: arrays(np.float64, (rows, 6), elements=st.floats(-4, 4))))
def test_as_many_are_loose_as_there_are_more_than_totals(slope: np.ndarray) -> None:
    """Every parameter is told apart or named; no more can be told apart than there are totals."""
    some = parameters()[:6]
    told_apart = len(some) - len(loose(some, slope))
    assert told_apart <= min(np.linalg.matrix_rank(slope), slope.shape[0])
    assert told_apart >= int((np.linalg.norm(slope, axis=0) >= 1).any())


def test_exchangeable_and_idle_parameters_are_named_in_words() -> None:
    """Two columns alike, one of nothing."""
    minor, chronic, serious = parameters()[1:4]
    slope = np.array([[3.0, 2.9, 0.0], [1.0, 1.0, 0.1]])
    alike, idle = loose([minor, chronic, serious], slope)
    assert chronic.text.zh in alike.zh
    assert f"“{minor.text.zh}”-1.0" in alike.zh
    assert serious.text.en in idle.en
