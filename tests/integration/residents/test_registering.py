"""Registering, finding, listing and opening, through the wall as the application role sees it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Basis, Role
from tiercare.apps.ledger.models import Event, Reading
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import Duplicate, Identifier, Resident
from tiercare.apps.residents.rules import IdentityKind
from tiercare.kernel.refusal import Refused

from .conftest import id_number


def codes(caught: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in caught.value.refusals}


def test_a_desk_registers_and_finds_by_number_and_by_name(site, register) -> None:
    number = id_number(date(1950, 1, 1), 7)
    key = register("欧阳娜娜", number=number, birth_date=date(1950, 1, 1), phone="13812345678")
    desk = site.actor(Role.REGISTRAR)

    for typed in (number, f" {number[:6]} {number[6:]} ", number.lower(), "138-1234-5678"):
        assert [each.id for each in queries.find(desk, number=typed)] == [key]
    for typed in ("欧阳娜娜", "欧阳", "娜娜", "ouyangnana", "oynn", "OuYang"):
        assert [each.id for each in queries.listed(desk, text=typed)] == [key], typed
    assert queries.listed(desk, text="王小明") == []

    (line,) = queries.listed(desk)
    assert (line.number, line.phone) == ("340223********" + number[-4:], "138****5678")


def test_the_township_of_the_address_keeps_the_file_wherever_one_registers(
    site, register, monkeypatch
) -> None:
    monkeypatch.setattr("tiercare.apps.network.queries.primary_care_of", lambda code, on: site.township)
    key = register(actor=site.actor(Role.REGISTRAR, "county_hospital"))

    assert [each.id for each in queries.listed(site.actor(Role.REGISTRAR))] == [key]
    assert [each.id for each in queries.listed(site.actor(Role.REGISTRAR, "county_hospital"))] == [key]
    with queries.opened(site.actor(Role.PRIMARY_DOCTOR), key) as record:
        assert record.basis is Basis.REGISTRATION
    with queries.opened(site.actor(Role.CLINICIAN, "county_hospital"), key) as record:
        assert record.basis is Basis.ENCOUNTER


def test_an_exact_number_finds_anywhere_but_shows_the_least(site, register) -> None:
    number = id_number()
    key = register("王小明", number=number)
    (found,) = queries.find(site.actor(Role.REGISTRAR, "stranger"), number=number)

    assert found.id == key and found.name == "王*明" and found.birth_year == 1968
    assert number not in str(found)
    assert queries.listed(site.actor(Role.REGISTRAR, "stranger"), text="王小明") == []


def test_numbers_lie_sealed_and_open_only_in_their_place(site, register) -> None:
    number = id_number()
    one, other = register("王小明", number=number), register("李晓红", birth_date=date(1980, 2, 3))
    with scoped(site.actor(Role.REGISTRAR)):
        row = Identifier.objects.get(resident_id=one, kind="id_card")
        assert number.encode() not in bytes(row.sealed) and number.encode() not in bytes(row.blind)
        assert queries.vault.opened_number(one, "id_card", row.sealed) == number
        with pytest.raises(queries.vault.CannotOpen):
            queries.vault.opened_number(other, "id_card", row.sealed)


def test_one_number_is_one_person(site, register) -> None:
    number = id_number()
    key = register("王小明", number=number)
    with pytest.raises(commands.AlreadyKnown) as caught:
        register("王晓敏", actor=site.actor(Role.REGISTRAR, "stranger"), number=number)
    assert codes(caught) == {"residents.already_registered"}
    assert [each.id for each in caught.value.candidates] == [key]


def test_a_likely_double_is_shown_first_and_kept_for_review(site, register) -> None:
    first = register("王小明", birth_date=date(1968, 5, 17), phone="13800001111")
    again = {"birth_date": date(1968, 5, 17), "phone": "13800001111"}
    with pytest.raises(commands.AlreadyKnown) as caught:
        register("王晓明", **again)
    assert codes(caught) == {"residents.likely_double"}
    assert [each.id for each in caught.value.candidates] == [first]


def test_despite_the_likeness_the_desk_may_go_on_and_the_pair_is_reviewed(site, given, register) -> None:
    first = register("王小明", phone="13800001111")
    made = commands.register(
        site.actor(Role.REGISTRAR), given=given("王晓明", phone="13800001111"), despite=[first]
    )
    with scoped(site.actor(Role.INDEX_KEEPER), area="3402"):
        pair = Duplicate.objects.get()
    assert {pair.first_id, pair.second_id} == {first, made.resident_id} and pair.decision is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (
            {"number": id_number()[:-1] + ("1" if id_number()[-1] != "1" else "2")},
            "residents.number_check_digit",
        ),
        ({"number": id_number(date(1970, 1, 1))}, "residents.birth_date_differs"),
        ({"number": "34022319681301001X"}, "residents.number_birth_date"),
        ({"name": "王\x00明"}, "residents.name"),
        ({"name": "王😀"}, "residents.name"),
        ({"name": "王" * 51}, "residents.name"),
        ({"name": " "}, "residents.name"),
        ({"division_code": "999999"}, "residents.unknown_division"),
        ({"division_code": ""}, "residents.division"),
        ({"phone": "12345"}, "residents.number_shape"),
        ({"number": "", "identity_kind": IdentityKind.PASSPORT}, "residents.number_shape"),
    ],
)
def test_what_cannot_be_registered_is_told_and_nothing_is_left_behind(site, register, wrong, code) -> None:
    with pytest.raises(Refused) as caught:
        register(**wrong)
    assert code in codes(caught)
    with scoped(site.actor(Role.REGISTRAR)):
        assert not Resident.objects.exists()


def test_the_number_that_was_refused_is_never_repeated(register) -> None:
    wrong = id_number()[:-1] + ("1" if id_number()[-1] != "1" else "2")
    with pytest.raises(Refused) as caught:
        register(number=wrong)
    assert wrong not in repr(caught.value.refusals)


def test_without_a_document_the_entry_is_temporary(site, register) -> None:
    register("无名氏", identity_kind=IdentityKind.NONE, number="", birth_date=None)
    (line,) = queries.listed(site.actor(Role.REGISTRAR))
    assert line.temporary and line.number == ""


def test_only_who_has_a_ground_opens_the_record(site, register) -> None:
    key = register()
    with queries.opened(site.actor(Role.PRIMARY_DOCTOR), key) as record:
        assert record.basis in (Basis.REGISTRATION, Basis.ENCOUNTER)
        assert Resident.objects.get(pk=key).name == "王小明"
    with pytest.raises(Refused) as caught, queries.opened(site.actor(Role.CLINICIAN, "stranger"), key):
        pass
    assert codes(caught) == {"access.no_basis"}
    with queries.opened(site.resident(key), key) as record:
        assert record.basis is Basis.SELF


def test_no_such_person_is_answered_like_no_ground(site) -> None:
    with pytest.raises(Refused) as caught, queries.opened(site.actor(Role.CLINICIAN), site.township):
        pass
    assert codes(caught) == {"access.no_basis"}


def test_every_reading_and_every_refusal_is_recorded(site, register) -> None:
    key = register()
    with queries.opened(site.actor(Role.PRIMARY_DOCTOR), key):
        pass
    with pytest.raises(Refused), queries.opened(site.actor(Role.CLINICIAN, "stranger"), key):
        pass
    queries.find(site.actor(Role.REGISTRAR, "stranger"), number="E12345678")
    with queries.opened(site.resident(key), key):
        events = Event.objects.in_bulk(
            Reading.objects.filter(resident_id=key).values_list("event_id", flat=True)
        )
    told = sorted(
        (event.payload["what"], event.payload["result"], event.payload["basis"]) for event in events.values()
    )
    assert told == [
        ("file", "refused", ""),
        ("file", "shown", "encounter"),
        ("file", "shown", "self"),
    ]


def test_outside_a_scope_nothing_is_seen(site, register) -> None:
    register()
    assert not Resident.objects.exists() and not Identifier.objects.exists()
    with scoped(site.actor(Role.REGISTRAR, "stranger")):
        assert not Resident.objects.exists()
    with scoped(site.actor(Role.REGISTRAR)):
        assert Resident.objects.count() == 1
    assert not Resident.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('tiercare.scope', true)")
        assert cursor.fetchone()[0] in (None, "", "{}")
