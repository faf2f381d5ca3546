"""Waits, the share of day surgery, the catalogue's growth and a centre's pace, each beside rows counted by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from psycopg.types.range import DateRange

from tiercare.apps.access.rules import Role
from tiercare.apps.capacity import commands
from tiercare.apps.capacity.models import CareUnit
from tiercare.apps.capacity.queries.case_figures import centres, figures
from tiercare.apps.capacity.queries.centre import by_year, catalogue, catalogue_versions
from tiercare.apps.capacity.rules.cases import FUNCTIONS, CaseKind, Step
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.mandates.models import Mandate
from tiercare.apps.network.models import Membership
from tiercare.kernel.clock import ZONE
from tiercare.kernel.refusal import Refused

from .admitting import altered, centre
from .conftest import later

__all__ = ["centre"]
DAY, ELECTIVE = CaseKind.DAY_SURGERY, CaseKind.ELECTIVE_SURGERY


def to_the_first() -> date:
    """Eight in the morning on the first of next month, so that what takes days stays within a month."""
    first = (ledger.today().replace(day=28) + timedelta(days=4)).replace(day=1)
    later(
        seconds=(datetime(first.year, first.month, first.day, 8, tzinfo=ZONE) - ledger.now()).total_seconds()
    )
    return first


def operated(centre, resident, kind, *, wait: int, procedure=None, department=None) -> None:
    """From the booking to the operation in so many days; the patient is admitted the day before."""
    case = centre.begin(resident, kind, procedure_id=procedure, department_id=department or centre.surgery)
    for step in (Step.BOOKING, Step.PRE_ASSESSMENT):
        centre.finish(case, step, kind)
    later(days=wait - 1)
    centre.finish(case, Step.ADMISSION, kind)
    later(days=1)
    centre.finish(case, Step.OPERATION, kind)


@pytest.mark.clause("NHC-49")
def test_waits_are_medians_by_department_and_month_with_their_number(centre) -> None:
    centre.run(Step.ADMISSION)
    first = to_the_first()
    urology = centre.department("泌尿外科", "04.04")
    for name, wait in (("王小明", 2), ("李小红", 3), ("张小军", 7)):  # the month has 28 days at least
        operated(centre, centre.patient(name), ELECTIVE, wait=wait)
    operated(centre, centre.patient("赵小燕"), ELECTIVE, wait=4, department=urology)
    found = figures(centre.hospital.office, first=first, last=first + timedelta(days=40))
    # Admission 1, 2 and 6 days after the request, operation 2, 3 and 7 days after the booking.
    assert [(each.department, each.month, each.step, each.days, each.cases) for each in found.waits] == [
        ("普外科", first, Step.ADMISSION, 2.0, 3),
        ("普外科", first, Step.OPERATION, 3.0, 3),
        ("泌尿外科", first, Step.ADMISSION, 3.0, 1),
        ("泌尿外科", first, Step.OPERATION, 4.0, 1),
    ]


@pytest.mark.clause("NHC-48")
def test_the_share_of_day_surgery_comes_from_operations_done(centre) -> None:
    centre.run(Step.ADMISSION)
    first = to_the_first()
    procedure = commands.enter_procedure(
        centre.hospital.office, institution_id=centre.hospital.id, name="疝修补术"
    )
    for name, kind in (("王小明", DAY), ("李小红", ELECTIVE), ("张小军", ELECTIVE), ("赵小燕", ELECTIVE)):
        operated(centre, centre.patient(name), kind, wait=1, procedure=procedure if kind is DAY else None)
    centre.begin(centre.patient("孙小丽"), DAY, procedure_id=procedure)  # not operated on yet
    found = figures(centre.hospital.office, first=first, last=first + timedelta(days=20))
    assert [(each.month, each.day, each.elective, each.share) for each in found.operations] == [
        (first, 1, 4, 0.25)
    ]
    before = figures(centre.hospital.office, first=first - timedelta(days=20), last=first - timedelta(days=1))
    assert (before.operations, before.waits, before.times) == ((), (), ())


@pytest.mark.clause("TY-63")
def test_the_time_of_a_function_runs_from_when_it_came_next(centre) -> None:
    first = ledger.today()
    for name, hours in (("王小明", 1), ("李小红", 2), ("张小军", 6)):
        case = centre.begin(centre.patient(name))
        later(hours=hours)
        centre.finish(case, Step.EXAM_BOOKING)
        later(hours=4)
        centre.finish(case, Step.INSURANCE_REVIEW, not_needed=True, note="自费")
        later(hours=3)
        centre.finish(case, Step.ADMISSION)
    found = figures(centre.hospital.office, first=first, last=first + timedelta(days=3))
    assert [(each.step, each.hours, each.cases) for each in found.times] == [
        (Step.ADMISSION, 3.0, 3),
        (Step.EXAM_BOOKING, 2.0, 3),
    ]


@pytest.mark.clause("NHC-47")
def test_the_catalogue_is_versioned_and_counted_by_year(centre) -> None:
    office, own = centre.hospital.office, centre.hospital.id
    began = ledger.today()
    cataract = commands.enter_procedure(office, institution_id=own, name="白内障超声乳化术")
    with pytest.raises(Refused) as refused:
        commands.enter_procedure(office, institution_id=own, name="白内障超声乳化术")
    assert refused.value.refusals[0].code == "capacity.procedure_known"
    commands.enter_procedure(office, institution_id=own, name="疝修补术")
    later(days=370)
    commands.retire_procedure(office, procedure_id=cataract)
    with pytest.raises(Refused):
        commands.retire_procedure(office, procedure_id=cataract)
    later(days=1)
    commands.enter_procedure(office, institution_id=own, name="扁桃体切除术")
    today = ledger.today()
    assert {each.name for each in catalogue(own, on=began)} == {"白内障超声乳化术", "疝修补术"}
    assert {each.name for each in catalogue(own, on=today)} == {"疝修补术", "扁桃体切除术"}
    versions = catalogue_versions(own)
    assert [(each.number, each.count) for each in versions] == [(1, 2), (2, 1), (3, 2)]
    assert (versions[1].retired, versions[2].entered) == (("白内障超声乳化术",), ("扁桃体切除术",))
    years = by_year(versions, today=today)
    assert [year for year, _, _ in years] == list(range(began.year, today.year + 1))
    assert years[0] == (began.year, 2, 1) and years[-1][1] == 2
    assert sum(count for _, _, count in years) == 3


@pytest.fixture
def taiyuan(centre):
    """The county goes by the pack of 太原, and the hospital leads there since before its deadline."""
    Mandate.objects.create(division_code="340223", pack="taiyuan", period=DateRange(date(2018, 1, 1), None))
    Membership.objects.filter(institution_id=centre.hospital.id, role="LEAD").update(
        period=DateRange(date(2018, 1, 1), None)
    )


def ran(centre, since: date, functions=FUNCTIONS) -> None:
    CareUnit.objects.filter(institution_id=centre.hospital.id).delete()
    CareUnit.objects.create(
        institution_id=centre.hospital.id,
        functions=[step.value for step in functions],
        period=DateRange(since, None),
    )


@pytest.mark.clause("TY-65")
def test_lead_hospitals_are_judged_on_the_day_that_the_text_names(centre, taiyuan, monkeypatch) -> None:
    office = centre.hospital.office
    ran(centre, date(2024, 12, 31))
    found = centres(office)
    assert (found.on, found.deadline) == (min(date(2024, 12, 31), ledger.today()), date(2024, 12, 31))
    found = centres(office, on=date(2024, 12, 31))
    assert (found.share, found.met, found.leads[0].missing) == (1.0, True, ())
    ran(centre, date(2024, 12, 31), [step for step in FUNCTIONS if step is not Step.HEALTH_EDUCATION])
    found = centres(office, on=date(2024, 12, 31))
    assert (found.share, found.met, found.leads[0].missing) == (0.0, False, (Step.HEALTH_EDUCATION,))
    ran(centre, date(2025, 1, 1))
    assert centres(office, on=date(2024, 12, 31)).met is False
    altered(monkeypatch, "TY-65", deadline=date(2025, 1, 1))
    found = centres(office, on=date(2025, 1, 1))
    assert (found.deadline, found.met) == (date(2025, 1, 1), True)


@pytest.mark.clause("TY-63")
def test_what_a_whole_centre_runs_is_the_packs_to_say(centre, taiyuan, monkeypatch) -> None:
    five = [step for step in FUNCTIONS if step is not Step.HEALTH_EDUCATION]
    ran(centre, date(2024, 1, 1), five)
    assert centres(centre.hospital.office, on=date(2024, 12, 31)).leads[0].missing == (Step.HEALTH_EDUCATION,)
    altered(monkeypatch, "TY-63", functions=tuple(step.value for step in five))
    assert centres(centre.hospital.office, on=date(2024, 12, 31)).leads[0].runs


def test_the_target_is_the_packs(centre, taiyuan, monkeypatch) -> None:
    ran(centre, date(2025, 1, 1))
    altered(monkeypatch, "TY-65", lead_hospitals_with_center=0.0)
    assert centres(centre.hospital.office, on=date(2024, 12, 31)).met is True


def test_where_no_text_asks_nothing_is_met_or_missed(centre) -> None:
    found = centres(centre.hospital.office)
    assert (found.deadline, found.target, found.met) == (None, None, None)
    assert [each.id for each in found.leads] == [centre.hospital.id]


def test_an_area_sees_its_hospitals_and_a_clinician_none(centre) -> None:
    official = centre.hospital.site.actor(Role.COMMISSION)
    assert centre.hospital.id in {each.id for each in centres(official).leads}
    today = ledger.today()
    centre.finish(centre.begin(centre.patient()), Step.EXAM_BOOKING)
    assert [each.cases for each in figures(official, first=today, last=today).times] == [1]
    with pytest.raises(Refused):
        figures(centre.hospital.stranger, first=today, last=today)
    for first, last in ((today, today - timedelta(days=1)), (today - timedelta(days=400), today)):
        with pytest.raises(Refused) as refused:
            figures(official, first=first, last=last)
        assert refused.value.refusals[0].code == "capacity.figures_period"
