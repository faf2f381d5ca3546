"""XH-01: the roll-out goes by its starting points, and the first page opens with them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from django.test import Client
from tests.integration.referrals.places import altered
from tests.integration.referrals.seen import in_force

from tiercare.apps.access.rules import Role
from tiercare.apps.evaluation.commands.projects import Opening, open_project
from tiercare.apps.evaluation.commands.running import keep
from tiercare.apps.evaluation.rules.projects import parts_now
from tiercare.apps.evaluation.rules.standing import Said
from tiercare.apps.evaluation.workflow import Act, State
from tiercare.apps.mandates import queries as mandates
from tiercare.engines.measures.evaluate import Value
from tiercare.engines.measures.periods import span
from tiercare.engines.measures.schema import Level
from tiercare.engines.policy.model import Value as Said_
from tiercare.kernel.refusal import Refused

from ..evaluation.boards_made import laid as lay_rows
from ..evaluation.boards_made import visit
from ..evaluation.computed import small_year
from ..evaluation.facts_made import commission
from ..evaluation.supervised import commands, commission_of, stored
from .capacity_desk import text_of

pytestmark = pytest.mark.django_db
XINHUI = "440705"
FRAME = "region=xinhui&on=2019-12-31"


@pytest.fixture
def root(settings, tmp_path: Path, wuhu: str) -> Path:
    settings.FACTS_ROOT = tmp_path / "facts"
    return settings.FACTS_ROOT


def words(name: str) -> list[str]:
    value: Said_ = mandates.packs().parameters[name][-1].value
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def computed() -> None:
    """Four of ten visits for common diseases at primary care, one of two for frequent ones, three of four for chronic ones, and a
    signing coverage of 3/8."""
    rows = []
    for diagnosis, near, far in (("J06.9", 4, 6), ("K30", 1, 1), ("I10", 3, 1)):
        for number in range(near + far):
            tier = "primary" if number < near else "secondary"
            name = f"{diagnosis}-{number}"
            rows.append(
                visit(
                    name,
                    date(2019, 1, 9),
                    XINHUI,
                    home=XINHUI,
                    diagnosis=diagnosis,
                    tier=tier,
                    institution=tier,
                )
            )
    from django.conf import settings

    lay_rows(Path(settings.FACTS_ROOT), XINHUI, "visits", rows)
    year = small_year()
    signed = Value(
        "signing_coverage", 1, span("2019"), Level.REGION, XINHUI, Fraction(3), Fraction(8), Fraction(3, 8)
    )
    of = replace(year.assessment, standings=(), values=(signed,))
    keep(
        commission(XINHUI),
        replace(year, pack="xinhui", region=XINHUI, assessment=of, values=(signed,), cards=(), noticed=()),
    )


@pytest.mark.clause("XH-01")
def test_the_roll_out_and_the_first_page_follow_the_two_starting_points(
    root: Path, client_of: Callable[..., Client], monkeypatch
) -> None:
    in_force("xinhui", "3402")
    city, county = commission_of("3402"), commission_of("340223")
    key = open_project(city, Opening("roll_out", "division:340223"))
    stands = parts_now(stored(key).payload, [])
    order = [*words("XH-01.entry"), *words("XH-01.breakthrough")]
    assert [each.part["id"] for each in stands] == order

    def done(matter, part: str, state: str = "done") -> State:
        said = Said("示例：推进", {"part": part, "state": state})
        return commands.act(county, matter_id=matter, act=Act.NOTE, said=said)

    with pytest.raises(Refused) as caught:
        done(key, order[-1])
    assert [each.code for each in caught.value.refusals] == ["evaluation.earlier_first"]
    for part in order:
        done(key, part)
    # The first page of the district opens with signing, and with where the three groups are treated.
    computed()
    me = client_of(Role.COMMISSION, XINHUI)
    home = text_of(me.get(f"/?{FRAME}"))
    assert home.index('id="opening"') < home.index('class="tiles"') and "/projects/opening?" in home
    page = text_of(me.get(f"/projects/opening?{FRAME}"))
    told = plain(page.partition('id="opening"')[2])
    assert "37.5 %" in told and "3 / 8" in told
    places = [told.index(name) for name in ("家庭医生签约服务", " 常见病 ", " 多发病 ", " 慢性病 ")]
    assert places == sorted(places)
    assert "40 % " in told[places[1] : places[2]] and "50 % " in told[places[2] : places[3]]
    assert "75 % " in told[places[3] :] and "3 / 4" in told[places[3] :]
    # Elsewhere no text says so; an office sees its own numbers on the board.
    assert 'id="opening"' not in text_of(client_of(Role.COMMISSION).get("/?region=wuhu"))
    # The text begins elsewhere.
    packs = altered("XH-01.breakthrough", ["chronic", "common"])
    monkeypatch.setattr(mandates, "packs", lambda extra=(): packs)
    told = plain(text_of(me.get(f"/projects/opening?{FRAME}")).partition('id="opening"')[2])
    assert " 多发病 " not in told and told.index(" 慢性病 ") < told.index(" 常见病 ")
    other = open_project(city, Opening("roll_out", "division:340223"))
    done(other, "family_doctor")
    assert done(other, "chronic") is State.OPEN


def test_before_anything_was_computed_it_says_so(root: Path, client_of: Callable[..., Client]) -> None:
    me = client_of(Role.COMMISSION, XINHUI)
    assert "还没有计算过指标" in text_of(me.get(f"/projects/opening?{FRAME}"))
