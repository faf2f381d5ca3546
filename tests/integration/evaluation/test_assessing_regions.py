"""Assessments as other regions' texts ask for them: five dimensions, nine indicators of every county, outcomes year by year."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from tiercare.apps.evaluation.commands.assessing import Opening, open_assessment
from tiercare.apps.evaluation.queries.assessing import cards_of, indicators_of, replayed
from tiercare.apps.evaluation.workflow import Act
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.targets import Met

from . import assessments as made
from .assessments import JINGHU, commission

pytestmark = pytest.mark.django_db
COUNTY = "340202"


@pytest.fixture(autouse=True)
def _facts(wuhu: str, settings, tmp_path) -> None:
    settings.FACTS_ROOT = tmp_path


def through(pack: str, card: str, level: str, key: str) -> UUID:
    """The card's year, with a half of a hundred for every line of one place, and a third the year before; locked."""
    lines = [each.indicator for each in cards_of(pack)[card].measures]
    places = (("region", "3402"), (level, key))
    now = {each: dict.fromkeys(places, (50, 100)) for each in lines}
    before = {each: dict.fromkeys(places, (33, 99)) for each in lines}
    made.planted(now, pack=pack, before=before)
    due = clock.today() + timedelta(days=20)
    assessment = open_assessment(commission(), Opening(pack, "2019", due, card=card))
    made.reported(assessment)
    made.reviewed(assessment)
    made.done(assessment, Act.SUBMIT, Act.APPROVE, Act.LOCK)
    return assessment


@pytest.mark.clause("YN-100")
def test_the_effect_of_a_consortium_has_five_scored_dimensions_beside_the_year_before() -> None:
    mine = made.of(commission(), through("yunnan", "yunnan_effect", "consortium", JINGHU), JINGHU)
    listed = mandates.packs().parameters["YN-100.dimensions"][-1].value
    assert [each["panel"] for each in mine.result["panels"]] == list(listed)
    assert mine.total is not None and all(each["of"] != "0" for each in mine.result["panels"])
    assert all(each.before and each.before.value for each in mine.rests_on.taken)
    assert replayed(mine)


@pytest.mark.clause("TY-113")
def test_nine_indicators_of_a_county_stand_beside_last_years_and_are_frozen() -> None:
    assessment = through("taiyuan", "taiyuan_nine", "division", COUNTY)
    mine = made.of(commission(), assessment, COUNTY)
    parameters = mandates.packs().parameters
    up, down = (parameters[f"TY-113.indicators_{way}"][-1].value for way in ("up", "down"))
    book = indicators_of("taiyuan")
    ways = [book[each.indicator].direction.value for each in mine.rests_on.taken]
    assert (ways.count("up"), ways.count("down")) == (up, down)
    assert [each["panel"] for each in mine.result["panels"]] == list(
        parameters["TY-113.dimensions"][-1].value
    )
    met = {each["indicator"]: each["met"] for each in mine.result["lines"]}
    # A half after a third: what should rise has risen, and so has what should fall.
    assert met["in_county_visit_share"] == Met.MET and met["transfer_out_patient_rate"] == Met.NOT_MET
    assert replayed(mine)


@pytest.mark.clause("YN-90")
def test_outcomes_are_compared_with_the_year_before_and_feed_the_score() -> None:
    mine = made.of(commission(), through("yunnan", "yunnan_group", "consortium", JINGHU), JINGHU)
    lines = {each["indicator"]: each for each in mine.result["lines"]}
    better, worse = lines["chronic_control_rate"], lines["chronic_admission_rate"]
    assert (better["met"], worse["met"]) == (Met.MET, Met.NOT_MET)
    assert better["points"] == "5" and worse["points"] == "0"
