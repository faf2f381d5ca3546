"""Single edits of the register: what they change, what moves along, and what is refused whole."""

from __future__ import annotations

from datetime import date

import pytest

from tiercare.apps.terms import queries
from tiercare.apps.terms.commands import LaidDown, lay_down_divisions, put_division
from tiercare.apps.terms.models import Division
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

DAY = date(2025, 1, 1)
BEFORE = date(2024, 12, 31)

pytestmark = pytest.mark.django_db


def put(**changes: object) -> Division:
    wanted = {"code": "340223", "name": "南陵市", "kind": "县级市", "parent_code": "3402", "valid_from": DAY}
    return put_division(Actor.system(), **(wanted | changes))


def test_a_new_name_holds_from_its_day(register: LaidDown) -> None:
    """The day before, the old name; from the day on, the new one, with outline, neighbours and townships."""
    towns, villages = (
        len(queries.children("340223", on=BEFORE, level=level)) for level in ("TOWNSHIP", "VILLAGE")
    )
    put(point=(118.334, 30.915), population=410_000, population_basis="测试")
    assert queries.division("340223", on=BEFORE).name == "南陵县"
    new = queries.division("340223", on=DAY)
    assert (new.name, new.kind, new.initials, new.point_basis) == ("南陵市", "县级市", "nls", "SOURCE")
    assert queries.outline_of("340223", on=DAY).ring == queries.outline_of("340223", on=BEFORE).ring
    assert len(queries.children("340223", on=DAY, level="TOWNSHIP")) == towns == 9
    assert len(queries.children("340223", on=DAY, level="VILLAGE")) == villages == 173
    assert queries.ancestors("340223100001", on=DAY)[2].name == "南陵市"
    assert queries.ancestors("340223100001", on=BEFORE)[2].name == "南陵县"
    assert len(queries.neighbours("340223", on=DAY)) == 5


def test_an_edit_survives_the_next_lay_down(register: LaidDown) -> None:
    """The bundled register does not bring the old name back."""
    put()
    assert lay_down_divisions(Actor.system()).total == 0
    assert queries.division("340223", on=DAY).name == "南陵市"


def test_the_same_day_corrects_in_place(register: LaidDown) -> None:
    """A second word for the same day replaces the first and adds no row."""
    put()
    rows = Division.objects.count()
    put(name="南陵新区", kind="市辖区")
    assert Division.objects.count() == rows
    assert queries.division("340223", on=DAY).name == "南陵新区"


def test_a_new_division_needs_no_predecessor(register: LaidDown) -> None:
    """A code that was never there."""
    made = put(code="340213", name="江北区", kind="市辖区", valid_to=date(2030, 1, 1))
    assert queries.division("340213", on=date(2029, 12, 31)) == made
    assert queries.division("340213", on=date(2030, 1, 1)) is None


def test_a_township_moves_to_another_county(register: LaidDown) -> None:
    """With its villages, and only from the day on."""
    put(code="340223100", name="籍山镇", kind="镇", parent_code="340210")
    assert queries.lies_within("340223100001", "340210", on=DAY)
    assert queries.lies_within("340223100001", "340223", on=BEFORE)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parent_code": "3499"}, "terms.division_parent"),
        ({"parent_code": "34"}, "terms.division_parent"),
        ({"code": "34022"}, "terms.division_code"),
        ({"valid_to": date(2024, 1, 1)}, "terms.division_period"),
        ({"valid_to": date(2026, 1, 1)}, "terms.division_children"),
        ({"point": (118.38, 31.34)}, "terms.division_point"),
        ({"code": "340223100", "parent_code": "340223", "point": (118.38, 31.34)}, "terms.division_point"),
        (
            {"code": "340225100", "parent_code": "340225", "valid_from": date(2019, 1, 1)},
            "terms.division_outlasts_parent",
        ),
        ({"code": "340209", "valid_from": date(2019, 1, 1)}, "terms.division_overlap"),
    ],
)
def test_refused_whole(register: LaidDown, changes: dict[str, object], code: str) -> None:
    """A refusal leaves every row as it was."""
    before = list(Division.objects.values_list().order_by("id"))
    with pytest.raises(Refused) as refused:
        put(**changes)
    assert code in {refusal.code for refusal in refused.value.refusals}
    assert list(Division.objects.values_list().order_by("id")) == before


def test_only_the_commission_of_the_area_keeps_the_register(register: LaidDown) -> None:
    """A doctor, or the commission of another city, is refused, and nothing changes."""
    for role, area in (("primary_doctor", "3402"), ("commission", "1401")):
        actor = Actor(uuid7(), "演示", role, institution_id=uuid7(), division_code=area)
        with pytest.raises(Refused):
            put_division(
                actor, code="340202", name="新名", kind="区", parent_code="3402", valid_from=date(2024, 1, 1)
            )
    division = queries.division("340202", on=date(2024, 1, 1))
    assert division is not None
    assert division.name == "镜湖区"
