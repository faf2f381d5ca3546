"""Writes the clause ledger from the test run: which tests, marked with a clause, passed.

``make test`` runs with ``--write-ledger``; the file is packaged data and diffed in CI. A test that was
skipped (no browser on this machine) keeps the place it had.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict

import pytest

from tiercare.engines.policy import load_packs
from tiercare.engines.policy.ledger import ledger_file, recorded_tests


class ClauseLedger:
    """Collects outcomes of marked tests."""

    def __init__(self, write: bool) -> None:
        self.write = write
        self.marked: dict[str, set[str]] = {}
        self.failed: set[str] = set()
        self.passed: set[str] = set()
        self.skipped: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note which clauses each test shows; a mark that names no clause is a mistake."""
        known = load_packs().clause
        for item in items:
            for mark in item.iter_markers("clause"):
                for clause in mark.args:
                    if clause not in known:
                        raise pytest.UsageError(f"{item.nodeid}: there is no clause {clause}")
                    item.user_properties.append(("clause", clause))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Sort tests by outcome; one failing example fails its test."""
        name = _plain(report.nodeid)
        for kind, clause in report.user_properties:
            if kind == "clause":  # carried by the report: with several workers only they see the tests
                self.marked.setdefault(name, set()).add(clause)
        if report.failed:
            self.failed.add(name)
        elif report.skipped:
            self.skipped.add(name)
        elif report.when == "call":
            self.passed.add(name)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the ledger after a whole, green run."""
        if not self.write or exitstatus != 0 or "PYTEST_XDIST_WORKER" in os.environ:
            return
        before = recorded_tests()
        shown: dict[str, set[str]] = defaultdict(set)
        for name, clauses in self.marked.items():
            for clause in clauses:
                kept = name in self.skipped and name in before.get(clause, ())
                if kept or (name in self.passed and name not in self.failed):
                    shown[clause].add(name)
        text = json.dumps({c: sorted(t) for c, t in sorted(shown.items())}, ensure_ascii=False, indent=1)
        ledger_file().write_text(text + "\n", encoding="utf-8")


def _plain(node: str) -> str:
    """A test without its parameters."""
    return node.partition("[")[0]
