"""The table of rights is total, keeps duties apart, and its page shows it."""

from __future__ import annotations

import pytest

from tiercare.apps.access.rights import (
    GRANTABLE,
    REACH_NAMES,
    RIGHT_NAMES,
    RIGHTS,
    ROLE_NAMES,
    SCOPE_OF,
    Reach,
    Right,
    Role,
    Scope,
    holders,
    reach,
    render_matrix,
)


def test_every_role_is_decided_for_every_right() -> None:
    assert set(RIGHTS) == set(Right)
    for right, row in RIGHTS.items():
        assert set(row) == set(Role), right


def test_everything_has_a_name_in_both_languages() -> None:
    for names, things in ((ROLE_NAMES, Role), (RIGHT_NAMES, Right), (REACH_NAMES, Reach)):
        assert set(names) == set(things)
        assert all(name.zh and name.en for name in names.values())


def test_every_right_has_a_holder_to_ask() -> None:
    assert all(holders(right) for right in Right)


def test_a_right_over_the_own_institution_is_only_given_to_roles_that_have_one() -> None:
    for right in Right:
        for role in Role:
            if reach(role, right) is Reach.OWN:
                assert SCOPE_OF[role] is not Scope.REGION


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Right.NETWORK_DECIDE, Right.ACCESS_MANAGE),
        (Right.MANDATES_WAIVE, Right.ACCESS_MANAGE),
        (Right.LEDGER_READ, Right.ACCESS_MANAGE),
        (Right.LEDGER_READ, Right.JOBS_RETRY),
        (Right.GLASS_BREAK, Right.GLASS_REVIEW),
        (Right.RESIDENTS_MERGE, Right.RESIDENTS_REGISTER),
    ],
)
def test_duties_that_check_each_other_are_apart(one: Right, other: Right) -> None:
    assert not set(holders(one)) & set(holders(other))


def test_the_auditor_changes_nothing_but_the_outcome_of_a_review() -> None:
    held = {right for right in Right if reach(Role.AUDITOR, right) is not Reach.NONE}
    seeing = {
        Right.NETWORK_READ,
        Right.POLICY_READ,
        Right.LEDGER_READ,
        Right.CAPACITY_READ,
        Right.CAPACITY_PROVE,
        Right.RECORDS_MEASURE,
        Right.EVALUATION_READ,
        Right.EVALUATION_CASES,
    }
    assert held == {*seeing, Right.GLASS_REVIEW}


def test_who_runs_governs_or_pays_sees_no_residents_record() -> None:
    of_residents = {
        *(Right.RESIDENTS_FIND, Right.RESIDENTS_LIST, Right.RESIDENTS_REGISTER, Right.RESIDENTS_READ),
        *(
            Right.RESIDENTS_MERGE,
            Right.CARDS_ISSUE,
            Right.CARDS_SCAN,
            Right.CONSENTS_RECORD,
            Right.RECORDS_MOVE,
            Right.RECORDS_WRITE,
            Right.GLASS_BREAK,
        ),
    }
    for role in (Role.COMMISSION, Role.CONSORTIUM_OFFICE, Role.INSURANCE, Role.AUDITOR, Role.OPERATOR):
        assert [right for right in of_residents if reach(role, right) is not Reach.NONE] == [], role


def test_the_keeper_of_the_index_sees_identities_and_never_a_record() -> None:
    held = {right for right in Right if reach(Role.INDEX_KEEPER, right) is not Reach.NONE}
    assert held == {
        *(Right.NETWORK_READ, Right.POLICY_READ, Right.RESIDENTS_FIND, Right.RESIDENTS_MERGE),
    }


def test_a_desk_registers_and_breaks_no_glass() -> None:
    assert reach(Role.REGISTRAR, Right.RESIDENTS_REGISTER) is Reach.OWN
    assert reach(Role.REGISTRAR, Right.GLASS_BREAK) is Reach.NONE


def test_a_whole_record_is_handed_over_by_the_desk_of_its_keeper_or_by_its_owner() -> None:
    assert set(holders(Right.RECORDS_MOVE)) == {Role.REGISTRAR, Role.RESIDENT}


def test_a_resident_has_rights_over_nobody_else_and_is_given_no_role() -> None:
    # Which places are free is everybody's to see: it names nobody.
    of_people = set(Right) - {Right.CAPACITY_READ}
    assert {reach(Role.RESIDENT, right) for right in of_people} == {Reach.SELF, Reach.NONE}
    assert set(GRANTABLE) == set(Role) - {Role.RESIDENT}
    for role in GRANTABLE:
        assert Reach.SELF not in {reach(role, right) for right in Right}


def test_the_page_has_a_row_per_role_with_its_cells() -> None:
    lines = render_matrix().splitlines()
    rows = [line for line in lines if line.startswith("| ") and "`" in line][1:]
    assert len(rows) == len(Role)
    for role, line in zip(Role, rows, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert f"`{role}`" in cells[0]
        assert cells[1] == SCOPE_OF[role]
        assert [cell.split()[0] for cell in cells[2:]] == [
            REACH_NAMES[reach(role, right)].zh for right in Right
        ]
    assert all(any(line.startswith(f"- `{right}`") for line in lines) for right in Right)
