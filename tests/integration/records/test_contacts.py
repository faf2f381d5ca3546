"""Plans and planned contacts: the parts a region demands, the levels it has, what answers set off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tiercare.apps.access.queries import scoped
from tiercare.apps.ledger import queries as ledger
from tiercare.apps.ledger.handlers import find
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.records import commands, events, queries
from tiercare.apps.records.models import CarePlan, Observation, PlannedContact
from tiercare.apps.records.rules.entries import Drug
from tiercare.apps.records.rules.vocabulary import ContactKind, ContactOutcome
from tiercare.apps.residents import events as residents_events
from tiercare.apps.residents.commands import enter_group
from tiercare.kernel.refusal import Refused

from .conftest import altered, codes, later

PLAN = {
    "code": "I63.9",
    "name": "脑梗死",
    "treatment": "阿司匹林 100 mg",
    "rehabilitation": "肢体训练",
    "nursing": "防跌倒",
}


def plan_for(ward, *, days: int = 7, **more):
    values = {
        "resident_id": ward.resident,
        "kind": ContactKind.FOLLOW_UP,
        "due_on": ledger.today() + timedelta(days=days),
    }
    return commands.plan_contact(ward.doctor, **(values | more))


def test_a_plan_has_the_parts_that_the_region_demands(ward, in_force, monkeypatch) -> None:
    ward.at_hospital()
    # 芜湖 demands no parts: treatment alone is a plan.
    commands.make_plan(
        ward.clinician, resident_id=ward.resident, **(PLAN | {"rehabilitation": "", "nursing": ""})
    )
    in_force("xinhui")
    for part, name in (("treatment", "接续治疗"), ("rehabilitation", "康复治疗"), ("nursing", "护理")):
        with pytest.raises(Refused) as refused:
            commands.make_plan(ward.clinician, resident_id=ward.resident, **(PLAN | {part: " "}))
        (refusal,) = refused.value.refusals
        assert refusal.code == "records.plan_part" and name in refusal.sentence()
        assert refusal.clauses == ("XH-50",) and refusal.way_on()
    assert commands.make_plan(ward.clinician, resident_id=ward.resident, **PLAN)
    packs = altered("XH-50.plan_parts", ("continuing_treatment",))
    monkeypatch.setattr(mandates, "packs", lambda: packs)
    assert commands.make_plan(ward.clinician, resident_id=ward.resident, **(PLAN | {"nursing": ""}))


def test_a_plan_is_seen_by_who_goes_on_treating(ward) -> None:
    ward.at_hospital()
    drugs = [Drug("阿司匹林肠溶片", code="B01AC06", dose="100 mg 每日一次")]
    key = commands.make_plan(
        ward.clinician,
        resident_id=ward.resident,
        **PLAN,
        drugs=drugs,
        warnings=["肢体无力加重", " "],
        receiver_id=ward.site.township,
        next_visit_on=ledger.today(),
    )
    with scoped(ward.doctor):
        row = CarePlan.objects.get(id=key)
        assert row.warnings == ["肢体无力加重"]
        assert row.drugs == [{"code": "B01AC06", "name": "阿司匹林肠溶片", "dose": "100 mg 每日一次"}]
        assert CarePlan.objects.filter(id=key).update(treatment="x") == 0  # to read, not to change
    with scoped(ward.stranger):
        assert not CarePlan.objects.exists()


def test_discharged_patients_are_followed_up_at_the_regions_levels(ward, in_force, monkeypatch) -> None:
    in_force("taiyuan")
    for level in (1, 2, 3):
        plan_for(ward, level=level, days=level * 7)
    with pytest.raises(Refused) as refused:
        plan_for(ward, level=4)
    (refusal,) = refused.value.refusals
    assert refusal.code == "records.contact_level" and refusal.clauses == ("TY-66",)
    due = queries.contacts_due(ward.doctor)
    assert [each.level for each in due.contacts] == [1, 2, 3] and due.later == 3
    assert [each.level for each in queries.contacts_due(ward.doctor, level=2).contacts] == [2]
    later(days=8)
    due = queries.contacts_due(ward.doctor)
    assert (due.contacts[0].level, due.contacts[0].late, due.overdue) == (1, 1, 1)  # the overdue first
    commands.do_contact(
        ward.doctor, contact_id=due.contacts[0].id, outcome=ContactOutcome.REACHED, answers={"sbp": 132.0}
    )
    assert queries.contacts_due(ward.doctor).overdue == 0
    (event,) = ledger.events(kind=events.ContactDone.KIND, subject_id=ward.resident, limit=5)
    assert event.payload["late_days"] == 1
    # With two levels in the pack the third is refused.
    packs = altered("TY-66.followup_levels", 2)
    monkeypatch.setattr(mandates, "packs", lambda: packs)
    with pytest.raises(Refused):
        plan_for(ward, level=3)


def deliver(kind: str, handler: str, ward) -> None:
    """What the dispatcher does after the commit."""
    for event in ledger.events(kind=kind, subject_id=ward.resident, limit=1):
        find(handler)(event)


@pytest.mark.clause("TY-67")
def test_who_is_marked_special_has_a_file_whose_contacts_are_planned_by_themselves(
    ward, in_force, monkeypatch
) -> None:
    in_force("taiyuan")
    enter_group(ward.doctor, resident_id=ward.resident, group="disabled", evidence="残疾人证")
    marked = residents_events.KeyGroupChanged.KIND
    for _ in range(2):  # a delivery that is repeated plans nothing twice
        deliver(marked, "records.after_marking", ward)
    (first,) = queries.contacts_due(ward.doctor).contacts
    assert (first.due_on - ledger.today()).days == 7
    later(days=7)
    # The file: plan and entries. The resident is here, so it may be read.
    ward.visit()
    commands.make_plan(ward.doctor, resident_id=ward.resident, **PLAN)
    later(seconds=5)
    commands.do_contact(
        ward.doctor,
        contact_id=first.id,
        outcome=ContactOutcome.REACHED,
        note="能独立行走",
        answers={"sbp": 138.0, "dbp": 84.0},
    )
    deliver(events.ContactDone.KIND, "records.after_contact", ward)
    file = queries.timeline(ward.doctor, ward.resident)
    assert [each.kind for each in file.entries] == ["contact", "plan", "visit"]
    assert file.entries[0].body["note"] == "能独立行走" and len(file.entries[0].readings) == 2
    assert [(each.due_on - ledger.today()).days for each in file.ahead] == [30]
    # With another number in the pack the next one is due then; without one nothing is planned.
    (second,) = queries.contacts_due(ward.doctor).contacts
    for days, due in ((10, [10]), (None, [])):
        packs = altered("TY-67.special_contact_every_days", days)
        monkeypatch.setattr(mandates, "packs", lambda packs=packs: packs)
        commands.do_contact(ward.doctor, contact_id=second.id, outcome=ContactOutcome.REACHED)
        deliver(events.ContactDone.KIND, "records.after_contact", ward)
        found = queries.contacts_due(ward.doctor).contacts
        assert [(each.due_on - ledger.today()).days for each in found] == due
        second = found[0] if found else second
        later(seconds=5)


def test_answers_beyond_the_criteria_raise_an_alert(ward) -> None:
    ward.visit()
    key = plan_for(ward, days=0)
    alerts = commands.do_contact(
        ward.doctor,
        contact_id=key,
        outcome=ContactOutcome.REACHED,
        answers={"sbp": 186.0, "dbp": 112.0, "severe_headache": True},
    )
    assert "HT-E-2" in alerts
    (shown,) = queries.contacts_alerted(ward.doctor)
    assert shown.alerts == alerts and shown.state.value == "DONE"
    with scoped(ward.doctor):
        assert Observation.objects.filter(contact_id=key).count() == 3
    assert (
        commands.do_contact(
            ward.doctor,
            contact_id=plan_for(ward, days=0),
            outcome=ContactOutcome.REACHED,
            answers={"sbp": 130.0},
        )
        == ()
    )


def test_what_cannot_be_is_refused_with_the_way_on(ward) -> None:
    with pytest.raises(Refused) as refused:
        plan_for(ward, days=-1)
    assert codes(refused) == {"records.contact_in_past"}
    key = plan_for(ward)
    tries = [
        ({"outcome": ContactOutcome.NOT_REACHED}, "records.contact_say_why"),
        (
            {"outcome": ContactOutcome.NOT_REACHED, "note": "x", "answers": {"sbp": 1.0}},
            "records.answers_without_contact",
        ),
        ({"outcome": ContactOutcome.REACHED, "answers": {"sbp": 1.0}}, "guidelines.implausible"),
    ]
    for more, code in tries:
        with pytest.raises(Refused) as refused:
            commands.do_contact(ward.doctor, contact_id=key, **more)
        assert codes(refused) == {code}
    with pytest.raises(Refused) as refused:
        commands.do_contact(ward.clinician, contact_id=key, outcome=ContactOutcome.REACHED)
    assert codes(refused) == {"records.no_such_contact"}
    with pytest.raises(Refused) as refused:
        commands.cancel_contact(ward.doctor, contact_id=key, reason=" ")
    assert codes(refused) == {"records.cancel_reason"}
    commands.cancel_contact(ward.doctor, contact_id=key, reason="已迁出")
    for act in (
        lambda: commands.cancel_contact(ward.doctor, contact_id=key, reason="再次"),
        lambda: commands.do_contact(ward.doctor, contact_id=key, outcome=ContactOutcome.REACHED),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == {"records.contact_over"}


def test_who_planned_it_for_another_follows_and_cancels_it(ward) -> None:
    ward.at_hospital()
    key = commands.plan_contact(
        ward.clinician,
        resident_id=ward.resident,
        kind=ContactKind.REHAB,
        due_on=ledger.today(),
        institution_id=ward.site.township,
        request_id=ward.by_request(),
    )
    assert [each.id for each in queries.contacts_due(ward.doctor).contacts] == [key]
    assert queries.contacts_due(ward.clinician).contacts == ()  # not theirs to make
    assert queries.contact(ward.clinician, key).planner_id == ward.site.county_hospital
    with pytest.raises(Refused):
        queries.contact(ward.stranger, key)
    with scoped(ward.stranger):
        assert not PlannedContact.objects.exists()
    commands.cancel_contact(ward.clinician, contact_id=key, reason="患者已回院复查")
    assert queries.contacts_due(ward.doctor).contacts == ()
