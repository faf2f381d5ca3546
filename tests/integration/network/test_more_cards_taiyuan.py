"""The cards of services, centres, alliances, members and resources, performed on 太原: something changes in the
register and the verdict follows; the pack is altered and the same register gets the opposite."""

from __future__ import annotations

import pytest

from .acts import Case, both, facility, joins, leaves, no_facility, no_specialty, perform, version

TAIYUAN = [
    Case(
        "TY-11",
        "taiyuan/grid_residents_get_every_service",
        "MET",
        no_facility("taiyuan-", "clinical_nutrition"),
        "VIOLATED",
        "TY-11.services",
        ("prevention", "diagnosis", "treatment"),
        "MET",
    ),
    Case(
        "TY-34",
        "taiyuan/group_has_service_networks",
        "MET",
        no_specialty("taiyuan-jinyuan", "12"),
        "VIOLATED",
        "TY-34.networks",
        ("chronic", "tcm"),
        "MET",
    ),
    Case(
        "TY-16",
        "taiyuan/across_grids_only_kinds_named",
        "MET",
        both(
            joins("taiyuan-taiyuan_mch_hospital", "taiyuan-city-xiaodian"),
            version("taiyuan-taiyuan_mch_hospital", level=2),
        ),
        "MET",
        "TY-16.cross_grid",
        ("rehab", "nursing"),
        "ADVICE",
    ),
    Case(
        "TY-14",
        "taiyuan/private_community_centres_join",
        "MET",
        leaves("taiyuan-demo_xiaodian_private_centre"),
        "ADVICE",
    ),
    Case(
        "TY-15",
        "taiyuan/group_has_continuing_care",
        "ADVICE",
        both(
            *(
                version(f"taiyuan-{key}", category="REHABILITATION")
                for key in (
                    "xiaodian_longcheng",
                    "yingze_haozhuang",
                    "xinghualing_gulou",
                    "jiancaoping_nanzhai",
                    "jinyuan_jinci",
                )
            )
        ),
        "MET",
        "TY-15.target_types",
        ("nursing_home",),
        "ADVICE",
    ),
    Case(
        "TY-17",
        "taiyuan/groups_linked_to_tertiary",
        "MET",
        both(
            leaves("taiyuan-", "taiyuan-city-", role="COLLABORATOR"),
            leaves("taiyuan-yingze_hospital", "taiyuan-telemedicine"),
        ),
        "MET",
        "TY-17.links",
        ("telemedicine_network",),
        "VIOLATED",
    ),
    Case(
        "TY-61",
        "taiyuan/county_shared_centres",
        "MET",
        no_facility("taiyuan-loufan_hospital", "pathology"),
        "VIOLATED",
        "TY-61.centers",
        ("lab", "imaging", "ecg", "sterile_supply"),
        "MET",
    ),
    Case(
        "TY-62",
        "taiyuan/county_clinical_centres",
        "MET",
        no_facility("taiyuan-gujiao_hospital", "tumour"),
        "VIOLATED",
        "TY-62.clinical_centers",
        ("chronic_management", "intensive_care"),
        "MET",
    ),
    Case(
        "TY-25",
        "taiyuan/named_counties_have_subcentre",
        "MET",
        version("taiyuan-qingxu_xugou", subcentre=False),
        "ADVICE",
    ),
    Case("TY-57", "taiyuan/subcentres_in_county_group", "MET", leaves("taiyuan-qingxu_xugou"), "ADVICE"),
    Case(
        "TY-77",
        "taiyuan/chronic_centre_grows",
        "ADVICE",
        both(*(facility(f"taiyuan-{key}_hospital", "health_management") for key in ("jinyuan", "loufan"))),
        "MET",
        "TY-77.center_to",
        "feature_department",
        "ADVICE",
    ),
    Case(
        "TY-82",
        "taiyuan/psychology_centres_of_two_levels",
        "MET",
        no_facility("taiyuan-taiyuan_central_hospital", "social_psychology"),
        "VIOLATED",
        "TY-82.level_names",
        ("county",),
        "MET",
    ),
    Case(
        "TY-95",
        "taiyuan/tcm_network_of_three_tiers",
        "MET",
        no_specialty("taiyuan-qingxu_", "50"),
        "ADVICE",
    ),
    Case(
        "TY-96",
        "taiyuan/county_tcm_centre",
        "ADVICE",
        facility("taiyuan-", "tcm_centre", category="TCM"),
        "MET",
    ),
    Case(
        "TY-97",
        "taiyuan/tcm_education_base",
        "ADVICE",
        facility("taiyuan-", "tcm_education_base", category="TCM"),
        "MET",
    ),
    Case(
        "TY-98",
        "taiyuan/elderly_care_led_by_county_geriatrics",
        "MET",
        no_facility("taiyuan-yangqu_", "hospice"),
        "VIOLATED",
        "TY-98.features",
        ("rehab_nursing", "long_term_care"),
        "MET",
    ),
]


@pytest.mark.parametrize(
    "cases",
    [pytest.param(TAIYUAN, marks=[pytest.mark.clause(clause) for clause in {c.clause for c in TAIYUAN}])],
)
def test_the_verdict_follows_register_and_pack_in_taiyuan(wuhu: str, cases: list[Case]) -> None:
    assert perform("taiyuan", cases) == []
