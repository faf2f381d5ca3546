"""Changes of the network: what a card forbids is refused with the card's words and leaves nothing behind."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tiercare.apps.ledger.models import Event
from tiercare.apps.mandates import commands as mandates
from tiercare.apps.network import commands, models, queries
from tiercare.apps.network.rules import Kind, Role
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refused

AUGUST = date(2019, 8, 1)


def _institution(key: str) -> UUID:
    return stable_id("network", "wuhu", "institution", key)


def _consortium(key: str) -> UUID:
    return stable_id("network", "wuhu", "consortium", key)


def _lead(key: str) -> UUID:
    return models.Membership.objects.get(consortium_id=_consortium(key), role="LEAD").institution_id


@pytest.fixture
def commission(wuhu: str) -> Actor:
    return Actor(uuid7(), "演示·市卫健委", "commission", division_code=wuhu, request_id=uuid7())


@pytest.fixture
def office() -> Actor:
    return Actor(
        uuid7(),
        "演示·医联体办公室",
        "consortium_office",
        institution_id=_institution("second_hospital"),
        request_id=uuid7(),
    )


def _refused(error: pytest.ExceptionInfo[Refused]) -> dict[str, tuple[str, ...]]:
    return {r.code: r.clauses for r in error.value.refusals}


@pytest.mark.clause("WH-27")
def test_a_second_tertiary_partner_is_refused_until_it_is_waived(commission: Actor) -> None:
    join = {
        "parent_id": _consortium("urban-rural-second"),
        "child_id": _consortium("community-fanchang-hospital"),
    }
    events = Event.objects.count()
    with pytest.raises(Refused) as error:
        commands.join_community(actor=commission, start=AUGUST, **join)
    assert _refused(error)["one_tertiary_partner_per_community"] == ("WH-27",)
    assert "繁昌县人民医院医共体" in error.value.refusals[0].sentence("zh")
    assert models.Joining.objects.filter(period__contains=AUGUST, **join).count() == 0
    assert Event.objects.count() == events

    mandates.grant_waiver(
        actor=commission,
        pack_id="wuhu",
        card_key="wuhu/one_tertiary_partner_per_community",
        subject=f"consortium:{join['child_id']}",
        subject_name="繁昌县人民医院医共体",
        reason="过渡期两院共同帮扶",
        start=AUGUST,
        end=date(2020, 1, 1),
    )
    with pytest.raises(Refused) as error:
        commands.join_community(actor=commission, start=AUGUST, **join)
    assert _refused(error) == {"urban_rural_agreement_signed": ("WH-28",)}, (
        "waived, but nothing is signed yet"
    )
    commands.sign_agreement(
        actor=commission,
        slug="wuhu-fanchang-second",
        title="市二院与繁昌县人民医院医共体合作协议",
        consortium_id=join["parent_id"],
        signed_on=AUGUST,
        end=date(2021, 1, 1),
        institution_ids=[_institution("second_hospital"), _lead("community-fanchang-hospital")],
    )
    commands.join_community(actor=commission, start=AUGUST, **join)
    waived = [v for v in queries.check("wuhu", on=AUGUST).compliance.verdicts if v.waived]
    assert [v.card.id for v in waived] == ["one_tertiary_partner_per_community"]
    after = queries.check("wuhu", on=date(2020, 1, 1)).compliance
    assert after.violations == 1, "a waiver ends on its day and the rule holds again"


@pytest.mark.clause("WH-29")
def test_a_third_county_led_partner_is_refused_with_the_limit_of_the_pack(commission: Actor) -> None:
    models.Joining.objects.filter(child_id=_consortium("community-fanchang-hospital")).delete()
    commands.sign_agreement(
        actor=commission,
        slug="wuhu-fanchang-yijishan",
        title="弋矶山医院与繁昌县人民医院医共体合作协议",
        consortium_id=_consortium("urban-rural-yijishan"),
        signed_on=AUGUST,
        end=date(2021, 1, 1),
        institution_ids=[_lead("urban-rural-yijishan"), _lead("community-fanchang-hospital")],
    )
    with pytest.raises(Refused) as error:
        commands.join_community(
            actor=commission,
            parent_id=_consortium("urban-rural-yijishan"),
            child_id=_consortium("community-fanchang-hospital"),
            start=AUGUST,
        )
    assert _refused(error) == {"tertiary_partner_caps": ("WH-29",)}


@pytest.mark.clause("WH-43")
@pytest.mark.clause("WH-44")
def test_a_second_alliance_of_a_specialty_is_refused_and_cannot_be_waived(commission: Actor) -> None:
    first = models.Consortium.objects.get(id=_consortium("alliance-cardiology"))
    form = {
        "slug": "wuhu-second-cardiology",
        "name": "第二心血管专科联盟",
        "kind": Kind.SPECIALTY_ALLIANCE,
        "division_code": "340202",
        "lead_id": _institution("second_hospital"),
        "start": AUGUST,
        "specialty_code": first.specialty_code,
    }
    with pytest.raises(Refused) as error:
        commands.form_consortium(actor=commission, approved_by=commission.name, **form)
    assert "one_alliance_per_specialty" in _refused(error)
    with pytest.raises(Refused) as error:
        mandates.grant_waiver(
            actor=commission,
            pack_id="wuhu",
            card_key="wuhu/one_alliance_per_specialty",
            subject=f"specialty:{first.specialty_code}",
            subject_name="心血管内科",
            reason="想要两个",
            start=AUGUST,
            end=date(2020, 1, 1),
        )
    assert error.value.refusals[0].code == "waiver_not_allowed"
    with pytest.raises(Refused) as error:
        commands.form_consortium(actor=commission, **(form | {"specialty_code": "13"}))
    assert "alliance_approved" in _refused(error), "without the commission's approval none is formed"


def test_a_second_lead_is_refused_by_the_database_in_the_rules_words(commission: Actor) -> None:
    with pytest.raises(Refused) as error:
        commands.start_membership(
            actor=commission,
            consortium_id=_consortium("city-jinghu"),
            institution_id=_institution("first_hospital"),
            role=Role.LEAD,
            start=AUGUST,
        )
    assert error.value.refusals[0].code == "one_lead_per_consortium"
    assert error.value.refusals[0].at == "role"


@pytest.mark.clause("WH-07")
def test_a_named_lead_cannot_be_ended(commission: Actor) -> None:
    lead = models.Membership.objects.get(consortium_id=_consortium("city-jinghu"), role="LEAD")
    with pytest.raises(Refused) as error:
        commands.end_membership(actor=commission, membership_id=lead.id, end=AUGUST)
    assert "named_district_leads" in _refused(error) or "one_lead_per_consortium" in _refused(error)
    lead.refresh_from_db()
    assert lead.period.upper is None or lead.period.upper > AUGUST


def test_an_institution_that_is_a_member_is_not_closed(commission: Actor) -> None:
    with pytest.raises(Refused) as error:
        commands.close_institution(
            actor=commission, institution_id=_institution("second_hospital"), end=AUGUST
        )
    assert error.value.refusals[0].code == "closing_institution_is_member"
    assert "镜湖区城市医联体" in error.value.refusals[0].sentence("zh")


def test_a_closed_institution_cannot_join(commission: Actor) -> None:
    version = models.InstitutionVersion.objects.get(institution_id=_institution("second_hospital"))
    lower = version.period.lower
    models.Membership.objects.filter(institution_id=version.institution_id).delete()
    version.period = type(version.period)(lower, date(2019, 7, 15))
    version.save()
    with pytest.raises(Refused) as error:
        commands.start_membership(
            actor=commission,
            consortium_id=_consortium("city-yijiang"),
            institution_id=_institution("second_hospital"),
            role=Role.MEMBER,
            start=AUGUST,
        )
    assert error.value.refusals[0].code == "institution_not_there"


def test_changing_an_institution_keeps_what_it_was(commission: Actor) -> None:
    key = _institution("second_hospital")
    commands.change_institution(actor=commission, institution_id=key, start=AUGUST, changes={"beds": 1000})
    before = queries.network_facts("3402", on=date(2019, 7, 31)).institutions[str(key)]
    after = queries.network_facts("3402", on=AUGUST).institutions[str(key)]
    assert (before.beds != 1000, after.beds) == (True, 1000)
    assert before.name == after.name
    with pytest.raises(Refused) as error:
        commands.change_institution(actor=commission, institution_id=key, start=AUGUST, changes={"id": "x"})
    assert error.value.refusals[0].code == "field_cannot_change"


def test_only_the_commission_of_the_area_decides(office: Actor, wuhu: str) -> None:
    elsewhere = Actor(uuid7(), "演示·太原", "commission", division_code="1401")
    for actor in (office, elsewhere):
        with pytest.raises(Refused):
            commands.join_community(
                actor=actor,
                parent_id=_consortium("urban-rural-second"),
                child_id=_consortium("community-nanling-tcm"),
                start=AUGUST,
            )


@pytest.mark.clause("YN-59")
def test_practice_under_an_agreement_needs_no_registration_only_where_the_pack_says_so(
    commission: Actor,
) -> None:
    clinician = models.Clinician.objects.create(name="演示医师甲", synthetic=True)
    agreement = models.Agreement.objects.filter(
        parties__institution_id=_institution("second_hospital")
    ).first()
    assert agreement is not None
    commands.record_practice(
        actor=commission,
        clinician_id=clinician.id,
        institution_id=_institution("first_hospital"),
        start=AUGUST,
    )
    with pytest.raises(Refused) as error:
        commands.record_practice(
            actor=commission,
            clinician_id=clinician.id,
            institution_id=_institution("second_hospital"),
            start=AUGUST,
            agreement_id=agreement.id,
        )
    assert error.value.refusals[0].code == "practice_needs_registration", "芜湖 has no YN-59"
    models.InstitutionVersion.objects.update(division_code="532301")
    mandates.put_in_force(actor=commission, pack_id="chuxiong", start=date(2018, 10, 11))
    with pytest.raises(Refused) as error:
        commands.record_practice(
            actor=Actor.system(),
            clinician_id=clinician.id,
            institution_id=_institution("second_hospital"),
            start=AUGUST,
        )
    assert error.value.refusals[0].code == "practice_needs_agreement"
    site = commands.record_practice(
        actor=Actor.system(),
        clinician_id=clinician.id,
        institution_id=_institution("second_hospital"),
        start=AUGUST,
        agreement_id=agreement.id,
    )
    assert site.ground == models.PracticeSite.Ground.AGREEMENT


def test_laying_down_twice_changes_nothing(wuhu: str) -> None:
    counts = [models.Institution.objects.count(), models.Membership.objects.count(), Event.objects.count()]
    again = commands.lay_down_region(actor=Actor.system(), pack_id="wuhu")
    assert not again.fresh
    assert counts == [
        models.Institution.objects.count(),
        models.Membership.objects.count(),
        Event.objects.count(),
    ]
