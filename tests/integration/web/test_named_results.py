"""Results that came without a name are called by the guidelines' word for them, where they are chosen and where they arrive."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.records import commands as records
from tiercare.apps.records.rules.entries import Reading

from ..capacity.conftest import hospital, session, synthetic_clock
from ..residents.conftest import given, register, site
from .referrals_desk import SEND, begin, doctor, patient, row_of, write
from .residents_desk import at_desk, page_of

__all__ = [
    "at_desk",
    "doctor",
    "given",
    "hospital",
    "patient",
    "register",
    "session",
    "site",
    "synthetic_clock",
]
pytestmark = pytest.mark.django_db


def test_results_are_named_on_the_form_and_at_the_receiver(doctor, patient, hospital, at_desk) -> None:
    records.record_results(
        hospital.family_doctor,
        resident_id=patient,
        title="检查",
        readings=[
            Reading("chest_pain", words="yes"),
            Reading("K", Decimal("4.10"), name="血清钾", unit="mmol/L"),
        ],
    )
    address = begin(doctor, patient)
    chosen = page_of(doctor.get(address))
    box = chosen.partition('id="package-box"')[2]
    assert "收缩压 190 mmHg" in box and "血清钾 4.1 mmol/L" in box and "sbp" not in box
    assert "chest_pain" not in box and ">yes" not in box
    ticked = re.findall(r'name="with-results" value="([-0-9a-f]+)"', box)
    sent = write(doctor, address, reason="请协助", to=str(hospital.id)) | {"with-results": ticked}
    assert doctor.post(address, sent, **SEND).status_code == 200
    office = at_desk(Role.REFERRAL_OFFICE, "county_hospital")
    shown = page_of(office.get(f"/requests/{row_of(address).id}")).partition('class="request-package"')[2]
    assert "收缩压" in shown and "190 mmHg" in shown and "血清钾" in shown and "4.1 mmol/L" in shown
    assert "sbp" not in shown and "chest_pain" not in shown and "yes" not in shown
