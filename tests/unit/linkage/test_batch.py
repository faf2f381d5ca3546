"""The hunt for duplicates by real Splink on real DuckDB."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from tiercare.engines.linkage import Pair, Person, propose, score
from tiercare.engines.linkage.levels import COMPARISONS, relatives
from tiercare.engines.linkage.model import parameters_from
from tiercare.engines.linkage.register import BLOCK_SIZE, PHONE_SHARERS
from tiercare.engines.linkage.training import save, train


class Register(Protocol):
    """What bench/corruption.py makes."""

    records: Sequence[Person]

    def true_pairs(self) -> set[tuple[str, str]]: ...
    def table(self) -> pa.Table: ...


PRECISION, RECALL = 0.99, 0.95  # what the engine promises


@pytest.fixture(scope="module")
def register(labelled: Callable[[int, int], Register]) -> Register:
    return labelled(2_000, 11)


@pytest.fixture(scope="module")
def pairs(register) -> list[Pair]:
    return propose(register.table())


def table(*persons: Person) -> pa.Table:
    rows = [
        {
            "id": person.id,
            "name": person.name,
            "sex": person.sex,
            "birth_date": person.birth_date,
            "phone_hash": person.phone_hash,
            "address_code": person.address_code,
            "address_text": person.address_text,
        }
        for person in persons
    ]
    return pa.Table.from_pylist(rows)


def test_nearly_all_duplicates_are_found_and_nearly_nothing_else(
    register: Register, pairs: list[Pair]
) -> None:
    truth = register.true_pairs()
    proposed = {(pair.id_a, pair.id_b) for pair in pairs}
    assert len(truth) > 150
    assert len(proposed & truth) >= PRECISION * len(proposed)
    assert len(proposed & truth) >= RECALL * len(truth)


def test_pairs_come_surest_first_with_their_reasons(register: Register, pairs: list[Pair]) -> None:
    keys = {level.key for comparison in COMPARISONS for level in comparison.levels}
    assert [pair.weight for pair in pairs] == sorted((pair.weight for pair in pairs), reverse=True)
    assert all(0 < pair.probability <= 1 and set(pair.reasons) <= keys for pair in pairs)
    assert not any(relatives(pair.reasons) for pair in pairs)
    records = {record.id: record for record in register.records}
    for pair in pairs[:100]:
        assert score(records[pair.id_a], records[pair.id_b]).reasons == pair.reasons


def test_every_way_to_hand_a_register_over_gives_the_same_pairs(
    register: Register, pairs: list[Pair], tmp_path: Path
) -> None:
    arrow = register.table()
    parquet.write_table(arrow, tmp_path / "register.parquet")
    csv.write_csv(arrow, tmp_path / "register.csv")
    connection = duckdb.connect()
    try:
        assert propose(connection.from_arrow(arrow)) == pairs
    finally:
        connection.close()
    assert propose(tmp_path / "register.parquet", threads=1) == pairs
    assert propose(str(tmp_path / "register.csv")) == pairs


def test_a_higher_bar_lets_fewer_pairs_through(register: Register, pairs: list[Pair]) -> None:
    sure = propose(register.table(), at_least=0.999)
    assert 0 < len(sure) < len(pairs)
    assert {(pair.id_a, pair.id_b) for pair in sure} < {(pair.id_a, pair.id_b) for pair in pairs}


def test_twins_are_not_proposed_but_the_same_twin_twice_is() -> None:
    born = date(2015, 4, 2)
    home = {
        "sex": "1",
        "birth_date": born,
        "phone_hash": "9f",
        "address_code": "340207101203",
        "address_text": "1号",
    }
    found = propose(
        table(
            Person("a", "王子涵", **home),
            Person("b", "王子轩", **home),
            Person("c", "王梓涵", **home),
            Person("d", "王浩", **home),
        )
    )
    assert [(pair.id_a, pair.id_b) for pair in found] == [("a", "c")]
    assert "name.sound" in found[0].reasons


def test_a_phone_on_very_many_records_says_nothing() -> None:
    crowd = [
        Person(
            f"p{n}", f"陶{given}", "1", date(1950 + n, 1 + n, 2 + 2 * n), "clinic", "340207101203", f"{n}号"
        )
        for n, given in zip(range(PHONE_SHARERS), "安冰春德飞高海军凯林民宁", strict=True)
    ]
    again = Person("again", crowd[0].name, "1", None, "clinic", "530102001001", "远")
    assert propose(table(*crowd, again)) == []
    assert [pair.id_b for pair in propose(table(*crowd[: PHONE_SHARERS - 2], again))] == ["again"]


def test_a_name_and_date_on_a_crowd_do_not_explode() -> None:
    nobody = [Person(f"p{n}", "无名氏", "1", date(1900, 1, 1)) for n in range(BLOCK_SIZE + 1)]
    assert propose(table(*nobody)) == []


@pytest.mark.parametrize("persons", [(), (Person("a", "王伟"),)])
def test_nobody_and_one_person_have_no_duplicates(persons: tuple[Person, ...]) -> None:
    columns = table(Person("a", "王伟", "1", date(1980, 1, 2), "9f", "340207101203", "1号"))
    assert propose(table(*persons) if persons else columns.slice(0, 0)) == []


def test_odd_content_neither_fails_nor_matches() -> None:
    odd = ["", " ", "\x00", "😀", "·", "王" * 50, "'; DROP TABLE records; --", "1", None]
    rows = [
        {
            "id": f"p{n}",
            "name": name,
            "sex": "x",
            "birth_date": "1980-02-30",
            "phone_hash": "",
            "address_code": "34",
            "address_text": name,
        }
        for n, name in enumerate(odd)
    ]
    assert propose(pa.Table.from_pylist(rows)) == []


def test_a_register_without_its_columns_or_ids_is_refused() -> None:
    whole = table(Person("a", "王伟"), Person("b", "王伟"))
    with pytest.raises(ValueError, match="phone_hash"):
        propose(whole.drop_columns(["phone_hash"]))
    with pytest.raises(ValueError, match="id of its own"):
        propose(table(Person("a", "王伟"), Person("a", "李伟")))
    with pytest.raises(ValueError, match="id of its own"):
        propose(table(Person("", "王伟"), Person("b", "李伟")))


def test_parameters_can_be_learnt_anew_and_used(
    labelled: Callable[[int, int], Register], register: Register, tmp_path: Path
) -> None:
    learnt = train(labelled(1_600, 5).table())
    assert set(learnt.levels) == {level.key for comparison in COMPARISONS for level in comparison.levels}
    save(learnt, tmp_path / "own.json", about="a test")
    own = parameters_from(json.loads((tmp_path / "own.json").read_text(encoding="utf-8")))
    assert own == learnt
    truth = register.true_pairs()
    found = {(pair.id_a, pair.id_b) for pair in propose(register.table(), parameters=own)}
    assert len(found & truth) > 0.9 * len(truth)
    assert len(found & truth) > 0.9 * len(found)
