"""A register made ready inside DuckDB: what is compared, how common it is, what is blocked on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa

from .features import ADDRESS_NOISE, FULL_WIDTH, PLAIN, STEPS, name_forms

Table: TypeAlias = str | Path | pa.Table | duckdb.DuckDBPyRelation

COLUMNS = ("id", "name", "sex", "birth_date", "phone_hash", "address_code", "address_text")
FORMS = ("folded", "ordered", "sound", "alike")  # of a name; each has its commonness
# The columns that frequencies are looked up by; ``<form>_term`` is a form of a name within its cohort: names go
# by generation and sex, and 梓涵 born in 2012 is no rarity.
TERMS = (*(f"{form}_term" for form in FORMS), "birth", "phone")
# Ours. A phone on more records than a big household has is the clinic's own or an invented one: it says nothing.
PHONE_SHARERS = 12
# Ours. So many records of a cohort (or, of birth dates and phones, of all) have to be there before the register's
# own counts weigh as much as the published shares: a village says nothing of how common 王伟 is, a prefecture does.
PUBLISHED_WEIGHT = 10_000
# Ours: a life of some 80 years has 29,000 birthdays; a phone number belongs to one in a million.
_OTHER_SHARES = {"birth": 1 / 29_000, "phone": 1e-6}

# What two records must share to be compared at all, each in its own way of surviving an error. Every true pair
# that can be told from chance agrees on one of them.
BLOCKS = {
    "sounds_and_year": "alike || substr(birth, 1, 4)",
    "sounds_and_day": "alike || substr(birth, 5)",
    "sounds_and_village": "alike || village",
    "family_and_birth": "family || birth",
    "given_and_birth": "given || birth",
    "phone": "phone",
}
# Ours. A key on more records than this (某某, 1900-01-01) proposes too much to be of use and would take hours.
BLOCK_SIZE = 1_000


@contextmanager
def database(*, threads: int, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private DuckDB in memory. What does not fit spills into a folder of this user's only, removed at the end.

    Nothing is fetched: extensions are neither installed nor loaded by themselves.
    """
    with tempfile.TemporaryDirectory(prefix="linkage-") as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": threads,
                "memory_limit": memory,
                "temp_directory": folder,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            yield connection
        finally:
            connection.close()


def lay_down(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Make the tables ``people`` (record, id), ``records`` (what is compared) and ``term_<column>`` for ``TERMS``.

    Returns how many records there are. ValueError if a column of ``COLUMNS`` is missing, or an id is missing or
    there twice.
    """
    _read(connection, table)
    _names(connection)
    source = connection.table("source")
    source.project("record, id").create("people")
    source.join(connection.table("names"), "name", how="left").project(_PREPARED).create("prepared")
    blocks = ", ".join(_block(name, key) for name, key in BLOCKS.items())
    terms = ", ".join(
        f"CASE WHEN {form} IS NOT NULL THEN hash({form}, cohort) END AS {form}_term" for form in FORMS
    )
    connection.table("prepared").project(f"*, {terms}, {blocks}").create("records")
    count = connection.table("records").shape[0]
    for form in FORMS:
        _name_term(connection, form)
    for term in _OTHER_SHARES:
        _term(connection, term, count)
    connection.execute("DROP TABLE source; DROP TABLE names; DROP TABLE prepared")
    return count


def _read(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """The table ``source``: ``COLUMNS`` as text, and ``record``, the number of the row, from 0."""
    if isinstance(table, (str, Path)):
        csv = str(table).endswith(".csv")
        given = (
            connection.read_csv(str(table), all_varchar=True) if csv else connection.read_parquet(str(table))
        )
    else:
        given = connection.from_arrow(table if isinstance(table, pa.Table) else table.to_arrow_table())
    if missing := [column for column in COLUMNS if column not in given.columns]:
        raise ValueError(f"the register lacks the columns {', '.join(missing)}")
    columns = ", ".join(f"nullif(trim(CAST({column} AS VARCHAR)), '') AS {column}" for column in COLUMNS)
    given.project(f"row_number() OVER () - 1 AS record, {columns}").create("source")
    rows = connection.execute("SELECT count(*), count(DISTINCT id) FROM source").fetchall()
    if rows[0][0] != rows[0][1]:
        raise ValueError("every record needs an id of its own")


def _names(connection: duckdb.DuckDBPyConnection) -> None:
    """The table ``names``: every different name once, its forms and their published shares."""
    found = connection.execute(
        "SELECT DISTINCT name FROM source WHERE name IS NOT NULL ORDER BY name"
    ).fetchall()
    columns: dict[str, list[object]] = {key: [] for key in _NAME_COLUMNS.names}
    for (name,) in found:
        if forms := name_forms(name):
            columns["name"].append(name)
            for key in _NAME_COLUMNS.names[1:]:
                columns[key].append(getattr(forms, key) or None)
    connection.from_arrow(pa.table(columns, schema=_NAME_COLUMNS)).create("names")


def _block(name: str, key: str) -> str:
    """The column of a block: a hash of its key, null where the key is unknown or too common."""
    few = f"count({key}) OVER (PARTITION BY {key}) <= {BLOCK_SIZE}"
    return f"CASE WHEN ({key}) IS NOT NULL AND {few} THEN hash({key}) END AS {name}"


def _name_term(connection: duckdb.DuckDBPyConnection, form: str) -> None:
    """The table ``term_<form>_term``: how common a form is in its cohort, the count leaning on what is published."""
    published = connection.table("names").aggregate(f"{form}, max({form}_share) AS share", form)
    borne = connection.table("records").filter(f"{form} IS NOT NULL")
    counts = borne.aggregate(f"{form}, {form}_term, cohort, count(*) AS seen", f"{form}, {form}_term, cohort")
    sizes = borne.aggregate("cohort, count(*) AS size", "cohort")
    share = f"CAST(seen + {PUBLISHED_WEIGHT} * share AS DOUBLE) / (size + {PUBLISHED_WEIGHT})"
    joined = counts.join(published, form).join(sizes, "cohort")
    joined.project(f"{form}_term, {share} AS tf_{form}_term").create(f"term_{form}_term")


def _term(connection: duckdb.DuckDBPyConnection, term: str, count: int) -> None:
    """The table ``term_<term>``: how common each value is, the count leaning on what a value's share usually is."""
    values = connection.table("records").filter(f"{term} IS NOT NULL")
    share = (
        f"CAST(count(*) + {PUBLISHED_WEIGHT * _OTHER_SHARES[term]} AS DOUBLE) / {count + PUBLISHED_WEIGHT}"
    )
    values.aggregate(f"{term}, {share} AS tf_{term}", term).create(f"term_{term}")


_NAME_COLUMNS = pa.schema(
    [
        ("name", pa.string()),
        ("readings", pa.list_(pa.string())),
        *((text, pa.string()) for text in (*FORMS, "surname", "family", "given")),
        *((f"{form}_share", pa.float64()) for form in FORMS),
    ]
)


def _home() -> str:
    written, plain = (signs.replace("'", "''") for signs in (FULL_WIDTH, PLAIN))
    return f"nullif(regexp_replace(translate(address_text, '{written}', '{plain}'), '{ADDRESS_NOISE}', '', 'g'), '')"


def _step(digits: int) -> str:
    own = f"substr(address_code, {STEPS[digits] + 1}, {digits - STEPS[digits]})"
    return (
        f"CASE WHEN length(address_code) = 12 AND replace({own}, '0', '') <> '' "
        f"THEN substr(address_code, 1, {digits}) END"
    )


_PREPARED = f"""
    record, folded, ordered, sound, readings, alike, surname, family, given,
    CASE WHEN sex IN ('1', '2') THEN sex END AS sex,
    TRY_CAST(birth_date AS DATE) AS born,
    strftime(TRY_CAST(birth_date AS DATE), '%Y%m%d') AS birth,
    CASE WHEN count(phone_hash) OVER (PARTITION BY phone_hash) <= {PHONE_SHARERS} THEN phone_hash END AS phone,
    {_home()} AS home,
    coalesce(substr(CAST(TRY_CAST(birth_date AS DATE) AS VARCHAR), 1, 3), '') || coalesce(sex, '') AS cohort,
    {_step(6)} AS county, {_step(9)} AS township, {_step(12)} AS village
"""
