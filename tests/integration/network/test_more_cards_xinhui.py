"""The cards of services, centres, alliances, members and resources, performed on 新会: something changes in the
register and the verdict follows; the pack is altered and the same register gets the opposite."""

from __future__ import annotations

import pytest

from tiercare.apps.network import models

from .acts import Case, both, facility, no_facility, no_specialty, perform, practitioners, version

XINHUI = [
    Case(
        "XH-08",
        "xinhui/level_two_covers_for_primary",
        "MET",
        no_specialty("xinhui-xinhui_huicheng", "02"),
        "MET",
        "XH-08.fallback_tier",
        3,
        "VIOLATED",
    ),
    Case(
        "XH-11",
        "xinhui/continuing_care_offered",
        "MET",
        both(no_facility("xinhui-", "hospice"), no_specialty("xinhui-", "24")),
        "VIOLATED",
        "XH-11.services",
        ("treatment", "nursing"),
        "MET",
    ),
    Case(
        "XH-14",
        "xinhui/beds_per_thousand",
        "AT_RISK",
        version("xinhui-xinhui_hospital", beds=5000),
        "MET",
        "XH-14.beds_per_1000",
        60,
        "AT_RISK",
    ),
    Case(
        "XH-15",
        "xinhui/private_bed_share",
        "AT_RISK",
        version("xinhui-demo_xinhui_private_hospital", beds=3000),
        "MET",
        "XH-15.private_bed_share",
        0.95,
        "AT_RISK",
    ),
    Case(
        "XH-116",
        "xinhui/general_hospitals_for_people",
        "AT_RISK",
        both(
            version("xinhui-xinhui_second_hospital", grade="A"),
            version("xinhui-demo_xinhui_private_hospital", grade="A"),
        ),
        "MET",
        "XH-116.per_population",
        100000,
        "AT_RISK",
    ),
    Case(
        "XH-117",
        "xinhui/tcm_hospitals_for_people",
        "AT_RISK",
        both(
            version("xinhui-xinhui_second_hospital", category="TCM", grade="A"),
            version("xinhui-demo_xinhui_private_hospital", category="TCM", grade="A"),
        ),
        "MET",
        "XH-117.grade_2a_tcm_hospitals",
        2,
        "AT_RISK",
    ),
    Case(
        "XH-118",
        "xinhui/maternal_child_for_people",
        "AT_RISK",
        both(
            version("xinhui-xinhui_second_hospital", category="MATERNAL_CHILD"),
            version("xinhui-demo_xinhui_private_hospital", category="MATERNAL_CHILD"),
        ),
        "MET",
        "XH-118.level2_mch_institutions",
        2,
        "AT_RISK",
    ),
    Case(
        "XH-121",
        "xinhui/general_practitioners_of_city_residents",
        "AT_RISK",
        practitioners("xinhui-xinhui_hospital", 200),
        "MET",
        "XH-121.gp_per_10000_urban",
        20,
        "AT_RISK",
    ),
    Case(
        "XH-71",
        "xinhui/general_practitioners_per_ten_thousand",
        "AT_RISK",
        practitioners("xinhui-xinhui_hospital", 300),
        "MET",
        "XH-71.gp_per_10000",
        30,
        "AT_RISK",
    ),
    Case(
        "XH-122",
        "xinhui/township_centres_have_general_practitioners",
        "AT_RISK",
        practitioners("xinhui-", 1, category="TOWNSHIP_CENTRE"),
        "MET",
        "XH-122.gp_per_township_center",
        2,
        "AT_RISK",
    ),
    Case(
        "XH-20",
        "xinhui/remote_centres_in_district",
        "AT_RISK",
        facility("xinhui-xinhui_hospital", "pathology"),
        "AT_RISK",
        "XH-20.centers",
        ("telepathology", "teleimaging"),
        "MET",
    ),
    Case(
        "XH-127",
        "xinhui/telemedicine_platform_in_counties",
        "MET",
        no_facility("xinhui-", "telemedicine_node"),
        "AT_RISK",
        "XH-127.county_coverage",
        0.0,
        "MET",
    ),
    Case(
        "XH-94",
        "xinhui/feature_department_each_centre",
        "AT_RISK",
        both(
            facility("xinhui-", "feature_department", category="TOWNSHIP_CENTRE"),
            facility("xinhui-", "feature_department", category="COMMUNITY_CENTRE"),
        ),
        "MET",
        "XH-94.feature_departments_per_primary",
        2,
        "AT_RISK",
    ),
    Case(
        "XH-80",
        "xinhui/tcm_hospital_specialties",
        "MET",
        no_specialty("xinhui-xinhui_tcm_hospital", "50.09"),
        "VIOLATED",
        "XH-80.tcm_specialties",
        ("internal", "acupuncture"),
        "MET",
    ),
    Case(
        "XH-134",
        "xinhui/township_centres_offer_tcm",
        "MET",
        lambda: (
            models.LicensedSpecialty.objects.filter(
                institution__slug="xinhui-xinhui_daao", code="50"
            ).delete()
            and None
        ),
        "AT_RISK",
        "XH-134.tcm_share_value_1",
        0.9,
        "MET",
    ),
    Case(
        "XH-135",
        "xinhui/community_centres_offer_tcm",
        "MET",
        no_specialty("xinhui-xinhui_huicheng", "50"),
        "AT_RISK",
        "XH-135.tcm_share_value_2",
        0.0,
        "MET",
    ),
    Case(
        "XH-136",
        "xinhui/village_stations_offer_tcm",
        "AT_RISK",
        no_specialty("xinhui-xinhui_gujing_village", "50"),
        "AT_RISK",
        "XH-136.tcm_share_value_3",
        0.8,
        "MET",
    ),
]


@pytest.mark.parametrize(
    "cases",
    [pytest.param(XINHUI, marks=[pytest.mark.clause(clause) for clause in {c.clause for c in XINHUI}])],
)
def test_the_verdict_follows_register_and_pack_in_xinhui(wuhu: str, cases: list[Case]) -> None:
    assert perform("xinhui", cases) == []
