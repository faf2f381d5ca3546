"""For what a visit was, and hence to which episode of care it may belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.records.rules.episodes import problem_named, problem_of
from tiercare.apps.records.rules.vocabulary import ConditionRole
from tiercare.engines.guidelines import load_guidelines
from tiercare.engines.policy.load import own_folder

BOOK = load_guidelines([Path(own_folder()) / "cn"])
OTHER = ConditionRole.OTHER


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ([], ""),
        ([Diagnosis("I10", "原发性高血压")], "hypertension"),
        ([Diagnosis("I11.9", "高血压心脏病")], "hypertension"),
        ([Diagnosis("K80.2", "胆囊结石")], "K80"),
        ([Diagnosis("E11", "糖尿病", OTHER), Diagnosis("J06.9", "上感")], "J06"),
        ([Diagnosis("E11", "糖尿病", OTHER), Diagnosis("J06.9", "上感", OTHER)], "diabetes"),
    ],
)
def test_the_problem_is_the_disease_of_the_guidelines_or_the_category(
    said: list[Diagnosis], problem: str
) -> None:
    assert problem_of(said, BOOK) == problem


def test_without_guidelines_every_category_is_a_problem_of_its_own() -> None:
    assert problem_of([Diagnosis("I10", "原发性高血压")], None) == problem_named("I10", None) == "I10"
