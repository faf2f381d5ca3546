"""The cards of services, centres, alliances, members and resources, performed on 芜湖 and 云南: something changes in the
register and the verdict follows; the pack is altered and the same register gets the opposite."""

from __future__ import annotations

import pytest

from tiercare.apps.network import commands, models, queries
from tiercare.engines.policy import PackSet
from tiercare.kernel.actor import Actor

from .acts import Case, altered, both, forms, joins, leaves, no_facility, perform, unsigned, version

WUHU = [
    Case(
        "NHC-09",
        "cn/grid_residents_get_every_service",
        "MET",
        no_facility("wuhu-", "nursing_service"),
        "VIOLATED",
        "NHC-09.services",
        ("prevention", "diagnosis", "treatment", "rehabilitation"),
        "MET",
    ),
    Case(
        "NHC-11",
        "cn/grid_has_maternal_child_care",
        "MET",
        both(
            version("wuhu-municipal_mch_hospital", affiliation="COUNTY"),
            lambda: models.LicensedSpecialty.objects.filter(code__regex="^0[69]").delete() and None,
        ),
        "VIOLATED",
    ),
    Case(
        "NHC-07",
        "cn/across_grids_only_kinds_named",
        "MET",
        joins("wuhu-demo_jiujiang_nursing_home", "wuhu-city-jinghu"),
        "MET",
        "NHC-07.cross_grid",
        ("tier3", "rehab"),
        "ADVICE",
    ),
    Case(
        "NHC-08",
        "cn/region_shares_resources",
        "MET",
        no_facility("wuhu-", "special_technique"),
        "ADVICE",
        "NHC-08.shared",
        ("exam_lab", "sterile_supply"),
        "MET",
    ),
    Case(
        "NHC-10",
        "cn/tcm_hospitals_lead",
        "ADVICE",
        forms("3402", "wuhu-fanchang_tcm_hospital", "50.13"),
        "MET",
    ),
    Case(
        "NHC-03",
        "cn/alliance_members_joined_freely",
        "MET",
        unsigned("wuhu-alliance-cardiology-2019"),
        "VIOLATED",
        "NHC-03.formation",
        "planned",
        "NOT_APPLICABLE",
    ),
    Case(
        "NHC-16",
        "cn/alliances_for_major_diseases",
        "ADVICE",
        forms("3402", "wuhu-first_hospital", "16"),
        "ADVICE",
        "NHC-16.major_disease_specialties",
        ("oncology", "infection"),
        "MET",
    ),
    Case(
        "NHC-17",
        "cn/alliances_for_scarce_specialties",
        "ADVICE",
        forms("3402", "wuhu-first_hospital", "26"),
        "ADVICE",
        "NHC-17.scarce_specialties",
        ("anaesthesia", "psychiatry"),
        "MET",
    ),
    Case(
        "WH-05",
        "wuhu/private_institutions_included",
        "MET",
        leaves("wuhu-demo_jinghu_private_hospital"),
        "AT_RISK",
        "WH-05.target_year",
        2018,
        "MISSED",
    ),
]


@pytest.mark.parametrize(
    "cases", [pytest.param(WUHU, marks=[pytest.mark.clause(clause) for clause in {c.clause for c in WUHU}])]
)
def test_the_verdict_follows_register_and_pack_in_wuhu(wuhu: str, cases: list[Case]) -> None:
    assert perform("wuhu", cases) == []


@pytest.mark.clause("YN-37")
def test_a_provincial_hospital_also_joins_where_it_stands(wuhu: str) -> None:
    """Yunnan is judged prefecture by prefecture; its provincial hospitals stand in Kunming."""
    commands.lay_down_region(actor=Actor.system("test"), pack_id="yunnan")
    card = "yunnan/provincial_hospitals_join_locally"

    on = queries.demonstration_day("yunnan")
    assert on is not None

    def state(packs: PackSet | None = None) -> str:
        checked = queries.check("yunnan", on=on, area="5301", packs=packs)
        return next(v for v in checked.compliance.verdicts if v.card.key == card).state.value

    assert state() == "MET"
    leaves("yunnan-kunming_medical_first_hospital", "yunnan-group-kunming")()
    assert state() == "ADVICE", "its alliances elsewhere are no consortium of the place"
    assert state(altered("YN-37.local_membership", False)) == "NOT_APPLICABLE"
