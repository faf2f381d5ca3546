"""The clause ledger lists every clause of the six documents, each once, with state and tests."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tiercare.cli.main import app
from tiercare.engines.policy import clause_ledger, ledger, load_packs

# How many clauses each document was taken apart into; they are numbered from 1 without a gap.
COUNTS = {"NHC": 88, "CX": 45, "YN": 104, "XH": 138, "TY": 116, "WH": 65}


def test_the_ledger_has_exactly_the_clauses_of_the_documents() -> None:
    result = CliRunner().invoke(app, ["policy", "ledger", "--json"])
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    expected = {f"{document}-{n:02d}" for document, count in COUNTS.items() for n in range(1, count + 1)}
    assert sorted(row["id"] for row in rows) == sorted(expected)
    assert all(row["state"] == ("working" if row["tests"] else "planned") for row in rows)


def test_a_clause_works_only_while_a_test_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "recorded_tests", lambda: {"WH-07": ("tests/x.py::test_it",), "WH-08": ()})
    states = {row.clause.id: (row.state, row.tests) for row in clause_ledger(load_packs())}
    assert states["WH-07"] == ("working", ("tests/x.py::test_it",))
    assert states["WH-08"] == ("planned", ())
