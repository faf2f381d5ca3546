"""A run: what is computed by hand stands in it, once, for those whom it concerns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.running import compute, keep, run
from tiercare.apps.evaluation.models import Run, Value
from tiercare.apps.evaluation.queries.matters import area_of
from tiercare.apps.evaluation.queries.runs import newest_runs, run_of
from tiercare.apps.network.queries import institution_by_slug
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .computed import run_once, small_year
from .facts_made import JINGHU, LEAD, OTHER_LEAD, STATION, commission, lay, office_of, visits

INDICATOR = "primary_visit_share"


@pytest.fixture
def root(tmp_path: Path, wuhu: str) -> Path:
    return lay(tmp_path / "facts")


def values(actor: Actor, **wanted: str) -> dict[tuple[str, str, str], tuple[int, int, Decimal | None]]:
    with scoped(actor, area=area_of(actor)):
        return {
            (v.span, v.level, v.key): (int(v.numerator), int(v.denominator), v.value)
            for v in Value.objects.filter(indicator=INDICATOR, **wanted)
        }


def house(slug: str) -> Actor:
    found = institution_by_slug(slug, on=date(2019, 7, 1))
    assert found is not None
    return office_of(found)


def test_counts_are_those_that_were_made_by_hand(root: Path) -> None:
    me = commission()
    kept = run_of(me, run(me, "wuhu", root=root))
    assert kept.years == ["2018", "2019"] and kept.synthetic and kept.region == "3402"
    found = values(me, span="2019")
    assert found["2019", "region", "3402"] == (7, 14, Decimal("0.5"))
    assert found["2019", "division", "340202"][:2] == (6, 10)
    assert found["2019", "consortium", JINGHU][:2] == (6, 10)
    assert found["2019", "institution", LEAD][:2] == (0, 4)
    assert values(me, span="2018")["2018", "region", "3402"][:2] == (2, 4)
    quarter = values(me, span="2019Q1")
    assert quarter["2019Q1", "region", "3402"][:2] == (7, 14)
    assert {level for _, level, _ in quarter} == {"region", "division", "consortium"}


def test_the_same_facts_are_kept_once_and_others_beside_them(root: Path) -> None:
    me = commission()
    first = run(me, "wuhu", root=root)
    assert run(me, "wuhu", root=root) == first
    more = [{**row, "visit": f"more-{n}"} for n, row in enumerate(visits(2019)[:2])]
    lay(root, more=more, seed="more")
    second = run(me, "wuhu", root=root)
    assert second != first
    assert [each.id for each in newest_runs(me, "wuhu", most=5)] == [second, first]
    assert len({each.digest for each in newest_runs(me, "wuhu", most=5)}) == 2


def test_an_office_sees_its_own_and_the_region(root: Path) -> None:
    run_once(commission(), "wuhu", root=root)
    lead, other = house(LEAD), house(OTHER_LEAD)
    mine = {key for span, _, key in values(lead) if span == "2019"}
    assert {"3402", "340202", "340203", JINGHU, LEAD, STATION} <= mine
    assert OTHER_LEAD not in mine and "wuhu-city-yijiang" not in mine
    theirs = {key for span, _, key in values(other) if span == "2019"}
    assert LEAD not in theirs and STATION not in theirs and OTHER_LEAD in theirs
    member = {key for span, _, key in values(house(STATION)) if span == "2019"}
    assert STATION in member and LEAD not in member and JINGHU not in member


def test_another_city_sees_nothing_and_may_compute_nothing(root: Path) -> None:
    run_once(commission(), "wuhu", root=root)
    stranger = commission("3401")
    assert values(stranger) == {}
    with scoped(stranger, area=area_of(stranger)):
        assert not Run.objects.exists()
    with pytest.raises(Refused) as refused:
        run(stranger, "wuhu", root=root)
    assert refused.value.refusals[0].status == 403
    with pytest.raises(Refused):
        keep(
            office_of(house(LEAD).institution_id or commission().account_id, Role.CLINICIAN),
            small_year(),
        )


def test_without_facts_it_says_what_to_do(tmp_path: Path, wuhu: str) -> None:
    with pytest.raises(Refused) as refused:
        run(commission(), "wuhu", root=tmp_path / "nothing")
    (why,) = refused.value.refusals
    assert why.code == "evaluation.no_facts" and "导入" in why.way_on()


def test_a_county_sees_what_lies_in_it_and_the_yardstick(root: Path) -> None:
    run_once(commission(), "wuhu", root=root)
    seen = {key for span, _, key in values(commission("340202")) if span == "2019"}
    assert {"3402", "340202", "340203", JINGHU, LEAD, STATION} == seen


def test_what_comes_while_it_is_computed_is_in_it_whole_or_not_at_all(root: Path) -> None:
    before = compute("wuhu", root=root).digest
    more = [{**row, "visit": f"more-{n}"} for n, row in enumerate(visits(2019)[:4])]
    office = Thread(target=lay, args=(root,), kwargs={"more": more, "seed": "while"})
    office.start()
    found = compute("wuhu", root=root).digest
    office.join()
    assert found in {before, compute("wuhu", root=root).digest}
