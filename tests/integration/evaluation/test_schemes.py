"""How a county assesses: its own scheme, in versions; and what it makes of a score."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tiercare.apps.evaluation.commands import act
from tiercare.apps.evaluation.commands.assessing import Opening, open_assessment, propose_adjustment
from tiercare.apps.evaluation.commands.schemes import Step, define_scheme, set_factors
from tiercare.apps.evaluation.queries.assessing import cards_of, counties_without_scheme, schemes, units_in
from tiercare.apps.evaluation.queries.matters import matter
from tiercare.apps.evaluation.queries.results import latest_result
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.ledger import queries as clock
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.load import load_book
from tiercare.engines.measures.scoring import load_scorecards

from ..records.conftest import altered
from . import assessments as made
from .assessments import JINGHU, commission
from .test_assessing import refused_of

pytestmark = pytest.mark.django_db
COUNTY, ZONE = "340221", "340271"


@pytest.fixture(autouse=True)
def _facts(wuhu: str, settings, tmp_path) -> None:
    settings.FACTS_ROOT = tmp_path


def wrong(content: dict) -> set[tuple[str, str | None]]:
    return set(refused_of(made.scheme, content=content))


@pytest.mark.clause("CX-38")
def test_a_county_with_consortia_and_no_scheme_is_flagged_until_it_defines_one() -> None:
    lacking = {code for code, _ in counties_without_scheme(commission(), "3402")}
    assert COUNTY in lacking
    mine = commission(COUNTY)
    found = made.scheme(mine, division=COUNTY)
    assert (found.assessor, found.version, found.period.upper) == ("测试考核组", 1, None)
    assert COUNTY not in {code for code, _ in counties_without_scheme(commission(), "3402")}
    assert [each.id for each in schemes(mine)] == [found.id]
    # Another county's commission may not define it.
    codes = refused_of(made.scheme, commission("340222"), division=COUNTY)
    assert [code for code, _ in codes] == ["access.not_in_area"] or codes


@pytest.mark.clause("CX-38")
def test_the_countys_own_weights_decide() -> None:
    county = commission("340202")
    made.planted()
    found = open_assessment(
        county,
        Opening(
            "wuhu",
            "2019",
            clock.today() + timedelta(days=10),
            scheme_id=made.scheme(county, division="340202", content=made.definition(0, 100)).id,
        ),
    )
    shown = matter(county, matter_id=found)
    assert (shown.standing.issuer.area, shown.standing.payload["assessor"]) == ("340202", "测试考核组")


def test_every_fault_stands_at_its_place() -> None:
    assert wrong(made.definition(60, 50)) == {("evaluation.scheme_wrong", "panels")}
    one = made.definition()
    one["panels"][0]["measures"][0]["indicator"] = "primary_visit_shar"
    one["panels"][1]["measures"][0]["weight"] = -1
    assert wrong(one) == {
        ("evaluation.scheme_wrong", "panels.0.measures.0.indicator"),
        ("evaluation.scheme_wrong", "panels.1.measures.0.weight"),
    }
    assert wrong(made.definition(0, 0)) == {("evaluation.scheme_without_weight", "panels")}


def test_a_new_version_ends_the_one_before_and_follows_it() -> None:
    first, day = made.scheme(), clock.today() + timedelta(days=30)
    common = {"division": "3402", "pack": "wuhu", "assessor": "x"}
    second = define_scheme(commission(), definition=made.definition(50, 50), since=day, **common)
    newest, before = schemes(commission())
    assert (second.version, newest.id, before.id) == (2, second.id, first.id)
    assert (before.period.upper, newest.period.lower) == (day, day)
    assert refused_of(
        define_scheme, commission(), definition=made.definition(50, 50), since=day, **common
    ) == [("evaluation.scheme_too_early", "since")]


@pytest.mark.clause("TY-115")
def test_the_countys_table_makes_a_factor_of_the_score_and_can_be_switched_off() -> None:
    made.planted()
    made.locked()
    area = "340202"
    steps = [Step("0", "0.8"), Step("60", "1.0"), Step("85", "1.2")]
    common = {"division": area, "since": clock.today()}
    set_factors(commission(area), steps=steps, uses=["head_salary", "appointment"], active=True, **common)
    found = latest_result(commission(), key=JINGHU)
    assert found is not None
    assert (found.total, found.place, found.factor, found.uses) == (
        Decimal(65),
        1,
        Decimal("1.0"),
        ["head_salary", "appointment"],
    )
    steps[1] = Step("70", "1.0")
    set_factors(commission(area), steps=steps, uses=["head_salary"], active=True, **common)
    assert latest_result(commission(), key=JINGHU).factor == Decimal("0.8")
    set_factors(commission(area), steps=[], uses=[], active=False, **common)
    off = latest_result(commission(), key=JINGHU)
    assert (off.total, off.factor, off.uses) == (Decimal(65), None, ())


@pytest.mark.parametrize(
    "steps", [[Step("101", "1")], [Step("60", "-1")], [Step("60", "1"), Step("60", "2")], [Step("", "1")]]
)
def test_what_is_no_step_is_refused_in_its_row(steps: list[Step]) -> None:
    refused = refused_of(
        set_factors,
        commission("340202"),
        division="340202",
        steps=steps,
        uses=["award"],
        active=True,
        since=clock.today(),
    )
    assert refused == [("evaluation.not_a_step", f"steps.{len(steps) - 1}")]


@pytest.mark.clause("NHC-59")
def test_a_result_leads_to_a_documented_proposal_that_is_approved() -> None:
    made.planted()
    assessment = made.locked()
    mine = made.of(commission(), assessment, JINGHU)
    proposal = propose_adjustment(
        commission(),
        assessed_id=mine.id,
        change="lead",
        words="连续得分不高，建议更换牵头单位",
        application="2026-0012",
        due_on=clock.today() + timedelta(days=20),
    )
    shown = matter(commission(), matter_id=proposal)
    assert (shown.standing.state, shown.standing.payload["change"]) == (State.SUBMITTED, "lead")
    assert shown.standing.payload["digest"] == mine.result_digest
    assert act(commission(), matter_id=proposal, act=Act.APPROVE, said=Said()) is State.APPROVED


def test_nothing_is_proposed_on_a_result_that_is_not_approved() -> None:
    made.planted()
    assessment = made.opened()
    mine = made.of(commission(), assessment, JINGHU)
    refused = refused_of(
        propose_adjustment,
        commission(),
        assessed_id=mine.id,
        change="grid",
        words="x",
        application="",
        due_on=clock.today(),
    )
    assert refused == [("evaluation.no_result_yet", "assessment")]


@pytest.mark.clause("WH-46")
def test_every_county_is_assessed_and_those_without_a_result_are_listed(monkeypatch) -> None:
    """Of 芜湖's counties and zones two have numbers; the others stand there without a score."""
    made.planted()
    content = {**made.definition(100, 0), "level": "division"}
    content["panels"] = content["panels"][:1]
    assessment = made.opened(of=made.scheme(content=content))
    units = made.units_of(commission(), assessment)
    card = made.of(commission(), assessment, "340202").counted.card
    assert (
        {each.key for each in units}
        == {each.key for each in units_in("3402", card, pack="wuhu", on=date(2019, 12, 31))}
        >= {"340202", "340203", "340221", ZONE}
    )
    made.reported(assessment)
    made.reviewed(assessment)
    made.done(assessment, Act.SUBMIT, Act.APPROVE)
    found = {each.key: each.total for each in made.units_of(commission(), assessment)}
    assert (found["340202"], found["340221"], found[ZONE]) == (Decimal(75), None, None)
    # A clause that names districts alone leaves counties and the zone out of the next assessment.
    packs = altered("WH-46.subjects", ["district"])
    monkeypatch.setattr(mandates, "packs", lambda: packs)
    other = made.opened(of=made.scheme(content={**content, "id": "districts", "version": 2}))
    fewer = {each.key for each in made.units_of(commission(), other)}
    assert fewer >= {"340202", "340203"} and not fewer & {"340221", ZONE}


@pytest.mark.clause("YN-85")
def test_yunnans_focus_groups_come_first_and_each_kind_of_consortium_has_its_weights() -> None:
    cards = cards_of("yunnan")
    group, community = cards["yunnan_group"], cards["yunnan_community"]
    listed = mandates.packs().parameters["YN-85.focus"][-1].value
    for card in (group, community):
        assert [panel.id for panel in card.panels if panel.focus] == list(listed)
        assert [panel.focus for panel in card.panels] == sorted((p.focus for p in card.panels), reverse=True)
    assert (group.kinds, community.kinds) == (("CITY_GROUP",), ("COUNTY_COMMUNITY",))
    weights = [{each.indicator: each.weight for each in card.measures} for card in (group, community)]
    assert weights[0] != weights[1]


def test_every_packs_cards_can_be_read() -> None:
    packs = mandates.packs()
    for pack in packs.packs:
        found = load_scorecards(packs, pack, load_book(packs, pack))
        assert all(card.weight in {0, 100} for card in found.values())
