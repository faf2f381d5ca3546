"""A set of rows is tried before it is saved: what it breaks, worsens and heals; kept whole or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tiercare.apps.network import models, queries
from tiercare.apps.network.commands.trying import consider, take_over
from tiercare.apps.network.queries.registers import register_rows
from tiercare.apps.network.rules.entries import Entry, read_row
from tiercare.apps.network.rules.registers import REGISTERS
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import VERDICT_DAY

SYSTEM = Actor.system("test")
AUGUST = date(2019, 8, 1)


def row(register: str, place: str = "", **cells: str) -> Entry:
    entry, problems = read_row(REGISTERS[register], {"from": AUGUST.isoformat(), **cells}, place)
    assert entry is not None, problems
    return entry


def _community() -> tuple[models.Joining, str]:
    """A county community with its one tertiary partner."""
    joining = models.Joining.objects.filter(
        parent__kind="URBAN_RURAL", child__kind="COUNTY_COMMUNITY", period__contains=AUGUST
    ).first()
    assert joining is not None
    lead = models.Membership.objects.get(consortium=joining.parent_id, role="LEAD", period__contains=AUGUST)
    return joining, lead.institution.slug


def _another_tertiary(than: str) -> str:
    rows = models.InstitutionVersion.objects.filter(
        division_code__startswith="3402", level=3, category="GENERAL", owner="PUBLIC", period__contains=AUGUST
    )
    return str(
        rows.exclude(institution__slug=than).order_by("name").values_list("institution__slug", flat=True)[0]
    )


def _second_partner() -> list[Entry]:
    joining, lead = _community()
    other = _another_tertiary(lead)
    return [
        row(
            "consortia",
            "医联体!2",
            code="second-partner",
            name="第二城乡医联体",
            kind="城乡医联体",
            division="3402",
        ),
        row("memberships", "成员!2", consortium="second-partner", institution=other, role="牵头医院"),
        row("joinings", "整体加入!2", parent="second-partner", child=joining.child.slug),
    ]


@pytest.mark.clause("WH-27")
def test_a_second_tertiary_partner_is_told_and_nothing_stays(wuhu: str) -> None:
    before = queries.network_facts(wuhu, on=AUGUST)
    considered = consider(SYSTEM, _second_partner(), pack_id="wuhu", on=VERDICT_DAY)
    assert considered.problems == ()
    broken = {v.card.key: v for v in considered.broken}
    assert "wuhu/one_tertiary_partner_per_community" in broken
    verdict = broken["wuhu/one_tertiary_partner_per_community"]
    assert verdict.card.clauses == ("WH-27",)
    assert "2" in verdict.sentence(verdict.findings[0])
    assert queries.network_facts(wuhu, on=AUGUST) == before
    assert not models.Consortium.objects.filter(slug="second-partner").exists()


def test_taking_over_refuses_with_the_same_cards_and_leaves_nothing(wuhu: str) -> None:
    entries = _second_partner()
    considered = consider(SYSTEM, entries, pack_id="wuhu", on=VERDICT_DAY)
    with pytest.raises(Refused) as refused:
        take_over(SYSTEM, entries, pack_id="wuhu", on=VERDICT_DAY)
    assert {r.code for r in refused.value.refusals} == {v.card.id for v in considered.broken}
    assert all(r.clauses and r.way_on() for r in refused.value.refusals)
    assert not models.Consortium.objects.filter(slug="second-partner").exists()


def test_a_second_lead_is_answered_by_its_card_and_by_the_database_alike(wuhu: str) -> None:
    membership = models.Membership.objects.filter(role="LEAD", consortium__kind="CITY_GROUP").first()
    assert membership is not None
    other = _another_tertiary(membership.institution.slug)
    entries = [
        row(
            "memberships", "成员!2", consortium=membership.consortium.slug, institution=other, role="牵头医院"
        )
    ]
    considered = consider(SYSTEM, entries, pack_id="wuhu", on=VERDICT_DAY)
    assert "cn/one_lead_per_consortium" in {v.card.key for v in considered.broken}
    with pytest.raises(Refused):
        take_over(SYSTEM, entries, pack_id="wuhu", on=VERDICT_DAY)


def test_what_is_allowed_is_kept_recorded_and_can_be_taken_back(wuhu: str) -> None:
    hospital = models.InstitutionVersion.objects.filter(
        division_code="340202", category="COMMUNITY_CENTRE", period__contains=AUGUST
    ).first()
    assert hospital is not None
    slug = hospital.institution.slug
    (present,) = [e for e in register_rows("institutions", wuhu, on=AUGUST) if e.text("code") == slug]
    cells = {**present.values, "beds": 77, "from": AUGUST}
    before = register_rows("institutions", wuhu, on=AUGUST)
    written = take_over(SYSTEM, [Entry("institutions", cells)], pack_id="wuhu", on=VERDICT_DAY)
    assert (written.created, written.changed, written.unchanged) == (0, 1, 0)
    assert queries.network_facts(wuhu, on=AUGUST).institutions[str(hospital.institution_id)].beds == 77
    assert (
        queries.network_facts(wuhu, on=AUGUST - timedelta(days=1))
        .institutions[str(hospital.institution_id)]
        .beds
        == present.values["beds"]
    )
    assert models.Reported.objects.filter(
        institution=hospital.institution_id, register="institutions"
    ).exists()
    take_over(SYSTEM, list(written.inverse), pack_id="wuhu", on=VERDICT_DAY)
    assert register_rows("institutions", wuhu, on=AUGUST) == before


def test_a_change_of_the_day_after_tomorrow_is_looked_at_on_that_day(wuhu: str) -> None:
    considered = consider(SYSTEM, _second_partner(), pack_id="wuhu", on=VERDICT_DAY)
    assert [day for day, _ in considered.days] == [VERDICT_DAY, AUGUST]
    assert considered.days[0][1].broken == ()


def test_healing_is_told(wuhu: str) -> None:
    at_risk = next(
        v
        for v in queries.check("wuhu", on=VERDICT_DAY).compliance.verdicts
        if v.card.id == "telemedicine_covers_primary_care"
    )
    key = at_risk.findings[0].subject.partition(":")[2]
    slug = models.Institution.objects.get(id=key).slug
    (present,) = [e for e in register_rows("institutions", wuhu, on=AUGUST) if e.text("code") == slug]
    facilities = tuple(sorted({*present.several("facilities"), "telemedicine_node"}))
    entry = Entry("institutions", {**present.values, "facilities": facilities, "from": AUGUST})
    considered = consider(SYSTEM, [entry], pack_id="wuhu", on=VERDICT_DAY)
    healed = {v.card.key: v for v in considered.healed}
    assert [f.subject for f in healed["cn/telemedicine_covers_primary_care"].findings] == [
        f"institution:{key}"
    ]
    assert considered.broken == ()
