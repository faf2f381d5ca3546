"""How a file's columns are chosen, without a database: there and back, guessed, refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from tiercare.apps.evaluation.rules import importing as rules
from tiercare.apps.evaluation.rules.importing import Choice
from tiercare.engines.measures.importing import Proposal
from tiercare.engines.measures.schema import Type, facts

VISITS = facts()["visits"]
TODAY = date(2026, 1, 1)


@st.composite
def chosen(draw: st.DrawFn) -> tuple[str, dict[str, Choice]]:
    """A table and, for some of its columns, headers that no two have in common."""
    fact = facts()[draw(st.sampled_from(list(facts())))]
    choices = {}
    for at, name in enumerate(rules.columns_of(fact)):
        header = draw(st.sampled_from(["", f"列{at}"]))
        column = fact.columns.get(name)
        money = column is not None and column.type is Type.YUAN
        day = column is not None and column.type is Type.DATE
        choices[name] = Choice(
            header,
            draw(st.sampled_from(["", "1"])),
            draw(st.sampled_from(list(rules.UNITS))) if header and money else "",
            draw(st.sampled_from(list(rules.ORDERS))) if header and day else "",
            {"甲": "x"} if header and draw(st.booleans()) else {},
        )
    return fact.name, choices


@given(chosen())
def test_what_was_chosen_comes_back(made: tuple[str, dict[str, Choice]]) -> None:
    name, choices = made
    content = rules.assembled(facts()[name], "3402", "某院", choices)
    assert rules.choices_of(content) == choices
    assert rules.same(content, {**content, "version": 7, "synthetic": True})
    assert rules.fits(content, content["columns"]) is bool(content["columns"])


def test_a_header_stands_for_one_column() -> None:
    twice = {"fund": Choice("医保"), "own": Choice("医保")}
    (refusal,) = rules.chosen_twice(VISITS, twice)
    assert (refusal.code, refusal.at) == ("facts_header_twice", "own")
    assert refusal.sentence() == "“医保”这一列同时选给了“医保基金支付”和“个人负担”。"
    assert rules.chosen_twice(VISITS, {"fund": Choice("医保"), "own": Choice("自付")}) == []


def test_required_columns_come_from_somewhere() -> None:
    nothing = {refusal.at for refusal in rules.unclear(VISITS, {})}
    assert nothing == {name for name, column in VISITS.columns.items() if not column.optional}
    fixed = {name: Choice(fixed="1") for name in nothing if name}
    assert rules.unclear(VISITS, fixed) == []


def _number(body: str) -> str:
    return body + ric.calc_check_digit(body + "0")


REAL = [_number(body) for body in ("11010519491231002", "34020219800101001", "34020219900307881")]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (REAL, True),
        (REAL[:2], False),  # two may end right by chance
        ([each[:-1] + ("0" if each[-1] != "0" else "1") for each in REAL], False),
        (["20250301000000001", "20250302000000002"] * 3, False),
        ([_number("34020220990307881")] * 3, False),  # born after today
        ([], False),
    ],
)
def test_identity_numbers_are_told_by_their_digits(values: list[str], told: bool) -> None:
    assert bool(rules.identity_numbers({"编号": values}, TODAY)) is told


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"区划": ["340202017", "310101001"]}, False),  # one visit away from home is no other region
        ({"区划": ["310101001"]}, True),
        ({"区划": ["弋江区"]}, False),  # a name is told row by row
        ({"区划": [], "region": ["3101"]}, True),
        ({"区划": ["310101001"], "region": ["3402"]}, False),
    ],
)
def test_a_file_of_another_region_is_told_by_its_divisions(
    values: dict[str, list[str]], refused: bool
) -> None:
    columns = {"place": "区划"}
    proposal = Proposal("visits", columns, frozenset(), (), "", {k: tuple(v) for k, v in values.items()})
    found = rules.not_of_the_region(proposal, proposal.values, "3402")
    assert (found is not None) is refused
