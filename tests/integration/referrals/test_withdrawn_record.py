"""A request that carries an entry of the record which was withdrawn later says so, to both sides."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tiercare.apps.access.queries import scoped
from tiercare.apps.exchange import queries as requests
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import find
from tiercare.apps.records import commands as records
from tiercare.apps.records import events
from tiercare.apps.records.models import Encounter, Observation
from tiercare.apps.records.rules.withdrawing import What
from tiercare.apps.referrals import commands, queries

from ..capacity.conftest import Hospital
from .test_loop import (
    Channel,
    Site,
    given,
    held,
    hospital,
    patient,
    pytestmark,
    register,
    session,
    site,
    synthetic_clock,
)

__all__ = [
    "Site",
    "given",
    "hospital",
    "patient",
    "pytestmark",
    "register",
    "session",
    "site",
    "synthetic_clock",
]


def deliver(patient: UUID) -> None:
    """What the dispatcher does with the last withdrawal."""
    event = ledger.events(kind=events.EntryWithdrawn.KIND, subject_id=patient, limit=1)[0]
    find("referrals.after_withdrawing")(event)


def test_a_package_says_what_was_withdrawn_after_it_was_sent(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor, office = hospital.family_doctor, hospital.office
    row = held(hospital, patient, session({Channel.REFERRAL: 1, Channel.OPEN: 1}))
    commands.send(doctor, request_id=row.id)
    sent = queries.package_of(office, row.id)
    assert sent is not None and not any(
        each.get("withdrawn") for part in sent.content.values() for each in part
    )
    with scoped(doctor):
        pressure = Observation.objects.get(item="sbp")
        visit = Encounter.objects.get()
    records.withdraw(doctor, what=What.READING, entry_id=pressure.id, reason="数值录入错误")
    deliver(patient)
    now = queries.package_of(office, row.id)
    assert now is not None and now.digest == sent.digest, "it stays as it was sent"
    gone = {
        each["item"]: each["withdrawn"]["reason"] for each in now.content["results"] if "withdrawn" in each
    }
    assert gone == {"sbp": "数值录入错误"}
    for side in (doctor, office):
        assert "record_gone" in {each.about for each in requests.notices(side)}

    records.withdraw(doctor, what=What.VISIT, entry_id=visit.id, reason="记错患者")
    deliver(patient)
    whole = queries.package_of(office, row.id)
    assert whole is not None
    assert all("withdrawn" in each for part in whole.content.values() for each in part)
    assert [each.about for each in requests.notices(office)].count("record_gone") == 2


def test_what_is_sent_after_a_withdrawal_does_not_carry_it(
    hospital: Hospital, patient: UUID, session: Callable[..., UUID]
) -> None:
    doctor = hospital.family_doctor
    row = held(hospital, patient, session({Channel.REFERRAL: 1, Channel.OPEN: 1}))
    with scoped(doctor):
        pressure = Observation.objects.get(item="dbp")
    records.withdraw(doctor, what=What.READING, entry_id=pressure.id, reason="数值录入错误")
    commands.send(doctor, request_id=row.id)
    package = queries.package_of(hospital.office, row.id)
    assert package is not None
    assert [each["item"] for each in package.content["results"]] == ["sbp"]
    deliver(patient)  # nobody got it: nobody is told
    assert "record_gone" not in {each.about for each in requests.notices(hospital.office)}
