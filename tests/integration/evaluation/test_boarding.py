"""The board's queries: what stands on it, for whom, and in how many statements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.asking import ask_run
from tiercare.apps.evaluation.commands.running import run
from tiercare.apps.evaluation.queries.asked import Stage, last_asked
from tiercare.apps.evaluation.queries.boarding import Asked, Seen, board
from tiercare.apps.evaluation.queries.runs import newest_runs
from tiercare.apps.evaluation.queries.values import Which, count_numbers, noted, numbers, series, standings
from tiercare.apps.network.queries import institution_by_slug
from tiercare.engines.measures.schema import Level
from tiercare.jobs import tasks
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .boards_made import CONTROLLED, chronic, laid, referral, visit, with_file
from .computed import run_once
from .facts_made import JINGHU, LEAD, OTHER_LEAD, STATION, YIJIANG, commission, lay, office_of

SHARE = "primary_visit_share"


@pytest.fixture
def root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = lay(tmp_path / "facts")
    chronic(settings.FACTS_ROOT, CONTROLLED)
    day = date(2019, 1, 9)
    ups = [referral(f"U{n}", day, "up", ("primary", "tertiary")) for n in range(3)]
    laid(
        settings.FACTS_ROOT, "3402", "referrals", [*ups, referral("D", day, "down", ("tertiary", "primary"))]
    )
    return settings.FACTS_ROOT


def seen(actor: Actor, **asked: str) -> Seen:
    (kept,) = newest_runs(actor, "wuhu")
    return board(actor, kept, Asked(**{"span": "2019", **asked}))


def house(slug: str, role: Role = Role.CONSORTIUM_OFFICE) -> Actor:
    found = institution_by_slug(slug, on=date(2019, 7, 1))
    assert found is not None
    return office_of(found, role)


def tile(found: Seen, indicator: str):
    return next(each for _theme, tiles in found.themes for each in tiles if each.indicator.id == indicator)


def test_values_series_and_standings_are_read_in_one_statement_each(
    root: Path, django_assert_num_queries
) -> None:
    me = commission()
    key = run_once(me, "wuhu", root=root)
    # The wall is raised and lowered around each statement.
    with django_assert_num_queries(5):
        found = numbers(me, key, Which({SHARE}, {"consortium"}, {"2019"}))
    assert [(each.key, each.numerator, each.denominator) for each in found] == [
        (JINGHU, 6, 10),
        (YIJIANG, 1, 4),
    ]
    with django_assert_num_queries(5):
        line = series(me, key, SHARE, level="region", key="3402", spans=["2018", "2019", "2020"])
    assert [(each.span, each.value) for each in line] == [("2018", Decimal("0.5")), ("2019", Decimal("0.5"))]
    with django_assert_num_queries(5):
        assert {each.indicator for each in standings(me, key, {"down_up_ratio"})} == {"down_up_ratio"}
    with django_assert_num_queries(5):
        assert noted(me, key, "flow", spans={"2019"}, level="region")
    assert count_numbers(me, key, Which({SHARE}, {"consortium"}, {"2019"})) == 2


def test_pages_of_values_follow_one_another(root: Path) -> None:
    me = commission()
    key = run_once(me, "wuhu", root=root)
    whole = numbers(me, key, Which({SHARE}))
    pieces, after = [], ("", "", "", "")
    while part := numbers(me, key, Which({SHARE}, after=after, limit=7)):
        pieces += part
        after = part[-1].place
    assert pieces == whole and len(whole) > 14


def test_the_board_is_counted_by_hand(root: Path, django_assert_num_queries) -> None:
    me = commission()
    run_once(me, "wuhu", root=root)
    (kept,) = newest_runs(me, "wuhu")
    board(me, kept, Asked("2019"))  # the packs are read once
    with django_assert_num_queries(13):
        found = board(me, kept, Asked("2019"))
    assert (tile(found, SHARE).now.numerator, tile(found, SHARE).now.denominator) == (7, 14)
    assert tile(found, SHARE).before.value == Decimal("0.5")
    assert [each.span for each in tile(found, SHARE).line] == ["2018Q1", "2019Q1"]
    assert dict(found.flows)["referrals"] == (
        ("primary", "tertiary", "up", 3),
        ("tertiary", "primary", "down", 1),
    )
    assert ("self", "primary", "outpatient", 7) in found.flows["visits"]
    assert found.consortia == (JINGHU, YIJIANG)
    of = seen(me, consortium=JINGHU)
    assert of.level is Level.CONSORTIUM and tile(of, SHARE).now.numerator == 6
    assert ("self", "tertiary", "outpatient", 4) in of.flows["visits"]


def test_consortia_are_ranked_and_their_members_compared(root: Path) -> None:
    me = commission()
    run_once(me, "wuhu", root=root)
    quality = {indicator.id: places for indicator, places in seen(me).quality}
    first, second = quality["chronic_control_rate"]
    assert (first.rank.key, first.rank.place, first.number.value) == (YIJIANG, 1, Decimal("0.9"))
    assert (second.rank.key, second.rank.place, second.number.value) == (JINGHU, 2, Decimal("0.75"))
    assert (first.spread, second.spread) == (Fraction(0), Fraction(1, 2))
    assert (second.best.key, second.worst.key, second.members) == (LEAD, STATION, 2)


def test_few_patients_are_not_compared(root: Path) -> None:
    chronic(root, {"wuhu-jinghu_beimen": (JINGHU, 0, 3)})
    me = commission()
    run_once(me, "wuhu", root=root)
    quality = {indicator.id: places for indicator, places in seen(me).quality}
    of = next(each for each in quality["chronic_control_rate"] if each.rank.key == JINGHU)
    assert of.members == 2 and of.worst.key == STATION


def test_an_office_sees_the_region_and_its_own(root: Path) -> None:
    run_once(commission(), "wuhu", root=root)
    mine = seen(house(LEAD))
    assert tile(mine, SHARE).now.numerator == 7 and mine.flows["referrals"]
    assert mine.consortia == (JINGHU,)
    assert {each.rank.key for _, places in mine.quality for each in places} == {JINGHU}
    assert tile(seen(house(LEAD), consortium=JINGHU), SHARE).now.numerator == 6
    with pytest.raises(Refused):
        seen(house(OTHER_LEAD), consortium=JINGHU)
    with pytest.raises(Refused) as refused:
        seen(house(LEAD, Role.CLINICIAN))
    assert refused.value.refusals[0].status == 403


@pytest.mark.parametrize("wrong", [{"span": "2017"}, {"consortium": "none"}, {"map": "none"}])
def test_what_a_run_does_not_hold_is_told(root: Path, wrong: dict[str, str]) -> None:
    run_once(commission(), "wuhu", root=root)
    with pytest.raises(Refused) as refused:
        seen(commission(), **wrong)
    assert refused.value.refusals[0].status == 404


def test_what_the_board_draws_belongs_to_the_digest(root: Path, tmp_path: Path, monkeypatch) -> None:
    laid(root, "3402", "visits", [visit("X", date(2019, 1, 5), "340202", diagnosis="I10.x05")])
    me = commission()
    first = run(me, "wuhu", root=root)
    assert run(me, "wuhu", root=root) == first
    with_file(monkeypatch, tmp_path, "cn", "boards/10-board.yaml", "most: 8", "most: 1")
    second = run(me, "wuhu", root=root)
    assert second != first
    (quarter,) = noted(me, second, "volumes", spans={"2019Q1"})
    assert quarter.content == {"diseases": [["J06", 7, 7]]}


def test_a_disease_that_is_rare_in_a_quarter_is_few_there_not_gone(
    root: Path, tmp_path: Path, monkeypatch
) -> None:
    """J06 leads both years, I10 comes second in 2019 alone: with two shown, it stands in 2018 too, with nobody."""
    more = [visit(f"X{n}", date(2019, 1, 5 + n), "340202", diagnosis="I10.x05") for n in range(3)]
    laid(root, "3402", "visits", [*more, visit("Y", date(2018, 1, 5), "340202", diagnosis="K29.7")])
    with_file(monkeypatch, tmp_path, "cn", "boards/10-board.yaml", "most: 8", "most: 2")
    key = run(commission(), "wuhu", root=root)
    by_span = {each.span: each.content["diseases"] for each in noted(commission(), key, "volumes")}
    assert by_span["2018Q1"] == [["J06", 2, 2], ["I10", 0, 0]]
    assert by_span["2019Q1"] == [["J06", 7, 7], ["I10", 3, 0]]


def test_a_run_is_asked_for_once_and_computed_in_the_background(root: Path) -> None:
    me = commission()
    assert last_asked("wuhu") is None
    ask_run(me, "wuhu")
    assert last_asked("wuhu").stage is Stage.WAITING
    with pytest.raises(Refused) as again:
        ask_run(me, "wuhu")
    assert again.value.refusals[0].code == "evaluation.run_waiting"
    assert last_asked("wuhu").stage is Stage.WAITING  # what was refused has broken nothing
    assert tasks.run_pack.func("wuhu")
    (kept,) = newest_runs(me, "wuhu")
    assert kept.years == ["2018", "2019"]
    with connection.cursor() as cursor:
        for status in ("doing", "failed"):
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE task_name = %s",
                [status, "evaluation.run_pack"],
            )
    assert last_asked("wuhu").stage is Stage.FAILED
    assert app.tasks["evaluation.run_pack"]


def test_only_a_commission_asks_and_only_where_there_are_facts(root: Path, settings, tmp_path: Path) -> None:
    for actor in (house(LEAD), commission("3401")):
        with pytest.raises(Refused) as refused:
            ask_run(actor, "wuhu")
        assert refused.value.refusals[0].status == 403
    settings.FACTS_ROOT = tmp_path / "none"
    with pytest.raises(Refused) as none:
        ask_run(commission(), "wuhu")
    assert "导入" in none.value.refusals[0].way_on()
