"""Prefectures are judged one by one, kept, and added up; what was kept is asked again once it is no longer true."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.mandates import commands as mandating
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands, models, queries
from tiercare.apps.network.queries import standing
from tiercare.apps.network.rules import PREDICATES, Network
from tiercare.apps.network.rules.plain import from_plain
from tiercare.apps.terms.commands import lay_down_divisions
from tiercare.engines.policy import State, inspect, judge, together
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7

SYSTEM = Actor.system("test")
COMMISSION = Actor(uuid7(), "演示·卫健委", "commission", division_code="53")


@pytest.fixture
def yunnan(db: None) -> date:
    """云南 and 楚雄 with it; the day of the province's verdict."""
    lay_down_divisions(actor=SYSTEM)
    commands.lay_down_region(actor=SYSTEM, pack_id="chuxiong")
    return commands.lay_down_region(actor=SYSTEM, pack_id="yunnan").verdict_on


def _told(checked: queries.Checked) -> dict[str, tuple[State, int, int, object]]:
    return {v.card.key: (v.state, v.checked, v.found, v.measure) for v in checked.compliance.verdicts}


def test_the_prefectures_add_up_to_the_province(yunnan: date) -> None:
    packs = mandates.packs()
    facts = queries.network_facts("53", on=yunnan)
    whole = inspect(packs, packs.cards_for("yunnan", app="network"), PREDICATES, facts, on=yunnan)
    added = queries.check("yunnan", on=yunnan)
    assert added.facts is None
    assert added.size.institutions == len(facts.local())
    expected = {
        card.key: judge(packs, card, whole.get(card.key), on=yunnan)
        for card in packs.cards_for("yunnan", app="network")
    }
    assert _told(added) == {key: (v.state, v.checked, v.found, v.measure) for key, v in expected.items()}


def test_what_was_kept_says_the_same_in_a_fixed_number_of_queries(yunnan: date) -> None:
    live = _told(queries.check("yunnan", on=yunnan))
    parts = standing.parts_of("53")
    assert len(parts) > 10
    assert commands.judge_stale("yunnan", on=yunnan, at_most=3) == 3
    assert commands.judge_stale("yunnan", on=yunnan) == len(parts) - 3
    assert commands.judge_stale("yunnan", on=yunnan) == 0
    with CaptureQueriesContext(connection) as asked:
        kept = queries.check("yunnan", on=yunnan)
    assert kept.pending == ()
    assert _told(kept) == live
    assert len(asked) <= 7, "packs, waivers, stamps, what was kept, its sums, some findings, its size"


def test_a_change_makes_its_prefecture_stale_and_no_other(yunnan: date) -> None:
    commands.judge_stale("yunnan", on=yunnan)
    hospital = models.InstitutionVersion.objects.filter(
        division_code__startswith="5323", level=3, period__contains=yunnan
    ).first()
    assert hospital is not None
    commands.change_institution(
        actor=SYSTEM, institution_id=hospital.institution_id, start=yunnan, changes={"beds": 7}
    )
    waiting = queries.check("yunnan", on=yunnan, at_most=0)
    assert waiting.pending == ("5323",)
    assert queries.check("yunnan", on=yunnan).pending == ()
    assert commands.judge_stale("yunnan", on=yunnan) == 1
    assert queries.check("yunnan", on=yunnan, at_most=0).pending == ()


def test_a_waiver_makes_everything_stale_and_is_counted_wherever_it_lies(yunnan: date) -> None:
    community = _joined_twice(yunnan)
    verdicts = queries.check("yunnan", on=yunnan).compliance.verdicts
    verdict = next(v for v in verdicts if v.card.id == "one_group_of_same_level_and_type")
    assert verdict.state is State.VIOLATED
    subject = f"consortium:{community}"
    commands.judge_stale("yunnan", on=yunnan)
    mandating.grant_waiver(
        actor=COMMISSION,
        pack_id="yunnan",
        card_key=verdict.card.key,
        subject=subject,
        subject_name="演示",
        reason="演示用例：过渡期内保留",
        start=yunnan,
        end=yunnan + timedelta(days=30),
    )
    assert len(queries.check("yunnan", on=yunnan, at_most=0).pending) == len(standing.parts_of("53"))
    commands.judge_stale("yunnan", on=yunnan)
    after = next(
        v for v in queries.check("yunnan", on=yunnan).compliance.verdicts if v.card.key == verdict.card.key
    )
    assert [f.subject for f, _ in after.waived] == [subject]
    assert after.found == verdict.found - 1


def _joined_twice(on: date) -> UUID:
    """A community of 楚雄 that joins two groups of one level and type, which no command would let through."""
    joining = models.Joining.objects.filter(
        child__versions__division_code__startswith="5323", parent__kind="CITY_GROUP", period__contains=on
    ).first()
    assert joining is not None
    lead = models.Membership.objects.get(consortium=joining.parent_id, role="LEAD", period__contains=on)
    period = DateRange(on, None)
    second = models.Consortium.objects.create(slug="second-group", kind="CITY_GROUP")
    models.ConsortiumVersion.objects.create(
        consortium=second, period=period, name="第二医疗集团（演示）", division_code="5323"
    )
    models.Membership.objects.create(
        consortium=second, institution_id=lead.institution_id, role="LEAD", period=period
    )
    models.Joining.objects.create(parent=second, child_id=joining.child_id, period=period)
    return joining.child_id


def test_one_drills_from_the_province_to_a_township(yunnan: date) -> None:
    commands.judge_stale("yunnan", on=yunnan)
    province = queries.check("yunnan", on=yunnan)
    rows = {row.code: row for row in queries.areas_below(province)}
    assert set(rows) == set(standing.parts_of("53"))
    open_findings = sum(v.found for v in province.compliance.verdicts if v.state in rows["5323"].found)
    assert rows["5323"].name == "楚雄彝族自治州"
    assert 0 < rows["5323"].total < open_findings
    prefecture = queries.check("yunnan", on=yunnan, area="5323")
    counties = {row.code: row for row in queries.areas_below(prefecture)}
    assert prefecture.facts is not None
    assert set(counties) >= set(prefecture.facts.areas)
    worst = max(counties.values(), key=lambda row: row.total)
    county = queries.narrowed(prefecture, worst.code)
    assert sum(v.found for v in county.compliance.verdicts if v.state in worst.found) == worst.total
    townships = queries.areas_below(prefecture, worst.code)
    assert townships and all(row.code.startswith(worst.code) and len(row.code) == 9 for row in townships)


def test_names_of_findings_are_asked_where_no_facts_are_at_hand(yunnan: date) -> None:
    names = queries.names_in(queries.check("yunnan", on=yunnan))
    assert any(key.startswith("institution:") for key in names)
    assert all(names.values())


def test_outcomes_of_parts_with_a_share_count_only_below_the_target() -> None:
    packs = mandates.packs()
    card = next(c for c in packs.cards_for("yunnan") if c.id == "tertiary_public_take_part")
    parts = [
        inspect(packs, [card], PREDICATES, part, on=date(2018, 6, 1))[card.key] for part in two_prefectures()
    ]
    whole = together(parts)
    assert whole.checked == 2
    assert whole.measure is not None and whole.measure.share == 0.5
    assert judge(packs, card, whole, on=date(2018, 6, 1)).found == 1


def two_prefectures() -> list[Network]:
    """One whose tertiary hospital leads a group, one whose does not."""
    inside = {
        "region": "53",
        "institutions": {"A": {"level": 3, "division": "530102"}},
        "consortia": {"G": {"lead": "A", "division": "530102"}},
    }
    outside = {"region": "53", "institutions": {"B": {"level": 3, "division": "532301"}}}
    return [from_plain(inside), from_plain(outside)]
