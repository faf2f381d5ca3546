"""The cards of services, centres, alliances, members and resources, performed on 楚雄: something changes in the
register and the verdict follows; the pack is altered and the same register gets the opposite."""

from __future__ import annotations

from datetime import date

import pytest

from tiercare.apps.network import models

from .acts import (
    Case,
    both,
    elsewhere,
    facility,
    institution_of,
    leaves,
    no_facility,
    no_kind,
    no_specialty,
    perform,
    practitioners,
    unsigned,
)

_TELEMEDICINE = "chuxiong-telemedicine-chuxiong"
CHUXIONG = [
    Case(
        "CX-17",
        "chuxiong/grid_residents_get_every_service",
        "MET",
        no_specialty("chuxiong-wuding_", "21"),
        "VIOLATED",
        "CX-17.services",
        ("prevention", "nursing"),
        "MET",
    ),
    Case(
        "CX-04",
        "chuxiong/key_specialties_bring_networks",
        "MET",
        leaves("chuxiong-prefecture_peoples_hospital", _TELEMEDICINE),
        "VIOLATED",
        "CX-04.consortium_types",
        ("specialty_alliance",),
        "MET",
    ),
    Case(
        "CX-23",
        "chuxiong/alliances_with_other_provinces",
        "ADVICE",
        elsewhere("310104", "chuxiong-alliance-cardiovascular", "chuxiong-alliance-orthopaedics"),
        "ADVICE",
        "CX-23.local_levels",
        ("prefecture",),
        "MET",
    ),
    Case(
        "CX-24",
        "chuxiong/alliances_with_neighbour_provinces",
        "ADVICE",
        elsewhere("510402", "chuxiong-alliance-cardiovascular"),
        "MET",
    ),
    Case(
        "YN-27",
        "yunnan/alliances_with_neighbour_provinces",
        "ADVICE",
        elsewhere("520201", "chuxiong-alliance-cardiovascular"),
        "MET",
    ),
    Case(
        "YN-27",
        "yunnan/alliances_with_neighbour_provinces",
        "ADVICE",
        elsewhere("310104", "chuxiong-alliance-cardiovascular"),
        "ADVICE",
    ),
    Case(
        "CX-25",
        "chuxiong/emergency_centres_in_prefecture",
        "MET",
        no_facility("chuxiong-", "stroke"),
        "VIOLATED",
        "CX-25.centers",
        ("chest_pain", "trauma"),
        "MET",
    ),
    Case(
        "CX-26",
        "chuxiong/alliances_reach_counties",
        "MET",
        both(
            *(
                leaves(f"chuxiong-{county}", "chuxiong-alliance-cardio")
                for county in (
                    "chuxiongshi",
                    "shuangbai",
                    "mouding",
                    "nanhua",
                    "yaoan",
                    "dayao",
                    "yongren",
                    "yuanmou",
                    "wuding",
                    "lufeng",
                )
            )
        ),
        "VIOLATED",
    ),
    Case(
        "CX-27",
        "chuxiong/telemedicine_of_every_level",
        "MET",
        lambda: (
            models.Facility.objects.filter(
                institution__slug__startswith="chuxiong-lufeng_", institution__slug__endswith="_village"
            ).delete()
            and None
        ),
        "VIOLATED",
        "CX-27.level_names",
        ("province", "prefecture", "county", "township"),
        "MET",
    ),
    Case(
        "CX-32",
        "chuxiong/private_members_by_own_wish",
        "MET",
        unsigned("chuxiong-entrusted-private"),
        "ADVICE",
        "CX-32.condition",
        ("planned",),
        "NOT_APPLICABLE",
    ),
    Case(
        "YN-38",
        "yunnan/private_members_by_own_wish",
        "MET",
        unsigned("chuxiong-entrusted-private"),
        "ADVICE",
        "YN-38.condition",
        ("planned",),
        "NOT_APPLICABLE",
    ),
    Case(
        "CX-37",
        "chuxiong/general_practice_registered",
        "NOT_APPLICABLE",
        both(no_specialty("chuxiong-yaoan_hospital", "02"), practitioners("chuxiong-yaoan_hospital", 2)),
        "VIOLATED",
    ),
    Case(
        "YN-06",
        "yunnan/prefectures_pilot_several_forms",
        "MET",
        no_kind("COUNTY_COMMUNITY", "SPECIALTY_ALLIANCE", "TELEMEDICINE_NETWORK"),
        "MISSED",
        "YN-06.deadline",
        date(2019, 12, 31),
        "AT_RISK",
    ),
    Case(
        "YN-03",
        "yunnan/consortia_manage_as_one",
        "ADVICE",
        lambda: models.ConsortiumVersion.objects.update(unified=["business"]) and None,
        "MET",
    ),
    Case(
        "YN-21",
        "yunnan/county_town_village_as_one",
        "MET",
        leaves("chuxiong-nanhua_", "chuxiong-community-nanhua-tcm", institution__slug__endswith="_village"),
        "VIOLATED",
    ),
    Case(
        "YN-26",
        "yunnan/alliances_across_regions",
        "MET",
        leaves("chuxiong-yunnan_university_hospital", "chuxiong-alliance-"),
        "VIOLATED",
    ),
    Case(
        "YN-32",
        "yunnan/telemedicine_network_reaches_counties",
        "MET",
        leaves("chuxiong-dayao_", _TELEMEDICINE),
        "VIOLATED",
    ),
    Case(
        "YN-44",
        "yunnan/continuing_care_offered",
        "MET",
        no_facility("chuxiong-mouding_", "nursing_service"),
        "VIOLATED",
        "YN-44.services",
        ("treatment", "rehabilitation", "tcm"),
        "MET",
    ),
    Case(
        "YN-68",
        "yunnan/consortium_service_centres",
        "ADVICE",
        both(
            facility("chuxiong-", "imaging", "lab", "logistics", category="GENERAL"),
            facility("chuxiong-", "imaging", "lab", "logistics", category="TCM"),
        ),
        "ADVICE",
        "YN-68.centers",
        ("imaging", "exam_lab", "logistics"),
        "MET",
    ),
    Case(
        "YN-50",
        "yunnan/rehab_and_nursing_join",
        "NOT_APPLICABLE",
        lambda: institution_of("532331", "NURSING") and None,
        "ADVICE",
        "YN-50.members",
        ("rehab",),
        "NOT_APPLICABLE",
    ),
    Case(
        "YN-76",
        "yunnan/private_institutions_included",
        "MET",
        leaves("chuxiong-demo_chuxiong_private_hospital"),
        "ADVICE",
        "YN-76.ownership",
        "public",
        "MET",
    ),
]


@pytest.mark.parametrize(
    "cases",
    [pytest.param(CHUXIONG, marks=[pytest.mark.clause(clause) for clause in {c.clause for c in CHUXIONG}])],
)
def test_the_verdict_follows_register_and_pack_in_chuxiong(wuhu: str, cases: list[Case]) -> None:
    assert perform("chuxiong", cases) == []
