"""The file of a withdrawn document: its own institution still opens it from the withdrawn line, nobody else does."""

from __future__ import annotations

from uuid import UUID

import pytest

from tiercare.apps.access.rules import Role
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.records import commands, queries
from tiercare.apps.records.rules.entries import Diagnosis
from tiercare.apps.records.rules.vocabulary import DocumentKind, VisitKind
from tiercare.apps.records.rules.withdrawing import What
from tiercare.kernel.refusal import Refused

from ..records.conftest import Ward, codes, later, synthetic_clock, ward
from ..records.test_timeline import PDF
from ..residents.conftest import given, register, site
from .residents_desk import at_desk, page_of

__all__ = ["at_desk", "given", "register", "site", "synthetic_clock", "ward"]
pytestmark = pytest.mark.django_db


def filed(ward: Ward, actor=None, **more: object) -> UUID:
    return commands.add_document(
        actor or ward.doctor,
        resident_id=ward.resident,
        kind=DocumentKind.REPORT,
        title="别人的心电图",
        content=PDF,
        **more,
    )


def gone(ward: Ward, actor=None) -> UUID:
    key = filed(ward, actor)
    commands.withdraw(actor or ward.doctor, what=What.DOCUMENT, entry_id=key, reason="记错患者")
    return key


def files_read(ward: Ward) -> int:
    told = ledger.events(kind="access.record_read", subject_id=ward.resident, limit=50)
    return sum(each.payload["what"] == "document" for each in told)


def test_its_own_institution_opens_it_from_the_withdrawn_line(ward, at_desk) -> None:
    key = gone(ward)
    address, page = f"/record-entries/document/{key}/file", f"/residents/{ward.resident}/record"
    desk = at_desk(Role.PRIMARY_DOCTOR)
    for where in (page, f"/record-entries/document/{key}"):
        shown = page_of(desk.get(where))
        assert "已撤回" in shown and f'href="{address}' in shown, where
    answer = desk.get(address)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, PDF, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment") and answer["Cache-Control"] == "no-store"
    assert files_read(ward) == 1
    # By the way of what stands it stays gone, for the institution too.
    assert desk.get(f"{page}/documents/{key}").status_code == 404


def test_every_other_institution_sees_that_it_is_gone_and_no_file(ward, at_desk) -> None:
    key = gone(ward)
    ward.at_hospital()
    for role, place in ((Role.CLINICIAN, "county_hospital"), (Role.CLINICIAN, "stranger")):
        answer = at_desk(role, place).get(f"/record-entries/document/{key}/file")
        assert answer.status_code == 404 and PDF not in answer.content, place
    shown = page_of(at_desk(Role.CLINICIAN, "county_hospital").get(f"/residents/{ward.resident}/record"))
    assert "已撤回" in shown and str(key) in shown and "/file" not in shown
    assert at_desk(Role.REGISTRAR).get(f"/record-entries/document/{key}/file").status_code == 403
    assert files_read(ward) == 0


def test_it_opens_without_a_ground_as_the_withdrawn_entry_does(ward) -> None:
    ward.at_hospital()
    key = gone(ward, ward.clinician)
    later(days=2)  # the hospital looks after the resident no more
    with pytest.raises(Refused):
        queries.timeline(ward.clinician, ward.resident)
    before = files_read(ward)
    assert queries.withdrawn_document(ward.clinician, key).content == PDF
    assert files_read(ward) == before + 1


def test_what_stands_and_what_is_special_do_not_open_that_way(ward, at_desk) -> None:
    with pytest.raises(Refused) as refused:
        queries.withdrawn_document(ward.doctor, filed(ward))
    assert codes(refused) == {"records.no_such_document"}
    ward.at_hospital()
    visit = ward.visit(
        ward.clinician, kind=VisitKind.OUTPATIENT, conditions=[Diagnosis("F20.0", "偏执型精神分裂症")]
    )
    key = filed(ward, ward.clinician, encounter_id=visit)
    commands.withdraw(ward.clinician, what=What.VISIT, entry_id=visit, reason="记错患者")
    assert queries.withdrawn_document(ward.clinician, key).content == PDF
    with pytest.raises(Refused) as refused:
        queries.withdrawn_document(ward.office, key)
    assert codes(refused) == {"records.no_such_document"}
    # It went with its visit: the visit's own page has it.
    shown = page_of(at_desk(Role.CLINICIAN, "county_hospital").get(f"/record-entries/visit/{visit}"))
    assert f"/record-entries/document/{key}/file" in shown
