"""Siphoning that was planted is found, and where there is none nobody is accused: stated on 1,000 seeded regions."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from tiercare.engines.measures.periods import span
from tiercare.engines.measures.signals import Counts, Flow, Limits, Pattern, judge

from .examples import book

# As our packs say: the rates stated here are those of what the platform does.
GIVEN = {name: each.value for name, each in book("cn").given.items() if isinstance(each.value, int)}
LIMITS = Limits(
    consortia=GIVEN["siphon_least_consortia"],
    flows=GIVEN["siphon_least_flows"],
    odds=GIVEN["siphon_least_odds_percent"] / 100,
    false=GIVEN["siphon_most_false_percent"] / 100,
)
Array = Any  # of numpy: consortia × months
PAST, NOW = span("2024"), span("2025")
QUARTERS = [
    month for year in (PAST, NOW) for month in year.months()[::3]
]  # three months' counts as one, for speed
SIZES = {Flow.PATIENTS: 2_000, Flow.REFERRALS: 250, Flow.STAFF: 150, Flow.POSTINGS: 150, Flow.MONEY: 2_000}
BASE = {Flow.PATIENTS: 0.4, Flow.REFERRALS: 12.0, Flow.STAFF: 0.002, Flow.POSTINGS: 4.0, Flow.MONEY: 1.5}
FEN = 30_000  # a visit costs the fund


def region(
    seed: int,
    *,
    drawn: float = 0.0,
    consortia: int = 0,
    growth: float = 0.0,
    level: float = 0.0,
    drift: float = 0.06,
) -> list[Counts]:
    """An invented region of 4–12 consortia over two years, uneven in size, habits, season and noise.

    Args:
        drawn: the share of members' stable patients that the first lead draws in the second year; referrals and support
            down fall by as much, a third as many of the staff move up (as ``synth.Siphon`` plants it).
        growth: by which every lead grows against its members, everywhere.
        drift: how much habits change from year to year where nothing happens.
        level: by which the first lead's pulls are above the others', always.
    """
    rng = np.random.default_rng([seed, 7])
    number = consortia or int(rng.integers(4, 13))
    habit, drifts = rng.normal(0, 0.4, (number, 5)), rng.normal(0, drift, (number, 5))
    drifts[:, 4] = 0.6 * drifts[:, 0] + 0.5 * drifts[:, 4]  # money goes with patients
    many = rng.lognormal(0, 0.5, (number, 1)) * (1 + 0.1 * np.sin(np.arange(8) % 4))
    late, first = np.arange(8) >= 4, (np.arange(number) == 0)[:, None]
    found = []
    for at, flow in enumerate(Flow):
        pull = habit[:, [at]] + late * (drifts[:, [at]] + growth) + level * first
        odds = BASE[flow] * np.exp(pull + rng.normal(0, 0.04, (number, 8)))
        odds = np.where(late & first, _planted(flow, odds, drawn), odds)
        up, stay = _months(rng, flow, many * 3 * SIZES[flow], odds)
        found += [
            Counts(flow, f"C{key:02}", month, int(up[key, nth]), int(stay[key, nth]))
            for key in range(number)
            for nth, month in enumerate(QUARTERS)
        ]
    return found


def _planted(flow: Flow, odds: Array, drawn: float) -> Array:
    """The odds of a flow when that share is drawn."""
    match flow:
        case Flow.PATIENTS | Flow.MONEY:
            weight = drawn if flow is Flow.PATIENTS else drawn / 2  # half of the money is for stable patients
            return (odds + weight) / (1 - weight)
        case Flow.STAFF:
            return odds + drawn / 3 / 12
        case _:
            return odds / (1 - drawn)


def _months(rng: np.random.Generator, flow: Flow, many: Array, odds: Array) -> tuple[Array, Array]:
    match flow:
        case Flow.PATIENTS:
            people = rng.poisson(many / 2.2)  # who come more than once
            up = rng.binomial(people, odds / (1 + odds))
            return 2.2 * up, 2.2 * (people - up)
        case Flow.MONEY:
            each = rng.gamma(20, many * FEN / 20)
            share = np.minimum(odds / (1 + odds) * rng.lognormal(0, 0.05, odds.shape), 0.99)
            return each * share, each * (1 - share)
        case Flow.POSTINGS:
            return rng.poisson(many), rng.poisson(many / odds / 5) * 5  # by the week
        case Flow.STAFF:
            return rng.poisson(many * odds), many
        case _:
            return rng.poisson(many), rng.poisson(many / odds)


def judged(seed: int, **how: float) -> Pattern:
    return judge(region(seed, **how), past=PAST, now=NOW, limits=LIMITS)


def accused(pattern: Pattern) -> list[str]:
    return [signal.consortium for signal in pattern.found]


def test_of_a_thousand_regions_without_siphoning_at_most_ten_are_accused() -> None:
    assert sum(bool(accused(judged(seed))) for seed in range(1_000)) <= 10


def test_a_clear_siphon_is_found_and_nobody_beside_it() -> None:
    """Four of ten stable patients drawn, as synthetic facts plant it: found in nine of ten regions at least."""
    hits = [accused(judged(10_000 + seed, drawn=0.4)) for seed in range(100)]
    assert sum("C00" in hit for hit in hits) >= 90
    assert sum(hit not in ([], ["C00"]) for hit in hits) <= 1


def test_what_happens_everywhere_accuses_nobody() -> None:
    """A new hospital law, a bad winter: every lead gains a third against its members."""
    assert not any(accused(judged(20_000 + seed, growth=0.3)) for seed in range(60))


def test_a_consortium_that_has_always_drawn_most_is_pointed_out_as_such() -> None:
    pattern = judged(1, level=3.0, consortia=9)
    assert accused(pattern) == ["C00"] and pattern.found[0].standing
    assert "长期" in pattern.found[0].text.zh


def test_the_text_names_the_flows_with_their_numbers_and_accuses_nobody() -> None:
    (signal,) = judged(10_001, drawn=0.4).found
    assert not signal.standing and "不是认定" in signal.text.zh and "accuses nobody" in signal.text.en
    patients = next(drawn for drawn in signal.flows if drawn.flow is Flow.PATIENTS)
    assert patients.grown and f"{math.exp(patients.change):.2f}" in signal.text.zh


def test_one_flow_alone_is_no_siphon() -> None:
    """A new outpatient wing draws patients; staff, support, referrals and money stay as they were."""
    drawn = {
        (each.consortium, each.month): each for each in region(3, drawn=0.6) if each.flow is Flow.PATIENTS
    }
    mixed = [drawn[each.consortium, each.month] if each.flow is Flow.PATIENTS else each for each in region(3)]
    pattern = judge(mixed, past=PAST, now=NOW, limits=LIMITS)
    assert not pattern.found and max(pattern.signals[0].flows, key=lambda each: each.z).flow is Flow.PATIENTS


def test_few_consortia_have_no_pattern() -> None:
    pattern = judged(5, consortia=3, drawn=0.6)
    assert not pattern.signals and pattern.reason is not None and "4" in pattern.reason.zh
    assert judge([], past=PAST, now=NOW, limits=LIMITS).reason == pattern.reason


def test_months_that_are_missing_take_a_flow_out() -> None:
    """Without last year's staff rows there is no change of staff to speak of; the others are judged."""
    counts = [each for each in region(10_001, drawn=0.4) if each.flow is not Flow.STAFF or each.month in NOW]
    pattern = judge(counts, past=PAST, now=NOW, limits=LIMITS)
    assert all(drawn.flow is not Flow.STAFF for signal in pattern.signals for drawn in signal.flows)
    assert accused(pattern) == ["C00"]


def test_limits_are_parameters() -> None:
    counts = region(10_001, drawn=0.4)
    assert not judge(counts, past=PAST, now=NOW, limits=replace(LIMITS, flows=6)).found
    assert not judge(counts, past=PAST, now=NOW, limits=replace(LIMITS, consortia=50)).signals
    assert not judge(counts, past=PAST, now=NOW, limits=replace(LIMITS, odds=100.0)).found
