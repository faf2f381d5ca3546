"""What merging would mean is shown beforehand and happens; afterwards every way leads to the person."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.access import commands as access_commands
from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Reading
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import (
    Card,
    Household,
    HouseholdMember,
    Resident,
    ResponsibleDoctor,
)
from tiercare.apps.residents.rules import IdentityKind, Sex
from tiercare.apps.residents.rules.doubles import (
    Contradiction,
)
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import id_number
from .pairs import (
    NO_NUMBER,
    PLATFORM,
    WHY,
    dump,
    keeper,
    people,
    reads,
)

__all__ = ["keeper", "people"]  # fixtures


# --- reading after a merge


def test_after_a_merge_every_way_leads_to_the_person(site, keeper, register, given) -> None:
    born = date(1968, 5, 17)
    number = id_number(born, 21)
    here = register("王小明", number=number, phone="13800001111")
    hospital = site.actor(Role.REGISTRAR, "county_hospital")
    passport = {"identity_kind": IdentityKind.PASSPORT, "number": "E12345678"}
    there = register("李晓红", hospital, birth_date=date(1990, 1, 1), **passport)
    doctor = site.actor(Role.CLINICIAN, "county_hospital")
    with pytest.raises(Refused), queries.opened(doctor, here):
        pass
    merge_id = commands.merge(keeper, kept_id=here, merged_id=there, reason=WHY)

    for asked in (here, there):
        with queries.opened(doctor, asked) as record:  # by its own visit of the merged entry
            assert (record.persons, record.basis) == ((here, there), Basis.ENCOUNTER)
            assert Resident.objects.filter(pk__in=record.persons).count() == 2
    for typed in (number, "E12345678", "138 0000 1111"):
        assert [each.id for each in queries.find(hospital, number=typed)] == [here], typed
    assert [line.id for line in queries.listed(hospital)] == [there]
    assert [line.id for line in queries.listed(hospital, text="lxh")] == [there]
    assert queries.listed(hospital, text="王小明") == [], "a name it never wrote"
    assert [line.id for line in queries.listed(site.actor(Role.REGISTRAR))] == [here]
    assert queries.listed(site.actor(Role.REGISTRAR, "stranger")) == []
    with pytest.raises(
        commands.AlreadyKnown
    ) as caught:  # known by the phone of one and the number of the other
        register("王小明", actor=hospital, phone="13800001111", **NO_NUMBER)
    assert [each.id for each in caught.value.candidates] == [here]

    commands.part(keeper, merge_id=merge_id, reason=WHY)
    with pytest.raises(Refused), queries.opened(doctor, here):
        pass
    assert [each.id for each in queries.find(hospital, number="E12345678")] == [there]


def test_a_likeness_with_a_merged_entry_leads_to_the_person(keeper, register) -> None:
    merged = register("王小明", phone="13800001111", birth_date=date(1968, 5, 17), **NO_NUMBER)
    kept = (
        register(
            "王小明",
            number=id_number(date(1968, 5, 17), 3),
            birth_date=date(1968, 5, 17),
            phone="",
            despite_=1,
        )
        if False
        else None
    )
    kept = register("王小明", number=id_number(date(1971, 1, 1), 3), birth_date=date(1971, 1, 1))
    commands.merge(keeper, kept_id=kept, merged_id=merged, reason=WHY)
    with pytest.raises(commands.AlreadyKnown) as caught:
        register("王小明", phone="13800001111", birth_date=date(1971, 1, 1), **NO_NUMBER)
    assert [each.id for each in caught.value.candidates] == [kept]


def test_a_list_shows_a_person_once_and_fills_its_page(site, keeper, people) -> None:
    desk = site.actor(Role.REGISTRAR)
    a, b, c, d, e, f = people
    commands.merge(keeper, kept_id=e, merged_id=a, reason=WHY)
    commands.merge(keeper, kept_id=e, merged_id=b, reason=WHY)
    assert [line.id for line in queries.listed(desk)] == [c, d, e, f]
    assert [line.id for line in queries.listed(desk, limit=2)] == [c, d], "filled up behind what is left out"
    assert [line.id for line in queries.listed(desk, after=d, limit=2)] == [e, f]
    assert [line.id for line in queries.listed(desk, text="王小明")] == [a], "by the name that only it bears"
    assert [line.id for line in queries.listed(desk, text="钱多多")] == [e]


def test_lists_without_merges_ask_as_often_as_before(site, keeper, people) -> None:
    desk = site.actor(Role.REGISTRAR)
    queries.listed(desk)
    with CaptureQueriesContext(connection) as plain:
        queries.listed(desk, limit=6)
    commands.merge(keeper, kept_id=people[0], merged_id=people[5], reason=WHY)
    with CaptureQueriesContext(connection) as merged:
        queries.listed(desk, limit=5)
    assert len(plain) == len(merged)


# --- shown beforehand


def test_all_that_would_change_is_shown_before_and_nothing_is_written(site, keeper, register) -> None:
    a = register("王小明", number=id_number(sequence=31), phone="13800001111")
    hospital = site.actor(Role.REGISTRAR, "county_hospital")
    b = register(
        "王晓敏", hospital, birth_date=date(1970, 1, 1), sex=Sex.FEMALE, **NO_NUMBER, address="另一条路 9 号"
    )
    with scoped(PLATFORM, persons=[a, b], area=EVERYWHERE):
        _furnish(site, a), _furnish(site, b)
        access_commands.relate(
            PLATFORM, resident_id=b, institution_id=site.stranger, division_code="340202",
            kind=Basis.CONTRACT, source_id=uuid7(),
        )  # fmt: skip
    before = dump([a, b])
    told = queries.effect(keeper, a, b)

    assert told.first.hanging == {"numbers": 2, "care_relations": 1} | _FURNISHED
    assert told.second.hanging == {"care_relations": 2} | _FURNISHED
    assert set(told.contradictions) == {
        Contradiction.SEX,
        Contradiction.BIRTH_DATE,
        Contradiction.TWO_HOUSEHOLDS,
        Contradiction.TWO_DOCTORS,
        Contradiction.TWO_CARDS,
    }
    assert {(each.id, each.basis, each.gains) for each in told.readers} == {
        (site.township, Basis.ENCOUNTER, b),
        (site.county_hospital, Basis.ENCOUNTER, a),
        (site.stranger, Basis.CONTRACT, a),
    }
    assert all(each.name for each in told.readers)
    agree = dict(told.agree)
    assert (agree["name"], agree["sex"], agree["birth_date"], agree["address"]) == (False,) * 4
    assert agree["number"] is agree["phone"] is agree["nation"] is None and agree["division_code"] is True
    assert told.refusal is None and not told.waiting
    assert told.first.number.count("*") == 8 and told.first.phone == "138****1111"
    assert dump([a, b]) == before
    with scoped(PLATFORM, persons=[a, b], area=EVERYWHERE):
        assert Reading.objects.filter(resident_id__in=[a, b], division_code="3402").count() == 2


_FURNISHED = {"households": 1, "responsible_doctors": 1, "cards": 1}


def _furnish(site, resident_id: UUID) -> None:
    """A household, a doctor and a card."""
    days = DateRange(date(2020, 1, 1), None)
    household = Household.objects.create(institution_id=site.township, division_code="340223")
    HouseholdMember.objects.create(
        household=household, resident_id=resident_id, institution_id=site.township, relation="0", period=days
    )
    ResponsibleDoctor.objects.create(
        resident_id=resident_id,
        institution_id=site.township,
        doctor_name="示例医师",
        source="desk",
        period=days,
    )
    Card.objects.create(
        resident_id=resident_id,
        number=str(uuid7().int)[-16:],
        division_code="340223",
        issued_at=ledger.now(),
    )


def test_what_is_foretold_happens(site, keeper, people, register) -> None:
    """Whoever is said to read newly does so after the merge, and nobody else."""
    a = people[0]
    b = register("周小燕", site.actor(Role.REGISTRAR, "county_hospital"), **NO_NUMBER, birth_date=None)
    told = {(each.id, each.gains) for each in queries.effect(keeper, a, b).readers}
    places = {getattr(site, name): name for name in ("township", "county_hospital", "stranger")}
    before = {(key, entry) for key in places for entry in (a, b) if reads(site, places[key], entry)}
    commands.merge(keeper, kept_id=a, merged_id=b, reason=WHY)
    after = {(key, entry) for key in places for entry in (a, b) if reads(site, places[key], entry)}
    assert after - before == told and before <= after


# --- the story of the unconscious patient


def test_an_unconscious_patient_is_found_to_be_somebody_and_again_not(site, keeper, given, register) -> None:
    known = register("王小明", number=id_number(sequence=41))
    hospital = site.actor(Role.REGISTRAR, "county_hospital")
    nameless = register("无名氏", hospital, birth_date=None, sex=Sex.UNKNOWN, **NO_NUMBER)
    doctor = site.actor(Role.CLINICIAN, "county_hospital")
    (waiting,) = queries.unclaimed(keeper)
    assert (waiting.least.id, waiting.least.temporary) == (nameless, True)
    before = dump([known, nameless])

    (found,) = queries.find(keeper, number=id_number(sequence=41))  # the next day the card is found
    merge_id = commands.merge(keeper, kept_id=found.id, merged_id=nameless, reason="家属持身份证到院认领")
    assert queries.unclaimed(keeper) == []
    township = site.actor(Role.PRIMARY_DOCTOR)
    for who in (doctor, township):
        with queries.opened(who, nameless) as record:
            assert set(record.persons) == {known, nameless}
            names = set(Resident.objects.filter(pk__in=record.persons).values_list("name", flat=True))
            assert names == {"王小明", "无名氏"}

    commands.part(keeper, merge_id=merge_id, reason="指纹核对后不是同一人")
    assert dump([known, nameless]) == before
    assert [each.least.id for each in queries.unclaimed(keeper)] == [nameless]
    assert not reads(site, "county_hospital", known) and not reads(site, "township", nameless)
