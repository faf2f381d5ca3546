"""What single documents ask of papers: performed, and performed under a pack that asks for something else."""

from __future__ import annotations

from datetime import date

import pytest

from tiercare.apps.mandates import commands as mandating
from tiercare.apps.network import models, queries
from tiercare.apps.network.commands import papers
from tiercare.apps.network.queries.calendar import ItemKind, calendar_items
from tiercare.apps.network.queries.duties import responsibilities
from tiercare.apps.network.queries.governance import governance, plan_rows
from tiercare.apps.network.rules import Kind
from tiercare.apps.network.rules.papers import Standing
from tiercare.engines.policy import State
from tiercare.kernel.actor import Actor
from tiercare.kernel.text import Text

from .conftest import Alter, drafted, key_of, refusal_of, signed_by_all, verdict_of


@pytest.mark.clause("TY-32")
def test_a_charter_without_the_duties_of_a_government_member_is_refused(taiyuan: Actor, alter: Alter) -> None:
    consortium = models.ConsortiumVersion.objects.filter(
        tight=True, consortium__slug__startswith="taiyuan-"
    ).first()
    assert consortium is not None
    on = date(2024, 6, 1)
    table = governance(consortium.consortium_id, on=on).table
    public = [p for p in table.of.parties if not p.private and p.role == "MEMBER"]
    assert public
    texts = {demand.key: "统筹管理，承担职责。" for demand in table.demands}
    assert "duties@lead" in texts
    missing = f"duties@{public[0].key}"
    given = {"actor": taiyuan, "consortium_id": consortium.consortium_id, "adopted_on": on}
    lacking = {key: text for key, text in texts.items() if key != missing}
    refusal = refusal_of(lambda: papers.adopt_charter(**given, texts=lacking)).refusals[0]
    assert (refusal.at, refusal.clauses) == (missing, ("TY-32",))
    assert public[0].name in refusal.sentence("zh")
    papers.adopt_charter(**given, texts=texts)
    assert verdict_of("taiyuan", "taiyuan/charter_fixes_duties", on) is State.MET
    earlier = refusal_of(lambda: papers.adopt_charter(**given, texts=texts))
    assert earlier.refusals[0].code == "charter_in_the_past"
    alter(
        "taiyuan",
        "clauses/2-governance.yaml",
        r"(key: parties, op: \"=\", value: )\[lead, government_institution\]",
        r"\g<1>[lead]",
    )
    papers.adopt_charter(**{**given, "adopted_on": date(2024, 7, 1)}, texts=lacking)
    editions = governance(consortium.consortium_id, on=date(2024, 8, 1)).charters
    assert [row.adopted_on for row in editions][:2] == [date(2024, 7, 1), on]


@pytest.mark.clause("TY-35")
def test_an_agreement_with_a_private_member_holds_the_common_areas(taiyuan: Actor, alter: Alter) -> None:
    on = date(2024, 6, 1)
    lead = models.Membership.objects.filter(
        role="LEAD", consortium__slug__startswith="taiyuan-", consortium__kind=Kind.CITY_GROUP
    ).first()
    assert lead is not None
    member = (
        models.Membership.objects.filter(consortium_id=lead.consortium_id, role="MEMBER")
        .order_by("id")
        .first()
    )
    assert member is not None
    draft = {
        "actor": taiyuan,
        "consortium_id": lead.consortium_id,
        "kind": "cooperation",
        "start": on,
        "end": date(2027, 1, 1),
        "institution_ids": [lead.institution_id, member.institution_id],
    }
    models.InstitutionVersion.objects.filter(institution_id=member.institution_id).update(owner="PUBLIC")
    assert "quality_control" not in papers.draft_agreement(**draft).texts
    models.InstitutionVersion.objects.filter(institution_id=member.institution_id).update(owner="PRIVATE")
    agreement = papers.draft_agreement(**draft)
    areas = {"chronic_integrated_management", "capacity", "quality_control", "training", "it"}
    assert areas <= set(agreement.texts)
    papers.write_sections(actor=taiyuan, agreement_id=agreement.id, texts={"it": ""})
    refusal = refusal_of(lambda: signed_by_all(taiyuan, agreement, on)).refusals[0]
    assert (refusal.at, refusal.clauses) == ("it", ("TY-35",))
    alter(
        "taiyuan",
        "clauses/2-governance.yaml",
        r"value: \[capacity, quality_control, training, it\]",
        "value: [capacity, quality_control, training]",
    )
    assert signed_by_all(taiyuan, agreement, on).signed_on == on
    assert verdict_of("taiyuan", "taiyuan/private_members_share_areas", on) is State.MET


@pytest.mark.clause("TY-22")
def test_lists_that_the_text_only_names_are_filled_in_and_stand_beside_the_duties(taiyuan: Actor) -> None:
    county = models.ConsortiumVersion.objects.filter(consortium__kind=Kind.COUNTY_COMMUNITY).first()
    assert county is not None
    on = date(2024, 6, 1)

    def lists() -> dict[str, int]:
        found = responsibilities(county.consortium_id, Kind.COUNTY_COMMUNITY, "taiyuan", on=on)
        return {row.id: len(row.items) for row in found.lists if row.clause == "TY-22"}

    assert lists() == {"six_unifications": 0, "three_lists": 0}
    names = {
        "six_unifications": ["人员", "业务", "药械", "信息", "绩效", "后勤"],
        "three_lists": ["政府责任清单", "部门责任清单", "集团责任清单"],
    }
    for key, items in names.items():
        mandating.edit_list(
            actor=taiyuan,
            pack_id="taiyuan",
            list_id=key,
            items=[Text(item, item) for item in items],
            start=date(2024, 5, 1),
        )
    assert lists() == {key: len(items) for key, items in names.items()}


@pytest.mark.clause("YN-39")
def test_a_charter_states_both_sides(yunnan: Actor, alter: Alter) -> None:
    on = date(2018, 6, 1)
    consortium = key_of("yunnan", "consortium", "group-kunming")
    texts = {demand.key: "依法履行。" for demand in governance(consortium, on=on).table.demands}
    assert {"rights@lead", "rights@members"} <= set(texts)
    given = {"actor": yunnan, "consortium_id": consortium, "adopted_on": on}
    lacking = {key: text for key, text in texts.items() if key != "rights@members"}
    refusal = refusal_of(lambda: papers.adopt_charter(**given, texts=lacking)).refusals[0]
    assert (refusal.at, refusal.clauses) == ("rights@members", ("YN-39",))
    papers.adopt_charter(**given, texts=texts)
    assert verdict_of("yunnan", "yunnan/charter_states_both_sides", on) is State.MET
    alter(
        "yunnan",
        "clauses/3-division-of-work.yaml",
        r"(key: sections, op: \"=\", value: )\[responsibilities, rights, duties\]",
        r"\g<1>[responsibilities, rights, duties, assets]",
    )
    assert verdict_of("yunnan", "yunnan/charter_states_both_sides", on) is State.VIOLATED


@pytest.mark.clause("YN-41")
def test_a_council_may_be_had_and_its_absence_is_no_error(yunnan: Actor) -> None:
    consortium = key_of("yunnan", "consortium", "group-kunming")
    on = date(2018, 6, 1)

    def standings() -> dict[str, State]:
        return {v.card.key: v.state for v in queries.check("yunnan", on=on).compliance.verdicts}

    without = standings()
    assert governance(consortium, on=on).seats == ()
    given = {"actor": yunnan, "consortium_id": consortium, "office": "理事长"}
    seat = papers.take_seat(**given, held_by="昆明市第一人民医院（演示）", start=date(2018, 5, 1))
    assert [(row.office, row.held_by) for row in governance(consortium, on=on).seats] == [
        ("理事长", "昆明市第一人民医院（演示）")
    ]
    assert queries.network_facts("53", on=on).consortia[str(consortium)].council
    assert standings() == without
    twice = refusal_of(lambda: papers.take_seat(**given, held_by=seat.held_by, start=date(2018, 6, 1)))
    assert twice.refusals[0].code == "seat_taken"
    papers.leave_seat(actor=yunnan, seat_id=seat.id, end=on)
    assert governance(consortium, on=on).seats == ()


@pytest.mark.clause("YN-28")
def test_departments_are_managed_by_consent_of_both(yunnan: Actor, alter: Alter) -> None:
    on = date(2018, 6, 1)
    lead = models.Membership.objects.filter(
        role="LEAD", consortium__kind=Kind.SPECIALTY_ALLIANCE, consortium__slug__startswith="yunnan-"
    ).first()
    assert lead is not None
    subject = f"consortium:{lead.consortium_id}"
    member = models.Membership.objects.filter(consortium_id=lead.consortium_id, role="MEMBER").first()
    assert member is not None

    def advised() -> bool:
        verdicts = queries.check("yunnan", on=on).compliance.verdicts
        card = next(v for v in verdicts if v.card.key == "yunnan/departments_managed_by_consent")
        assert card.state in {State.ADVICE, State.MET}
        return subject in {f.subject for f in card.findings}

    assert advised()
    draft = papers.draft_agreement(
        actor=yunnan,
        consortium_id=lead.consortium_id,
        kind="department_management",
        start=on,
        end=date(2021, 1, 1),
        institution_ids=[lead.institution_id, member.institution_id],
    )
    first, second = draft.parties.order_by("id")
    sign = {"actor": yunnan, "agreement_id": draft.id, "signed_by": "演示", "signed_on": on}
    papers.sign_for_party(**sign, party_id=first.id)
    assert advised()  # one side alone consents to nothing
    papers.sign_for_party(**sign, party_id=second.id)
    assert not advised()
    alter("yunnan", "clauses/2-models.yaml", r"(key: management_unit, .*value: )department", r"\g<1>ward")
    assert advised()


@pytest.mark.clause("YN-92")
def test_a_plan_has_goal_and_schedule_and_its_milestones_become_tasks(yunnan: Actor) -> None:
    on = date(2018, 6, 1)
    given = {"actor": yunnan, "division_code": "5301", "finished_on": date(2018, 1, 10)}
    stage = papers.Stage(Text("全部县区建成医共体", "Communities in every county"), date(2018, 5, 31))
    for goal, stages, at in (("", [stage], "goal"), ("全覆盖", [], "stages")):
        refused = refusal_of(
            lambda goal=goal, stages=stages: papers.record_plan(**given, goal=goal, stages=stages)
        )
        assert refused.refusals[0].at == at
    papers.record_plan(**given, goal="2020年实现全覆盖", stages=[stage])
    assert verdict_of("yunnan", "yunnan/prefecture_plan_has_schedule", on) is State.MET

    def tasks(day: date) -> list[tuple[date, Standing]]:
        items = calendar_items("53", "yunnan", on=day, first=date(2018, 5, 1), last=date(2018, 5, 31))
        return [(item.on, item.standing) for item in items if item.kind is ItemKind.MILESTONE]

    assert tasks(date(2018, 5, 1)) == [(date(2018, 5, 31), Standing.DUE)]
    assert tasks(on) == [(date(2018, 5, 31), Standing.OVERDUE)]
    (row,) = [plan for plan in plan_rows("53", on=on) if plan.division == "5301"]
    papers.meet_milestone(actor=yunnan, milestone_id=row.stages[0].id, met_on=date(2018, 5, 30))
    assert tasks(on) == [(date(2018, 5, 31), Standing.MET)]
    models.PlanMilestone.objects.all().delete()
    assert verdict_of("yunnan", "yunnan/prefecture_plan_has_schedule", on) is State.VIOLATED


@pytest.mark.clause("WH-19")
def test_rules_of_operation_are_confirmed_by_every_member(city: Actor) -> None:
    on, card = date(2019, 8, 1), "wuhu/operation_rules_confirmed"
    consortium = key_of("wuhu", "consortium", "community-nanling-hospital")
    assert models.ConsortiumVersion.objects.get(consortium_id=consortium).tight
    members = list(
        models.Membership.objects.filter(consortium_id=consortium).values_list("institution_id", flat=True)
    )
    given = {
        "actor": city,
        "consortium_id": consortium,
        "kind": "operation_rules",
        "start": on,
        "end": date(2021, 1, 1),
    }
    signed_by_all(city, papers.draft_agreement(**given, institution_ids=members[:-1]), on)
    assert verdict_of("wuhu", card, on) is State.VIOLATED
    signed_by_all(city, papers.draft_agreement(**given, institution_ids=members), on)
    assert verdict_of("wuhu", card, on) is State.MET


@pytest.mark.parametrize(
    ("consortium", "kind", "clause"),
    [
        ("city-jinghu", Kind.CITY_GROUP, key)
        for key in ("WH-10", "WH-11", "WH-12", "WH-13", "WH-14")  # shown and tracked here; done by later apps
    ],
)
def test_what_the_plan_lays_on_a_lead_stands_beside_what_was_agreed(
    city: Actor, consortium: str, kind: Kind, clause: str, alter: Alter
) -> None:
    """Agreed, due, overdue, met: each as of the day; another wording in the pack is shown at once."""
    key = key_of("wuhu", "consortium", consortium)

    def duty(on: date) -> tuple[str, list[Standing]]:
        found = responsibilities(key, kind, "wuhu", on=on).duties["LEAD"]
        row = next(row for row in found if row.clause.id == clause)
        return row.clause.gist.zh, [agreed.standing for agreed in row.agreed]

    july = date(2019, 7, 1)
    before = len(duty(july)[1])
    draft = drafted(
        city, "wuhu", consortium, "second_hospital", "first_hospital", start=july, end=date(2021, 1, 1)
    )
    owed = papers.Owed(
        "institution:wuhu-second_hospital",
        "institution:wuhu-first_hospital",
        Text("本条的约定", "what was agreed"),
        date(2019, 7, 31),
        clause,
    )
    papers.add_obligation(actor=city, agreement_id=draft.id, owed=owed)
    assert len(duty(july)[1]) == before  # a draft agrees to nothing
    signed_by_all(city, draft, july)
    assert len(duty(july)[1]) == before + 1
    assert duty(date(2019, 8, 1))[1][0] is Standing.OVERDUE
    (row,) = draft.obligations.all()
    papers.meet_obligation(actor=city, obligation_id=row.id, met_on=date(2019, 7, 30))
    assert duty(date(2019, 8, 1))[1][0] is Standing.MET
    alter("wuhu", "clauses/2-tasks.yaml", rf"(id: {clause}\n(?:.*\n){{3}} +zh: ).*", r"\g<1>改写的条文")
    assert duty(july)[0] == "改写的条文"
