"""An agreement from the draft to its end: drafts that count for nothing, signatures, renewal."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import queries as mandates
from tiercare.apps.network import models, queries
from tiercare.apps.network.commands import papers
from tiercare.apps.network.queries.papers import agreement_page, agreement_rows
from tiercare.apps.network.rules.papers import Life, Standing
from tiercare.engines.policy import State
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.text import Text

from .conftest import ON, Alter, drafted, key_of, refusal_of, signed_by_all, verdict_of, xinhui_drafted


@pytest.mark.clause("XH-29")
def test_an_empty_section_is_refused_by_name_until_it_is_written_and_the_signed_text_stands(
    xinhui: Actor,
) -> None:
    draft = xinhui_drafted(xinhui)
    assert {"content", "conditions", "responsibilities", "rights", "duties"} <= set(draft.texts)
    assert "新会区人民医院" in draft.texts["responsibilities"]
    papers.write_sections(actor=xinhui, agreement_id=draft.id, texts={"rights": "  "})
    refused = refusal_of(lambda: signed_by_all(xinhui, draft)).refusals
    assert [(r.code, r.clauses, r.at) for r in refused] == [("section_empty", ("XH-29",), "rights")]
    assert refused[0].sentence("zh") == "“权利”一节没有内容，不能签署。"
    assert not draft.parties.filter(signed_on__isnull=False).exists()

    papers.write_sections(actor=xinhui, agreement_id=draft.id, texts={"rights": "独立法人地位不变。"})
    signed = signed_by_all(xinhui, draft)
    assert signed.signed_on == ON
    assert {"content", "capacity"} <= set(signed.sections)
    frozen = refusal_of(
        lambda: papers.write_sections(actor=xinhui, agreement_id=draft.id, texts={"rights": "改"})
    )
    assert frozen.refusals[0].code == "agreement_frozen"
    assert models.Agreement.objects.get(id=draft.id).texts["rights"] == "独立法人地位不变。"
    kinds = Event.objects.order_by("id").values_list("kind", flat=True)
    assert {"network.agreement_drafted", "network.agreement_revised", "network.party_signed"} <= set(kinds)
    assert list(kinds)[-1] == "network.agreement_signed"


@pytest.mark.clause("XH-29")
def test_another_list_in_the_pack_asks_for_other_sections(xinhui: Actor, alter: Alter) -> None:
    """The pack no longer asks for rights, and asks for insurance: so does the refusal."""
    draft = xinhui_drafted(xinhui)
    papers.write_sections(actor=xinhui, agreement_id=draft.id, texts={"rights": ""})
    alter(
        "xinhui",
        "clauses/3-first-contact-and-referral.yaml",
        r"value: \[content, conditions, responsibilities, rights, duties\]",
        "value: [content, conditions, responsibilities, insurance, duties]",
    )
    refused = refusal_of(lambda: signed_by_all(xinhui, draft)).refusals
    assert [(r.at, r.clauses) for r in refused] == [("insurance", ("XH-29",))]
    papers.write_sections(
        actor=xinhui, agreement_id=draft.id, texts={"insurance": "按规定参加医疗责任保险。"}
    )
    assert signed_by_all(xinhui, draft).signed_on == ON


@pytest.mark.clause("XH-59")
def test_duties_are_fixed_party_by_party(xinhui: Actor, alter: Alter) -> None:
    draft = xinhui_drafted(xinhui)
    centre = key_of("xinhui", "institution", "xinhui_huicheng")
    key = f"experts_to_primary@{centre}"
    assert draft.texts[key].startswith("会城")
    papers.write_sections(actor=xinhui, agreement_id=draft.id, texts={key: ""})
    refusal = refusal_of(lambda: signed_by_all(xinhui, draft)).refusals[0]
    assert (refusal.at, refusal.clauses) == (key, ("XH-59",))
    assert "专家支援基层（会城" in refusal.sentence("zh")
    alter(
        "xinhui",
        "clauses/4-chronic-care-and-consortia.yaml",
        r"          - experts_to_primary\n          - division_of_work",
        "          - division_of_work",
    )
    signed = signed_by_all(xinhui, draft)
    assert "division_of_work" in signed.sections
    assert "experts_to_primary" not in signed.sections  # one party's part is empty: the section is not whole
    mandates.reload_packs()


@pytest.mark.clause("XH-59")
def test_an_agreement_on_record_without_a_duty_breaks_the_card(xinhui: Actor) -> None:
    day = date(2018, 6, 1)
    assert verdict_of("xinhui", "xinhui/agreement_fixes_duties", day) is State.NOT_APPLICABLE
    signed = signed_by_all(xinhui, xinhui_drafted(xinhui))
    assert verdict_of("xinhui", "xinhui/agreement_fixes_duties", day) is State.MET
    models.Agreement.objects.filter(id=signed.id).update(
        sections=[word for word in signed.sections if word != "talent"]
    )
    assert verdict_of("xinhui", "xinhui/agreement_fixes_duties", day) is State.VIOLATED


@pytest.mark.clause("XH-29")
def test_a_paper_signed_outside_needs_its_sections_too(xinhui: Actor) -> None:
    given = {
        "actor": xinhui,
        "slug": "xinhui-paper",
        "title": "合作协议",
        "consortium_id": key_of("xinhui", "consortium", "city-xinhui-hospital"),
        "signed_on": ON,
        "end": date(2020, 1, 1),
        "institution_ids": [
            key_of("xinhui", "institution", n) for n in ("xinhui_hospital", "xinhui_huicheng")
        ],
    }
    terms_ = ["content", "conditions", "responsibilities", "rights", "duties"]
    duties = [
        "capacity",
        "talent",
        "two_way_referral",
        "experts_to_primary",
        "division_of_work",
        "acute_chronic",
    ]
    refused = refusal_of(lambda: papers.sign_agreement(**given, sections=[*terms_[1:], *duties]))
    assert [(r.at, r.clauses) for r in refused.refusals] == [("content", ("XH-29",))]
    assert papers.sign_agreement(**given, sections=[*terms_, *duties]).signed_on == ON


@pytest.mark.clause("XH-132")
def test_a_draft_counts_for_nothing_until_the_last_has_signed(xinhui: Actor) -> None:
    """A township centre without a partner stays named until its agreement is signed by both."""
    day = date(2018, 6, 1)
    card = "xinhui/primary_centres_have_hospital_partner"

    def named() -> set[str]:
        verdicts = queries.check("xinhui", on=day).compliance.verdicts
        return {f.subject for v in verdicts if v.card.key == card for f in v.findings}

    without = sorted(named())
    assert without
    centre = UUID(without[0].partition(":")[2])
    draft = papers.draft_agreement(
        actor=xinhui,
        consortium_id=key_of("xinhui", "consortium", "city-xinhui-hospital"),
        kind="technical_help",
        start=ON,
        end=date(2021, 3, 1),
        institution_ids=[key_of("xinhui", "institution", "xinhui_hospital"), centre],
    )
    assert sorted(named()) == without
    first, second = draft.parties.order_by("id")
    sign = {"actor": xinhui, "agreement_id": draft.id, "signed_by": "演示"}
    papers.sign_for_party(**sign, party_id=first.id, signed_on=ON)
    assert sorted(named()) == without
    assert agreement_page(draft.id, on=day).life is Life.DRAFT
    papers.sign_for_party(**sign, party_id=second.id, signed_on=date(2018, 4, 2))
    assert f"institution:{centre}" not in named()
    page = agreement_page(draft.id, on=day)
    assert (page.life, page.signed_on, page.period.start) == (
        Life.IN_FORCE,
        date(2018, 4, 2),
        date(2018, 4, 2),
    )


def test_each_signs_for_itself_and_a_signature_can_be_taken_back(xinhui: Actor) -> None:
    draft = xinhui_drafted(xinhui)
    centre = key_of("xinhui", "institution", "xinhui_huicheng")
    lead = key_of("xinhui", "institution", "xinhui_hospital")
    office = Actor(uuid7(), "演示·医联体办", "consortium_office", institution_id=lead, request_id=uuid7())
    parties = {party.institution_id: party.id for party in draft.parties.all()}
    sign = {"actor": office, "agreement_id": draft.id, "signed_by": "演示", "signed_on": ON}
    refused = refusal_of(lambda: papers.sign_for_party(**sign, party_id=parties[centre])).refusals[0]
    assert refused.status == 403
    papers.sign_for_party(**sign, party_id=parties[lead])
    assert (
        refusal_of(lambda: papers.sign_for_party(**sign, party_id=parties[lead])).refusals[0].code
        == "party_signed"
    )
    change = {"actor": office, "agreement_id": draft.id, "texts": {"purpose": "新"}}
    assert refusal_of(lambda: papers.write_sections(**change)).refusals[0].code == "signature_stands"
    papers.withdraw_signature(actor=office, agreement_id=draft.id, party_id=parties[lead])
    assert papers.write_sections(**change).texts["purpose"] == "新"
    late = {**sign, "actor": xinhui, "party_id": parties[centre]}
    assert refusal_of(lambda: papers.sign_for_party(**{**late, "signed_on": date(2100, 1, 1)})).refusals[
        0
    ].code == ("day_to_come")
    assert (
        refusal_of(lambda: papers.sign_for_party(**{**late, "signed_by": " "})).refusals[0].at == "signed_by"
    )


def test_parties_and_obligations_of_a_draft(xinhui: Actor) -> None:
    draft = xinhui_drafted(xinhui)
    third = key_of("xinhui", "institution", "xinhui_daze")
    papers.add_party(actor=xinhui, agreement_id=draft.id, institution_id=third)
    draft.refresh_from_db()
    assert f"capacity@{third}" in draft.texts
    owed = papers.Owed(
        "institution:xinhui-xinhui_hospital",
        "institution:xinhui-xinhui_daze",
        Text("每周派一名主治医师坐诊", "A physician every week"),
        date(2018, 12, 31),
        "XH-59",
    )
    papers.add_obligation(actor=xinhui, agreement_id=draft.id, owed=owed)
    party = draft.parties.get(institution_id=third)
    refused = refusal_of(lambda: papers.remove_party(actor=xinhui, agreement_id=draft.id, party_id=party.id))
    assert refused.refusals[0].code == "party_has_obligations"
    outside = papers.Owed(owed.debtor, owed.creditor, owed.text, date(2030, 1, 1))
    refused = refusal_of(lambda: papers.add_obligation(actor=xinhui, agreement_id=draft.id, owed=outside))
    assert refused.refusals[0].at == "due"
    (row,) = draft.obligations.all()
    papers.remove_obligation(actor=xinhui, agreement_id=draft.id, obligation_id=row.id)
    papers.remove_party(actor=xinhui, agreement_id=draft.id, party_id=party.id)
    draft.refresh_from_db()
    assert not [key for key in draft.texts if str(third) in key]
    last = draft.parties.first()
    assert last is not None
    refused = refusal_of(lambda: papers.remove_party(actor=xinhui, agreement_id=draft.id, party_id=last.id))
    assert refused.refusals[0].code == "agreement_needs_two_parties"
    papers.discard_draft(actor=xinhui, agreement_id=draft.id)
    assert not models.Agreement.objects.filter(id=draft.id).exists()


def test_an_office_that_the_paper_does_not_bind_may_not_draft(xinhui: Actor) -> None:
    stranger = Actor(
        uuid7(),
        "演示",
        "consortium_office",
        institution_id=key_of("xinhui", "institution", "xinhui_tcm_hospital"),
        request_id=uuid7(),
    )
    assert refusal_of(lambda: xinhui_drafted(stranger)).refusals[0].status == 403


# --- afterwards ----------------------------------------------------------------------------------------


def test_renewal_follows_on_the_day_and_carries_what_is_owed(xinhui: Actor) -> None:
    draft = xinhui_drafted(xinhui)
    hospital, centre = "institution:xinhui-xinhui_hospital", "institution:xinhui-xinhui_huicheng"
    for text, due in (("派驻专家", date(2018, 12, 31)), ("接收进修", date(2019, 6, 30))):
        papers.add_obligation(
            actor=xinhui,
            agreement_id=draft.id,
            owed=papers.Owed(hospital, centre, Text(text, text), due, "XH-59"),
        )
    signed = signed_by_all(xinhui, draft)
    met, open_ = signed.obligations.order_by("due")
    debtor = Actor(
        uuid7(),
        "演示·院办",
        "consortium_office",
        institution_id=key_of("xinhui", "institution", "xinhui_hospital"),
        request_id=uuid7(),
    )
    creditor = Actor(
        uuid7(),
        "演示",
        "consortium_office",
        institution_id=key_of("xinhui", "institution", "xinhui_huicheng"),
        request_id=uuid7(),
    )
    assert (
        refusal_of(
            lambda: papers.meet_obligation(actor=creditor, obligation_id=met.id, met_on=date(2018, 9, 1))
        )
        .refusals[0]
        .status
        == 403
    )
    papers.meet_obligation(actor=debtor, obligation_id=met.id, met_on=date(2018, 9, 1))
    standings = [
        [row.standing for row in agreement_page(signed.id, on=day).obligations]
        for day in (date(2018, 8, 1), date(2018, 9, 1), date(2019, 7, 1))
    ]
    assert standings == [
        [Standing.DUE, Standing.DUE],
        [Standing.MET, Standing.DUE],
        [Standing.MET, Standing.OVERDUE],
    ]
    assert agreement_page(signed.id, on=date(2021, 1, 1)).life is Life.ENDING
    renewed = papers.renew_agreement(actor=xinhui, agreement_id=signed.id, end=date(2024, 3, 1))
    assert (renewed.renews_id, renewed.period.lower) == (signed.id, date(2021, 3, 1))
    carried = [(row.text_zh, row.due) for row in renewed.obligations.all()]
    assert carried == [(open_.text_zh, date(2024, 2, 29))]
    again = refusal_of(
        lambda: papers.renew_agreement(actor=xinhui, agreement_id=signed.id, end=date(2024, 3, 1))
    )
    assert again.refusals[0].code == "renewal_exists"
    assert agreement_page(signed.id, on=date(2021, 1, 1)).followed_by == renewed.id
    signed_by_all(xinhui, renewed, date(2021, 2, 1))
    assert agreement_page(renewed.id, on=date(2021, 2, 15)).life is Life.SIGNED


def test_ending_early_is_refused_where_a_card_needs_the_agreement(city: Actor) -> None:
    needed = models.Agreement.objects.get(slug="wuhu-city-jinghu-2019")
    refused = refusal_of(
        lambda: papers.end_agreement(actor=city, agreement_id=needed.id, end=date(2019, 12, 1))
    )
    assert refused.refusals[0].code == "district_agreement_signed"
    free = drafted(
        city,
        "wuhu",
        "city-jinghu",
        "second_hospital",
        "first_hospital",
        start=date(2019, 7, 1),
        end=date(2020, 7, 1),
    )
    signed_by_all(city, free, date(2019, 7, 1))
    ended = papers.end_agreement(actor=city, agreement_id=free.id, end=date(2019, 12, 1))
    assert ended.period.upper == date(2019, 12, 1)
    assert agreement_page(free.id, on=date(2019, 12, 1)).life is Life.ENDED
    assert needed.id in {row.id for row in agreement_rows("3402", on=date(2019, 12, 1))}


def test_every_agreement_of_a_region_opens_also_one_signed_before_there_was_a_policy(city: Actor) -> None:
    on, before = date(2019, 9, 1), key_of("wuhu", "agreement", "telemedicine-wuhu-2018")
    pages = {each.id: agreement_page(each.id, on=on) for each in models.Agreement.objects.all()}
    assert len(pages) == len(agreement_rows("00", on=on)) > 5
    signed = pages[before].signed_on
    assert signed is not None and signed < on == pages[before].table.on, "asked by the policy of the day"
    assert (pages[before].life, pages[before].table.pack) == (Life.IN_FORCE, "wuhu")
    assert all(page.table.on == page.signed_on for key, page in pages.items() if key != before)
