"""Learning the parameters from a register, without labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb
from splink import Linker, block_on

from .levels import COMPARISONS
from .model import Chances, Parameters
from .register import Table, database, lay_down
from .splinked import linker, settings

_SEED = 20190701
_SAMPLED_PAIRS = 2e7  # of pairs of two persons: enough to see a birthday shared by chance some 700 times
_EM_PAIRS = 2e6
# Pairs that are nearly all one person; about this share of all such pairs is among them, as the labelled
# register of bench/corruption.py has it.
_SURE = (block_on("folded", "birth", "phone"), block_on("folded", "birth", "home", "county"))
_SURE_RECALL = 0.45
# Each pass leaves out what it blocks on; together they see every field.
_PASSES = (block_on("birth", "given"), block_on("folded", "phone"), block_on("birth", "phone"))
_COHORT_SAMPLE = 30_000  # records; some 20 million pairs of one cohort
_LEAST = 1e-6  # no level is impossible: a chance of nothing would outweigh everything else


def train(table: Table, *, threads: int = 2, memory: str = "4GB") -> Parameters:
    """The parameters of a register of 100,000 records or more, by random sampling (u) and EM (m).

    Rounded to five digits, so that the order in which threads add up hardly shows. ValueError as of
    ``register.lay_down``; Splink's own errors where a register is too small or too clean to learn from.
    """
    with database(threads=threads, memory=memory) as connection:
        count = lay_down(connection, table)
        model = linker(connection, settings(None, count))
        training = model.training
        training.estimate_probability_two_random_records_match(list(_SURE), recall=_SURE_RECALL)
        training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=_SEED)
        for rule in _PASSES:
            training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=_EM_PAIRS)
        return _parameters(model, _names_by_chance(connection), count)


def save(parameters: Parameters, path: Path, *, about: str) -> None:
    """Write the parameters as ``parameters.json`` is written; about: what they were learnt from."""
    levels = {key: {"m": chances.m, "u": chances.u} for key, chances in parameters.levels.items()}
    text = {"about": about, "matches_per_record": parameters.matches_per_record, "levels": levels}
    path.write_text(json.dumps(text, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _names_by_chance(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """How often two persons of one sex and decade bear names of a level.

    Who is compared mostly is of one cohort, where names are far more alike than among all; what Splink samples
    from all pairs is too small by several times.
    """
    every = max(connection.table("records").shape[0] // _COHORT_SAMPLE, 1)
    sample = connection.table("records").filter(f"length(cohort) = 4 AND hash(record) % {every} = 0")
    columns = ("record", "folded", "ordered", "sound", "readings", "alike", "surname", "given")
    left, right = (
        sample.project(
            "cohort, " + ", ".join(f"{column} AS {column}_{side}" for column in columns)
        ).set_alias(side)
        for side in "lr"
    )
    names = next(comparison for comparison in COMPARISONS if comparison.field == "name")
    cases = " ".join(f"WHEN {level.sql} THEN '{level.key}'" for level in names.levels if level.sql != "else")
    level = f"CASE {cases} ELSE '{names.levels[-1].key}' END AS level"
    pairs = left.join(right, "cohort").filter("record_l < record_r").project(level)
    found = dict(pairs.aggregate("level, count(*)", "level").fetchall())
    return {level.key: found.get(level.key, 0) / sum(found.values()) for level in names.levels}


def _parameters(model: Linker, names: Mapping[str, float], count: int) -> Parameters:
    learnt = model.misc.save_model_to_json()
    by_field = {comparison["output_column_name"]: comparison for comparison in learnt["comparisons"]}
    levels: dict[str, Chances] = {}
    for comparison in COMPARISONS:
        # The first level is the one for what is unknown.
        found = [_chances(level) for level in by_field[comparison.field]["comparison_levels"][1:]]
        found = descending(found) if comparison.graded else found
        levels |= {level.key: chances for level, chances in zip(comparison.levels, found, strict=True)}
    for key, by_chance in names.items():
        levels[key] = Chances(levels[key].m, max(by_chance, _LEAST))
    share = learnt["probability_two_random_records_match"] * (count - 1) / 2
    return Parameters({key: _rounded(chances) for key, chances in levels.items()}, round(share, 3))


def _chances(level: Mapping[str, object]) -> Chances:
    """What Splink learnt of a level; where it met none there is no number."""
    m, u = (level.get(f"{letter}_probability") for letter in "mu")
    return Chances(*(max(value, _LEAST) if isinstance(value, float) else _LEAST for value in (m, u)))


def descending(levels: list[Chances]) -> list[Chances]:
    """The same levels, neighbours thrown together where the weaker agreement would weigh more than the stronger.

    Pool adjacent violators: M. Ayer and others, Annals of Mathematical Statistics 26 (1955).
    """
    pools: list[tuple[float, float, int]] = []
    for level in levels:
        m, u, size = level.m, level.u, 1
        while pools and pools[-1][0] * u < m * pools[-1][1]:
            above_m, above_u, above_size = pools.pop()
            m, u, size = m + above_m, u + above_u, size + above_size
        pools.append((m, u, size))
    return [Chances(m / size, u / size) for m, u, size in pools for _ in range(size)]


def _rounded(chances: Chances) -> Chances:
    return Chances(float(f"{chances.m:.5g}"), float(f"{chances.u:.5g}"))
