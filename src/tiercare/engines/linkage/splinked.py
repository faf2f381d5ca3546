"""Splink's view of the levels: settings out of ``levels`` and the parameters, a linker over a register."""

from __future__ import annotations

from typing import Any

import duckdb
from splink import Linker, SettingsCreator, block_on, comparison_library
from splink import comparison_level_library as kinds
from splink.backends.duckdb import DuckDBAPI

from .levels import COMPARISONS, Comparison, Level
from .model import Chances, Parameters
from .register import BLOCKS, TERMS


def linker(connection: duckdb.DuckDBPyConnection, settings: SettingsCreator) -> Linker:
    """A linker over the tables that ``register.lay_down`` has made; it says nothing but what goes wrong."""
    api = DuckDBAPI(connection)
    found = Linker(api.register(connection.table("records")), settings, log_level="ERROR")
    for term in TERMS:
        found.table_management.register_term_frequency_lookup(
            api.register(connection.table(f"term_{term}")), term
        )
    return found


def settings(parameters: Parameters | None, count: int) -> SettingsCreator:
    """Settings for a register of ``count`` records; without parameters Splink starts from its own guesses."""
    chance = 2 * parameters.matches_per_record / max(count - 1, 1) if parameters else 1e-4
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
        comparisons=[_comparison(comparison, parameters) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(block) for block in BLOCKS],
        probability_two_random_records_match=min(chance, 0.5),
    )


def gamma(comparison: Comparison, level: Level) -> int:
    """The number that Splink gives a level: the last is 0, the first the highest; -1 is unknown."""
    return len(comparison.levels) - 1 - comparison.levels.index(level)


def _comparison(comparison: Comparison, parameters: Parameters | None) -> comparison_library.CustomComparison:
    levels: list[Any] = [kinds.NullLevel(comparison.column)]
    for level in comparison.levels:
        made = kinds.ElseLevel() if level.sql == "else" else kinds.CustomLevel(level.sql, level.key)
        if level.common:
            made.configure(tf_adjustment_column=level.common, disable_tf_exact_match_detection=True)
        if parameters:
            chances: Chances = parameters.levels[level.key]
            made.configure(m_probability=chances.m, u_probability=chances.u)
        levels.append(made)
    return comparison_library.CustomComparison(levels, output_column_name=comparison.field)
