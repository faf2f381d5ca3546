"""Households and guardians."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event, Reading
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Guardianship, HouseholdMember
from tiercare.apps.residents.rules import Relation
from tiercare.kernel.refusal import Refused

from .conftest import id_number


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in caught.value.refusals}


@pytest.fixture
def desk(site):
    return site.actor(Role.REGISTRAR)


@pytest.fixture
def family(site, register, given):
    """A man and his wife registered at the township, whose file it keeps."""
    from tiercare.apps.residents.models import Resident

    head, wife = register("王小明"), register("李晓红", birth_date=date(1970, 2, 3))
    with scoped(site.actor(Role.REGISTRAR)):
        Resident.objects.filter(pk__in=(head, wife)).update(keeps_file=True)
    return head, wife


def members(actor, key) -> list[tuple[str, str]]:
    found = queries.sheet(actor, key).household
    return [] if found is None else [(each.name, each.relation) for each in found.members]


def test_the_first_member_makes_the_other_the_head(desk, family) -> None:
    head, wife = family
    commands.add_member(desk, resident_id=head, member_id=wife, relation=Relation.SPOUSE)
    assert members(desk, head) == members(desk, wife) == [("王小明", "0"), ("李晓红", "1")]
    with pytest.raises(Refused) as caught:
        commands.add_member(desk, resident_id=head, member_id=wife, relation=Relation.OTHER)
    assert codes(caught) == {"residents.already_in_household"}


def test_there_is_one_head(desk, family, register) -> None:
    head, wife = family
    commands.add_member(desk, resident_id=head, member_id=wife, relation=Relation.SPOUSE)
    with pytest.raises(Refused) as caught:
        commands.add_member(desk, resident_id=head, member_id=register("王大"), relation=Relation.HEAD)
    assert codes(caught) == {"residents.household_head"}
    with pytest.raises(Refused) as caught:
        commands.leave_household(desk, resident_id=head, member_id=head)
    assert codes(caught) == {"residents.head_cannot_leave"}
    commands.change_relation(
        desk, resident_id=head, member_id=wife, relation=Relation.HEAD, former_head=Relation.SPOUSE
    )
    assert members(desk, head) == [("李晓红", "0"), ("王小明", "1")]
    commands.leave_household(desk, resident_id=head, member_id=head)
    assert members(desk, head) == [] and members(desk, wife) == [("李晓红", "0")]


def test_who_joins_another_household_has_left_the_first(site, desk, family, register) -> None:
    head, wife = family
    son = register("王大", birth_date=date(1995, 5, 6))
    commands.add_member(desk, resident_id=head, member_id=son, relation=Relation.SON)
    with scoped(desk):
        HouseholdMember.objects.update(period=(date(2020, 1, 1), None))
    commands.add_member(desk, resident_id=wife, member_id=son, relation=Relation.SON)
    assert members(desk, head) == [("王小明", "0")]
    assert members(desk, wife) == [("李晓红", "0"), ("王大", "2")]
    with scoped(desk):
        before = HouseholdMember.objects.get(resident_id=son, period__endswith=ledger.today())
    assert before.period.lower == date(2020, 1, 1)
    acts = Event.objects.filter(kind="residents.household_changed", subject_id=son).order_by("sequence")
    assert [event.payload["act"] for event in acts] == ["joined", "moved", "joined"]


def test_whoever_reads_on_sees_only_members_of_their_own_lists(site, desk, family) -> None:
    head, wife = family
    commands.add_member(desk, resident_id=head, member_id=wife, relation=Relation.SPOUSE)
    assert members(site.resident(wife), wife) == [("李晓红", "1")]
    shown = queries.sheet(site.resident(wife), wife).household
    assert shown is not None and all(each.self_ for each in shown.members)


def test_showing_the_household_leaves_a_record_with_its_members(desk, family) -> None:
    head, wife = family
    commands.add_member(desk, resident_id=head, member_id=wife, relation=Relation.SPOUSE)
    before = ledger.now()
    queries.sheet(desk, head)
    with scoped(desk, persons=[wife]):
        last = Reading.objects.filter(resident_id=wife, at__gte=before).order_by("at").last()
        assert last is not None
    assert Event.objects.get(pk=last.event_id).payload["what"] == "household"


def test_another_institution_does_not_touch_the_household(site, family, register) -> None:
    key = register("赵六", actor=site.actor(Role.REGISTRAR, "county_hospital"))
    head, _ = family
    with pytest.raises(Refused) as caught:
        commands.add_member(
            site.actor(Role.REGISTRAR, "county_hospital"),
            resident_id=head,
            member_id=key,
            relation=Relation.SON,
        )
    assert codes(caught) == {"access.no_basis"}


def test_a_guardian_by_name_and_telephone_is_kept_sealed_and_masked(desk, register) -> None:
    key = register("王小宝", birth_date=ledger.today() - timedelta(days=400))
    made = commands.set_guardian(
        desk, resident_id=key, guardian_id=None, name="李晓红", phone="13812345678", relation="母亲"
    )
    (guardian,) = queries.sheet(desk, key).guardians
    assert (guardian.name, guardian.phone, guardian.relation) == ("李晓红", "138****5678", "母亲")
    with scoped(desk):
        assert b"13812345678" not in bytes(Guardianship.objects.get(pk=made).phone_sealed)
    commands.end_guardian(desk, resident_id=key, guardianship_id=made)
    assert queries.sheet(desk, key).guardians == ()
    with pytest.raises(Refused) as caught:
        commands.end_guardian(desk, resident_id=key, guardianship_id=made)
    assert codes(caught) == {"residents.no_such_guardian"}


def test_a_guardian_of_the_index_may_read_until_it_ends(site, desk, register) -> None:
    mother = register("李晓红", birth_date=date(1990, 2, 3))
    child = register("王小宝", birth_date=ledger.today() - timedelta(days=400))
    with pytest.raises(Refused), queries.opened(site.resident(mother), child):
        pass
    made = commands.set_guardian(
        desk, resident_id=child, guardian_id=mother, name="李晓红", phone="", relation="母亲"
    )
    with queries.opened(site.resident(mother), child) as record:
        assert record.basis is Basis.GUARDIAN
    commands.end_guardian(desk, resident_id=child, guardianship_id=made)
    with pytest.raises(Refused), queries.opened(site.resident(mother), child):
        pass


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"guardian": "self", "name": "王小宝"}, "residents.guardian_oneself"),
        ({"guardian": None, "phone": ""}, "residents.guardian_no_contact"),
        ({"guardian": None, "phone": "12"}, "residents.number_shape"),
        ({"guardian": "mother", "name": "张三丰"}, "residents.guardian_is_another"),
        ({"guardian": "brother", "name": "王大宝"}, "residents.guardian_too_young"),
        ({"guardian": None, "name": "😀"}, "residents.guardian_name"),
        ({"guardian": None, "relation": " "}, "residents.guardian_relation"),
    ],
)
def test_who_cannot_be_a_guardian(desk, register, values, code) -> None:
    today = ledger.today()
    people = {"self": register("王小宝", birth_date=today - timedelta(days=400)), None: None}
    if values["guardian"] == "mother":
        people["mother"] = register("李晓红", birth_date=date(1990, 2, 3))
    if values["guardian"] == "brother":
        people["brother"] = register("王大宝", birth_date=today - timedelta(days=3000))
    asked = {"name": "李晓红", "phone": "13812345678", "relation": "母亲"} | values
    asked["guardian_id"] = people[asked.pop("guardian")]
    with pytest.raises(Refused) as caught:
        commands.set_guardian(desk, resident_id=people["self"], **asked)
    assert code in codes(caught)
    assert queries.sheet(desk, people["self"]).guardians == ()


def test_for_a_young_child_the_page_asks_for_a_guardian_and_blocks_nothing(desk, register) -> None:
    today = ledger.today()
    child, grown = register("王小宝", birth_date=today - timedelta(days=400)), register("王小明")
    assert "监护人同意" in queries.sheet(desk, child).guardian_asked.zh
    assert queries.sheet(desk, grown).guardian_asked is None
    commands.set_guardian(
        desk, resident_id=child, guardian_id=None, name="李晓红", phone="13812345678", relation="母亲"
    )
    assert queries.sheet(desk, child).guardian_asked is None


def test_one_by_number_is_exactly_one(desk, register) -> None:
    number = id_number(date(1968, 5, 17), 91)
    key = register("王小明", number=number, phone="13800001111")
    register("李晓红", birth_date=date(1970, 2, 3), phone="13800001111")
    assert queries.one_by_number(desk, number, at="x").id == key
    for typed, code in (("13800001111", "residents.several_found"), ("E12345678", "residents.nobody_found")):
        with pytest.raises(Refused) as caught:
            queries.one_by_number(desk, typed, at="x")
        assert codes(caught) == {code} and caught.value.refusals[0].at == "x"
        assert typed not in str(caught.value)
