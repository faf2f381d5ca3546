"""The policy engine: what a parameter is there and then, and what the loader says about a broken pack."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tiercare.engines.policy import (
    Force,
    PackErrors,
    PackSet,
    ParameterProblem,
    Problem,
    load_packs,
    parameter,
)
from tiercare.engines.policy.verdicts import last_day

# --- parameters ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def packs() -> PackSet:
    return load_packs()


@pytest.mark.parametrize("region", ["taiyuan", "1401", "140105"])
@pytest.mark.parametrize("key", ["reserve_lead_hospital", "TY-91.reserve_lead_hospital"])
def test_a_parameter_answers_value_clause_force_and_source(packs: PackSet, region: str, key: str) -> None:
    answer = parameter(packs, key, region, on=date(2024, 6, 1))
    assert answer.value == pytest.approx(0.2)
    assert (answer.parameter.op, answer.parameter.type) == (">=", "ratio")
    assert (answer.clause.id, answer.clause.force) == ("TY-91", Force.MUST)
    assert answer.document.id == "TY"
    assert "整合型医疗卫生服务体系" in answer.document.title.zh
    assert (answer.pack.id, answer.others) == ("taiyuan", ())


def test_the_same_key_of_two_levels_stands_side_by_side(packs: PackSet) -> None:
    answer = parameter(packs, "grid_coverage", "chuxiong", on=date(2018, 11, 15))
    assert answer.parameter.name == "CX-45.grid_coverage"
    assert [(other.parameter.name, other.pack.id) for other in answer.others] == [
        ("NHC-82.grid_coverage", "cn")
    ]


def test_where_the_local_text_is_silent_the_one_above_answers(packs: PackSet) -> None:
    answer = parameter(packs, "grid_coverage", "wuhu", on=date(2019, 7, 1))
    assert (answer.parameter.name, answer.document.id) == ("NHC-82.grid_coverage", "NHC")


def test_a_number_that_the_text_does_not_give_is_no_number(packs: PackSet) -> None:
    answer = parameter(packs, "reserve_beds", "xinhui", on=date(2018, 1, 1))
    assert (answer.value, answer.clause.id) == (None, "XH-41")


def refusal(packs: PackSet, key: str, region: str, on: date) -> str:
    """The Chinese sentence of the refusal; the English one is another text."""
    with pytest.raises(ParameterProblem) as caught:
        parameter(packs, key, region, on=on)
    assert caught.value.message.zh != caught.value.message.en
    assert str(caught.value) == caught.value.message.en
    return caught.value.message.zh


def test_a_key_of_several_clauses_asks_for_the_qualified_name(packs: PackSet) -> None:
    said = refusal(packs, "deadline", "chuxiong", date(2019, 1, 1))
    assert "CX-44.deadline" in said and "CX-45.deadline" in said
    assert "NHC-82.deadline" not in said  # only the local document is ambiguous
    assert parameter(packs, "CX-44.deadline", "chuxiong", on=date(2019, 1, 1)).value == date(2018, 10, 31)


def test_a_parameter_is_not_in_force_before_its_date(packs: PackSet) -> None:
    said = refusal(packs, "reserve_lead_hospital", "taiyuan", date(2023, 12, 31))
    assert "2023-12-31" in said and "2024-01-01" in said
    assert parameter(packs, "reserve_lead_hospital", "taiyuan", on=date(2024, 1, 1)).value


def test_an_unknown_key_gets_the_nearest_names(packs: PackSet) -> None:
    day = date(2024, 6, 1)
    assert "reserve_lead_hospital" in refusal(packs, "reserve_lead_hospitals", "taiyuan", day)
    assert "TY-91.reserve_lead_hospital" in refusal(packs, "TY-91.reserve_lead_hospitals", "taiyuan", day)
    assert "？" not in refusal(packs, "zzz", "taiyuan", day)  # nothing near, nothing guessed


def test_a_neighbours_parameter_does_not_answer_here(packs: PackSet) -> None:
    assert "芜湖" in refusal(packs, "reserve_lead_hospital", "wuhu", date(2024, 6, 1))


def test_a_region_without_a_pack_lists_those_there_are(packs: PackSet) -> None:
    said = refusal(packs, "reserve_lead_hospital", "atlantis", date(2024, 6, 1))
    assert "atlantis" in said and "taiyuan" in said


def test_a_code_inside_no_local_pack_falls_to_the_nation(packs: PackSet) -> None:
    assert parameter(packs, "grid_coverage", "110101", on=date(2019, 1, 1)).pack.id == "cn"


def test_a_bare_year_ends_on_its_last_day(packs: PackSet) -> None:
    (year,) = packs.parameters["XH-131.target_year"]
    (day,) = packs.parameters["NHC-82.deadline"]
    assert (last_day(year), last_day(day)) == (date(2017, 12, 31), date(2018, 10, 31))


# --- packs that cannot be used -------------------------------------------------------------------------

PACK = """\
id: demo
region: "9901"
level: prefecture
name: {zh: 示例市, en: Demo}
documents:
  - id: DM
    title: {zh: 示例文件, en: Demo document}
    number: null
    issued_by: {zh: 示例机关, en: Demo office}
    in_force_from: 2020-01-01
    date_basis: text
"""
CLAUSES = """\
clauses:
  - id: DM-01
    document: DM
    section: 一
    gist: {zh: 示例条款, en: Demo clause}
    kind: rule
    capability: consortium
    force: principle
    parameters:
      - {key: limit, op: "=", value: 1, type: integer, from: 2020-01-01}
      - {key: by, op: "=", value: 2020-12-31, type: date, from: 2020-01-01}
      - {key: share, op: "=", value: null, type: missing, from: 2020-01-01}
"""
CARDS = """\
cards:
  - id: demo_rule
    app: network
    sentence: {zh: 示例规则, en: Demo rule}
    clauses: [DM-01]
    in_force_from: 2020-01-01
    parameters: {limit: DM-01.limit}
    message: {zh: 不合, en: Does not fit}
    remedy: {zh: 请改, en: Mend it}
    examples:
      - {name: 合, on: 2020-06-01, facts: {}, verdict: MET}
      - {name: 不合, on: 2020-06-01, facts: {}, verdict: VIOLATED}
"""


NONE, NO_CARDS = "clauses: []\n", "cards: []\n"


def write(folder: Path, name: str, *, pack: str = PACK, clauses: str = CLAUSES, cards: str = CARDS) -> Path:
    """A pack on disk."""
    for part in ("clauses", "cards"):
        (folder / name / part).mkdir(parents=True)
    (folder / name / "pack.yaml").write_text(pack, encoding="utf-8")
    (folder / name / "clauses" / "1.yaml").write_text(clauses, encoding="utf-8")
    (folder / name / "cards" / "1.yaml").write_text(cards, encoding="utf-8")
    return folder


def problem_of(folder: Path) -> Problem:
    """The one problem that loading reports; both languages say it, in different words."""
    with pytest.raises(PackErrors) as caught:
        load_packs(own=folder)
    (problem,) = caught.value.problems
    assert all(text.zh and text.en and text.zh != text.en for text in (problem.message, problem.fix))
    for language in ("zh", "en"):
        assert problem.sentence(language).startswith(f"{problem.file}:{problem.line} [{problem.key}] ")
    return problem


def line_of(text: str, needle: str) -> int:
    """The line on which ``needle`` stands."""
    assert text.count(needle) == 1
    return text[: text.index(needle)].count("\n") + 1


def place(problem: Problem) -> tuple[str, int, str]:
    return problem.file, problem.line, problem.key


def test_the_pack_that_the_others_are_broken_from_loads(tmp_path: Path) -> None:
    packs = load_packs(own=write(tmp_path, "demo"))
    assert [card.key for card in packs.cards_for("demo")] == ["demo/demo_rule"]
    assert packs.packs["demo"].cards[0].waivable


LIMIT = '{key: limit, op: "=", value: 1, type: integer, from: 2020-01-01}'


@pytest.mark.parametrize(
    ("changed", "key", "says"),
    [
        pytest.param('{key: limit, op: "=", value: 1, type: integer}', "from", "from", id="no date"),
        pytest.param(
            LIMIT.replace("value: 1,", "value: 一,"), "", "integer", id="text where a number belongs"
        ),
        pytest.param(LIMIT.replace("value: 1,", "value: true,"), "", "integer", id="a boolean is no number"),
        pytest.param(LIMIT.replace("integer", "ratio").replace("1,", "1.5,"), "", "ratio", id="above 100 %"),
        pytest.param(LIMIT.replace("integer", "interger"), "type", "interger", id="unknown type"),
        pytest.param(LIMIT.replace("}", ", to: 2019-01-01}"), "", "2019-01-01", id="ends before it starts"),
        pytest.param(
            LIMIT.replace("op:", "oper:").replace("}", ', op: "="}'), "oper", "oper", id="unknown key"
        ),
    ],
)
def test_a_parameter_that_does_not_fit(tmp_path: Path, changed: str, key: str, says: str) -> None:
    clauses = CLAUSES.replace(LIMIT, changed)
    problem = problem_of(write(tmp_path, "demo", clauses=clauses))
    expected = ".".join(["clauses", "0", "parameters", "0", *([key] if key else [])])
    assert place(problem) == ("demo/clauses/1.yaml", line_of(clauses, changed), expected)
    assert says in problem.sentence("zh") and says in problem.sentence("en")


@pytest.mark.parametrize("value", ["三级", "二十人"])
def test_chinese_numerals_are_fine_as_text(tmp_path: Path, value: str) -> None:
    text = f'{{key: squad, op: "=", value: {value}, type: text, from: 2020-01-01}}'
    packs = load_packs(own=write(tmp_path, "demo", clauses=f"{CLAUSES}      - {text}\n"))
    assert parameter(packs, "squad", "demo", on=date(2020, 6, 1)).value == value


@pytest.mark.parametrize("written", ["2020-02-30", "1:30"])
def test_what_looks_like_a_date_or_number_and_is_none(tmp_path: Path, written: str) -> None:
    clauses = CLAUSES.replace("value: 2020-12-31", f"value: {written}")
    problem = problem_of(write(tmp_path, "demo", clauses=clauses))
    expected = ("demo/clauses/1.yaml", line_of(clauses, written), "clauses.0.parameters.1.value")
    assert place(problem) == expected
    assert written in problem.message.zh and "2019-07-01" in problem.fix.zh


def test_two_values_at_once(tmp_path: Path) -> None:
    clauses = f"{CLAUSES}      - {LIMIT.replace('value: 1', 'value: 2').replace('2020', '2021')}\n"
    problem = problem_of(write(tmp_path, "demo", clauses=clauses))
    assert place(problem) == ("demo/clauses/1.yaml", line_of(clauses, "- id: DM-01"), "clauses.0")
    assert "DM-01.limit" in problem.message.zh and "to" in problem.fix.zh


def test_one_value_after_the_other_is_fine(tmp_path: Path) -> None:
    first = LIMIT.replace("}", ", to: 2021-01-01}")
    second = LIMIT.replace("value: 1", "value: 2").replace("2020", "2021")
    clauses = CLAUSES.replace(LIMIT, f"{first}\n      - {second}")
    packs = load_packs(own=write(tmp_path, "demo", clauses=clauses))
    days = [date(2020, 12, 31), date(2021, 1, 1)]
    assert [parameter(packs, "limit", "demo", on=day).value for day in days] == [1, 2]


def test_the_same_clause_twice(tmp_path: Path) -> None:
    again = CLAUSES.removeprefix("clauses:\n")
    problem = problem_of(write(tmp_path, "demo", clauses=CLAUSES + again))
    assert place(problem) == ("demo/clauses/1.yaml", CLAUSES.count("\n") + 1, "clauses.1")
    assert "DM-01" in problem.message.zh


def test_a_clause_of_a_document_that_the_pack_does_not_have(tmp_path: Path) -> None:
    clauses = CLAUSES.replace("document: DM", "document: XX")
    problem = problem_of(write(tmp_path, "demo", clauses=clauses))
    expected = ("demo/clauses/1.yaml", line_of(clauses, "document: XX"), "clauses.0.document")
    assert place(problem) == expected
    assert "pack.yaml" in problem.fix.zh


NOWHERE = {
    "unknown clause": ("[DM-01]", "[DM-11]", "clauses", "DM-01"),
    "no parameter": ("DM-01.limit", "DM-01.limits", "parameters.limit", "DM-01.limit"),
    "no value": ("DM-01.limit", "DM-01.share", "parameters.limit", "DM-01.share"),
    "deadline is no date": (
        "    message",
        "    deadline: DM-01.limit\n    message",
        "deadline",
        "DM-01.limit",
    ),
    "replaces nothing": ("    message", "    replaces: demo\n    message", "replaces", "demo_rule"),
}


@pytest.mark.parametrize(("before", "after", "key", "says"), NOWHERE.values(), ids=NOWHERE)
def test_a_card_that_points_nowhere(tmp_path: Path, before: str, after: str, key: str, says: str) -> None:
    problem = problem_of(write(tmp_path, "demo", cards=CARDS.replace(before, after)))
    assert place(problem) == ("demo/cards/1.yaml", line_of(CARDS, "- id: demo_rule"), f"demo_rule.{key}")
    assert says in problem.sentence("zh") and says in problem.sentence("en")


def test_a_card_id_stands_once_in_a_pack(tmp_path: Path) -> None:
    problem = problem_of(write(tmp_path, "demo", cards=CARDS + CARDS.removeprefix("cards:\n")))
    assert place(problem) == ("demo/cards/1.yaml", CARDS.count("\n") + 1, "demo_rule.id")
    assert "demo/cards/1.yaml:2" in problem.message.zh


def test_a_misspelt_key_of_a_card(tmp_path: Path) -> None:
    cards = CARDS.replace("remedy:", "remedi:")
    with pytest.raises(PackErrors) as caught:
        load_packs(own=write(tmp_path, "demo", cards=cards))
    places = {place(problem) for problem in caught.value.problems}
    assert ("demo/cards/1.yaml", line_of(cards, "remedi:"), "cards.0.remedi") in places
    assert ("demo/cards/1.yaml", line_of(cards, "- id: demo_rule"), "cards.0.remedy") in places


def test_a_key_written_twice(tmp_path: Path) -> None:
    pack = PACK + "level: county\n"
    problem = problem_of(write(tmp_path, "demo", pack=pack))
    assert place(problem) == ("demo/pack.yaml", pack.count("\n"), "level")
    assert "level" in problem.message.zh


def test_broken_yaml(tmp_path: Path) -> None:
    problem = problem_of(write(tmp_path, "demo", cards="cards:\n  - id: [demo\n"))
    assert (problem.file, problem.key) == ("demo/cards/1.yaml", "YAML")
    assert problem.line == 3


def test_an_empty_file(tmp_path: Path) -> None:
    assert place(problem_of(write(tmp_path, "demo", cards=""))) == ("demo/cards/1.yaml", 1, "(file)")


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        "demo",
        pack=PACK.replace("level: prefecture", "level: planet"),
        clauses=CLAUSES.replace(", from: 2020-01-01", ""),
        cards=CARDS.replace("app: network\n", "app: Network\n"),
    )
    with pytest.raises(PackErrors) as caught:
        load_packs(own=folder)
    files = [problem.file for problem in caught.value.problems]
    assert files.count("demo/clauses/1.yaml") == 3
    assert {"demo/pack.yaml", "demo/cards/1.yaml"} <= set(files)


@pytest.mark.parametrize(
    ("extends", "says"), [("demo", "demo → demo"), ("nowhere", "nowhere")], ids=["itself", "unknown"]
)
def test_a_pack_that_extends_what_it_cannot(tmp_path: Path, extends: str, says: str) -> None:
    pack = PACK.replace("id: demo\n", f"id: demo\nextends: {extends}\n")
    problem = problem_of(write(tmp_path, "demo", pack=pack))
    assert place(problem) == ("demo/pack.yaml", 2, "extends")
    assert says in problem.message.zh and says in problem.message.en


def test_packs_that_extend_each_other_in_a_circle(tmp_path: Path) -> None:
    other = PACK.replace("id: demo\n", "id: other\nextends: demo\n")
    write(tmp_path, "demo", pack=PACK.replace("id: demo\n", "id: demo\nextends: other\n"))
    write(tmp_path, "other", pack=other, clauses=NONE, cards=NO_CARDS)
    with pytest.raises(PackErrors) as caught:
        load_packs(own=tmp_path)
    places = [place(problem) for problem in caught.value.problems]
    assert places == [("demo/pack.yaml", 2, "extends"), ("other/pack.yaml", 2, "extends")]
    assert "demo → other → demo" in caught.value.problems[0].message.zh


def test_two_packs_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, "a")
    problem = problem_of(write(tmp_path, "b", clauses=NONE, cards=NO_CARDS))
    assert place(problem) == ("b/pack.yaml", 1, "id")
    assert "demo" in problem.message.zh


def test_a_folder_without_a_pack(tmp_path: Path) -> None:
    problem = problem_of(tmp_path)
    assert place(problem) == (str(tmp_path), 1, "--packs")
    assert "pack.yaml" in problem.fix.zh


def test_a_pack_of_ones_own_stands_beside_ours_or_takes_its_place(tmp_path: Path, packs: PackSet) -> None:
    beside = load_packs([write(tmp_path / "beside", "demo")])
    assert set(beside.packs) == {*packs.packs, "demo"}
    pack = PACK.replace("id: demo", "id: wuhu").replace('"9901"', '"3402"')
    instead = load_packs([write(tmp_path / "instead", "wuhu", pack=pack)])
    assert set(instead.packs) == set(packs.packs)
    assert [clause.id for clause in instead.packs["wuhu"].clauses] == ["DM-01"]


def test_a_card_speaks_as_its_inherited_clause(tmp_path: Path) -> None:
    """原则上 stays 原则上 where a local card cites the clause of the document above it."""
    write(tmp_path, "above", pack=PACK.replace("id: demo", "id: above"), cards=NO_CARDS)
    pack = PACK.replace("id: demo\n", "id: demo\nextends: above\n").replace("id: DM", "id: DN")
    packs = load_packs(own=write(tmp_path, "demo", pack=pack, clauses=NONE))
    assert packs.packs["demo"].cards[0].force is Force.PRINCIPLE


def test_a_neighbours_clause_cannot_be_cited(tmp_path: Path) -> None:
    write(tmp_path, "above", pack=PACK.replace("id: demo", "id: above"), cards=NO_CARDS)
    pack = PACK.replace("id: DM", "id: DN")
    with pytest.raises(PackErrors) as caught:
        load_packs(own=write(tmp_path, "demo", pack=pack, clauses=NONE))
    assert {p.key for p in caught.value.problems} == {"demo_rule.clauses", "demo_rule.parameters.limit"}


def test_a_change_of_any_file_changes_the_digest(tmp_path: Path) -> None:
    before = load_packs(own=write(tmp_path / "a", "demo")).digest("demo")
    same = load_packs(own=write(tmp_path / "b", "demo")).digest("demo")
    other = load_packs(own=write(tmp_path / "c", "demo", cards=CARDS.replace("请改", "请改正"))).digest(
        "demo"
    )
    assert before == same
    assert before != other
