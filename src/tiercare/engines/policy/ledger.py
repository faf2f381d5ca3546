"""The clause ledger: which clauses the software makes happen, and the tests that show it.

``policies/ledger.json`` is written by the test run (``tests/plugin_ledger.py``), never by hand: clause id →
the tests that bear ``@pytest.mark.clause(id)`` and passed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .load import own_folder
from .model import Clause, PackSet

WORKING, PLANNED = "working", "planned"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A clause with its state (``working`` or ``planned``) and the tests that show it."""

    clause: Clause
    state: str
    tests: tuple[str, ...]


def ledger_file() -> Path:
    """Where the test run leaves its record."""
    return own_folder() / "ledger.json"


def recorded_tests() -> Mapping[str, tuple[str, ...]]:
    """Clause id → tests, as the last whole test run left it; empty before the first."""
    path = ledger_file()
    if not path.is_file():
        return {}
    return {clause: tuple(tests) for clause, tests in json.loads(path.read_text(encoding="utf-8")).items()}


def clause_ledger(packs: PackSet) -> list[LedgerRow]:
    """Every clause of every pack, in the order of the documents."""
    tests = recorded_tests()
    return [
        LedgerRow(clause, WORKING if tests.get(clause.id) else PLANNED, tests.get(clause.id, ()))
        for pack in packs
        for clause in pack.clauses
    ]
