"""Surveys of the packs: questions that hang on others, several choices, institutions; and files that cannot be read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tiercare.engines.forms import Answers, Form, Item, Kind, Purpose, asked_of, wrong_answers
from tiercare.engines.forms.surveys import kept_survey, load_surveys
from tiercare.engines.policy.load import PackErrors, own_folder
from tiercare.kernel.text import Text

FOLDER = own_folder() / "cn"
SURVEY = load_surveys([FOLDER])["first_choice"]
HERE = ("township", "hospital")
WENT: Answers = {"ill": True, "first": "institution", "institution": "township"}


def test_the_survey_says_what_the_clause_needs() -> None:
    assert (SURVEY.subject, SURVEY.indicator) == ("first_choice", "first_choice_primary_share")
    assert SURVEY.recall[1] == "XH-125.recall_weeks" and SURVEY.clauses == ("XH-125",)
    form = SURVEY.asked(weeks=3, since=date(2026, 11, 2))
    assert form.items[0].ask.zh.startswith("近 3 周（2026-11-02 以来）")
    assert "3 weeks (since 2026-11-02)" in form.items[0].ask.en


def test_a_round_keeps_it_as_it_was() -> None:
    kept = kept_survey(SURVEY.shape.model_dump(mode="json"))
    assert kept == SURVEY and list(kept.form.items[1].choices) == list(SURVEY.form.items[1].choices)


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, ["ill"]),
        ({"ill": False}, ["ill"]),
        ({"ill": True}, ["ill", "first", "days"]),
        ({"ill": True, "first": "bought"}, ["ill", "first", "days"]),
        (WENT, ["ill", "first", "institution", "why", "days"]),
        (
            {"ill": False, "first": "institution"},
            ["ill"],
        ),  # what hangs on a passed question goes with it
    ],
)
def test_which_questions_are_asked(answers: Answers, asked: list[str]) -> None:
    assert [item.id for item in asked_of(SURVEY.form, answers)] == asked


@pytest.mark.parametrize("why", ["near", "near|known", "near|known|sent"])
def test_several_choices(why: str) -> None:
    assert wrong_answers(SURVEY.form, {**WENT, "why": why}, institutions=HERE) == []


@pytest.mark.parametrize("why", ["", "near|", "near|near", "near|far", "near,known", True, 3])
def test_choices_that_cannot_be(why: str | bool | int) -> None:
    (refusal,) = wrong_answers(SURVEY.form, {**WENT, "why": why}, institutions=HERE)
    assert (refusal.code, refusal.at) == ("forms.cannot_be", "why")


def test_an_institution_has_to_exist() -> None:
    (refusal,) = wrong_answers(SURVEY.form, {**WENT, "institution": "elsewhere"}, institutions=HERE)
    assert refusal.code == "forms.no_institution" and refusal.way_on()
    (none,) = wrong_answers(SURVEY.form, WENT)
    assert none.code == "forms.no_institution"


def written(folder: Path, before: str, after: str) -> Path:
    text = (FOLDER / "surveys" / "first_choice.yaml").read_text(encoding="utf-8")
    assert before in text
    (folder / "surveys").mkdir()
    (folder / "surveys" / "first_choice.yaml").write_text(text.replace(before, after), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('only_if: {ill: ["yes"]}', 'only_if: {ill: ["maybe"]}'),
        ('only_if: {ill: ["yes"]}', 'only_if: {why: ["near"]}'),
        ("only_if: {first: [institution]}", "only_if: {first: []}"),
        ("ill: ill\n", "ill: first\n"),
        ("first: institution\n", "first: why\n"),
        ("usual: 600, least: 20", "usual: 10, least: 20"),
        ("response_from: 0.6", "response_from: 60"),
        ("kind: multi", "kind: many"),
        ("subject: first_choice", "subjects: first_choice"),
    ],
)
def test_files_that_cannot_be_read_say_where(tmp_path: Path, before: str, after: str) -> None:
    with pytest.raises(PackErrors) as caught:
        load_surveys([written(tmp_path, before, after)])
    assert "first_choice.yaml" in str(caught.value)


def test_the_more_local_pack_takes_its_place(tmp_path: Path) -> None:
    found = load_surveys([FOLDER, written(tmp_path, "version: 1", "version: 2")])
    assert found["first_choice"].form.version == 2


@pytest.mark.parametrize(
    ("words", "can_be"), [("交通不便", True), ("好" * 500, True), ("好" * 501, False), (" ", False)]
)
def test_words_are_neither_endless_nor_empty(words: str, can_be: bool) -> None:
    item = Item("words", Text("还有什么想说的", "Anything else"), Kind.TEXT)
    form = Form("one", item.ask, Purpose.SURVEY, 1, item.ask, (item,))
    assert (wrong_answers(form, {"words": words}) == []) is can_be
