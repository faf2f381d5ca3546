"""Roles: given for a place and a period, once, by somebody else; taken back at once; picked by the holder."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from tiercare.apps.access import commands, queries
from tiercare.apps.access.models import Account, Grant
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.queries import events, today
from tiercare.kernel.ids import uuid7
from tiercare.kernel.period import Period
from tiercare.kernel.refusal import Refused

from .conftest import CITY, HOSPITAL, acting

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def doctor(open_account):
    return open_account("doctor")


def give(actor, account, role=Role.CLINICIAN, *, period=YEAR, hospital=HOSPITAL):
    return commands.grant(
        actor,
        account_id=account.id,
        role=role,
        place_name="示例医院",
        division_code=CITY,
        period=period,
        institution_id=hospital,
    )


def test_a_grant_counts_from_its_first_day_up_to_not_including_its_end(system, doctor) -> None:
    grant_id = give(system, doctor)
    held = {
        day: queries.grants_in_force(doctor.id, on=day) for day in (YEAR.start, YEAR.end - timedelta(days=1))
    }
    assert all([grant.id for grant in grants] == [grant_id] for grants in held.values())
    assert queries.grants_in_force(doctor.id, on=YEAR.start - timedelta(days=1)) == ()
    assert queries.grants_in_force(doctor.id, on=YEAR.end) == ()
    grant = held[YEAR.start][0]
    assert (grant.role, grant.scope, grant.institution_id) == (Role.CLINICIAN, "INSTITUTION", HOSPITAL)


def test_the_same_role_at_the_same_place_is_not_given_twice(system, doctor) -> None:
    give(system, doctor)
    with pytest.raises(Refused) as refused:
        give(system, doctor, period=Period(date(2026, 6, 1)))
    assert refused.value.refusals[0].code == "access.grant_overlaps"
    assert "医师" in refused.value.refusals[0].sentence()
    give(system, doctor, period=Period(YEAR.end))  # the next year
    give(system, doctor, hospital=uuid7())  # another site
    give(system, doctor, Role.REFERRAL_OFFICE)  # another role
    assert Grant.objects.count() == 4


def test_overlapping_areas_are_excluded_too(system, doctor) -> None:
    """Null institutions would compare as different; the constraint must still see the same place."""
    with pytest.raises(Refused), transaction.atomic():
        for _ in range(2):
            give(system, doctor, Role.COMMISSION, hospital=None)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("grant_scope_filled", {"institution_id": None}),
        ("grant_scope_filled", {"consortium_id": HOSPITAL}),
        ("grant_scope_filled", {"scope": "REGION"}),
        ("grant_scope_filled", {"scope": "CONSORTIUM"}),
        ("grant_role_known", {"role": "superuser"}),
        ("grant_period_not_empty", {"period": DateRange(YEAR.start, YEAR.start)}),
    ],
)
def test_the_database_refuses_a_misshapen_grant(system, doctor, name, changes) -> None:
    grant_id = give(system, doctor)
    with pytest.raises(IntegrityError, match=name):
        Grant.objects.filter(pk=grant_id).update(**changes)


def test_a_place_that_does_not_fit_the_role_is_refused(system, doctor) -> None:
    with pytest.raises(Refused) as refused:
        give(system, doctor, hospital=None)
    assert refused.value.refusals[0].code == "access.grant_misfits"
    assert "机构" in refused.value.refusals[0].sentence()


def test_the_role_of_a_resident_is_not_given_and_a_resident_is_given_none(system, doctor) -> None:
    resident = Account.objects.create(username="resident.1", display_name="居民", resident_id=uuid7())
    for account, role, code in (
        (doctor, Role.RESIDENT, "access.not_grantable"),
        (resident, Role.CLINICIAN, "access.no_such_account"),
    ):
        with pytest.raises(Refused) as refused:
            give(system, account, role)
        assert [refusal.code for refusal in refused.value.refusals] == [code]
    assert not Grant.objects.exists()


def test_an_operator_grants_in_the_own_area_only_and_never_to_themselves(open_account, doctor) -> None:
    account = open_account("op", Role.OPERATOR)
    operator = acting(account, Role.OPERATOR)
    give(operator, doctor)
    with pytest.raises(Refused) as refused:
        give(acting(account, Role.OPERATOR, area="3201"), doctor, Role.REFERRAL_OFFICE)
    assert refused.value.refusals[0].code == "access.outside_scope"
    with pytest.raises(Refused) as refused:
        give(operator, account)
    assert refused.value.refusals[0].code == "access.not_oneself"


def test_revoking_ends_a_grant_the_same_day_and_not_the_days_before(open_account, system, doctor) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    grant_id = give(system, doctor, period=Period(today() - timedelta(days=10)))
    commands.revoke(operator, grant_id=grant_id)
    commands.revoke(operator, grant_id=grant_id)
    assert queries.grants_in_force(doctor.id, on=today()) == ()
    assert [grant.id for grant in queries.grants_in_force(doctor.id, on=today() - timedelta(days=1))] == [
        grant_id
    ]
    kinds = [event.kind for event in events(subject_id=doctor.id, division_code=CITY)]
    assert kinds == ["access.role_revoked", "access.role_granted"]
    give(system, doctor, period=Period(today()))  # and it can be given again


def test_who_revokes_must_manage_the_area_and_not_hold_the_role(open_account, system, doctor) -> None:
    account = open_account("op", Role.OPERATOR)
    own = Grant.objects.get(account=account)
    grant_id = give(system, doctor)
    for actor, target, code in (
        (acting(account, Role.OPERATOR, area="3201"), grant_id, "access.outside_scope"),
        (acting(account, Role.OPERATOR), own.id, "access.not_oneself"),
        (acting(account, Role.OPERATOR), uuid7(), "access.no_such_grant"),
    ):
        with pytest.raises(Refused) as refused:
            commands.revoke(actor, grant_id=target)
        assert refused.value.refusals[0].code == code


def test_one_picks_only_a_role_of_ones_own_that_is_in_force(open_account, system, doctor) -> None:
    mine = give(system, doctor, period=Period(date(2018, 1, 1)))
    over = give(system, doctor, Role.REFERRAL_OFFICE, period=Period(date(2018, 1, 1), date(2019, 1, 1)))
    other = Grant.objects.get(account=open_account("other", Role.COMMISSION)).id
    actor = acting(doctor, Role.CLINICIAN)
    assert commands.choose_role(actor, grant_id=mine).role is Role.CLINICIAN
    for grant_id in (over, other, uuid7()):
        with pytest.raises(Refused) as refused:
            commands.choose_role(actor, grant_id=grant_id)
        assert refused.value.refusals[0].code == "access.no_such_grant"
    assert [event.kind for event in events(actor_id=doctor.id)] == ["access.role_chosen"]


def test_the_application_role_serves_these_tests() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
