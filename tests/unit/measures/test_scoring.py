"""Scorecards: scores without cliffs, nobody ranked on few cases, replayed to the digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiercare.engines.measures.chance import Law
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.indicators import Direction, Form, Indicator
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.rounding import written
from tiercare.engines.measures.schema import Level
from tiercare.engines.measures.scoring import (
    Change,
    Curve,
    Inputs,
    Mark,
    Measure,
    Panel,
    Result,
    Scorecard,
    Touched,
    Why,
    changes,
    funnel,
    inputs_from,
    inputs_of,
    ranks,
    score,
    split,
    text_of,
    value_ranks,
)
from tiercare.engines.measures.targets import Met, Target
from tiercare.kernel.period import Period
from tiercare.kernel.text import Text

YEAR = span("2025")
WORDS = Text("甲", "a")


def indicator(name: str, small: int = 10, direction: Direction = Direction.UP, version: int = 1) -> Indicator:
    return Indicator(
        id=name,
        version=version,
        name=WORDS,
        says=WORDS,
        source=WORDS,
        clauses=(),
        numerator=(),
        denominator=(),
        form=Form.RATIO,
        unit=WORDS,
        per=1,
        direction=direction,
        small=small,
        ours=False,
        period=Period(date.min),
        text={"numerator": (f"visits.count({name})",), "denominator": ("visits.count()",)},
    )


def value(name: str, key: str, a: int | None, b: int | None, level: Level = Level.CONSORTIUM) -> Value:
    share = F(a, b) if a is not None and b else None
    above, below = (None if x is None else F(x) for x in (a, b))
    return Value(name, 1, YEAR, level, key, above, below, share)


def target(
    name: str, op: str, limit: F | None, *, key: str = "", tolerance: F = F(0), reason: Text | None = None
) -> Target:
    return Target(
        id=key or f"t_{name}",
        clause="XH-115",
        indicator=name,
        op=op,
        limit=limit,
        upper=None,
        direction=Direction.UP,
        tolerance=tolerance,
        span=YEAR,
        reason=reason,
        note=None,
        pack="xinhui",
    )


BOOK = {name: indicator(name) for name in ("primary", "signed", "stays")}
CARD = Scorecard(
    id="yearly",
    version=1,
    name=WORDS,
    source=WORDS,
    clauses=("XH-06",),
    ours=True,
    covered=F(7, 10),
    alpha=F(1, 500),
    panels=(
        Panel(
            "first_contact",
            WORDS,
            True,
            (
                Measure(
                    "primary",
                    F(50),
                    Curve.between(F(2, 5), F(13, 20)),
                    target("primary", ">=", F(13, 20)),
                    Law.BINOMIAL,
                ),
                Measure("signed", F(20), Curve.between(F(0), F(3, 10)), None, Law.BINOMIAL),
            ),
        ),
        Panel(
            "linkage", WORDS, True, (Measure("stays", F(30), Curve.between(F(1, 5), F(1, 10)), None, None),)
        ),
    ),
)


def result(values: list[Value], key: str = "A", marks: tuple[Mark, ...] = ()) -> Result:
    return score(inputs(values, key, marks))


def inputs(
    values: list[Value], key: str = "A", marks: tuple[Mark, ...] = (), book: dict[str, Indicator] = BOOK
) -> Inputs:
    return inputs_of(
        CARD, book, values, span=YEAR, level=Level.CONSORTIUM, keys=[key], region="3402", marks={key: marks}
    )[key]


def test_a_total_worked_out_by_hand() -> None:
    """60 of 100: (0.6−0.4)÷0.25 = 0.8 × 50 = 40; 15 of 100 signed: half of 20; 12 %: (0.2−0.12)÷0.1 = 0.8 × 30 = 24; in all 74."""
    found = result(
        [value("primary", "A", 60, 100), value("signed", "A", 15, 100), value("stays", "A", 12, 100)]
    )
    assert [each.points for each in found.scored] == [40, 10, 24]
    assert found.total == 74 and found.covered == found.firm == 1
    standing = found.scored[0].standing
    assert standing is not None and standing.met is Met.NOT_MET
    assert [(panel.points, panel.of) for panel in found.panels] == [(50, 70), (24, 30)]


def test_what_is_not_known_neither_costs_nor_earns_until_too_much_is_unknown() -> None:
    """Without the stays (30 of 100 unknown) 50 of 70 points; without primary care only 50 of 100 are known: no total."""
    found = result([value("primary", "A", 60, 100), value("signed", "A", 15, 100), value("stays", "A", 3, 0)])
    assert found.total == F(500, 7) and found.covered == F(7, 10)
    assert found.scored[2].why is Why.NO_DENOMINATOR
    found = result([value("signed", "A", 15, 100), value("stays", "A", 12, 100)])
    assert found.total is None and found.covered == F(1, 2) and found.scored[0].why is Why.NO_DATA
    standing = found.scored[0].standing
    assert standing is not None and standing.met is Met.NO_DATA and standing.reason is not None
    found = result([value("primary", "3402", 500, 1000, Level.REGION)])
    assert [each.why for each in found.scored] == [Why.NOT_HERE, Why.NO_DATA, Why.NO_DATA]


def test_established_only_when_every_pillar_is_marked() -> None:
    values = [value("primary", "A", 90, 100), value("signed", "A", 90, 100), value("stays", "A", 1, 100)]
    first, second = (
        Mark(panel, "区卫健局", date(2025, 12, 31), "纪要") for panel in ("first_contact", "linkage")
    )
    assert result(values).established is False, "a full score is no mark"
    assert result(values, marks=(first,)).established is False
    assert result(values, marks=(second, first)).established is True


curves = st.lists(
    st.tuples(st.fractions(-5, 5, max_denominator=50), st.fractions(0, 1, max_denominator=20)),
    min_size=2,
    max_size=5,
    unique_by=lambda knot: knot[0],
).map(lambda knots: Curve(tuple(sorted(knots))))


@settings(max_examples=80, deadline=None)
@given(curves, st.fractions(-6, 6, max_denominator=999), st.fractions(0, F(1, 10)))
def test_a_hairs_breadth_never_decides(curve: Curve, at: F, step: F) -> None:
    low, high = curve.at(at), curve.at(at + step)
    assert 0 <= low <= 1 and abs(high - low) <= curve.steepness * step
    shares = [share for _, share in curve.knots]
    if shares == sorted(shares):
        assert low <= high
    if shares == sorted(shares, reverse=True):
        assert low >= high


@pytest.mark.parametrize("knots", [[(1, 0)], [(1, 0), (1, 1)], [(2, 0), (1, 1)], [(1, 0), (2, 2)]])
def test_a_cliff_is_no_curve(knots: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"curve|share"):
        Curve(tuple((F(a), F(b)) for a, b in knots))


counts = st.integers(0, 200).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | counts, min_size=3, max_size=3), st.lists(counts, min_size=3, max_size=3))
def test_a_result_replays_from_its_record_to_the_digit(
    mine: list[tuple[int, int] | None], regions: list[tuple[int, int]]
) -> None:
    values = [value(name, "A", *pair) for name, pair in zip(BOOK, mine, strict=True) if pair]
    values += [value(name, "3402", *pair, Level.REGION) for name, pair in zip(BOOK, regions, strict=True)]
    given_inputs = inputs(values, marks=(Mark("linkage", "x", date(2025, 1, 1), ""),))
    found = score(given_inputs)
    again = inputs_from(text_of(given_inputs), found.digest)
    assert again == given_inputs and score(again) == found
    plain = sum((p or F(0) for p in _by_hand(mine)), F(0))
    known = sum(w for w, p in zip((50, 20, 30), _by_hand(mine), strict=True) if p is not None)
    assert found.total == (100 * plain / known if known >= 70 else None)


def _by_hand(pairs: list[tuple[int, int] | None]) -> list[F | None]:
    """The three lines again, without curves."""

    def share(at: int, weight: int, zero: F, full: F) -> F | None:
        pair = pairs[at]
        if pair is None or pair[1] == 0:
            return None
        return weight * min(F(1), max(F(0), (F(*pair) - zero) / (full - zero)))

    return [share(0, 50, F(2, 5), F(13, 20)), share(1, 20, F(0), F(3, 10)), share(2, 30, F(1, 5), F(1, 10))]


def test_a_record_that_was_touched_is_known() -> None:
    given_inputs = inputs([value("primary", "A", 60, 100)])
    text = text_of(given_inputs)
    with pytest.raises(Touched):
        inputs_from(text.replace('"60', '"61'), score(given_inputs).digest)


def test_the_digest_changes_with_value_definition_and_weight() -> None:
    plain = inputs([value("primary", "A", 60, 100)])
    other = inputs([value("primary", "A", 120, 200)])
    heavier = replace(plain, card=replace(CARD, version=2))
    book = BOOK | {"primary": indicator("primary", version=2)}
    renewed = inputs([], book=book)
    assert len({score(each).digest for each in (plain, other, heavier, renewed)}) == 4


def test_ranks_share_places_and_leave_out_the_small() -> None:
    """A and B read the same at one decimal; D rests on nine people; E has no total."""
    values = {
        "A": [value("primary", "A", 60, 100), value("signed", "A", 15, 100), value("stays", "A", 12, 100)],
        "B": [
            value("primary", "B", 600, 1000),
            value("signed", "B", 150, 1000),
            value("stays", "B", 1201, 10_000),
        ],
        "C": [value("primary", "C", 65, 100), value("signed", "C", 30, 100), value("stays", "C", 10, 100)],
        "D": [value("primary", "D", 9, 9), value("signed", "D", 9, 9), value("stays", "D", 0, 9)],
        "E": [],
        "F": [value("primary", "F", 40, 100), value("signed", "F", 0, 100), value("stays", "F", 20, 100)],
    }
    found = {rank.key: rank for rank in ranks([result(each, key) for key, each in values.items()], CARD)}
    assert [(key, found[key].place, found[key].ties) for key in "CABF"] == [
        ("C", 1, 0),
        ("A", 2, 1),
        ("B", 2, 1),
        ("F", 4, 0),
    ]
    assert found["D"].place is None and found["D"].shown == Decimal("100.0")
    assert found["D"].reason is not None and "分母" in found["D"].reason.zh
    assert found["E"].place is None and found["E"].reason is not None


def test_values_are_ranked_in_their_direction() -> None:
    values = [
        value("stays", key, a, b) for key, a, b in (("A", 10, 100), ("B", 5, 100), ("C", 0, 9), ("D", 1, 0))
    ]
    down = value_ranks(values, indicator("stays", direction=Direction.DOWN))
    assert [(rank.key, rank.place) for rank in down] == [("B", 1), ("A", 2), ("C", None), ("D", None)]
    assert down[2].reason is not None and "10" in down[2].reason.zh
    none = value_ranks(values, indicator("stays", direction=Direction.NONE))
    assert all(rank.place is None for rank in none)


def test_a_small_unit_far_from_the_middle_is_within_chance_and_a_large_one_is_not() -> None:
    """9 of 10 where half is usual: limits at 0.2 % are 0 and 10 of ten; 900 of 1,000: far outside."""
    small, large = funnel(
        [value("primary", "A", 9, 10), value("primary", "B", 900, 1000), value("primary", "C", None, 5)],
        F(1, 2),
        Law.BINOMIAL,
        F(1, 500),
    )
    assert small.ordinary and (small.low, small.high) == (F(1, 10), F(9, 10))
    wide = funnel(
        [value("primary", "A", at, 1000) for at in (400, 450, 550, 600)],
        F(1, 2),
        Law.BINOMIAL,
        F(1, 20),
        cut=F(0),
    )
    assert all(each.ordinary for each in wide), "where all differ, nobody stands out"
    assert not large.ordinary and F(45, 100) < large.low < F(1, 2) < large.high < F(55, 100)
    found = result([value("primary", "A", 9, 10), value("primary", "3402", 500, 1000, Level.REGION)])
    assert found.scored[0].ordinary is True and found.scored[0].small is False
    assert found.scored[2].ordinary is None, "a sum of money has no such law"


def test_where_all_places_differ_by_more_than_chance_one_of_them_is_ordinary() -> None:
    """Ten large places between 41 and 59 %: each far outside chance alone, all within what places differ here; 90 % is not."""
    places = [value("primary", f"P{at}", 41_000 + 2_000 * at, 100_000) for at in range(10)]
    places += [value("primary", "A", 90_000, 100_000), value("primary", "3402", 500, 1000, Level.REGION)]
    assert result(places, "P0").scored[0].ordinary is True
    assert result(places[:1] + places[-1:], "P0").scored[0].ordinary is False, "two places are no pattern"
    assert result(places, "A").scored[0].ordinary is False


fractions = st.none() | st.fractions(-10, 10, max_denominator=100)


@given(fractions, fractions, fractions, fractions)
def test_the_parts_of_a_change_add_up(
    old_then: F | None, new_then: F | None, old_now: F | None, new_now: F | None
) -> None:
    found = split(Change(old_then, new_then, old_now, new_now))
    if found is None:
        assert old_then is None or new_now is None or (old_now is None and new_then is None)
    else:
        assert old_then is not None and new_now is not None
        assert found.definition + found.reality == found.whole == new_now - old_then
        if found.exact and old_now == old_then and new_now == new_then:
            assert found.reality == 0, "nothing happened, only the definition changed"


def test_a_change_of_definition_is_told_from_what_happened() -> None:
    """Primary share 60 → 66 %: the new definition adds 4 points then and 3 now; so reality is 60→63 and 64→66."""
    found = split(Change(F(60), F(64), F(63), F(66)))
    assert found is not None
    assert (found.whole, found.definition, found.reality, found.exact) == (6, F(7, 2), F(5, 2), True)
    once = split(Change(F(60), None, F(63), F(66)))
    assert once is not None and (once.definition, once.reality, once.exact) == (3, 3, False)


def test_both_versions_of_a_run_are_split_place_by_place() -> None:
    then, now = span("2024"), YEAR

    def run(key: str, *shares: tuple[int, object, F]) -> list[Value]:
        plain = value("primary", key, 1, 1)
        return [replace(plain, version=v, span=s, value=x) for v, s, x in shares]

    values = run("A", (1, then, F(60)), (2, then, F(64)), (1, now, F(63)), (2, now, F(66))) + run(
        "B", (2, now, F(66))
    )
    found = changes(values, old=1, new=2, then=then, now=now)
    assert {key: part.reality for (_, _, key), part in found.items()} == {"A": F(5, 2)}


@pytest.mark.parametrize(
    ("number", "digits", "reads"),
    [
        (F(5, 2), 0, "3"),
        (F(-5, 2), 0, "-3"),
        (F(8995, 100), 1, "90.0"),
        (F(1, 3), 2, "0.33"),
        (F(0), 1, "0.0"),
        (F(2), 0, "2"),
    ],
)
def test_numbers_are_rounded_as_people_do(number: F, digits: int, reads: str) -> None:
    assert str(written(number, digits)) == reads
