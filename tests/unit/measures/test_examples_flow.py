"""Hand-checked examples of the shared indicators; and every indicator of every pack has at least three."""

from __future__ import annotations

from collections import Counter

import pytest

from tiercare.engines.measures.indicators import Form

from .examples import FOLDER, Example, check, every_indicator, read_examples

FILES = sorted(path.name for path in FOLDER.glob("[12]*.yaml"))
LEAST = 3


@pytest.mark.parametrize("example", read_examples(*FILES), ids=str)
def test_both_engines_give_what_was_worked_out_on_paper(example: Example) -> None:
    check(example)


def test_every_indicator_of_every_pack_has_examples_enough() -> None:
    told = Counter(each.indicator for each in read_examples())
    assert {name for name in every_indicator() if told[name] < LEAST} == set()
    assert not told.keys() - every_indicator().keys(), "examples of indicators that are not there"
    assert {path.name for path in FOLDER.glob("*.yaml")} >= set(FILES)


def test_every_indicator_has_an_example_without_a_value() -> None:
    """A zero denominator is no value, never nought; of what is counted none is nought."""
    silent = {each.indicator for each in read_examples() if each.expected[2] is None}
    none = {each.indicator for each in read_examples() if each.expected[2] == 0}
    counts = {name for name, each in every_indicator().items() if each.form is Form.NUMBER}
    assert {name for name in every_indicator() if name not in silent | (counts & none)} == set()
