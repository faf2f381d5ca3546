"""Handing a record over to another region: whole, once, and with a receipt that can be checked there."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import pytest
from hypothesis import given as examples
from hypothesis import settings as effort
from hypothesis import strategies as st
from psycopg.types.range import DateRange

from tiercare.apps.access.queries import scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.models import Event
from tiercare.apps.network.models import InstitutionVersion
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.models import KeyGroupMember, RecordMove, Resident, ResponsibleDoctor
from tiercare.apps.residents.queries.card_keys import signing_key
from tiercare.apps.residents.rules.card_tokens import raw_public
from tiercare.apps.residents.rules.moving import NOT_GENUINE, OTHER_FILE, OTHER_SIGNER, Verified, canonical
from tiercare.kernel.refusal import Refusal, Refused

from .care import codes, consent, reads
from .conftest import id_number

WHERE = "江苏省南京市江宁区"


@pytest.mark.clause("TY-103")
def test_the_whole_file_goes_along_once_and_the_receipt_proves_it(site, register) -> None:
    number = id_number(date(1968, 5, 17), 31)
    key = register("王小明", number=number, phone="13800002222")
    today = ledger.today()
    with scoped(site.actor(Role.REGISTRAR)):
        since = DateRange(today - timedelta(days=9), None)
        KeyGroupMember.objects.create(
            resident_id=key, group="hypertension", institution_id=site.township, evidence="随访", period=since
        )
        ResponsibleDoctor.objects.create(
            resident_id=key,
            institution_id=site.township,
            doctor_name="示例医生",
            source="contract",
            period=since,
        )
    consent(site.resident(key), key, site.stranger)
    reads(site.actor(Role.CLINICIAN, "stranger", "示例医师"), key)

    moved = commands.move_out(site.resident(key), key, destination=WHERE)
    file = json.loads(moved.file)
    assert {each["value"] for each in file["numbers"]} == {number, "13800002222"}
    assert (file["entries"][0]["name"], file["entries"][0]["address"]) == ("王小明", "示例路 1 号")
    assert [each["group"] for each in file["key_groups"]] == ["hypertension"]
    assert [each["doctor_name"] for each in file["responsible_doctors"]] == ["示例医生"]
    assert file["responsible_doctors"][0]["institution"]
    assert [each["to_kind"] for each in file["consents"]] == ["institution"]
    assert "示例医师" in {each["by"] for each in file["readings"]}
    assert {"cards", "household", "guardians"} <= set(file)

    assert commands.verify_receipt(moved.file, moved.receipt, key=raw_public(signing_key())) == Verified(
        raw_public(signing_key()).hex(), file["made_at"], WHERE
    )
    both = json.loads(moved.download)
    assert canonical(both["file"]) == moved.file and canonical(both["receipt"]).decode() == moved.receipt
    with scoped(site.resident(key), persons=[key]):
        row = RecordMove.objects.get()
        assert Resident.objects.get(pk=key).moved_out_at is not None
    assert (bytes(row.digest), row.receipt) == (hashlib.sha256(moved.file).digest(), moved.receipt)
    assert WHERE not in str(Event.objects.get(kind="residents.moved_out").payload)
    with pytest.raises(Refused) as caught:
        commands.move_out(site.resident(key), key, destination=WHERE)
    assert codes(caught) == {"residents.already_moved"}


def test_only_the_person_or_a_desk_with_a_signed_request_moves_a_record(site, register) -> None:
    key, other = register(), register("李四海")
    desk = site.actor(Role.REGISTRAR)
    for actor, given, code in (
        (site.resident(other), {"destination": WHERE}, "access.no_basis"),
        (site.actor(Role.REGISTRAR, "stranger"), {"destination": WHERE, "evidence": "1"}, "access.no_basis"),
        (desk, {"destination": WHERE}, "residents.move_evidence"),
        (site.resident(key), {"destination": " "}, "residents.move_destination"),
        (site.resident(key), {"destination": "远" * 81}, "residents.move_destination"),
    ):
        with pytest.raises(Refused) as caught:
            commands.move_out(actor, key, **given)
        assert codes(caught) == {code}
    moved = commands.move_out(desk, key, destination=WHERE, evidence="申请 2026-7")
    assert json.loads(moved.receipt)["request"] == "申请 2026-7"


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.PRIMARY_DOCTOR, Role.REFERRAL_OFFICE])
def test_of_the_institution_that_keeps_the_file_only_the_desk_hands_it_over(site, register, role) -> None:
    key = register()
    with pytest.raises(Refused) as caught:
        commands.move_out(site.actor(role), key, destination=WHERE, evidence="申请 1")
    assert codes(caught) == {"access.not_your_right"}


def test_a_desk_that_only_has_the_resident_before_it_hands_nothing_over(site, register) -> None:
    """A visit is a ground to read, not to give the whole file away; that it was tried stands in the record."""
    version = InstitutionVersion.objects.get(institution_id=site.township, period__contains=ledger.today())
    hospital = site.actor(Role.REGISTRAR, "county_hospital")
    key = register("王小明", actor=hospital, division_code=version.township_code)
    assert reads(hospital, key) == "encounter"
    with pytest.raises(Refused) as caught:
        commands.move_out(hospital, key, destination=WHERE, evidence="申请 1")
    assert codes(caught) == {"residents.move_not_kept_here"}
    (tried,) = [
        each.reading
        for each in queries.my_readings(site.resident(key), key).seen
        if each.reading.what == "move"
    ]
    assert tried.refused and tried.institution_id == site.county_hospital
    with scoped(site.resident(key), persons=[key]):
        assert Resident.objects.get(pk=key).moved_out_at is None
    keeper = site.actor(Role.REGISTRAR)
    assert commands.move_out(keeper, key, destination=WHERE, evidence="申请 1").file


def test_the_move_itself_stands_among_the_readings(site, register) -> None:
    key = register()
    commands.move_out(site.actor(Role.REGISTRAR), key, destination=WHERE, evidence="申请 1")
    assert "move" in [each.reading.what for each in queries.my_readings(site.resident(key), key).seen]


@pytest.fixture
def receipt(site, register):
    key = register()
    return commands.move_out(site.resident(key), key, destination=WHERE)


def test_a_changed_file_a_changed_receipt_and_another_signer_are_told(receipt) -> None:
    verify = commands.verify_receipt
    assert verify(receipt.file.replace("王小明".encode(), "王大明".encode()), receipt.receipt) == OTHER_FILE
    elsewhere = receipt.receipt.replace("江宁区", "玄武区")
    assert elsewhere != receipt.receipt and verify(receipt.file, elsewhere) == NOT_GENUINE
    assert verify(receipt.file, receipt.receipt, key=b"\1" * 32) == OTHER_SIGNER


@effort(max_examples=60, deadline=None)
@examples(text=st.one_of(st.text(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_what_is_no_receipt_is_refused_in_words(text) -> None:
    answer = commands.verify_receipt(b"{}", text)
    assert isinstance(answer, Refusal) and answer.sentence("zh")
