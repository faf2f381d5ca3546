"""Every region that comes with a pack can be laid down and judged; wrong data are refused by name."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import commands, models, queries
from tiercare.apps.network.rules.words import FACILITY_NAMES
from tiercare.apps.terms import commands as terms
from tiercare.engines.policy import PackErrors
from tiercare.engines.policy.load import own_folder
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

REGIONS = ("wuhu", "taiyuan", "chuxiong", "xinhui", "yunnan")


@pytest.fixture
def divisions(db: None) -> Actor:
    actor = Actor.system("test")
    terms.lay_down_divisions(actor=actor)
    return actor


@pytest.mark.parametrize("pack", REGIONS)
def test_a_region_stands_with_no_violation_on_its_day(divisions: Actor, pack: str) -> None:
    if not models.LaidDown.objects.filter(pack=pack).exists():
        commands.lay_down_region(actor=divisions, pack_id=pack)
    checked = queries.check(pack, on=queries.demonstration_day(pack))
    assert checked.size.institutions
    assert checked.size.consortia
    assert [v.card.key for v in checked.compliance.verdicts if v.state.value == "VIOLATED"] == []


def _kinds(pack: str) -> dict[str, int]:
    """How many consortia of each kind a region came with."""
    kinds: dict[str, int] = {}
    for slug, kind in models.Consortium.objects.values_list("slug", "kind"):
        if slug.startswith(f"{pack}-"):
            kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


@pytest.mark.parametrize(
    ("pack", "least"),
    [
        # 六城区各有集团，三县一市各有医共体（TY-10、TY-22），外部联系用联盟和协作网（TY-17）
        (
            "taiyuan",
            {"CITY_GROUP": 6, "COUNTY_COMMUNITY": 4, "SPECIALTY_ALLIANCE": 1, "TELEMEDICINE_NETWORK": 1},
        ),
        # 州级医疗集团、十县市各有医共体、专科联盟、五级协作网（CX-08、CX-19、CX-22、CX-27）
        (
            "chuxiong",
            {"CITY_GROUP": 2, "COUNTY_COMMUNITY": 20, "SPECIALTY_ALLIANCE": 2, "TELEMEDICINE_NETWORK": 1},
        ),
        ("xinhui", {"CITY_GROUP": 2}),  # 区级最高为二级医院，只有城区联合体（XH-60）
        (
            "yunnan",
            {
                "CITY_GROUP": 15,
                "COUNTY_COMMUNITY": 119,
                "SPECIALTY_ALLIANCE": 15,
                "TELEMEDICINE_NETWORK": 15,
            },
        ),
    ],
)
def test_a_region_brings_what_its_document_describes(
    divisions: Actor, pack: str, least: dict[str, int]
) -> None:
    commands.lay_down_region(actor=divisions, pack_id=pack)
    found = _kinds(pack)
    assert {kind: count for kind, count in least.items() if found.get(kind, 0) < count} == {}


def test_taiyuan_brings_a_subcentre_and_a_trusteeship(divisions: Actor) -> None:
    commands.lay_down_region(actor=divisions, pack_id="taiyuan")
    subcentres = models.InstitutionVersion.objects.filter(subcentre=True, division_code="140121")
    assert [row.managed_as_level for row in subcentres] == [2]
    trusteeship = models.Trusteeship.objects.get(entrusted__slug="taiyuan-jinyuan_hospital")
    assert trusteeship.agreement is not None
    assert trusteeship.agreement.consortium is not None
    assert trusteeship.agreement.consortium.slug == "taiyuan-city-jinyuan"


@pytest.mark.parametrize("pack", REGIONS)
def test_every_facility_of_a_region_has_a_name(divisions: Actor, pack: str) -> None:
    if not models.LaidDown.objects.filter(pack=pack).exists():
        commands.lay_down_region(actor=divisions, pack_id=pack)
    assert set(models.Facility.objects.values_list("kind", flat=True)) <= set(FACILITY_NAMES)


def test_all_regions_stand_side_by_side(divisions: Actor) -> None:
    for pack in REGIONS:
        commands.lay_down_region(actor=divisions, pack_id=pack)
    assert models.LaidDown.objects.count() == len(REGIONS)


@pytest.fixture
def altered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A copy of the 芜湖 pack under another id that the platform loads beside ours."""
    copy = tmp_path / "trial"
    shutil.copytree(own_folder() / "wuhu", copy)
    monkeypatch.setattr(django_settings, "POLICY_PACKS", [tmp_path])
    mandates.reload_packs()
    request.addfinalizer(mandates.reload_packs)
    return copy


def _edit(path: Path, before: str, after: str) -> int:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def test_an_unknown_division_is_named(divisions: Actor, altered: Path) -> None:
    models.LaidDown.objects.filter(pack="wuhu").delete()
    _edit(altered / "region" / "areas.yaml", '{code: "340202", kind', '{code: "340299", kind')
    with pytest.raises(Refused) as error:
        commands.lay_down_region(actor=divisions, pack_id="wuhu")
    assert "340299（areas.yaml 340299）" in error.value.refusals[0].sentence("zh")


def test_an_unknown_member_is_named_with_file_and_line(divisions: Actor, altered: Path) -> None:
    models.LaidDown.objects.filter(pack="wuhu").delete()
    line = _edit(
        altered / "region" / "consortia.yaml",
        "institution: second_hospital, role: LEAD",
        "institution: secnd_hospital, role: LEAD",
    )
    with pytest.raises(PackErrors) as error:
        commands.lay_down_region(actor=divisions, pack_id="wuhu")
    problem = error.value.problems[0]
    assert (problem.file, problem.line) == ("trial/region/consortia.yaml", line)
    assert "secnd_hospital" in problem.sentence("zh")
    assert problem.message.zh != problem.message.en


def test_a_district_decides_under_its_own_pack(divisions: Actor) -> None:
    """新会 is a county-level region: its own commission decides, under 新会's cards, not those of a city above."""
    commands.lay_down_region(actor=divisions, pack_id="xinhui")
    own = Actor(uuid7(), "演示·新会", "commission", division_code="440705", request_id=uuid7())
    member = models.Membership.objects.filter(
        consortium__slug__startswith="xinhui-",
        role="MEMBER",
        institution__versions__category="TOWNSHIP_CENTRE",
    ).first()
    assert member is not None
    ended = commands.end_membership(actor=own, membership_id=member.id, end=date(2017, 12, 1))
    assert ended.period.upper == date(2017, 12, 1)
    city = Actor(uuid7(), "演示·芜湖", "commission", division_code="3402", request_id=uuid7())
    with pytest.raises(Refused):
        commands.end_membership(actor=city, membership_id=member.id, end=date(2017, 11, 1))
