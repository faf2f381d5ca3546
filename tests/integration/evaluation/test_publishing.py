"""What is published: to the sector with ranking, to residents in part, and never what is too few."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.publishing import publish, take_back
from tiercare.apps.evaluation.queries.assessing import indicators_of
from tiercare.apps.evaluation.queries.publishing import (
    Audience,
    for_residents,
    preview,
    publication,
    publications,
)
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.publishing import cleared, under
from tiercare.engines.measures.schema import Level

from ..records.conftest import altered
from . import assessments as made
from .assessments import CONTROL, JINGHU, SHARE, YIJIANG, commission
from .test_assessing import refused_of

pytestmark = pytest.mark.django_db
SECTOR, RESIDENTS = Audience.SECTOR, Audience.RESIDENTS


@pytest.fixture(autouse=True)
def _facts(wuhu: str, settings, tmp_path) -> None:
    settings.FACTS_ROOT = tmp_path


def clinician():
    return made.office_of(made.lead_of(YIJIANG).institution_id, Role.CLINICIAN)


@pytest.mark.clause("NHC-65")
def test_the_sector_reads_the_yearly_result_with_ranking_from_the_day_it_is_published(monkeypatch) -> None:
    made.planted()
    assessment = made.locked()
    assert publications(clinician()) == []
    # Where the clause names residents alone the sector reads nothing of it.
    packs = altered("NHC-65.audience", ["residents"])
    with monkeypatch.context() as patch:
        patch.setattr(mandates, "packs", lambda: packs)
        told = refused_of(publish, commission(), assessment_id=assessment, audience=SECTOR)
    assert told == [("evaluation.readers_not_asked_for", "indicators")] and publications(clinician()) == []
    key = publish(commission(), assessment_id=assessment, audience=SECTOR)
    found = publication(clinician(), key)
    assert found.published_at is not None and found.published_by == commission().name
    units = {each["key"]: each for each in found.content["units"]}
    assert (units[JINGHU]["place"], units[JINGHU]["total"]) == (1, "65.0")
    assert units[YIJIANG]["place"] == 2
    assert units[JINGHU]["values"][SHARE] == {"shown": "62.5 %", "counts": "500 / 800"}
    # A hospital of another city is another sector.
    other = commission("3401")
    assert refused_of(publication, other, key) == [("evaluation.no_such_publication", "indicators")]
    take_back(commission(), publication_id=key, why="数据有误")
    assert publications(clinician()) == []


def test_only_a_locked_result_is_published_and_once_to_each_audience() -> None:
    made.planted()
    assessment = made.opened()
    assert refused_of(publish, commission(), assessment_id=assessment, audience=SECTOR) == [
        ("evaluation.not_locked", "indicators")
    ]
    made.reported(assessment)
    made.reviewed(assessment)
    made.done(assessment, made.Act.SUBMIT, made.Act.APPROVE, made.Act.LOCK)
    publish(commission(), assessment_id=assessment, audience=SECTOR)
    assert refused_of(publish, commission(), assessment_id=assessment, audience=SECTOR) == [
        ("evaluation.published_before", "assessment")
    ]


@pytest.mark.clause("NHC-66")
def test_residents_see_what_is_switched_on_beside_each_consortium_and_team_and_no_more() -> None:
    made.planted()
    assessment = made.locked()
    assert for_residents("3402") == []
    publish(commission(), assessment_id=assessment, audience=RESIDENTS)
    (found,) = for_residents("3402")
    assert [each["id"] for each in found.content["indicators"]] == [SHARE]
    units = {each["key"]: each for each in found.content["units"]}
    assert set(units[JINGHU]["values"]) == {SHARE} and "total" not in units[JINGHU]
    assert CONTROL not in json.dumps(found.content)
    assert {each["consortium"] for each in found.content["teams"]} <= set(units)
    off = refused_of(
        preview, commission(), assessment_id=assessment, audience=RESIDENTS, indicators=[CONTROL]
    )
    assert off == [("evaluation.not_public", "indicators")]


def test_with_the_switch_off_residents_see_nothing() -> None:
    made.planted()
    assessment = made.locked(of=made.scheme(content=made.definition(public=False)))
    assert refused_of(publish, commission(), assessment_id=assessment, audience=RESIDENTS) == [
        ("evaluation.nothing_public", "indicators")
    ]


def test_few_cases_are_hidden_with_what_would_give_them_away_and_the_preview_says_so() -> None:
    numbers = {
        **made.NUMBERS,
        SHARE: {
            ("region", "3402"): (503, 810),
            ("consortium", JINGHU): (500, 800),
            ("consortium", YIJIANG): (3, 10),
        },
    }
    made.planted(numbers)
    assessment = made.locked()
    found = preview(commission(), assessment_id=assessment, audience=RESIDENTS)
    # The region's own number is known: with one of the two shown, the other would be too.
    assert all(SHARE not in each["values"] for each in found.content["units"])
    held = {each.name for each in found.held if each.indicator.zh == indicators_of("wuhu")[SHARE].name.zh}
    assert len(held) >= 2
    assert "810" not in json.dumps(found.content) and "503" not in json.dumps(found.content)


def value(indicator: str, key: str, above: int, below: int) -> Value:
    share = Fraction(above, below) if below else None
    return Value(indicator, 1, span("2019"), Level.CONSORTIUM, key, Fraction(above), Fraction(below), share)


counts = st.tuples(st.integers(0, 60), st.integers(0, 60))


@pytest.mark.django_db(transaction=False)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(counts, min_size=1, max_size=3), rest=counts)
def test_whatever_is_hidden_could_be_many_numbers(
    places: list[tuple[int, int]], rest: tuple[int, int]
) -> None:
    """A reader knows the region's counts, all that is shown, and that counts are not negative: what is hidden, in a place or
    in the rest of the region, could still be at least ``small`` numbers."""
    definition = indicators_of("wuhu")[SHARE]
    small = definition.small
    mine = {
        f"c{at}": {SHARE: value(SHARE, f"c{at}", part, part + other)}
        for at, (part, other) in enumerate(places)
    }
    everything = [*places, rest]
    whole = value(SHARE, "3402", sum(a for a, _ in everything), sum(a + b for a, b in everything))
    found = cleared([definition], mine, {SHARE: whole})
    shown = {key for key, _ in found.values}
    assert all(min(pair) >= small for key, pair in zip(mine, places, strict=True) if key in shown)
    hidden = [pair for key, pair in zip(mine, places, strict=True) if key not in shown and sum(pair)]
    hidden += [rest] if any(rest) else []
    for column in (0, 1):
        left = sum(pair[column] for pair in hidden)
        # Each of several could be anything from none of what is left to all of it; one alone is known, and must be many.
        many = left + 1 >= small if len(hidden) > 1 else hidden == [rest] and min(rest) >= small
        assert not shown or not hidden or many
    assert set(itertools.chain(shown, (each.key for each in found.held))) == {
        key for key, pair in zip(mine, places, strict=True) if sum(pair)
    }


def test_what_is_hidden_of_a_consortium_is_hidden_of_all_within() -> None:
    definition = indicators_of("wuhu")[SHARE]
    mine = {"a": {SHARE: value(SHARE, "a", 3, 90)}, "b": {SHARE: value(SHARE, "b", 400, 900)}}
    above = cleared([definition], mine, {SHARE: value(SHARE, "r", 403, 990)})
    members = {"m": {SHARE: value(SHARE, "m", 40, 80)}}
    assert not under(above, [definition], members, "a").values
