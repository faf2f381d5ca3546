"""The hazard log: what `make check` asks of it holds for ours, and each thing it asks is really asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT / "docs" / "safety" / "hazards.yaml"


def checked(log: Path) -> tuple[int, str]:
    """Exit code and output of the check that `make check` runs."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "hazards.py"), str(log)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_log_is_in_order() -> None:
    assert checked(LOG) == (0, "\n")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"tests": []}, "name at least one test"),
        ({"tests": ["tests/meta/test_hazards.py::test_that_is_not_there"]}, "no such test"),
        ({"tests": ["tests/meta/no_such_file.py::test_x"]}, "no such test"),
        ({"residual": {"severity": 5, "likelihood": 5}}, "residual above initial"),
        (
            {"residual": {"severity": 4, "likelihood": 4}, "initial": {"severity": 5, "likelihood": 5}},
            "needs more control",
        ),
        ({"residual": {"severity": 0, "likelihood": 2}}, "whole numbers from 1 to 5"),
        ({"owner": ""}, "fill in owner"),
        ({"harm": {"zh": "只有中文"}}, "harm needs zh and en"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, changes: dict[str, object], complaint: str) -> None:
    log = yaml.safe_load(LOG.read_text(encoding="utf-8"))
    above_low = next(
        h for h in log["hazards"] if h["initial"]["severity"] >= 4 and h["initial"]["likelihood"] >= 3
    )
    above_low.update(changes)
    planted = tmp_path / "hazards.yaml"
    planted.write_text(yaml.safe_dump(log, allow_unicode=True), encoding="utf-8")
    code, said = checked(planted)
    assert code == 1
    assert f"{above_low['id']}: " in said and complaint in said and "line " in said


def test_an_id_may_stand_once(tmp_path: Path) -> None:
    log = yaml.safe_load(LOG.read_text(encoding="utf-8"))
    log["hazards"].append(dict(log["hazards"][0]))
    planted = tmp_path / "hazards.yaml"
    planted.write_text(yaml.safe_dump(log, allow_unicode=True), encoding="utf-8")
    assert "this id stands twice" in checked(planted)[1]
