"""A policy tried: asked for, played, run again to the digit, stopped, broken off, and seen by nobody of another area."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as clock
from tiercare.apps.ledger.models import Event
from tiercare.apps.trials import commands, models
from tiercare.apps.trials.commands import Asked, trying
from tiercare.apps.trials.queries import staging, trials
from tiercare.apps.trials.rules.trials import MOST_LIVES, MOST_SEEDS, Stage
from tiercare.engines.twin.outcomes import OUTCOMES
from tiercare.jobs import tasks
from tiercare.kernel.refusal import Refusal, Refused

from ..evaluation.supervised import commission_of, office_at
from ..planning.regions import altered

ON = date(2019, 7, 1)
CITY, ELSEWHERE = commission_of("3402"), commission_of("4407")
# Small enough for a test, and still every part of a trial.
SMALL = Asked(
    "示例：少报四成", b={"unreferred_cut": 40.0, "reserve_share": 0.3}, on=ON, residents=2000, seeds=3
)


def refusals(what: Callable[[], object]) -> list[Refusal]:
    with pytest.raises(Refused) as caught:
        what()
    return list(caught.value.refusals)


def refused(what: Callable[[], object]) -> set[str]:
    return {each.code for each in refusals(what)}


def faults(wuhu: str, **otherwise: object) -> dict[str, str | None]:
    """What is refused of the usual one with something else in it: code and field."""
    asked = replace(SMALL, **otherwise)
    return {each.code: each.at for each in refusals(lambda: commands.ask_trial(CITY, wuhu, asked))}


def test_a_trial_is_asked_for_played_and_kept(wuhu: str) -> None:
    key = commands.ask_trial(CITY, wuhu, SMALL)
    waiting = trials.trial(CITY, key)
    assert waiting.line.stage is Stage.WAITING and waiting.result is None
    assert ProcrastinateJob.objects.filter(task_name="trials.run", args={"trial": str(key)}).exists()
    assert refused(lambda: commands.ask_trial(CITY, wuhu, SMALL)) == {"trials.waiting"}
    assert tasks.run_trial.name == trying.TASK
    assert tasks.run_trial(str(key)) == Stage.DONE.value, "as the worker does it"
    done = trials.trial(CITY, key)
    assert done.result is not None
    assert done.result["seeds"] == [1, 2, 3]
    found = {each["outcome"]: each for each in done.result["differences"]}
    assert found.keys() == OUTCOMES.keys()
    for each in found.values():
        if each["mean"] is not None:
            assert each["low"] <= each["mean"] <= each["high"]
    # Whoever comes to a hospital by themselves is paid less: more go to primary care first.
    assert found["primary_first"]["mean"] > 0
    assert found["primary_first"]["b"]["mean"] > found["primary_first"]["a"]["mean"]
    assert not done.stale
    reserve = next(each for each in done.policy if each["name"] == "reserve_share")
    assert reserve["a"] == reserve["pack"] != reserve["b"] == 0.3
    assert commands.run_trial(key) is Stage.DONE, "one that is over stays as it is"
    assert [each.id for each in trials.trials(CITY, wuhu)] == [key]


def test_the_same_again_is_the_same_to_the_digit(wuhu: str) -> None:
    first = commands.ask_trial(CITY, wuhu, SMALL)
    commands.run_trial(first)
    second = commands.repeat_trial(CITY, first)
    commands.run_trial(second)
    one, other = trials.trial(CITY, first), trials.trial(CITY, second)
    assert one.result == other.result
    assert one.inputs == other.inputs
    assert other.origin == first
    third = commands.repeat_trial(CITY, first, seeds=4)
    assert trials.trial(CITY, third).inputs != one.inputs
    assert trials.trial(CITY, third).line.seeds == 4


def test_a_table_that_a_run_reads_is_part_of_what_it_is_computed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in staging._ENGINES:
        shutil.copytree(str(files(package)), tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(staging, "files", lambda package: tmp_path / package)
    before = staging.engine_digest.__wrapped__()
    assert before == staging.engine_digest()
    diseases = next(tmp_path.rglob("diseases.csv"))
    diseases.write_text(
        diseases.read_text("utf-8").replace("I10,高血压,hypertension,0,0.3", "I10,高血压,hypertension,0,0.4"),
        "utf-8",
    )
    assert staging.engine_digest.__wrapped__() != before


def test_two_scenarios_are_set_against_each_other(wuhu: str) -> None:
    asked = replace(SMALL, a={"prescription_weeks": 4}, b={"prescription_weeks": 12})
    key = commands.ask_trial(CITY, wuhu, asked)
    assert commands.run_trial(key) is Stage.DONE
    found = trials.trial(CITY, key)
    assert found.result is not None
    weeks = next(each for each in found.policy if each["name"] == "prescription_weeks")
    assert (weeks["a"], weeks["b"]) == (4, 12)
    visits = next(each for each in found.result["differences"] if each["outcome"] == "visits_primary")
    assert visits["mean"] < 0, "who has medicine for twelve weeks comes less often"


def test_a_trial_that_was_stopped_keeps_nothing(wuhu: str) -> None:
    key = commands.ask_trial(CITY, wuhu, SMALL)
    assert refused(lambda: commands.stop_trial(ELSEWHERE, key)) == {"trials.no_such_trial"}
    commands.stop_trial(CITY, key)
    assert commands.run_trial(key) is Stage.STOPPED
    assert refused(lambda: commands.stop_trial(CITY, key)) == {"trials.over"}
    assert trials.trial(CITY, key).result is None
    kinds = list(Event.objects.filter(subject_id=key).order_by("id").values_list("kind", flat=True))
    assert kinds == ["trials.trial_asked", "trials.trial_stopped"]


def test_a_trial_is_stopped_while_it_goes_on(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody stops it when the first seed is told: nothing more is played, and nothing is kept."""
    key = commands.ask_trial(CITY, wuhu, SMALL)
    tell, steps = trying._Told.__call__, []

    def stopped_meanwhile(self: trying._Told, done: int, of: int) -> None:
        tell(self, done, of)
        steps.append(trials.trial(CITY, key).line.done)
        commands.stop_trial(CITY, key)

    monkeypatch.setattr(trying._Told, "__call__", stopped_meanwhile)
    assert commands.run_trial(key) is Stage.STOPPED
    assert steps == [1], "how far it had come was told, and the second seed never was"
    assert trials.trial(CITY, key).result is None


def test_how_long_it_still_takes_is_told_by_how_fast_it_went(wuhu: str) -> None:
    key = commands.ask_trial(CITY, wuhu, SMALL)
    assert trials.trial(CITY, key).seconds_left is None
    with scoped(CITY, area="3402"):
        models.Trial.objects.filter(id=key).update(
            stage=Stage.RUNNING.value, begun_at=clock.now() - timedelta(minutes=1), progress=[2, 8]
        )
    assert trials.trial(CITY, key).seconds_left == pytest.approx(180), "a minute for two, six to go"
    commands.stop_trial(CITY, key)
    assert trials.trial(CITY, key).seconds_left is None


def test_a_trial_that_breaks_off_keeps_nobody_waiting(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = commands.ask_trial(CITY, wuhu, SMALL)

    def broken_off(region: str, **_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(trying, "ready", broken_off)
        commands.run_trial(key)
    found = trials.trial(CITY, key)
    assert found.line.stage is Stage.FAILED and found.why
    assert commands.repeat_trial(CITY, key) != key


def test_a_pack_that_changes_meanwhile_is_said_and_nothing_is_played(
    wuhu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = commands.ask_trial(CITY, wuhu, SMALL)
    altered(monkeypatch, "NHC-40", release_hours=72)
    assert commands.run_trial(key) is Stage.FAILED
    found = trials.trial(CITY, key)
    assert any("政策包" in zh for zh, _ in found.why) and found.result is None


def test_the_base_is_the_packs_and_follows_it(wuhu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = staging.resolved_of(wuhu, on=ON)
    assert before.levers.release_hours != 72
    origin = before.origins["release_hours"]
    assert origin.clause is not None and origin.clause.id == "NHC-40"
    altered(monkeypatch, "NHC-40", release_hours=72)
    assert staging.resolved_of(wuhu, on=ON).levers.release_hours == 72
    key = commands.ask_trial(CITY, wuhu, SMALL)
    hours = next(each for each in trials.trial(CITY, key).policy if each["name"] == "release_hours")
    assert (hours["pack"], hours["a"], hours["b"], hours["clause"]) == (72, 72, 72, "NHC-40")


def test_every_fault_is_said_at_its_field(wuhu: str) -> None:
    assert faults(
        wuhu, title=" ", seeds=1, b={"reserve_share": 3, "nothing": 1}, a={"payment_mode": "gold"}
    ) == {
        "trials.no_title": "title",
        "trials.bad_seeds": "seeds",
        "scenario_lever_range": "b.reserve_share",
        "scenario_unknown_lever": "b.nothing",
        "scenario_lever_word": "a.payment_mode",
    }
    assert faults(wuhu, b={}) == {"trials.same": "b"}
    assert faults(wuhu, a=SMALL.b) == {"trials.same": "b"}, "the same on both sides is no trial"
    assert faults(wuhu, residents=0) == {"scenario_residents": "residents"}, "said once, not for both sides"
    assert faults(wuhu, residents=MOST_LIVES // 10, seeds=MOST_SEEDS) == {"trials.too_large": "seeds"}
    assert faults(wuhu, first_seed=-1) == {"trials.bad_first_seed": "first_seed"}
    shares = faults(wuhu, b={"signing_coverage": 0.9, "key_signing_coverage": 0.1})
    assert shares == {"scenario_shares": "b"}
    assert trials.trials(CITY, wuhu) == []


def test_a_region_without_institutions_says_what_to_do(wuhu: str) -> None:
    """Only the nation's pack holds there, which lays no institutions down."""
    (found,) = refusals(lambda: commands.ask_trial(ELSEWHERE, "4407", SMALL))
    assert found.code == "trials.no_region"
    assert found.at == "region" and found.way_on("zh") and found.way_on("en")


def test_nobody_of_another_area_sees_or_changes_it(wuhu: str) -> None:
    """As the application's role, by the rows themselves."""
    key = commands.ask_trial(CITY, wuhu, SMALL)
    assert refused(lambda: trials.trial(ELSEWHERE, key)) == {"trials.no_such_trial"}
    assert refused(lambda: commands.repeat_trial(ELSEWHERE, key)) == {"trials.no_such_trial"}
    with scoped(ELSEWHERE, area="4407"):
        assert not models.Trial.objects.exists()
        assert models.Trial.objects.filter(id=key).update(title="改写") == 0
    with scoped(CITY, area="3402"):
        assert models.Trial.objects.get(id=key).title == SMALL.title
    assert trials.trials(ELSEWHERE, wuhu) == []
    assert refused(lambda: commands.ask_trial(ELSEWHERE, wuhu, SMALL)) != set()


def test_only_who_decides_about_the_network_tries(wuhu: str) -> None:
    office = office_at(UUID(int=7))
    assert not refused(lambda: commands.ask_trial(office, wuhu, SMALL)) & {
        "trials.waiting",
        "trials.no_title",
    }
    assert trials.trials(CITY, wuhu) == []
