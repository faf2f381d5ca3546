"""Demonstration accounts: one per role, passwords generated and kept in one private file, laid down twice alike."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from datetime import date

import pytest

from tiercare.apps.access import commands, queries
from tiercare.apps.access.commands import Place
from tiercare.apps.access.commands.demonstration import Extra
from tiercare.apps.access.models import Account, Grant
from tiercare.apps.access.rights import GRANTABLE
from tiercare.apps.access.rules import SCOPE_OF, Role, Scope
from tiercare.apps.ledger.queries import events
from tiercare.apps.network.queries import network_facts
from tiercare.apps.network.rules import Category, Kind
from tiercare.cli import demonstration as demo
from tiercare.cli.demonstration import places
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import stable_id, uuid7
from tiercare.kernel.refusal import Refused

pytestmark = pytest.mark.django_db
SINCE = date(2018, 1, 1)
HOSPITAL, COMMUNITY = stable_id("test", "hospital"), stable_id("test", "consortium")
CENTRE = stable_id("test", "township centre")
NONE: Mapping[str, Extra] = {}


@pytest.fixture
def lay_down(system, synthetic, tmp_path):
    hospital = Place("示例医院", "340203", institution_id=HOSPITAL)
    places = {
        Role.CONSORTIUM_OFFICE: Place("示例医联体", "3402", institution_id=HOSPITAL, consortium_id=COMMUNITY),
        Role.REFERRAL_OFFICE: hospital,
        Role.CLINICIAN: hospital,
        Role.PRIMARY_DOCTOR: Place("示例卫生院", "340222", institution_id=CENTRE),
        Role.REGISTRAR: Place("示例卫生院", "340222", institution_id=CENTRE),
    }

    def run(actor: Actor = system, places=places, extras: Mapping[str, Extra] = NONE) -> dict[str, str]:
        return commands.lay_down_demo_accounts(
            actor,
            region="wuhu",
            area=Place("芜湖市", "3402"),
            places=places,
            since=SINCE,
            folder=tmp_path / "home",
            extras=extras,
        )

    return run


def test_every_role_that_is_given_has_one_account_that_can_sign_in(lay_down, system) -> None:
    passwords = lay_down()
    assert list(passwords) == [f"wuhu.{role}" for role in GRANTABLE]
    assert len(set(passwords.values())) == len(GRANTABLE)
    for role, (name, password) in zip(GRANTABLE, passwords.items(), strict=True):
        account = commands.sign_in(system, username=name, password=password, source="127.0.0.1")
        (held,) = queries.grants_in_force(account.id, on=date(2019, 7, 1))
        assert held.role is role and account.synthetic and not account.must_change_password
        assert (held.institution_id is None) is (SCOPE_OF[role] is Scope.REGION)
    assert [account.username for account in queries.demo_accounts()] == list(passwords)


def test_the_file_is_for_its_owner_only(lay_down, tmp_path) -> None:
    passwords = lay_down()
    file = tmp_path / "home" / "demo_accounts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == passwords
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_laid_down_twice_nothing_changes(lay_down) -> None:
    first = lay_down()
    before = (Account.objects.count(), Grant.objects.count(), len(events(limit=1000)))
    assert lay_down() == first
    assert (Account.objects.count(), Grant.objects.count(), len(events(limit=1000))) == before


def test_a_lost_file_gives_new_passwords_that_work(lay_down, system, tmp_path) -> None:
    first = lay_down()
    (tmp_path / "home" / "demo_accounts.json").unlink()
    second = lay_down()
    assert first.keys() == second.keys() and not set(first.values()) & set(second.values())
    name, password = next(iter(second.items()))
    assert commands.sign_in(system, username=name, password=password, source="127.0.0.1").username == name


def test_a_role_without_a_place_gets_no_account(lay_down) -> None:
    assert set(lay_down(places={})) == {f"wuhu.{role}" for role in Role if SCOPE_OF[role] is Scope.REGION}


def test_a_resident_has_no_demonstration_account_even_where_a_place_is_named(lay_down) -> None:
    there = Place("示例卫生院", "340222", institution_id=CENTRE)
    assert "wuhu.resident" not in lay_down(places={Role.RESIDENT: there})


def test_a_further_account_holds_its_role_at_its_own_place(lay_down, system) -> None:
    other = uuid7()
    stranger = Extra(Role.CLINICIAN, Place("另一家医院", "340208", institution_id=other), "外院医师")
    name, password = list(lay_down(extras={"other_hospital": stranger}).items())[-1]
    assert name == "wuhu.other_hospital"
    account = commands.sign_in(system, username=name, password=password, source="127.0.0.1")
    (held,) = queries.grants_in_force(account.id, on=SINCE)
    assert (held.role, held.institution_id) == (Role.CLINICIAN, other)
    assert account.display_name == "演示·外院医师" and account.synthetic


def test_in_wuhu_the_desk_sits_with_the_primary_doctor_and_the_stranger_shares_no_consortium(wuhu) -> None:
    facts = network_facts(wuhu, on=date(2019, 7, 1))
    there, extras = places(facts, wuhu), demo.extras(facts)
    centre = facts.institutions[str(there[Role.REGISTRAR].institution_id)]
    assert there[Role.REGISTRAR] == there[Role.PRIMARY_DOCTOR]
    assert centre.category is Category.TOWNSHIP_CENTRE
    communities = facts.consortia_of(centre.id, Kind.COUNTY_COMMUNITY)
    stranger = str(extras["other_hospital"].place.institution_id)
    assert communities and stranger not in {
        member.id for community in communities for member in facts.members(community.id)
    }
    assert not {c.id for c in facts.consortia_of(stranger, Kind.CITY_GROUP, Kind.URBAN_RURAL)} & {
        parent.id for community in communities for parent in facts.parents(community.id)
    }
    assert extras["other_registrar"].place == extras["other_hospital"].place


def test_a_real_person_of_that_name_is_left_alone(lay_down, system) -> None:
    mine = "four unrelated green herons"
    commands.create_account(system, username="wuhu.auditor", display_name="真人", password=mine)
    with pytest.raises(Refused) as refused:
        lay_down()
    assert refused.value.refusals[0].code == "access.username_taken"
    assert Account.objects.get().check_password(mine)


def test_a_database_of_real_people_gets_none(lay_down, monkeypatch, tmp_path) -> None:
    monkeypatch.undo()
    with pytest.raises(Refused) as refused:
        lay_down()
    assert refused.value.refusals[0].code == "access.not_synthetic"
    assert not Account.objects.exists() and not (tmp_path / "home").exists()


def test_only_who_manages_access_lays_them_down(lay_down) -> None:
    with pytest.raises(Refused) as refused:
        lay_down(Actor(uuid7(), "某人", Role.COMMISSION.value, division_code="3402"))
    assert refused.value.refusals[0].code == "access.not_your_right"
