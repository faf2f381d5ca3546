"""Merging and parting: one person from two entries and two again, and nothing of anybody is rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tiercare.apps.access.queries import EVERYWHERE, scoped
from tiercare.apps.access.rules import Role
from tiercare.apps.ledger.models import Event
from tiercare.apps.residents import commands, queries
from tiercare.apps.residents.commands import merging
from tiercare.apps.residents.models import (
    Merge,
    Resident,
)
from tiercare.kernel.actor import Actor
from tiercare.kernel.ids import uuid7
from tiercare.kernel.refusal import Refused

from .pairs import (
    PEOPLE,
    PLATFORM,
    WHY,
    codes,
    dump,
    keeper,
    merges_in_force,
    people,
    report,
)

__all__ = ["keeper", "people"]  # fixtures


# --- the model: persons are the components of the merges in force


class Persons:
    """Union-find over the entries, from the merges in force."""

    def __init__(self, entries: list[UUID]) -> None:
        self.parent = {entry: entry for entry in entries}
        for kept, merged in merges_in_force():
            self.parent[self.find(merged)] = self.find(kept)

    def find(self, entry: UUID) -> UUID:
        while self.parent[entry] != entry:
            entry = self.parent[entry]
        return entry

    def of(self, entry: UUID) -> set[UUID]:
        return {each for each in self.parent if self.find(each) == self.find(entry)}


class _TakeBack(Exception):
    pass


def pick(size: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(0, size - 1), st.integers(0, size - 1))


STEPS = st.lists(st.tuples(st.sampled_from(["merge", "merge", "part"]), pick(5)), min_size=1, max_size=9)


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_merged_and_parted_every_entry_keeps_its_own(keeper, people, steps) -> None:
    entries = people[:5]
    before = dump(entries)
    try:
        with transaction.atomic():
            for one, other in combinations(entries, 2):
                report(one, other)
            for act, (one, other) in steps:
                if act == "merge":
                    _merge_if_two(keeper, entries, entries[one], entries[other])
                elif (in_force := merge_ids()) and one < len(in_force):
                    commands.part(keeper, merge_id=in_force[one], reason=WHY)
                persons = Persons(entries)
                for entry in entries:
                    found = queries.person_of(entry)
                    assert set(found) == persons.of(entry) and len(found) == len(set(found))
                    assert found[0] == persons.find(entry), "the leading entry comes first"
            assert dump(entries) == before
            for merge_id in merge_ids():
                commands.part(keeper, merge_id=merge_id, reason=WHY)
            assert [queries.person_of(entry) for entry in entries] == [(entry,) for entry in entries]
            raise _TakeBack
    except _TakeBack:
        pass


def _merge_if_two(keeper: Actor, entries: list[UUID], one: UUID, other: UUID) -> None:
    persons = Persons(entries)
    if persons.find(one) != persons.find(other):
        commands.merge(keeper, kept_id=one, merged_id=other, reason=WHY)
    else:
        with pytest.raises(Refused) as caught:
            commands.merge(keeper, kept_id=one, merged_id=other, reason=WHY)
        assert codes(caught) == {"residents.one_already"}


def merge_ids() -> list[UUID]:
    with scoped(PLATFORM, area=EVERYWHERE):
        return list(Merge.objects.filter(undone_at=None).order_by("id").values_list("id", flat=True))


def test_a_merge_writes_one_column_of_one_row(site, keeper, people) -> None:
    kept, merged = people[:2]
    merge_id = commands.merge(keeper, kept_id=kept, merged_id=merged, reason=f"  {WHY} ")
    with scoped(PLATFORM, area=EVERYWHERE):
        rows = {row.id: (row.master_id, row.version) for row in Resident.objects.all()}
        written = Merge.objects.get()
    assert rows == {each: (kept, 2) if each == merged else (None, 1) for each in people}
    assert (written.id, written.kept_id, written.merged_id, written.reason) == (merge_id, kept, merged, WHY)
    assert (written.by, written.division_code) == (keeper.account_id, "340223")
    event = Event.objects.get(kind="residents.merged")
    assert (event.subject_id, event.division_code) == (kept, "340223")
    assert event.payload == {"merge_id": str(merge_id), "kept": str(kept), "merged": str(merged)}


def test_a_chain_is_cut_where_it_was_tied(keeper, people) -> None:
    a, b, c = people[1:4]
    first = commands.merge(keeper, kept_id=b, merged_id=a, reason=WHY)
    commands.merge(keeper, kept_id=c, merged_id=b, reason=WHY)
    assert queries.person_of(a) == (c, b, a)
    commands.part(keeper, merge_id=first, reason=WHY)
    assert queries.person_of(a) == (a,)
    assert queries.person_of(b) == queries.person_of(c) == (c, b)


def test_merging_into_a_merged_entry_leads_to_its_master(keeper, people) -> None:
    a, b, c = people[1:4]
    commands.merge(keeper, kept_id=b, merged_id=a, reason=WHY)
    commands.merge(keeper, kept_id=a, merged_id=c, reason=WHY)
    assert queries.person_of(c)[0] == b
    assert merges_in_force() == [(b, a), (b, c)]


@pytest.mark.parametrize("reason", ["", "  ", "同一人", "x" * 201, "本人\n到场", "本人\x00到场了"])
def test_every_decision_says_why(keeper, people, reason: str) -> None:
    for act in (
        lambda: commands.merge(keeper, kept_id=people[0], merged_id=people[1], reason=reason),
        lambda: commands.dismiss(keeper, first_id=people[0], second_id=people[1], remark=reason),
        lambda: commands.part(keeper, merge_id=uuid7(), reason=reason),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert codes(caught) == {"residents.no_reason"}


# --- who may


def test_only_who_keeps_the_index_of_both_may_and_learns_nothing_of_others(site, keeper, people) -> None:
    a, b = people[1:3]
    merge_id = commands.merge(keeper, kept_id=a, merged_id=b, reason=WHY)
    report(a, people[3])
    elsewhere = Actor(account_id=uuid7(), name="外市", role=Role.INDEX_KEEPER.value, division_code="3401")
    for act, same in (
        (lambda who, key: commands.merge(who, kept_id=people[3], merged_id=key, reason=WHY), uuid7()),
        (lambda who, key: commands.dismiss(who, first_id=people[3], second_id=key, remark=WHY), uuid7()),
        (lambda who, key: queries.effect(who, people[3], key), uuid7()),
    ):
        said = set()
        for key in (a, same):
            with pytest.raises(Refused) as caught:
                act(elsewhere, key)
            said.add((caught.value.refusals[0].code, caught.value.refusals[0].status))
        assert said == {("residents.no_such_pair", 404)}
    for key in (merge_id, uuid7()):
        with pytest.raises(Refused) as caught:
            commands.part(elsewhere, merge_id=key, reason=WHY)
        assert codes(caught) == {"residents.no_such_merge"}
    assert queries.open_pairs(elsewhere) == [] and queries.merges(elsewhere) == []
    assert queries.metrics(elsewhere) == queries.Metrics(0, ())

    for role in (Role.REGISTRAR, Role.CLINICIAN, Role.OPERATOR, Role.COMMISSION, Role.AUDITOR):
        for ask in (
            lambda who: commands.merge(who, kept_id=a, merged_id=people[3], reason=WHY),
            lambda who: commands.part(who, merge_id=merge_id, reason=WHY),
            lambda who: commands.dismiss(who, first_id=a, second_id=people[3], remark=WHY),
            lambda who: queries.effect(who, a, people[3]),
            queries.open_pairs,
            queries.merges,
            queries.unclaimed,
            queries.metrics,
        ):
            with pytest.raises(Refused):
                ask(site.actor(role))
    assert merges_in_force() == [(a, b)]


def test_a_person_with_an_entry_elsewhere_is_for_the_keeper_of_both(keeper, people) -> None:
    """The entry that leads lies outside the county: its keeper can neither merge the person on nor part it."""
    a, b, c = people[1:4]
    with scoped(PLATFORM, area=EVERYWHERE):
        Resident.objects.filter(pk=b).update(division_code="340202")
    merge_id = commands.merge(keeper, kept_id=b, merged_id=a, reason=WHY)
    with scoped(PLATFORM, area=EVERYWHERE):
        assert Merge.objects.get().division_code == "3402"
    county = Actor(account_id=uuid7(), name="县", role=Role.INDEX_KEEPER.value, division_code="340223")
    with pytest.raises(Refused) as caught:
        commands.merge(county, kept_id=c, merged_id=a, reason=WHY)
    assert codes(caught) == {"residents.no_such_pair"}
    with pytest.raises(Refused) as caught:
        commands.part(county, merge_id=merge_id, reason=WHY)
    assert codes(caught) == {"residents.no_such_merge"}
    commands.part(keeper, merge_id=merge_id, reason=WHY)


# --- two desks at once


def test_what_was_changed_between_looking_and_writing_is_not_merged(keeper, people, monkeypatch) -> None:
    """A rival parts the entry from its master just before ours writes: the master is not merged in its stead."""
    a, b, c = people[1:4]
    merge_id = commands.merge(keeper, kept_id=b, merged_id=a, reason=WHY)
    looked_up = merging.pair_of

    def and_then_a_rival(*args: object) -> object:
        found = looked_up(*args)
        monkeypatch.setattr(merging, "pair_of", looked_up)
        commands.part(keeper, merge_id=merge_id, reason=WHY)
        return found

    monkeypatch.setattr(merging, "pair_of", and_then_a_rival)
    with pytest.raises(Refused) as caught:
        commands.merge(keeper, kept_id=c, merged_id=a, reason=WHY)
    assert codes(caught) == {"residents.changed_meanwhile"}
    assert [queries.person_of(each) for each in (a, b, c)] == [(a,), (b,), (c,)]


@pytest.fixture
def committed(emptied_afterwards: None, settings, tmp_path) -> Iterator[Callable[[int], list[UUID]]]:
    """Entries that other connections see, gone after the test."""
    settings.HOME = tmp_path

    def make(count: int) -> list[UUID]:
        with scoped(PLATFORM, area=EVERYWHERE):
            return [
                Resident.objects.create(
                    name=name, sex="0", division_code="340223", identity_kind="none", institution_id=uuid7(),
                    known_at=[],
                ).id
                for name in PEOPLE[:count]
            ]  # fmt: skip

    yield make
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE residents_resident, residents_merge, residents_duplicate CASCADE")


@pytest.mark.parametrize("shape", ["crosswise", "circle", "same"])
def test_of_desks_that_merge_at_once_no_circle_comes(committed, shape: str) -> None:
    a, b, c = committed(3)
    asked = {
        "crosswise": [(a, b), (b, a)],
        "circle": [(a, b), (b, c), (c, a)],
        "same": [(a, b), (a, b)],
    }[shape]
    keeper = Actor(account_id=uuid7(), name="管理员", role=Role.INDEX_KEEPER.value, division_code="3402")
    start = Barrier(len(asked))

    def desk(pair: tuple[UUID, UUID]) -> str:
        try:
            start.wait(timeout=90)
            commands.merge(keeper, kept_id=pair[0], merged_id=pair[1], reason=WHY)
            return "merged"
        except Refused as refused:
            return refused.refusals[0].code.removeprefix("residents.")
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(asked)) as pool:
        said = list(pool.map(desk, asked))
    won = said.count("merged")
    assert set(said) <= {"merged", "changed_meanwhile", "one_already"}
    assert won == len(merges_in_force()) and 1 <= won < len(asked)
    leads = {queries.person_of(each)[0] for each in (a, b, c)}
    assert len(leads) == 3 - won, "every entry leads to somebody"
