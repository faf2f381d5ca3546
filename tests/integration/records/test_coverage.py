"""How many have a record, and whose chronic disease asks for another level."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import queries
from tiercare.apps.records.rules.control import Control
from tiercare.engines.guidelines import Direction
from tiercare.kernel.refusal import Refused

from .conftest import codes, later


def _people(found, element: str) -> int:
    return next(each.people for each in found.elements if each.element == element)


@pytest.mark.clause("XH-21", "TY-107")
def test_the_record_of_an_area_is_measured_by_people_element_and_source(ward, register, in_force) -> None:
    in_force("xinhui")
    register("李小红")
    commission = ward.site.actor(Role.COMMISSION)
    empty = queries.completeness(commission, division_code="340223")
    assert (empty.people, empty.with_record) == (2, 0)
    ward.visit(source="his-01", source_key="1")
    ward.visit(source="his-01", source_key="2")
    ward.at_hospital()
    ward.visit(ward.clinician, readings=[], drugs=[])
    found = queries.completeness(commission, division_code="340223")
    assert (found.people, found.with_record) == (2, 1)
    assert [_people(found, each) for each in ("encounter", "observation", "document")] == [1, 1, 0]
    visits = {
        (each.institution_id, each.source): each.entries
        for each in found.sources
        if each.element == "encounter"
    }
    assert visits == {(ward.site.township, "his-01"): 2, (ward.site.county_hospital, "here"): 1}
    assert queries.completeness(commission, division_code="340225").people == 0


def test_counts_are_for_those_who_answer_for_the_area(ward) -> None:
    for actor in (ward.doctor, ward.site.actor(Role.INSURANCE)):
        with pytest.raises(Refused) as refused:
            queries.completeness(actor, division_code="340223")
        assert "access" in next(iter(codes(refused)))
    with pytest.raises(Refused):
        queries.completeness(ward.site.actor(Role.COMMISSION), division_code="440705")
    assert queries.completeness(ward.site.actor(Role.AUDITOR), division_code="3402").people == 1


@pytest.mark.clause("XH-56")
def test_readings_propose_up_where_control_is_poor_and_down_where_it_holds(ward, in_force) -> None:
    in_force("xinhui")
    ward.series((150, 95), (172, 104), (168, 98))
    (poor,) = queries.proposals(ward.doctor)
    assert (poor.control, poor.direction, poor.clauses) == (Control.POOR, Direction.UP, ("XH-56",))
    assert poor.days == 14  # since the second reading that was not at target
    later(days=3)
    (poor,) = queries.proposals(ward.doctor)
    assert poor.days == 17
    ward.series((130, 80))
    assert queries.proposals(ward.doctor) == []  # one good reading is neither
    later(days=14)
    ward.series((128, 78))
    (stable,) = queries.proposals(ward.doctor)
    assert (stable.control, stable.direction, stable.days) == (Control.STABLE, Direction.DOWN, 0)
    assert stable.since == ledger.today()


def test_proposals_are_of_the_own_institution(ward) -> None:
    ward.series((172, 104), (168, 98), apart=1)
    assert queries.proposals(ward.clinician) == []
    with pytest.raises(Refused):
        queries.proposals(ward.site.actor(Role.REGISTRAR))
    later(days=timedelta(days=1).days)
    assert len(queries.proposals(ward.doctor)) == 1
