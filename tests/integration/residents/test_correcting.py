"""Correcting an entry: by whom, what follows, and two desks at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Duplicate, Identifier, Resident, Token
from tiercare.apps.residents.rules import Correction, IdentityKind, Sex
from tiercare.kernel.refusal import Refused

from .conftest import id_number


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in caught.value.refusals}


@pytest.fixture
def desk(site):
    return site.actor(Role.REGISTRAR)


def listed(actor, text: str) -> list:
    return [each.id for each in queries.listed(actor, text=text)]


def test_a_corrected_name_is_found_anew_and_no_longer_under_the_old_spelling(desk, register) -> None:
    key = register("王小明")
    done = commands.correct(desk, resident_id=key, version=1, change=Correction(name="王晓敏"))
    assert (done.version, done.fields) == (2, ("name",))
    assert listed(desk, "王晓敏") == [key] and listed(desk, "wxm") == [key]
    assert listed(desk, "王小明") == [] and listed(desk, "小明") == []
    assert queries.sheet(desk, key).who.name == "王晓敏"


def test_the_blocking_keys_follow_too_so_the_next_desk_is_warned(site, desk, register) -> None:
    key = register("王小明", phone="13800001111")
    commands.correct(desk, resident_id=key, version=1, change=Correction(name="赵一诺"))
    register("王小明", phone="13900002222")  # nobody of that name and day any more
    with pytest.raises(commands.AlreadyKnown) as caught:
        register("赵一诺", phone="13800001111")
    assert [each.id for each in caught.value.candidates] == [key]


def test_what_is_told_of_a_correction_are_names_of_fields(desk, register) -> None:
    key = register("王小明")
    commands.correct(
        desk,
        resident_id=key,
        version=1,
        change=Correction(name="王晓敏", phone="13800001234", address="示例路 9 号"),
    )
    event = Event.objects.get(kind="residents.corrected")
    assert event.payload == {"fields": ["name", "address", "phone"], "version": 2}
    assert event.subject_id == key


def test_the_same_again_changes_nothing_and_says_nothing(desk, register) -> None:
    key = register("王小明", phone="13800001234")
    done = commands.correct(
        desk,
        resident_id=key,
        version=1,
        change=Correction(name=" 王小明", sex=Sex.MALE, phone="138-0000-1234", address="示例路 1 号"),
    )
    assert (done.version, done.fields) == (1, ())
    assert not Event.objects.filter(kind="residents.corrected").exists()


def test_of_two_desks_the_later_is_told_what_changed_and_by_whom(site, register) -> None:
    key = register("王小明")
    first, second = site.actor(Role.REGISTRAR, name="甲"), site.actor(Role.REGISTRAR, name="乙")
    commands.correct(first, resident_id=key, version=1, change=Correction(name="王晓敏", phone="13800001234"))
    with pytest.raises(commands.ChangedMeanwhile) as caught:
        commands.correct(second, resident_id=key, version=1, change=Correction(address="示例路 2 号"))
    (refusal,) = caught.value.refusals
    assert "甲 改了姓名、手机号" in refusal.sentence() and "name, telephone" in refusal.sentence("en")
    assert caught.value.fields == ("name", "phone")
    done = commands.correct(second, resident_id=key, version=2, change=Correction(address="示例路 2 号"))
    assert done.version == 3 and queries.sheet(second, key).who.name == "王晓敏"


def test_a_corrected_number_retires_the_old_one(desk, register) -> None:
    birth = date(1968, 5, 17)
    old, new = id_number(birth, 41), id_number(birth, 43)
    key = register("王小明", number=old)
    change = Correction(document=(IdentityKind.ID_CARD, new))
    assert commands.correct(desk, resident_id=key, version=1, change=change).fields == ("document",)
    assert queries.find(desk, number=old) == []
    assert [each.id for each in queries.find(desk, number=new)] == [key]
    other = register("李建国", number=old, birth_date=birth)
    assert other != key


def test_a_temporary_entry_is_claimed_by_a_document(desk, register) -> None:
    key = register("无名氏", identity_kind=IdentityKind.NONE, number="", birth_date=None, sex=Sex.UNKNOWN)
    birth = date(1950, 1, 1)
    number = id_number(birth, 8)
    done = commands.correct(
        desk,
        resident_id=key,
        version=1,
        change=Correction(name="王国庆", document=(IdentityKind.ID_CARD, number)),
    )
    assert done.fields == ("name", "sex", "birth_date", "document")
    who = queries.sheet(desk, key).who
    assert (who.temporary, who.birth_date, who.sex) == (False, birth, "2")
    assert [each.id for each in queries.find(desk, number=number)] == [key]


def test_a_document_of_another_kind_is_put_beside_and_comes_first(desk, register) -> None:
    birth = date(2020, 3, 4)
    certificate = "E123456789"
    key = register(
        "王小宝", identity_kind=IdentityKind.BIRTH_CERTIFICATE, number=certificate, birth_date=birth
    )
    number = id_number(birth, 3)
    commands.correct(
        desk, resident_id=key, version=1, change=Correction(document=(IdentityKind.ID_CARD, number))
    )
    for each in (certificate, number):
        assert [found.id for found in queries.find(desk, number=each)] == [key]
    assert queries.sheet(desk, key).who.identity_kind == "id_card"


def test_somebody_elses_number_shows_them_and_can_be_reported_as_double(site, desk, register) -> None:
    number = id_number(date(1968, 5, 17), 51)
    bearer = register("王小明", number=number)
    key = register("无名氏", identity_kind=IdentityKind.NONE, number="", birth_date=None, sex=Sex.UNKNOWN)
    with pytest.raises(commands.AlreadyKnown) as caught:
        commands.correct(
            desk, resident_id=key, version=1, change=Correction(document=(IdentityKind.ID_CARD, number))
        )
    assert codes(caught) == {"residents.number_of_another"}
    assert [each.id for each in caught.value.candidates] == [bearer]
    commands.report_same(desk, resident_id=key, other_id=bearer)
    with scoped(site.actor(Role.INDEX_KEEPER), area="3402"):
        pair = Duplicate.objects.get()
    assert {pair.first_id, pair.second_id} == {key, bearer}


def test_a_number_that_another_desk_took_in_between_is_refused_not_broken(
    desk, register, monkeypatch
) -> None:
    from tiercare.apps.residents.commands import correcting

    number = id_number(date(1968, 5, 17), 61)
    register("王小明", number=number)
    key = register("李建国")
    monkeypatch.setattr(correcting, "_not_of_another", lambda record, entry: None)
    with pytest.raises(commands.AlreadyKnown) as caught:
        commands.correct(
            desk, resident_id=key, version=1, change=Correction(document=(IdentityKind.ID_CARD, number))
        )
    assert codes(caught) == {"residents.number_of_another"}


def test_the_telephone_is_replaced_or_taken_away(desk, register) -> None:
    key = register("王小明", phone="13800001111")
    commands.correct(desk, resident_id=key, version=1, change=Correction(phone="13900002222"))
    assert queries.find(desk, number="13800001111") == []
    assert [each.id for each in queries.find(desk, number="13900002222")] == [key]
    (line,) = queries.listed(desk)
    assert line.phone == "139****2222"
    commands.correct(desk, resident_id=key, version=2, change=Correction(phone=""))
    assert queries.find(desk, number="13900002222") == []
    (line,) = queries.listed(desk)
    assert line.phone == ""


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Correction(birth_date=date(1970, 1, 1)), "residents.birth_date_differs"),
        (Correction(sex=Sex.FEMALE), "residents.sex_differs"),
        (Correction(name="王😀"), "residents.name"),
        (Correction(phone="12345"), "residents.number_shape"),
        (Correction(division_code="999999"), "residents.unknown_division"),
        (Correction(document=(IdentityKind.ID_CARD, "123")), "residents.number_shape"),
        (Correction(deceased_on=date(1960, 1, 1)), "residents.day_of_death"),
        (Correction(deceased_on=date(2999, 1, 1)), "residents.day_of_death"),
    ],
)
def test_what_would_not_pass_at_registration_does_not_pass_here(desk, register, change, code) -> None:
    key = register("王小明", number=id_number(date(1968, 5, 17), 1))
    with pytest.raises(Refused) as caught:
        commands.correct(desk, resident_id=key, version=1, change=change)
    assert code in codes(caught)
    with scoped(desk):
        row = Resident.objects.get(pk=key)
    assert (row.version, row.name, row.sex) == (1, "王小明", "1")


def test_the_day_of_death_is_recorded_and_the_age_stands_still(desk, register) -> None:
    key = register("王小明", birth_date=date(1968, 5, 17))
    commands.correct(desk, resident_id=key, version=1, change=Correction(deceased_on=date(2018, 5, 16)))
    who = queries.sheet(desk, key).who
    assert (who.deceased_on, who.age) == (date(2018, 5, 16), 49)
    commands.correct(desk, resident_id=key, version=2, change=Correction(deceased_on=None))
    assert queries.sheet(desk, key).who.deceased_on is None


def test_who_moves_to_another_township_is_listed_there(site, desk, register, wuhu) -> None:
    key = register("王小明")
    code = site.division
    done = commands.correct(desk, resident_id=key, version=1, change=Correction(division_code=code))
    who = queries.sheet(desk, key).who
    assert done.fields == ("division_code",) and who.division_code == code
    from tiercare.apps.network import queries as network

    keeper = network.primary_care_of(code, on=ledger.today())
    assert who.institution_id == (keeper or site.township)
    with scoped(desk, also=[who.institution_id]):
        assert Token.objects.filter(institution_id=who.institution_id, token="", resident_id=key).exists()


def test_only_the_keeper_or_where_the_resident_is_may_correct(site, register) -> None:
    key = register("王小明")
    change = Correction(name="王晓敏")
    for actor, code in (
        (site.actor(Role.CLINICIAN), "access.not_your_right"),
        (site.actor(Role.REGISTRAR, "stranger"), "access.no_basis"),
        (site.resident(key), "access.not_your_right"),
    ):
        with pytest.raises(Refused) as caught:
            commands.correct(actor, resident_id=key, version=1, change=change)
        assert codes(caught) == {code}, actor.role


def test_a_consent_lets_read_but_not_correct(site, register) -> None:
    key = register("王小明")
    actor = site.actor(Role.PRIMARY_DOCTOR, "stranger")
    with scoped(actor), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_consent (id, resident_id, grantee_id, grantee_kind, grantee_name, division_code, purposes,"
            " since, until, given_by) VALUES (gen_random_uuid(), %s, %s, 'institution', '示例医院', '3402',"
            " ARRAY['treatment'], %s, %s, 'resident')",
            [key, site.stranger, ledger.now() - timedelta(hours=1), ledger.now() + timedelta(hours=1)],
        )
    assert queries.sheet(actor, key).who.name == "王小明"
    with pytest.raises(Refused) as caught:
        commands.correct(actor, resident_id=key, version=1, change=Correction(name="王晓敏"))
    assert codes(caught) == {"residents.not_yours_to_correct"}


def test_numbers_stay_sealed_after_a_correction(desk, register) -> None:
    key = register("王小明")
    number = id_number(date(1968, 5, 17), 71)
    commands.correct(
        desk,
        resident_id=key,
        version=1,
        change=Correction(document=(IdentityKind.ID_CARD, number), address="秘密路 3 号"),
    )
    with scoped(desk):
        row = Resident.objects.get(pk=key)
        rows = list(Identifier.objects.filter(resident_id=key, kind="id_card"))
    assert number.encode() not in b"".join(bytes(each.sealed) + bytes(each.blind) for each in rows)
    assert "秘密路".encode() not in bytes(row.address_sealed)
    assert sorted(each.retired_at is None for each in rows) == [False, True]
