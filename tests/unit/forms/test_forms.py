"""Forms of the packs: what can be answered, what goes beyond the limits, and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiercare.engines.forms import beyond, load_forms, wrong_answers
from tiercare.engines.policy.load import PackErrors, own_folder

FORMS = load_forms([own_folder() / "cn"])
NURSING = {"wound": "dry", "bleeding": False, "drugs_missed": False}


def test_the_nations_forms_can_be_read() -> None:
    assert set(FORMS) == {"nursing", "rehabilitation", "chronic", "satisfaction"}
    assert all(form.source.zh and form.source.en for form in FORMS.values())


@pytest.mark.parametrize(
    ("more", "items"),
    [
        ({}, []),
        ({"temperature": 38.4}, []),
        ({"temperature": 38.5}, ["temperature"]),
        ({"wound": "pus", "bleeding": True}, ["wound", "bleeding"]),
    ],
)
def test_answers_beyond_the_limits(more: dict[str, float | bool | str], items: list[str]) -> None:
    answers = NURSING | more
    assert wrong_answers(FORMS["nursing"], answers) == []
    assert [item.id for item in beyond(FORMS["nursing"], answers)] == items


@pytest.mark.parametrize(
    ("answers", "code", "at"),
    [
        (NURSING | {"shoe_size": 42}, "forms.not_asked", "answers"),
        ({"wound": "dry", "bleeding": False}, "forms.left_out", "drugs_missed"),
        (NURSING | {"temperature": 50}, "forms.cannot_be", "temperature"),
        (NURSING | {"temperature": float("nan")}, "forms.cannot_be", "temperature"),
        (NURSING | {"temperature": True}, "forms.cannot_be", "temperature"),
        (NURSING | {"wound": "green"}, "forms.cannot_be", "wound"),
        (NURSING | {"bleeding": "yes"}, "forms.cannot_be", "bleeding"),
    ],
)
def test_answers_that_cannot_be(answers: dict[str, float | bool | str], code: str, at: str) -> None:
    (refusal,) = wrong_answers(FORMS["nursing"], answers)
    assert (refusal.code, refusal.at) == (code, at) and refusal.way_on()


def test_a_scale_takes_whole_numbers() -> None:
    form = FORMS["satisfaction"]
    answers = {"overall": 5, "explained": 4, "handover": 1}
    assert wrong_answers(form, answers) == [] == list(beyond(form, answers))
    assert wrong_answers(form, answers | {"overall": 4.5}) and wrong_answers(form, answers | {"overall": 6})


FORM = """
id: own
name: {zh: 表, en: form}
purpose: follow_up
version: 2
source: {zh: 我们, en: ours}
items:
  - {id: pain, ask: {zh: 痛吗, en: pain}, kind: flag, when: ["yes"], says: {zh: 痛, en: pain}}
"""


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('when: ["yes"]', 'when: ["maybe"]', "none of its answers"),
        ("kind: flag", "kind: choice", "Only a choice has choices"),
        (", says: {zh: 痛, en: pain}", "", "A limit says what its alert says"),
        ('kind: flag, when: ["yes"], says: {zh: 痛, en: pain}', "kind: scale", "A scale has two bounds"),
        ("version: 2", "version: 0", "version"),
    ],
)
def test_a_file_with_a_fault_names_it(tmp_path: Path, before: str, after: str, says: str) -> None:
    (tmp_path / "forms").mkdir()
    path = tmp_path / "forms" / "own.yaml"
    path.write_text(FORM, "utf-8")
    assert load_forms([tmp_path])["own"].version == 2
    path.write_text(FORM.replace(before, after), "utf-8")
    with pytest.raises(PackErrors) as wrong:
        load_forms([tmp_path])
    assert says in str(wrong.value) and "own.yaml" in str(wrong.value)


def test_a_regions_form_takes_the_place_of_the_nations(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "nursing.yaml").write_text(FORM.replace("id: own", "id: nursing"), "utf-8")
    assert load_forms([own_folder() / "cn", tmp_path])["nursing"].version == 2
