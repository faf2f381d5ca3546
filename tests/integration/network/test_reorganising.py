"""Merging, splitting, renaming, closing: previewed, applied from a day, taken back exactly; history stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tiercare.apps.network import models, queries
from tiercare.apps.network.commands import drafts
from tiercare.apps.network.queries.drafts import present_rows
from tiercare.apps.network.rules import Network
from tiercare.apps.network.rules import reorganising as re
from tiercare.apps.network.rules.drafting import Change, read_rows
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

AUGUST = date(2019, 8, 1)
JULY = AUGUST - timedelta(days=1)
COUNTY, TCM = "wuhu-wuwei_hospital", "wuhu-wuwei_tcm_hospital"


@pytest.fixture
def city(wuhu: str) -> Actor:
    return Actor(uuid7(), "演示·市卫健委", "commission", division_code=wuhu, request_id=uuid7())


@pytest.fixture
def belongings(city: Actor) -> None:
    """Departments, equipment and a clinician at both hospitals of 无为."""
    since = {"from": "2018-01-01"}
    found = [
        ("departments", {"institution": COUNTY, "name": "内科", "specialty": "03"}),
        ("departments", {"institution": TCM, "name": "内科", "specialty": "03"}),
        ("departments", {"institution": TCM, "name": "针灸科", "specialty": "50.10"}),
        ("equipment", {"institution": COUNTY, "kind": "CT", "count": "2"}),
        ("equipment", {"institution": TCM, "kind": "CT", "count": "1"}),
        ("equipment", {"institution": TCM, "kind": "MRI", "count": "1"}),
        (
            "clinicians",
            {
                "code": "wuhu-d1",
                "name": "演示医师甲",
                "scope": "50",
                "institution": TCM,
                "ground": "REGISTERED",
            },
        ),
    ]
    entries, misread = read_rows({"register": r, "cells": cells | since} for r, cells in found)
    assert not misread, misread
    drafts.apply_changes(actor=city, region="3402", title="登记", change=Change(tuple(entries)))


def _present(*institutions: str, consortia: tuple[str, ...] = ()) -> re.Present:
    rows = present_rows(institutions=institutions, consortia=consortia, on=AUGUST)
    return re.Present(AUGUST, rows)


def _facts(day: date) -> Network:
    return queries.network_facts("3402", on=day)


def _found(facts: Network, name: str) -> object:
    return next((i for i in facts.institutions.values() if i.name == name), None)


Applied = Callable[[Change], models.Application]


@pytest.fixture
def applied(city: Actor) -> Applied:
    def make(change: Change) -> models.Application:
        return drafts.apply_changes(actor=city, region="3402", title="重组", change=change)

    return make


def _undone(city: Actor, application: models.Application) -> None:
    back = drafts.undo_application(actor=city, application_id=application.id)
    drafts.apply_draft(actor=city, application_id=back.id)


def test_two_hospitals_become_one_and_two_again(city: Actor, belongings: None, applied: Applied) -> None:
    before_july, before_august = _facts(JULY), _facts(AUGUST)
    change = re.merge_institutions(
        _present(COUNTY, "wuhu-demo_wuwei_private_hospital"), ["wuhu-demo_wuwei_private_hospital"], COUNTY
    )
    examined = drafts.examine(change, region="3402")
    assert examined.clean, [v.card.key for v in examined.considered.broken]
    merged = applied(change)
    assert merged.kind == "REORGANISATION"
    after = _facts(AUGUST)
    hospital = next(i for i in after.institutions.values() if i.name == "无为县人民医院")
    assert hospital.beds == 1100 + 260
    assert _found(after, "演示无为民营医院") is None and _found(_facts(JULY), "演示无为民营医院")
    heir = models.Succession.objects.get()
    assert (heir.old.slug, heir.new.slug, heir.on, heir.kind) == (
        "wuhu-demo_wuwei_private_hospital",
        COUNTY,
        AUGUST,
        "MERGED",
    )
    assert _facts(JULY) == before_july, "the day before reads as it did"
    _undone(city, merged)
    assert _facts(AUGUST) == before_august
    assert not models.Succession.objects.exists()


def test_a_merger_takes_along_what_belongs_to_it_and_the_lead(
    city: Actor, belongings: None, wuhu: str
) -> None:
    present = _present(COUNTY, TCM)
    change = re.merge_institutions(present, [TCM], COUNTY)
    examined = drafts.examine(change, region="3402")
    after = {(c.entry.register, c.entry.identity): c.after for c in examined.rows}
    lead = after["memberships", ("wuhu-community-wuwei-tcm", COUNTY)]
    assert lead is not None and lead.text("role") == "LEAD"
    assert after["memberships", ("wuhu-community-wuwei-tcm", TCM)] is None
    count = after["equipment", (COUNTY, "ct", "")]
    assert count is not None and count.values["count"] == 3
    assert ("departments", (COUNTY, "针灸科")) in after and ("departments", (COUNTY, "内科")) not in after
    assert ("clinicians", ("wuhu-d1", COUNTY)) in after
    assert any("协议不会自动转移" in note.zh for note in change.notes)
    assert not examined.considered.problems
    broken = {v.card.id for v in examined.considered.broken}
    assert broken, "a county hospital that leads two communities is told"
    with pytest.raises(Refused):
        drafts.apply_changes(actor=city, region="3402", title="合并", change=change)
    assert not models.Succession.objects.exists()
    assert (
        models.Membership.objects.get(
            consortium__slug="wuhu-community-wuwei-tcm", role="LEAD"
        ).institution.slug
        == TCM
    ), "refused as a whole"


def test_a_hospital_is_split_and_history_stays(city: Actor, belongings: None, applied: Applied) -> None:
    part = re.NewInstitution(
        "wuhu-wuwei-acupuncture",
        "无为县针灸医院",
        beds=50,
        departments=("针灸科",),
        category="REHABILITATION",
        level="1",
        consented_on=AUGUST,
    )
    before = _facts(AUGUST)
    split = applied(re.split_institution(_present(TCM), TCM, [part]))
    after = _facts(AUGUST)
    names = {i.name: i for i in after.institutions.values()}
    assert (names["无为县针灸医院"].beds, names["无为县中医医院"].beds) == (50, 400)
    assert names["无为县针灸医院"].departments == {"50.10"}
    assert "50.10" not in names["无为县中医医院"].departments
    assert [c.name for c in after.consortia_of(names["无为县针灸医院"].id)]
    assert models.Succession.objects.get().kind == "SPLIT"
    _undone(city, split)
    assert _facts(AUGUST) == before


def test_a_split_gives_no_more_than_there_is(wuhu: str) -> None:
    with pytest.raises(Refused) as error:
        re.split_institution(_present(TCM), TCM, [re.NewInstitution("wuhu-x", "新院", beds=451)])
    assert error.value.refusals[0].at == "beds"
    with pytest.raises(Refused) as error:
        re.split_institution(_present(TCM), TCM, [re.NewInstitution(COUNTY, "新院")], taken={COUNTY})
    assert error.value.refusals[0].code == "code_taken"


def test_new_names_hold_from_their_day(city: Actor, applied: Applied) -> None:
    applied(re.rename_institution(_present(COUNTY), COUNTY, "无为市人民医院"))
    community = "wuhu-community-wuwei-hospital"
    applied(re.rename_consortium(_present(consortia=(community,)), community, "无为市人民医院医共体"))
    for day, name in ((JULY, "无为县人民医院"), (AUGUST, "无为市人民医院")):
        facts = _facts(day)
        assert _found(facts, name)
        assert any(c.name == f"{name}医共体" for c in facts.consortia.values())


def test_closing_lists_what_still_rests_on_it_and_offers_to_end_it(city: Actor, belongings: None) -> None:
    with pytest.raises(Refused) as error:
        re.close_institution(_present(TCM), TCM, end_all=False)
    (refusal,) = error.value.refusals
    assert "针灸科" in refusal.sentence() and "无为县中医医院医共体" in refusal.sentence()
    assert "一并终止" in refusal.way_on()
    change = re.close_institution(_present(TCM), TCM, end_all=True)
    assert any("没有牵头单位" in note.zh for note in change.notes)
    examined = drafts.examine(change, region="3402")
    assert not examined.considered.problems
    assert all(c.after is None for c in examined.rows), "everything ends that day"


def test_two_alliances_become_one(city: Actor, applied: Applied) -> None:
    one, other = "wuhu-alliance-cardiology", "wuhu-alliance-stroke"
    before = _facts(AUGUST)
    merged = applied(re.merge_consortia(_present(consortia=(one, other)), [other], one, consented_on=AUGUST))
    after = _facts(AUGUST)
    names = {c.name for c in after.consortia.values()}
    assert "芜湖市脑血管专科联盟" not in names
    heir = next(c for c in after.consortia.values() if c.name == "芜湖市心血管专科联盟")
    members = {i.name for i in after.members(heir.id)}
    assert {
        i.name for c in before.consortia.values() if "血管" in c.name for i in before.members(c.id)
    } == members
    assert [i.name for i in after.leads(heir.id)] == ["皖南医学院第一附属医院（弋矶山医院）"]
    _undone(city, merged)
    assert _facts(AUGUST) == before


def test_an_alliance_is_dissolved_with_all_that_hangs_on_it(city: Actor, applied: Applied) -> None:
    code = "wuhu-alliance-stroke"
    ended = applied(re.dissolve_consortium(_present(consortia=(code,)), code))
    assert "芜湖市脑血管专科联盟" not in {c.name for c in _facts(AUGUST).consortia.values()}
    assert "芜湖市脑血管专科联盟" in {c.name for c in _facts(JULY).consortia.values()}
    assert not models.Membership.objects.filter(consortium__slug=code, period__contains=AUGUST).exists()
    _undone(city, ended)
    assert models.Membership.objects.filter(consortium__slug=code, period__contains=AUGUST).count() > 2


def test_members_leave_for_a_consortium_of_their_own(city: Actor) -> None:
    code = "wuhu-city-yijiang"
    part = re.NewConsortium(
        "wuhu-yijiang-2", "弋江区第二城市医联体", "wuhu-fourth_hospital", ("wuhu-fifth_hospital",)
    )
    change = re.split_consortium(_present(consortia=(code,)), code, part)
    examined = drafts.examine(change, region="3402")
    assert not examined.considered.problems
    told = {(c.entry.text("institution"), c.entry.text("consortium")): c.after for c in examined.rows}
    assert told["wuhu-fourth_hospital", code] is None
    assert told["wuhu-fourth_hospital", part.code].text("role") == "LEAD"
    assert told["wuhu-fifth_hospital", part.code].text("role") == "MEMBER"
    assert examined.considered.broken, "one city consortium a district"
    with pytest.raises(Refused) as error:
        re.split_consortium(
            _present(consortia=(code,)),
            code,
            re.NewConsortium("wuhu-y3", "第三", "wuhu-municipal_tcm_hospital", ()),
        )
    assert error.value.refusals[0].code == "splits_its_own_lead"
