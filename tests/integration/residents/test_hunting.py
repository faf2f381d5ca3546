"""Hunting duplicates through an area: what is compared, what is listed, what stays behind (nothing)."""

from __future__ import annotations

import csv
import fcntl
import stat
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.commands import hunting
from tiercare.apps.residents.models import Duplicate, Resident
from tiercare.apps.residents.rules import IdentityKind, Registration, Sex
from tiercare.apps.residents.rules.file import Line
from tiercare.apps.residents.rules.vocabulary import Relation
from tiercare.cli import bootstrap
from tiercare.cli.residents import app
from tiercare.jobs import hunt as job
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .conftest import id_number

PLATFORM = Actor.system("test")
WHY = "两人同时到场核对"
BORN = date(1968, 5, 17)


def person(
    name: str, phone: str = "", born: date | None = BORN, number: str = "", **more: object
) -> Registration:
    kind = IdentityKind.ID_CARD if number else IdentityKind.NONE
    values = {"sex": Sex.MALE, "birth_date": born, "division_code": "340223", "address": "示例路 1 号 101 室"}
    return Registration(name=name, identity_kind=kind, number=number, phone=phone, **(values | more))


def name_of(key: UUID) -> str:
    return Resident.objects.get(pk=key).name


@pytest.fixture
def taken_over(site):
    """Residents as a file brings them: no desk looks whether anybody is alike."""

    def take(*given: Registration) -> list[UUID]:
        lines = [(n, Line(n, each, "", Relation.HEAD)) for n, each in enumerate(given, 1)]
        result = commands.import_residents(PLATFORM, lines=lines, institution_id=site.township)
        assert (result.taken, result.bad) == (len(given), [])
        with scoped(PLATFORM, area=EVERYWHERE):
            names = [each.name for each in given]
            return sorted(
                Resident.objects.values_list("id", flat=True), key=lambda key: names.index(name_of(key))
            )

    return take


@pytest.fixture
def three(taken_over):
    """The same man twice, once misheard, and a stranger."""
    return taken_over(
        person("欧阳建国", "13800001111"),
        person("欧阳剑国", "13800001111", address="示例路１号１０１室"),
        person("李晓红", "13911112222", date(1990, 2, 3), sex=Sex.FEMALE),
    )


@pytest.fixture
def alike(three, monkeypatch):
    """The comparison answers at once what it would: for tests of what comes before and after it."""
    pair = hunting.linkage.Pair(str(three[0]), str(three[1]), 0.999, 9.9, ("name.sound", "birth.same"))

    def compare(register: Path) -> list[object]:
        text = register.read_text()
        return [pair] if pair.id_a in text and pair.id_b in text else []

    monkeypatch.setattr(hunting.linkage, "propose", compare)
    return three


def left_behind(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "tmp").iterdir())


def test_the_same_man_twice_is_listed_once_with_reasons(site, three) -> None:
    told = []
    found = commands.hunt(PLATFORM, area="3402", told=lambda phase, count: told.append((phase, count)))
    assert found == commands.Hunted(looked_at=3, proposed=1, new=1)
    assert told == [
        (commands.Phase.READING, 3),
        (commands.Phase.COMPARING, 3),
        (commands.Phase.WRITING, 1),
    ]
    (pair,) = queries.open_pairs(site.actor(Role.INDEX_KEEPER))
    assert {pair.first.id, pair.second.id} == set(three[:2]) and pair.source == "batch"
    assert set(pair.reasons) == {"name.sound", "birth.same", "sex.same", "phone.same", "address.county"}
    assert pair.likelihood > 0.99
    event = Event.objects.get(kind="residents.duplicates_hunted")
    assert (event.payload, event.division_code) == ({"looked_at": 3, "proposed": 1, "new": 1}, "3402")


def test_again_it_adds_nothing_and_decisions_stand(site, alike) -> None:
    keeper = site.actor(Role.INDEX_KEEPER)
    commands.hunt(PLATFORM, area="340223")
    assert commands.hunt(PLATFORM, area="34").new == 0
    commands.dismiss(keeper, first_id=alike[0], second_id=alike[1], remark=WHY)
    assert commands.hunt(PLATFORM, area="3402").new == 0
    assert queries.open_pairs(keeper) == []
    merge_id = commands.merge(keeper, kept_id=alike[0], merged_id=alike[1], reason=WHY)
    assert commands.hunt(PLATFORM, area="3402").looked_at == 2, "a merged entry is not compared"
    with scoped(PLATFORM, area=EVERYWHERE):
        assert Duplicate.objects.count() == 1
    commands.part(keeper, merge_id=merge_id, reason=WHY)
    assert commands.hunt(PLATFORM, area="3402").new == 0


def test_what_was_merged_and_parted_unlisted_is_not_proposed(site, alike) -> None:
    keeper = site.actor(Role.INDEX_KEEPER)
    merge_id = commands.merge(keeper, kept_id=alike[1], merged_id=alike[0], reason=WHY)
    commands.part(keeper, merge_id=merge_id, reason=WHY)
    assert commands.hunt(PLATFORM, area="3402") == commands.Hunted(looked_at=3, proposed=1, new=0)


def test_whoever_is_merged_while_it_compares_is_not_listed(site, alike, monkeypatch) -> None:
    compare = hunting.linkage.propose

    def and_then_merge(register: Path) -> object:
        found = compare(register)
        commands.merge(site.actor(Role.INDEX_KEEPER), kept_id=alike[0], merged_id=alike[1], reason=WHY)
        return found

    monkeypatch.setattr(hunting.linkage, "propose", and_then_merge)
    assert commands.hunt(PLATFORM, area="3402") == commands.Hunted(looked_at=3, proposed=1, new=0)


def test_two_numbers_are_listed_only_where_all_else_is_sure(site, taken_over, monkeypatch) -> None:
    one, other = taken_over(
        person("欧阳建国", number=id_number(sequence=1)), person("欧阳建国", number=id_number(sequence=3))
    )
    for weight, new in ((3.0, 0), (9.0, 1)):
        pair = hunting.linkage.Pair(str(one), str(other), 0.9, weight, ("name.same", "birth.same"))
        monkeypatch.setattr(hunting.linkage, "propose", lambda _, pair=pair: [pair])
        assert commands.hunt(PLATFORM, area="3402").new == new
    (listed,) = queries.open_pairs(site.actor(Role.INDEX_KEEPER))
    assert listed.reasons == ("name.same", "birth.same", "number.other")


def test_the_review_of_a_pair_lies_with_the_smallest_area_of_both(site, taken_over) -> None:
    taken_over(person("欧阳建国", "13800001111"), person("欧阳建国", "13800001111", division_code="340202"))
    assert commands.hunt(PLATFORM, area="340223").proposed == 0, "the other lives elsewhere"
    assert commands.hunt(PLATFORM, area="3402").new == 1
    with scoped(PLATFORM, area=EVERYWHERE):
        assert Duplicate.objects.get().division_code == "3402"


def test_no_number_leaves_and_nothing_stays(settings, taken_over, monkeypatch) -> None:
    number = id_number(sequence=7)
    taken_over(person("欧阳建国", "13800001111", number=number), person("李晓红", "13911112222"))
    seen: list[str] = []

    def look(register: Path) -> list[object]:
        folder = register.parent
        assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        assert folder.parent == settings.HOME / "tmp"
        seen.append(register.read_text())
        return []

    monkeypatch.setattr(hunting.linkage, "propose", look)
    commands.hunt(PLATFORM, area="3402")
    (text,) = seen
    people = {line["name"]: line for line in csv.DictReader(text.splitlines())}
    first, second = people["欧阳建国"], people["李晓红"]
    assert (first["birth_date"], first["address_code"]) == ("1968-05-17", "340223000000")
    assert first["address_text"] == second["address_text"] != "", "equal addresses are equal"
    for secret in (number, number[:14], "13800001111", "示例路", "1 号"):
        assert secret not in text
    assert left_behind(settings.HOME) == ["hunt.lock"]


def test_a_hunt_that_fails_writes_nothing_and_cleans_up(settings, three, monkeypatch) -> None:
    def fail(register: Path) -> list[object]:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(hunting.linkage, "propose", fail)
    with pytest.raises(RuntimeError):
        commands.hunt(PLATFORM, area="3402")
    assert left_behind(settings.HOME) == ["hunt.lock"]
    assert not Event.objects.filter(kind="residents.duplicates_hunted").exists()


def test_what_a_killed_hunt_left_is_removed(settings, alike) -> None:
    stale = settings.HOME / "tmp" / "hunt-stale"
    stale.mkdir(parents=True)
    (stale / "register.csv").write_text("left behind")
    commands.hunt(PLATFORM, area="3402")
    assert left_behind(settings.HOME) == ["hunt.lock"]


def test_one_hunt_at_a_time(settings, alike) -> None:
    (settings.HOME / "tmp").mkdir()
    with (settings.HOME / "tmp" / "hunt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Refused) as caught:
            commands.hunt(PLATFORM, area="3402")
        assert caught.value.refusals[0].code == "residents.hunt_under_way"
        assert job.nightly() == 0
    assert commands.hunt(PLATFORM, area="3402").new == 1


@pytest.mark.parametrize("area", ["", "*", "3", "34022", "340223100", "芜湖", "３４０２"])
def test_an_area_is_a_province_a_prefecture_or_a_county(site, area: str) -> None:
    with pytest.raises(Refused) as caught:
        commands.hunt(PLATFORM, area=area)
    assert caught.value.refusals[0].code == "residents.hunt_area"


def test_only_the_platform_hunts(site) -> None:
    for who in (site.actor(Role.INDEX_KEEPER), Actor(account_id=uuid7(), name="系统", role="system")):
        with pytest.raises(Refused) as caught:
            commands.hunt(who, area="3402")
        assert caught.value.refusals[0].code == "residents.hunt_by_platform"


def test_nights_without_residents_are_quiet(site, taken_over, alike, settings) -> None:
    assert commands.areas_worth_a_hunt(PLATFORM) == ["3402"]
    assert job.nightly() == 1
    assert job.nightly() == 0
    with scoped(PLATFORM, area=EVERYWHERE):
        Resident.objects.filter(pk__in=alike[:2]).update(master_id=alike[2])
    assert commands.areas_worth_a_hunt(PLATFORM) == []
    before = Event.objects.count()
    assert job.nightly() == 0 and Event.objects.count() == before


def test_the_command_line_says_what_came_of_it(three, monkeypatch) -> None:
    monkeypatch.setattr(bootstrap, "ready", lambda: None)
    done = CliRunner().invoke(app, ["duplicates", "--area", "3402"])
    assert done.exit_code == 0, done.output
    assert "compared 3" in done.output and "newly listed 1" in done.output
    refused = CliRunner().invoke(app, ["duplicates", "--area", "x"])
    assert refused.exit_code == 2 and "3402" in refused.output
