"""Who may do what where, how long sessions live, how guessing slows down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tiercare.apps.access import rules
from tiercare.apps.access.rules import Reach, Right, Role, Scope, may
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refusal

CITY, COUNTY, ELSEWHERE = "3402", "340222", "3201"
HOSPITAL, SISTER, RESIDENT = uuid7(), uuid7(), uuid7()


def person(role: str, *, area: str = CITY) -> Actor:
    scoped = role in Role._value2member_map_ and rules.SCOPE_OF[Role(role)] is not Scope.REGION
    if role == Role.RESIDENT:
        return Actor(uuid7(), "某人", role, resident_id=RESIDENT)
    return Actor(uuid7(), "某人", role, institution_id=HOSPITAL if scoped else None, division_code=area)


def speaks(refusal: Refusal | None) -> None:
    """A refusal that says why not and what to do instead, in both languages."""
    assert refusal is not None
    for language in ("zh", "en"):
        assert refusal.sentence(language).strip()
        assert refusal.way_on(language).strip()
    assert refusal.sentence("zh") != refusal.sentence("en")
    assert refusal.way_on("zh") != refusal.way_on("en")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_every_cell_of_the_table_decides(role: Role, right: Right) -> None:
    how_far = rules.reach(role, right)
    asks = {
        "at all": may(person(role), right),
        "oneself": may(person(role), right, division=COUNTY, institution_id=HOSPITAL, resident_id=RESIDENT),
        "own": may(person(role), right, division=COUNTY, institution_id=HOSPITAL),
        "sister": may(person(role), right, division=COUNTY, institution_id=SISTER),
        "elsewhere": may(person(role), right, division=ELSEWHERE, institution_id=SISTER),
    }
    allowed = {
        Reach.NONE: set(),
        Reach.SELF: {"at all", "oneself"},
        Reach.OWN: {"at all", "oneself", "own"},
        Reach.AREA: {"at all", "oneself", "own", "sister"},
        Reach.ANYWHERE: set(asks),
    }[how_far]
    assert {name for name, refusal in asks.items() if refusal is None} == allowed
    for refusal in asks.values():
        if refusal is not None:
            speaks(refusal)
            assert refusal.status == 403


def test_a_refusal_names_the_role_the_right_and_whom_to_ask() -> None:
    refusal = may(person(Role.CLINICIAN), Right.NETWORK_DECIDE)
    assert refusal is not None
    assert refusal.sentence() == "“医师”不能批准或退回申请。"
    assert refusal.way_on() == "请联系卫生健康行政部门办理。"
    assert refusal.way_on("en") == "Please ask: Health commission."


def test_a_county_does_not_decide_for_its_city() -> None:
    county = person(Role.COMMISSION, area=COUNTY)
    assert may(county, Right.NETWORK_DECIDE, division=COUNTY) is None
    refusal = may(county, Right.NETWORK_DECIDE, division=CITY)
    speaks(refusal)
    assert refusal is not None and refusal.code == "access.outside_scope"


def test_a_grant_without_an_area_reaches_no_area() -> None:
    nowhere = Actor(uuid7(), "某人", Role.COMMISSION)
    assert may(nowhere, Right.NETWORK_DECIDE, division=CITY) is not None


def test_leaving_out_the_place_that_decides_is_an_error_and_no_guess() -> None:
    with pytest.raises(ValueError, match="division"):
        may(person(Role.COMMISSION), Right.NETWORK_DECIDE, institution_id=HOSPITAL)
    with pytest.raises(ValueError, match="institution"):
        may(person(Role.CONSORTIUM_OFFICE), Right.NETWORK_APPLY, division=CITY)


@pytest.mark.parametrize("right", Right)
def test_visitors_sign_in_first_and_the_unassigned_choose_a_role(right: Right) -> None:
    visitor = may(Actor(None, "访客", rules.VISITOR), right)
    unassigned = may(Actor(uuid7(), "某人", rules.UNASSIGNED), right)
    speaks(visitor)
    speaks(unassigned)
    assert (visitor.status, visitor.code) == (401, "access.sign_in_first")
    assert (unassigned.status, unassigned.code) == (403, "access.choose_role")


@pytest.mark.parametrize("right", Right)
def test_the_platform_itself_may_and_a_person_cannot_pose_as_it(right: Right) -> None:
    assert may(Actor.system(), right, division=CITY, institution_id=SISTER) is None
    assert may(Actor(uuid7(), "某人", rules.SYSTEM), right) is not None


@pytest.mark.parametrize(
    ("idle", "age", "over"),
    [
        (timedelta(minutes=29), timedelta(hours=7), False),
        (timedelta(minutes=30), timedelta(hours=1), True),
        (timedelta(0), timedelta(hours=8), True),
    ],
)
def test_a_session_ends_idle_or_old(idle: timedelta, age: timedelta, over: bool) -> None:
    now = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    assert rules.session_is_over(signed_in=now - age, seen=now - idle, now=now) is over


def test_guessing_slows_and_never_stops_for_good() -> None:
    waits = [rules.wait_after(failures).total_seconds() for failures in range(40)]
    assert waits[:5] == [0] * 5
    assert waits[5] > 0
    assert waits == sorted(waits)
    assert max(waits) == 300


def test_case_and_width_of_a_login_name_do_not_matter() -> None:
    assert rules.fold(" Ｗｕｈｕ.Zhang ") == rules.fold("WUHU.zhang") == "wuhu.zhang"


@pytest.mark.parametrize("name", ["", "a", "-wang", "wang li", "wang\x00", "wang\n", "x" * 40, "admin'--"])
def test_login_names_that_cannot_be_used(name: str) -> None:
    speaks(rules.username_refusal(name))


@pytest.mark.parametrize("name", ["wuhu.operator", "王丽", "w3", "li@hospital"])
def test_login_names_that_can(name: str) -> None:
    assert rules.username_refusal(name) is None


@pytest.mark.parametrize("name", ["", " 王丽", "王\n丽", "王" * 41])
def test_display_names_that_would_spoil_a_trail(name: str) -> None:
    speaks(rules.display_name_refusal(name))


@pytest.mark.parametrize("password", ["short", "x" * 129, "my-wang.li-2026"])
def test_passwords_that_are_refused(password: str) -> None:
    speaks(rules.password_refusal(password, username="wang.li", common=False))


def test_a_password_that_everybody_uses_is_refused() -> None:
    speaks(rules.password_refusal("long enough by far", username="wang.li", common=True))
    assert rules.password_refusal("long enough by far", username="wang.li", common=False) is None


@pytest.mark.parametrize(
    ("role", "institution", "consortium", "fits"),
    [
        (Role.COMMISSION, False, False, True),
        (Role.COMMISSION, True, False, False),
        (Role.CLINICIAN, True, False, True),
        (Role.CLINICIAN, False, False, False),
        (Role.CLINICIAN, True, True, False),
        (Role.CONSORTIUM_OFFICE, True, True, True),
        (Role.CONSORTIUM_OFFICE, True, False, False),
        (Role.CONSORTIUM_OFFICE, False, True, False),
    ],
)
def test_a_grant_names_the_place_its_role_needs(
    role: Role, institution: bool, consortium: bool, fits: bool
) -> None:
    refusal = rules.grant_refusal(
        role,
        place_name="某处",
        division_code=CITY,
        institution_id=HOSPITAL if institution else None,
        consortium_id=SISTER if consortium else None,
    )
    assert (refusal is None) is fits
    if refusal is not None:
        speaks(refusal)


@pytest.mark.parametrize(("code", "name"), [("34020", "某处"), ("wuhu", "某处"), (CITY, "")])
def test_a_grant_needs_a_real_area_and_a_name(code: str, name: str) -> None:
    refusal = rules.grant_refusal(
        Role.COMMISSION, place_name=name, division_code=code, institution_id=None, consortium_id=None
    )
    speaks(refusal)


def test_all_sentences_of_the_module_speak_both_languages() -> None:
    constants = [
        value
        for value in vars(rules).values()
        if isinstance(value, Refusal) and not value.message.field_names
    ]
    assert len(constants) >= 10
    for refusal in constants:
        speaks(refusal)
    speaks(rules.too_many_attempts(timedelta(seconds=15)))
