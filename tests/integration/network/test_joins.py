"""What a join rests on (NHC-83): an approved application, the commission's own act, the consortium's approval, the grid, an
exception; and which joins bypassed the plan."""

from __future__ import annotations

from datetime import date

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.mandates import commands as mandating
from tiercare.apps.network import commands, models
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries import joins_of
from tiercare.apps.network.rules import Kind, Role
from tiercare.apps.network.rules.drafting import Change, read_rows
from tiercare.apps.network.rules.joins import Ground, Join, bypassing
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7

FIRST, LAST = date(2020, 1, 1), date(2020, 12, 31)
MARCH = date(2020, 3, 1)
SYSTEM = Actor.system("test")
ALL = [ground.value for ground in Ground]
KINDS = ["city_group", "county_community", "urban_rural"]


def _consortium(name: str = "city-jinghu") -> models.Consortium:
    return models.Consortium.objects.get(id=stable_id("network", "wuhu", "consortium", name))


def _house(division: str, name: str) -> models.Institution:
    house = models.Institution.objects.create(slug=f"new-{uuid7()}")
    models.InstitutionVersion.objects.create(
        institution=house,
        period=DateRange(date(2010, 1, 1), None),
        name=name,
        category="NURSING",
        level=1,
        owner="PRIVATE",
        affiliation="NONE",
        division_code=division,
    )
    return house


def _join(
    house: models.Institution, start: date = MARCH, role: str = "MEMBER", name: str = "city-jinghu"
) -> None:
    models.Membership.objects.create(
        consortium=_consortium(name), institution=house, role=role, period=DateRange(start, None)
    )


def _joins(pack: str = "wuhu") -> dict[str, Join]:
    return {each.member_name: each for each in joins_of("3402", pack, first=FIRST, last=LAST)}


def _beside(**more: object) -> list[str]:
    given = {"accepted": ALL, "kinds": KINDS, "level": 2} | more
    return [each.member_name for each in bypassing(_joins().values(), **given)]


def test_a_join_inside_the_grid_is_by_plan_and_one_outside_is_not(wuhu: str) -> None:
    _join(_house("340202", "示例护理院甲"))
    _join(_house("340203", "示例护理院乙"))
    assert _joins()["示例护理院甲"].grounds == {Ground.GRID} and not _joins()["示例护理院乙"].grounds
    assert _beside() == ["示例护理院乙"]
    assert _beside(accepted=["approved"]) == ["示例护理院甲", "示例护理院乙"], "another pack trusts no grid"
    assert _beside(kinds=["county_community"]) == [] == _beside(level=4)
    models.Responsibility.objects.filter(grid__slug__endswith="jinghu").update(
        period=DateRange(date(2019, 6, 25), date(2020, 2, 1))
    )
    assert _beside() == ["示例护理院甲", "示例护理院乙"], "the grid has another consortium on that day"


def test_lead_and_helpers_take_no_land_and_another_part_is_no_new_join(wuhu: str) -> None:
    _join(_house("340203", "示例协作院"), role="COLLABORATOR")
    house = _house("340203", "示例护理院丙")
    models.Membership.objects.create(
        consortium=_consortium(),
        institution=house,
        role="ENTRUSTED",
        period=DateRange(date(2019, 12, 1), MARCH),
    )
    _join(house)
    assert _joins() == {}
    models.Membership.objects.filter(institution=house, role="ENTRUSTED").update(
        period=DateRange(date(2019, 12, 1), date(2020, 2, 1))
    )
    assert _beside() == ["示例护理院丙"], "it had left and came again"


def test_the_approval_of_a_consortium_covers_those_it_began_with(wuhu: str) -> None:
    models.ConsortiumVersion.objects.filter(consortium=_consortium()).update(period=DateRange(MARCH, None))
    _join(_house("340203", "示例护理院丁"))
    _join(_house("340203", "示例护理院戊"), date(2020, 4, 1))
    assert _beside() == ["示例护理院丁", "示例护理院戊"]
    models.Consortium.objects.filter(id=_consortium().id).update(
        approved_on=date(2020, 2, 20), approved_by="市卫健委"
    )
    assert _beside() == ["示例护理院戊"]


def _actor(name: str) -> Actor:
    return Actor(uuid7(), name, "commission", division_code="3402", request_id=uuid7())


def _applied(house: models.Institution) -> Change:
    cells = {
        "consortium": _consortium().slug,
        "institution": house.slug,
        "role": "MEMBER",
        "consented_on": MARCH.isoformat(),
        "from": MARCH.isoformat(),
    }
    entries, misread = read_rows([{"register": "memberships", "cells": cells}])
    assert not misread
    return Change(tuple(entries))


def test_an_approved_application_makes_it_by_plan_and_what_waits_or_was_returned_does_not(wuhu: str) -> None:
    asked, decides = _actor("演示·甲"), _actor("演示·乙")
    house, other = _house("340203", "示例护理院己"), _house("340203", "示例护理院庚")
    waiting = drafts.propose_changes(actor=asked, region="3402", title="加入", change=_applied(other))
    _join(other)
    drafts.approve_application(
        actor=decides,
        application_id=drafts.propose_changes(
            actor=asked, region="3402", title="加入", change=_applied(house)
        ).id,
    )
    assert _joins()["示例护理院己"].grounds == {Ground.APPROVED}
    assert _beside() == ["示例护理院庚"], "what is only asked for is no approval"
    drafts.return_application(actor=decides, application_id=waiting.id, reason="示例：不在规划内")
    assert _beside() == ["示例护理院庚"]
    third = _house("340203", "示例护理院辛")
    drafts.apply_draft(
        actor=decides,
        application_id=drafts.draft_changes(
            actor=decides, region="3402", title="加入", change=_applied(third)
        ).id,
    )
    assert _joins()["示例护理院辛"].grounds == {Ground.APPLIED}
    assert "示例护理院辛" in _beside(accepted=["approved"]), "a pack may want a second pair of eyes"


def test_an_exception_by_name_is_a_ground_while_it_holds(wuhu: str) -> None:
    house = _house("340203", "示例护理院壬")
    _join(house)
    assert _beside() == ["示例护理院壬"]
    waiver = mandating.grant_waiver(
        actor=_actor("演示·甲"),
        pack_id="wuhu",
        card_key="wuhu/one_tertiary_partner_per_community",
        subject=f"institution:{house.id}",
        subject_name="示例护理院壬",
        reason="示例：市政府专题会议同意",
        start=date(2020, 2, 1),
        end=date(2020, 6, 1),
    )
    assert _joins()["示例护理院壬"].grounds == {Ground.EXCEPTED} and _beside() == []
    mandating.revoke_waiver(actor=_actor("演示·甲"), waiver_id=waiver.id)
    assert _beside() == ["示例护理院壬"]


def test_a_community_that_joins_as_a_whole_is_a_join_too(wuhu: str) -> None:
    child = models.ConsortiumVersion.objects.filter(
        consortium__kind=Kind.COUNTY_COMMUNITY, consortium__slug__startswith="wuhu-"
    ).first()
    assert child is not None
    models.Joining.objects.create(parent=_consortium(), child=child.consortium, period=DateRange(MARCH, None))
    (join,) = _joins().values()
    assert (join.member_name, join.whole, join.on) == (child.name, True, MARCH)
    assert _beside() == [child.name] and join.subject == f"consortium:{child.consortium_id}"


def test_a_word_that_is_no_ground_is_refused() -> None:
    with pytest.raises(ValueError):
        bypassing([], accepted=["telephone"], kinds=KINDS, level=3)


def test_a_command_of_the_commission_leaves_no_approval(wuhu: str) -> None:
    house = _house("340203", "示例护理院癸")
    commands.start_membership(
        actor=SYSTEM, consortium_id=_consortium().id, institution_id=house.id, role=Role.MEMBER, start=MARCH
    )
    assert _beside() == ["示例护理院癸"]
