"""Scorecards through the pages: points and ranks, four pillars recorded as complete, and a result computed again to the digit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.running import compute, keep
from tiercare.apps.evaluation.queries import scorecards
from tiercare.apps.evaluation.queries.marks import marks_of
from tiercare.apps.ledger import queries as ledger
from tiercare.engines.measures.schema import Level

from ...unit.measures.examples import rows_of
from ...unit.measures.test_annex_whole import GOOD
from ..evaluation.facts_made import commission
from .indicators_desk import THIS, altered, computed, lay
from .test_indicator_clauses import desk, plain, stores

__all__ = ["desk", "stores"]
HERE, CARD, PILLARS = "440705", "wuhu_yearly", "xinhui_four_pillars"


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay(tmp_path_factory.mktemp("facts") / "xinhui", HERE, rows_of(GOOD))


def marked(
    client: Client,
    panel: str,
    *,
    complete: str = "yes",
    evidence: str = "新府办〔2017〕1号",
    day: str = "2017-12-20",
) -> int:
    """Send the form of a panel; the status of the answer."""
    return client.post(
        f"/scorecards/{PILLARS}/marks?region=xinhui&on=2026-06-30",
        {"panel": panel, "complete": complete, "evidence": evidence, "day": day, "span": "2017"},
    ).status_code


def again(settings, root: Path) -> UUID:
    """The run that comes after a record: the same facts, with what has been recorded."""
    actor = commission(HERE)
    return keep(actor, compute("xinhui", years=[2017], root=root, marks=marks_of(actor, HERE)))


@pytest.mark.clause("XH-06")
def test_four_pillars_are_established_when_each_has_been_recorded(desk, district: Path, settings) -> None:
    it = desk("annex", "xinhui", HERE, district, [2017])
    text = it.read(f"/scorecards/{PILLARS}", span="2017")
    assert "尚未全面建立" in text and text.count("尚未记为完成") >= 4
    for panel in ("first_contact", "two_way_referral", "acute_chronic_separation"):
        marked(it.client, panel)
    again(settings, district)
    assert "尚未全面建立" in it.read(f"/scorecards/{PILLARS}", span="2017"), "three of four"
    marked(it.client, "vertical_linkage")
    assert "本次结果还没有算入" in it.read(f"/scorecards/{PILLARS}", span="2017")
    again(settings, district)
    text = it.read(f"/scorecards/{PILLARS}", span="2017")
    assert "尚未全面建立" not in text and "全面建立" in text and "新府办〔2017〕1号" in text
    marked(it.client, "vertical_linkage", complete="no", evidence="撤回：协议未签")
    again(settings, district)
    assert "尚未全面建立" in it.read(f"/scorecards/{PILLARS}", span="2017")
    assert len(ledger.events(kind="evaluation.panel_marked")) == 5


def test_a_record_needs_evidence_a_day_that_has_come_and_a_panel_that_takes_one(desk, district: Path) -> None:
    it = desk("annex", "xinhui", HERE, district, [2017])
    assert marked(it.client, "first_contact", evidence=" ") == 422
    assert marked(it.client, "first_contact", day="2199-01-01") == 422
    assert marked(it.client, "beds") == 422
    assert marked(it.client, "first_contact") == 302
    assert marked(it.client, "first_contact") == 409, "it stands so already"
    assert len(ledger.events(kind="evaluation.panel_marked")) == 1


def test_only_the_commission_of_the_area_records(
    desk, district: Path, client_of: Callable[..., Client]
) -> None:
    desk("annex", "xinhui", HERE, district, [2017])
    for role, area in ((Role.AUDITOR, HERE), (Role.CONSORTIUM_OFFICE, HERE), (Role.COMMISSION, "3402")):
        client = client_of(role, area)
        assert marked(client, "first_contact") == 403, role
    assert not ledger.events(kind="evaluation.panel_marked")


def test_a_weighed_card_shows_points_curves_ranks_and_why_somebody_has_none(desk, stores) -> None:
    it = desk("bag", "wuhu", "3402", stores("3402", "3402"), [2024, THIS])
    answer = it.client.get(f"/scorecards/{CARD}", {"region": "wuhu", "on": "2026-06-30", "span": str(THIS)})
    text = plain(answer.content)
    assert "分值、零分线和满分线系平台拟定" in text and "不足 70 % 不给总分" in text
    assert answer.content.count(b'class="card-curve"') == 11
    assert "可计算的权重不足，没有总分，不排名。" in text
    assert "比上年同期上升" in text and "WH-51" in text


def test_a_result_is_computed_again_to_the_digit_and_a_touched_record_is_known(desk, stores) -> None:
    it = desk("bag", "wuhu", "3402", stores("3402", "3402"), [2024, THIS])
    asked = {"region": "wuhu", "on": "2026-06-30", "span": str(THIS)}
    assert "复算一致" in plain(it.client.get(f"/scorecards/{CARD}/replay", asked).content)
    actor = commission()
    with scoped(actor, area="3402"), connection.cursor() as cursor:
        cursor.execute("SELECT run_id FROM evaluation_score WHERE card = %s LIMIT 1", [CARD])
        (run_id,) = cursor.fetchone()
    found = scorecards.replay(actor, run_id, card=CARD, span=str(THIS), level=Level.REGION, key="3402")
    assert found.same and found.result.digest == found.digest


def test_who_has_no_record_is_told_so(desk, stores) -> None:
    it = desk("bag", "wuhu", "3402", stores("3402", "3402"), [2024, THIS])
    asked = {"region": "wuhu", "on": "2026-06-30", "span": str(THIS), "level": "consortium", "key": "nobody"}
    answer = it.client.get(f"/scorecards/{CARD}/replay", asked)
    assert answer.status_code == 404 and "没有找到这份结果的计算依据" in plain(answer.content)


def test_other_weights_in_the_pack_give_other_points(desk, stores, settings, tmp_path: Path) -> None:
    it = desk("bag", "wuhu", "3402", stores("3402", "3402"), [2024, THIS])
    before = it.read(f"/scorecards/{CARD}", span=str(THIS))
    lighter = {
        r"indicator: first_contact_rate, weight: 15": "indicator: first_contact_rate, weight: 1",
        r"indicator: primary_support_reach, weight: 5": "indicator: primary_support_reach, weight: 19",
    }
    with altered(settings, tmp_path, {"wuhu": lighter}):
        keep(commission(), computed("lighter", "wuhu", stores("3402", "3402"), [2024, THIS]))
        after = it.read(f"/scorecards/{CARD}", span=str(THIS))
    assert "/ 19 " in after and "/ 19 " not in before
