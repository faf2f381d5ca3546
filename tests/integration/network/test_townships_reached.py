"""“乡乡通” (YN-33): townships with a telemedicine node, those without by name, the share at the deadline; against plain SQL and
against the indicator's fact rows."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Case, Value, When
from django.db.models.functions import Concat, Substr

from tiercare.apps.network import models, queries
from tiercare.apps.network.commands import lay_down_region
from tiercare.engines.policy import PackSet, State, Verdict
from tiercare.kernel.actor import Actor

from .acts import ALWAYS, PACKS, altered, both, facility, no_facility

CARD = "yunnan/telemedicine_reaches_townships"
LAST, AFTER = date(2020, 12, 31), date(2021, 1, 1)
everywhere = facility("chuxiong-", "telemedicine_node", category="TOWNSHIP_CENTRE")

# All townships of the register, and in which of them an open institution runs a node.
WITNESS = """
SELECT d.name, EXISTS (
    SELECT FROM network_institutionversion v JOIN network_facility f ON f.institution_id = v.institution_id
    WHERE v.township_code = d.code AND v.period @> %(on)s::date
      AND f.kind = 'telemedicine_node' AND f.period @> %(on)s::date)
FROM terms_division d WHERE d.level = 'TOWNSHIP' AND starts_with(d.code, '5323') AND d.period @> %(on)s::date
"""


@pytest.fixture
def chuxiong(wuhu: str) -> None:
    if not models.LaidDown.objects.filter(pack="chuxiong").exists():
        lay_down_region(actor=Actor.system("test"), pack_id="chuxiong")


def _renamed() -> None:
    """禄丰 is a city with a code of its own from 2021 on: its commission writes that into plan and register."""
    models.PlanningArea.objects.filter(division_code="532331").update(division_code="532302")
    rows = models.InstitutionVersion.objects.filter(division_code="532331")
    rows.update(
        division_code="532302",
        township_code=Case(
            When(township_code="", then=Value("")),
            default=Concat(Value("532302"), Substr("township_code", 7)),
        ),
    )


def _verdict(on: date = LAST, packs: PackSet = PACKS) -> Verdict:
    checked = queries.check("chuxiong", on=on, packs=packs)
    return next(v for v in checked.compliance.verdicts if v.card.key == CARD)


def _without(verdict: Verdict) -> set[str]:
    return {str(finding.fields["place"]) for finding in verdict.findings}


def _witness(on: date) -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(WITNESS, {"on": on})
        return dict(cursor.fetchall())


@pytest.mark.clause("YN-33")
def test_townships_without_a_node_are_named_and_the_share_is_judged_at_the_deadline(chuxiong: None) -> None:
    before = _verdict(date(2020, 6, 30))
    assert before.state is State.AT_RISK and before.measure is not None
    assert "吕合镇" in _without(before) and "鹿城镇" not in _without(before)
    (told,) = [f for f in before.findings if f.fields["place"] == "吕合镇"]
    assert before.sentence(told, "zh").startswith("楚雄市吕合镇还没有") and "100%" in before.sentence(
        told, "zh"
    )
    assert "吕合镇" in before.sentence(told, "en") and "吕合镇" in before.remedy(told, "zh")
    assert _verdict(LAST).state is State.AT_RISK and _verdict(AFTER).state is State.MISSED
    everywhere()
    (left,) = _verdict(AFTER).findings
    assert "禄丰" in _verdict(AFTER).sentence(left, "zh") and "尚未登记" in _verdict(AFTER).sentence(
        left, "zh"
    )
    _renamed()
    met = _verdict(AFTER)
    assert met.state is State.MET and met.measure is not None
    assert met.measure.numerator == met.measure.denominator == len(_witness(AFTER)) > 100
    # One township is cut off: 100 % is missed, 99 % of a milder pack is not; with a later deadline it is not missed yet.
    models.Facility.objects.filter(
        institution__versions__township_code="532301103", kind="telemedicine_node"
    ).delete()
    cut = _verdict(AFTER)
    assert cut.state is State.MISSED and _without(cut) == {"吕合镇"}
    assert _verdict(AFTER, altered("YN-33.township_coverage", 0.99)).state is State.MET
    assert _verdict(AFTER, altered("YN-33.deadline", date(2021, 6, 30))).state is State.AT_RISK


@pytest.mark.parametrize("on", [date(2018, 12, 31), LAST, date(2022, 1, 1)])
def test_the_card_agrees_with_plain_sql_and_with_the_indicator(chuxiong: None, on: date) -> None:
    both(
        no_facility("chuxiong-lufeng_", "telemedicine_node"),
        facility("chuxiong-yaoan", "telemedicine_node", category="VILLAGE_CLINIC"),
    )()
    if on > LAST:
        _renamed()
    verdict, witness = _verdict(on), _witness(on)
    assert verdict.measure is not None
    reached = sum(witness.values())
    assert (verdict.measure.numerator, verdict.measure.denominator) == (reached, len(witness))
    rows = queries.fact_grids("5323", on=on, places=queries.fact_places(on=on))
    townships = [row for row in rows if row["kind"] == "township"]
    assert (sum(row["telemedicine"] for row in townships), len(townships)) == (reached, len(witness))


def test_a_node_that_starts_later_or_ended_reaches_nobody(chuxiong: None) -> None:
    everywhere()
    _renamed()
    nodes = models.Facility.objects.filter(
        institution__versions__township_code="532301103", kind="telemedicine_node"
    )
    assert nodes.count() == 1
    states = []
    for start, end in ((None, date(2020, 12, 1)), (date(2021, 2, 1), None), (None, None)):
        nodes.update(period=type(ALWAYS)(start or date(2010, 1, 1), end))
        states.append(_verdict(AFTER).state)
    assert states == [State.MISSED, State.MISSED, State.MET]


def test_counties_whose_townships_nobody_entered_are_said_to_be_unknown(wuhu: str) -> None:
    lay_down_region(actor=Actor.system("test"), pack_id="yunnan")
    checked = queries.check("yunnan", on=AFTER)
    verdict = next(v for v in checked.compliance.verdicts if v.card.key == CARD)
    assert verdict.state is State.MISSED and verdict.measure is not None
    assert verdict.measure.denominator == len(verdict.findings) > 100
    assert all("尚未登记" in verdict.sentence(f, "zh") for f in verdict.findings)
