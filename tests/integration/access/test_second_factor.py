"""The second factor: set up by showing a code, each code taken once, wrong ones slowed, lost ones replaced."""

from __future__ import annotations

import time

import pyotp
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tiercare.apps.access import commands, rules
from tiercare.apps.access.commands import second_factor
from tiercare.apps.access.models import Account, RecoveryCode, SecondFactor, SignInFailures
from tiercare.apps.access.queries import second_factor as own
from tiercare.apps.access.rules import Role, staff
from tiercare.apps.ledger.queries import events
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import acting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(settings, tmp_path) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def me(open_account) -> Actor:
    return acting(open_account("me", Role.AUDITOR), Role.AUDITOR)


class App:
    """An authenticator app, told the secret once."""

    def __init__(self, me: Actor, clock) -> None:
        told = own.own_enrolment(me)
        assert told is not None
        self.totp, self.clock, self.address = pyotp.TOTP(told.secret.replace(" ", "")), clock, told.address

    def code(self, *, steps: int = 0) -> str:
        return self.totp.at(self.clock.now, counter_offset=steps)


@pytest.fixture
def app(me, clock) -> App:
    """The factor is set up; the clock stands one minute later, so that the next codes are new."""
    second_factor.begin(me)
    app = App(me, clock)
    second_factor.confirm(me, code=app.code())
    clock.pass_(seconds=60)
    return app


def refused(do, *args, **kwargs) -> str:
    with pytest.raises(Refused) as caught:
        do(*args, **kwargs)
    assert len(caught.value.refusals) == 1
    return caught.value.refusals[0].code


def give(me: Actor, code: str) -> None:
    second_factor.check_code(me, account_id=me.account_id, code=code)


def test_it_counts_only_after_a_code_was_shown(me, clock) -> None:
    second_factor.begin(me)
    app = App(me, clock)
    assert own.own_factor(me) is None
    assert refused(give, me, app.code()) == "access.wrong_code"
    assert refused(second_factor.confirm, me, code="000000") == "access.code_does_not_fit"
    codes = second_factor.confirm(me, code=app.code())
    assert len(set(codes)) == staff.RECOVERY_CODES
    factor = own.own_factor(me)
    assert factor is not None and (factor.since, factor.codes_left) == (clock.now, staff.RECOVERY_CODES)
    assert own.own_enrolment(me) is None  # never shown again
    assert refused(second_factor.confirm, me, code=app.code()) == "access.no_enrolment"
    assert refused(second_factor.begin, me) == "access.factor_is_set"


def test_begun_again_before_it_is_confirmed_the_first_secret_is_void(me, clock) -> None:
    second_factor.begin(me)
    first = App(me, clock)
    second_factor.begin(me)
    assert refused(second_factor.confirm, me, code=first.code()) == "access.code_does_not_fit"
    second_factor.confirm(me, code=App(me, clock).code())


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_this_step_or_the_one_beside_it_counts_once(me, app, steps) -> None:
    code = app.code(steps=steps)
    give(me, code)
    assert refused(give, me, code) == "access.wrong_code"


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_further_away_does_not_count(me, app, steps) -> None:
    assert refused(give, me, app.code(steps=steps)) == "access.wrong_code"


def test_after_a_later_code_an_earlier_one_is_void(me, app) -> None:
    give(me, app.code(steps=1))
    assert refused(give, me, app.code()) == "access.wrong_code"


def test_the_code_that_set_it_up_does_not_sign_in_as_well(me, clock) -> None:
    second_factor.begin(me)
    code = App(me, clock).code()
    second_factor.confirm(me, code=code)
    assert refused(give, me, code) == "access.wrong_code"


def test_full_width_digits_and_blanks_are_the_same_code(me, app) -> None:
    code = app.code()
    give(me, f" {code[:3]} {''.join(chr(ord(d) + 0xFEE0) for d in code[3:])}")


def test_a_recovery_code_stands_in_once_however_it_is_typed(me, clock) -> None:
    second_factor.begin(me)
    codes = second_factor.confirm(me, code=App(me, clock).code())
    give(me, codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l"))
    assert refused(give, me, codes[0]) == "access.wrong_code"
    factor = own.own_factor(me)
    assert factor is not None and factor.codes_left == staff.RECOVERY_CODES - 1
    used = [e for e in events(subject_id=me.account_id) if e.kind == "access.recovery_code_used"]
    assert [e.payload["left"] for e in used] == [staff.RECOVERY_CODES - 1]


def test_recovery_codes_open_only_their_own_account(me, clock, open_account, app) -> None:
    other = acting(open_account("other", Role.AUDITOR), Role.AUDITOR)
    second_factor.begin(other)
    codes = second_factor.confirm(other, code=App(other, clock).code())
    assert refused(give, me, codes[0]) == "access.wrong_code"


def test_renewed_recovery_codes_void_those_of_before(me, app, clock) -> None:
    first = second_factor.renew_codes(me, code=app.code())
    clock.pass_(seconds=60)
    second = second_factor.renew_codes(me, code=app.code())
    assert not set(first) & set(second)
    assert refused(give, me, first[0]) == "access.wrong_code"
    give(me, second[0])


def test_without_a_good_code_nothing_is_renewed_or_switched_off(me, app) -> None:
    before = set(RecoveryCode.objects.values_list("pk", flat=True))
    assert refused(second_factor.renew_codes, me, code="123") == "access.wrong_code"
    assert refused(second_factor.switch_off, me, code="") == "access.wrong_code"
    assert set(RecoveryCode.objects.values_list("pk", flat=True)) == before
    assert own.own_factor(me) is not None


def test_switched_off_it_can_be_set_up_on_another_telephone(me, app, clock) -> None:
    second_factor.switch_off(me, code=app.code())
    assert own.own_factor(me) is None and not RecoveryCode.objects.exists()
    clock.pass_(seconds=60)
    assert refused(give, me, app.code()) == "access.wrong_code"
    second_factor.begin(me)
    second_factor.confirm(me, code=App(me, clock).code())


def test_wrong_codes_are_slowed_and_remembered_though_refused(me, app, clock) -> None:
    for _ in range(rules.FREE_ATTEMPTS):
        assert refused(give, me, "000000") == "access.wrong_code"
    assert refused(give, me, app.code()) == "access.too_many_codes"
    clock.pass_(seconds=60)
    give(me, app.code())
    assert not SignInFailures.objects.exists()
    kinds = [e.kind for e in events(subject_id=me.account_id)]
    assert kinds.count("access.code_refused") == rules.FREE_ATTEMPTS


def test_an_account_without_a_factor_gets_the_same_answer_as_a_wrong_code(open_account) -> None:
    nobody = acting(open_account("plain"), Role.CLINICIAN)
    assert refused(give, nobody, "000000") == "access.wrong_code"
    assert refused(second_factor.check_code, nobody, account_id=uuid7(), code="1") == "access.wrong_code"


def test_nothing_readable_lies_in_the_tables(me, clock) -> None:
    second_factor.begin(me)
    app = App(me, clock)
    codes = second_factor.confirm(me, code=app.code())
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM access_secondfactor t")
        (sealed,) = cursor.fetchone()
        cursor.execute("SELECT string_agg(t::text, ' ') FROM access_recoverycode t")
        (hashed,) = cursor.fetchone()
    assert app.totp.secret.encode().hex() not in sealed and app.totp.secret not in sealed
    assert not any(staff.typed(code).encode().hex() in hashed for code in codes)
    told = str([event.payload for event in events(subject_id=me.account_id)])
    assert app.totp.secret not in told and not any(code in told for code in codes)


def test_a_sealed_secret_does_not_open_in_another_row(me, app, open_account) -> None:
    other = open_account("other")
    SecondFactor.objects.create(
        account=other, secret_sealed=SecondFactor.objects.get(account_id=me.account_id).secret_sealed
    )
    with pytest.raises(ValueError, match="cannot open"):
        own.own_enrolment(acting(other, Role.CLINICIAN))


def test_an_operator_takes_the_lost_factor_of_a_colleague_of_the_own_area(me, app, open_account) -> None:
    operator = acting(open_account("op", Role.OPERATOR), Role.OPERATOR)
    stranger = acting(Account.objects.get(username="op"), Role.OPERATOR, area="3201")
    assert refused(second_factor.remove, stranger, account_id=me.account_id) == "access.outside_scope"
    assert refused(second_factor.remove, me, account_id=operator.account_id) == "access.not_your_right"
    second_factor.remove(operator, account_id=me.account_id)
    assert own.own_factor(me) is None
    assert refused(second_factor.remove, operator, account_id=me.account_id) == "access.no_factor"


def test_the_real_clock_serves_too(me) -> None:
    second_factor.begin(me)
    told = own.own_enrolment(me)
    assert told is not None
    second_factor.confirm(me, code=pyotp.TOTP(told.secret.replace(" ", "")).at(int(time.time())))


def test_the_qr_code_names_the_account_and_the_platform(me, clock) -> None:
    second_factor.begin(me)
    address = App(me, clock).address
    assert address.startswith("otpauth://totp/Tiercare:me?secret=") and "issuer=Tiercare" in address


def test_a_resident_has_the_card_instead(open_account) -> None:
    account = open_account("resident")
    resident = Actor(account.id, "居民", Role.RESIDENT.value, resident_id=uuid7())
    assert refused(second_factor.begin, resident) == "access.not_for_residents"
    assert not SecondFactor.objects.exists()


def test_visitors_have_none(system) -> None:
    for do in (second_factor.begin, lambda actor: second_factor.confirm(actor, code="1")):
        assert refused(do, system) == "access.sign_in_first"
    assert commands.sign_out(system) is None


@given(st.sets(st.sampled_from(sorted(Role))), st.booleans(), st.booleans())
def test_who_must_set_one_up(roles, synthetic, has_factor) -> None:
    asked = staff.must_enrol(roles, synthetic=synthetic, has_factor=has_factor)
    if synthetic or has_factor:
        assert not asked
    else:
        assert asked == bool(roles & {Role.OPERATOR, Role.AUDITOR, Role.INDEX_KEEPER, Role.COMMISSION})


@given(st.sets(st.sampled_from(sorted(Role))), st.booleans(), st.booleans())
def test_an_installation_may_demand_it_of_all(roles, synthetic, has_factor) -> None:
    asked = staff.must_enrol(roles, synthetic=synthetic, has_factor=has_factor, of_all=True)
    assert asked == (not synthetic and not has_factor)


@given(st.text(alphabet=staff.ALPHABET, min_size=28, max_size=28))
def test_what_is_printed_is_read_back(token) -> None:
    assert staff.typed(staff.printed(token)) == token == staff.typed(staff.printed(token).lower())


@given(st.floats(min_value=1.6e9, max_value=4e9), st.integers(-3, 3))
def test_steps_lie_around_the_moment_and_after_the_last_one_taken(moment, taken) -> None:
    now = int(moment) // staff.STEP
    steps = list(staff.steps_around(moment, after=now + taken))
    assert set(steps) == {step for step in (now - 1, now, now + 1) if step > now + taken}
