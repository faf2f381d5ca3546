"""The list of attacks and the ASVS table name tests that exist, or say why there is none."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import security


def test_every_row_passes_by_a_test_or_says_why_not() -> None:
    assert security.problems() == []
