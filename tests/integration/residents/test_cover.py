"""What insures a resident: one thing at a time, recorded by a desk or from a file, never twice for a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Cover, Resident
from tiercare.apps.residents.rules.cover import Given, Scheme
from tiercare.apps.residents.rules.cover_file import cover_columns_of, read_cover_line
from tiercare.kernel.actor import Actor
from tiercare.kernel.refusal import Refused

from .conftest import Site, id_number

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
AREA = "340223"
FIRST = date(2024, 1, 1)
EMPLOYEE = Given("EMPLOYEE", AREA, FIRST)


@pytest.fixture
def desk(site: Site) -> Actor:
    return site.actor(Role.REGISTRAR)


def stored() -> int:
    with scoped(SYSTEM, area="*"):
        return Cover.objects.count()


def refused(work: Callable[[], object]) -> set[str]:
    with pytest.raises(Refused) as caught:
        work()
    assert all(each.instead.zh and each.instead.en for each in caught.value.refusals), "each names the way on"
    return {each.code for each in caught.value.refusals}


def test_recorded_ended_and_followed_by_another(site: Site, desk: Actor, register) -> None:
    resident = register()
    today = ledger.today()
    assert queries.cover_at(queries.person_of(resident), on=today) is None
    first = commands.record_cover(desk, resident_id=resident, given=EMPLOYEE)
    commands.end_cover(desk, resident_id=resident, cover_id=first, ended_on=today)
    commands.record_cover(desk, resident_id=resident, given=Given("城乡居民医保", AREA, today))

    held = queries.cover_at(queries.person_of(resident), on=today)
    assert held is not None and (held.scheme, held.area) == (Scheme.RESIDENT, AREA)
    before = queries.cover_at(queries.person_of(resident), on=today - timedelta(days=1))
    assert before is not None and before.scheme is Scheme.EMPLOYEE
    shown = queries.sheet(site.actor(Role.PRIMARY_DOCTOR), resident).covers
    assert [(each.scheme, each.since, each.until) for each in shown] == [
        (Scheme.RESIDENT, today, None),
        (Scheme.EMPLOYEE, FIRST, today),
    ]
    assert shown[0].area_name and shown[0].institution


def test_what_cannot_be_is_refused_with_the_way_on(desk: Actor, register) -> None:
    resident = register()

    def record(*what) -> Callable[[], object]:
        return lambda: commands.record_cover(desk, resident_id=resident, given=Given(*what))

    assert refused(record("NATIONAL", AREA, FIRST)) == {"residents.cover_scheme"}
    assert refused(record("EMPLOYEE", "", FIRST)) == {"residents.cover_area"}
    assert refused(record("EMPLOYEE", "999999", FIRST)) == {"residents.cover_area"}
    assert refused(record("SELF_PAID", AREA, FIRST)) == {"residents.cover_area_without_scheme"}
    assert refused(record("EMPLOYEE", AREA, FIRST, FIRST)) == {"residents.cover_ends_before"}
    assert refused(record("EMPLOYEE", AREA, date(1950, 1, 1))) == {"residents.cover_before_birth"}
    commands.record_cover(desk, resident_id=resident, given=EMPLOYEE)
    assert refused(record("SELF_PAID", "", FIRST + timedelta(days=99))) == {"residents.cover_overlaps"}
    assert stored() == 1


def test_entered_by_mistake_it_ends_on_its_first_day_and_counts_for_nothing(desk: Actor, register) -> None:
    resident = register()
    key = commands.record_cover(desk, resident_id=resident, given=EMPLOYEE)
    early = FIRST - timedelta(days=1)
    assert refused(lambda: commands.end_cover(desk, resident_id=resident, cover_id=key, ended_on=early)) == {
        "residents.cover_end"
    }
    commands.end_cover(desk, resident_id=resident, cover_id=key, ended_on=FIRST)
    assert queries.covers(desk, resident) == ()
    commands.record_cover(desk, resident_id=resident, given=Given("RESIDENT", AREA, FIRST))
    assert refused(lambda: commands.end_cover(desk, resident_id=resident, cover_id=key)) == {
        "residents.no_such_cover"
    }


def test_nobody_is_insured_after_death(desk: Actor, register) -> None:
    resident = register()
    with scoped(SYSTEM, area="*"):
        Resident.objects.filter(id=resident).update(deceased_on=date(2025, 3, 1))
    late = Given("RESIDENT", AREA, date(2025, 3, 2))
    assert refused(lambda: commands.record_cover(desk, resident_id=resident, given=late)) == {
        "residents.cover_deceased"
    }
    commands.record_cover(desk, resident_id=resident, given=Given("RESIDENT", AREA, FIRST, date(2025, 3, 2)))


def test_who_has_nothing_to_do_with_the_resident_neither_records_nor_reads(site: Site, register) -> None:
    resident = register()
    for actor in (site.actor(Role.REGISTRAR, "stranger"), site.resident(resident)):
        with pytest.raises(Refused):
            commands.record_cover(actor, resident_id=resident, given=EMPLOYEE)
    with pytest.raises(Refused):
        queries.covers(site.actor(Role.CLINICIAN, "stranger"), resident)
    assert queries.covers(site.resident(resident), resident) == ()
    assert stored() == 0


def test_a_file_is_checked_then_taken_once(desk: Actor, register) -> None:
    register("王小明", number=id_number(sequence=21))
    register("李小红", number=id_number(sequence=23))
    places = cover_columns_of(["居民身份证号", "参保类型", "参保地区划代码", "起始日期", "截止日期"])
    assert not isinstance(places, tuple)
    file = [
        [id_number(sequence=21), "职工医保", AREA, "2024-01-01", ""],
        [id_number(sequence=23), "RESIDENT", "3402", "2024-01-01", "2027-01-01"],
        [id_number(sequence=25), "职工医保", AREA, "2024-01-01", ""],
        [id_number(sequence=21), "自费", "", "2025-01-01", ""],
        [id_number(sequence=21), "商业", "", "哪天", ""],
    ]

    def lines() -> list:
        return [(at, read_cover_line(cells, places)) for at, cells in enumerate(file, start=2)]

    checked = commands.import_covers(SYSTEM, lines=lines(), check=True)
    assert (checked.taken, stored()) == (3, 0), (
        "a check keeps nothing, so the fourth line stands against none"
    )
    done = commands.import_covers(SYSTEM, lines=lines())
    assert (done.taken, done.known) == (2, 0)
    assert {at: {each.code for each in why} for at, why in done.bad} == {
        4: {"residents.cover_nobody"},
        5: {"residents.cover_overlaps"},
        6: {"residents.cover_scheme", "residents.cover_day"},
    }
    again = commands.import_covers(SYSTEM, lines=lines())
    assert (again.taken, again.known, stored()) == (0, 2, 2)
    assert isinstance(cover_columns_of(["居民身份证号", "参保类型"]), tuple)
    with pytest.raises(Refused, match="import_by_platform"):
        commands.import_covers(desk, lines=lines())


def test_two_entries_of_one_person_are_insured_by_one_thing(site: Site, desk: Actor, register) -> None:
    """Found to be one person, the other entry's cover counts, and none beside it is recorded."""
    one: UUID = register("王小明")
    two: UUID = register("王晓明")
    commands.record_cover(desk, resident_id=two, given=EMPLOYEE)
    with scoped(SYSTEM, area="*"):
        Resident.objects.filter(id=two).update(master_id=one)
    held = queries.cover_at(queries.person_of(one), on=FIRST)
    assert held is not None and held.scheme is Scheme.EMPLOYEE
    assert refused(
        lambda: commands.record_cover(desk, resident_id=one, given=Given("RESIDENT", AREA, FIRST))
    ) == {"residents.cover_overlaps"}


def test_made_up_residents_are_insured_in_a_demonstration_only(site: Site, register) -> None:
    register()
    if ledger.installation().synthetic:
        assert commands.demonstrate_covers() == 0, "and only those who are made up"
    else:
        with pytest.raises(RuntimeError, match="demonstration"):
            commands.demonstrate_covers()
    assert stored() == 0
