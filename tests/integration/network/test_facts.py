"""The facts that the rules see are those of the day, with the partners that a region has outside."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from tiercare.apps.network import models, queries
from tiercare.apps.network.rules import PREDICATES
from tiercare.kernel.ids import stable_id, uuid7

from .conftest import VERDICT_DAY


def _institution(key: str):
    return stable_id("network", "wuhu", "institution", key)


def _hospital(name: str, division: str, **fields: object) -> models.Institution:
    institution = models.Institution.objects.create(slug=f"elsewhere-{uuid7()}")
    models.InstitutionVersion.objects.create(
        institution=institution,
        period=DateRange(date(2010, 1, 1), None),
        name=name,
        category="GENERAL",
        level=3,
        owner="PUBLIC",
        affiliation="PROVINCE",
        division_code=division,
        **fields,
    )
    return institution


def test_facts_take_one_query_a_table_whatever_the_size(wuhu: str) -> None:
    with CaptureQueriesContext(connection) as small:
        queries.network_facts("340202", on=VERDICT_DAY)
    with CaptureQueriesContext(connection) as large:
        queries.network_facts(wuhu, on=VERDICT_DAY)
    assert len(large) <= len(small) + 2, "prefetches of empty sets fall away, nothing else may differ"
    assert len(large) <= 24


def test_a_day_before_the_plan_has_hospitals_and_no_consortium(wuhu: str) -> None:
    facts = queries.network_facts(wuhu, on=date(2019, 6, 1))
    assert facts.institutions
    assert not [c for c in facts.consortia.values() if c.name == "镜湖区城市医联体"]


def test_an_outside_hospital_that_signed_is_seen(wuhu: str) -> None:
    outside = _hospital("省外医院（演示）", "320102")
    agreement = models.Agreement.objects.create(
        slug="outside", title="协作协议", signed_on=VERDICT_DAY, period=DateRange(VERDICT_DAY, None)
    )
    for party in (outside.id, _institution("second_hospital")):
        models.AgreementParty.objects.create(agreement=agreement, institution_id=party)
    facts = queries.network_facts(wuhu, on=VERDICT_DAY)
    assert facts.institutions[str(outside.id)].name == "省外医院（演示）"
    assert str(outside.id) not in {i.id for i in facts.local()}


def test_an_outside_trustee_is_seen_and_its_missing_agreement_is_found(wuhu: str) -> None:
    outside = _hospital("省外医院（演示）", "320102")
    models.Trusteeship.objects.create(
        trustee=outside, entrusted_id=_institution("second_hospital"), period=DateRange(VERDICT_DAY, None)
    )
    facts = queries.network_facts(wuhu, on=VERDICT_DAY)
    findings = PREDICATES["trusteeship_has_agreement"](facts, {}).findings
    assert [f.fields["trustee"] for f in findings] == ["省外医院（演示）"]


@pytest.mark.clause("YN-75")
@pytest.mark.clause("YN-54")
def test_a_change_of_ownership_on_the_day_of_joining_is_found(wuhu: str) -> None:
    member = models.Membership.objects.filter(
        consortium_id=stable_id("network", "wuhu", "consortium", "city-jinghu"), role="MEMBER"
    ).first()
    assert member is not None
    before = models.InstitutionVersion.objects.get(institution=member.institution)
    joined = member.period.lower
    models.InstitutionVersion.objects.filter(pk=before.pk).update(
        period=DateRange(before.period.lower, joined)
    )
    after = models.InstitutionVersion.objects.get(pk=before.pk)
    after.pk, after.period, after.funding = uuid7(), DateRange(joined, None), "医联体统一拨付"
    after._state.adding = True
    after.save()
    facts = queries.network_facts(wuhu, on=VERDICT_DAY)
    findings = PREDICATES["joining_changes_no_ownership"](facts, {}).findings
    assert [f.fields["institution"] for f in findings] == [before.name]
    names = findings[0].fields["names"]
    assert names.zh != names.en
