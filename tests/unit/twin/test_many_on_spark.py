"""Spark plays the years that one machine plays. Where Spark or Java is missing this is skipped, and says so.

In a process of its own: a Spark session has sockets and a Java that live as long as their process.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip(
    "pyspark", reason="没有 Spark：运行 make test 会装上。Spark is not installed: make test brings it"
)
if shutil.which("java") is None:
    pytest.skip("没有 Spark 要用的 Java 17。There is no Java 17 for Spark.", allow_module_level=True)
PROVINCE = "pack: yunnan\nresidents: 2000\nyear: 2025\nchanges: {reserve_share: %s}\n"
SEEDS = "5"  # more than a round of two processors


def test_a_province_compared_on_spark_is_what_one_machine_finds(tmp_path: Path) -> None:
    sides = []
    for name, share in (("a", 0.0), ("b", 0.3)):
        sides.append(tmp_path / f"{name}.yaml")
        sides[-1].write_text(PROVINCE % share, "utf-8")
    here = _told(*sides, "--processes", "1")
    there = _told(*sides, "--spark-master", "local[2]")
    assert json.loads(there) == json.loads(here)
    assert json.loads(there)["a"]["region"] == "yunnan" and len(json.loads(there)["seeds"]) == int(SEEDS)


@pytest.mark.parametrize(("master", "java"), [("nonsense", True), ("local[2]", False)])
def test_a_spark_that_does_not_start_says_the_way_on(tmp_path: Path, master: str, java: bool) -> None:
    side = tmp_path / "a.yaml"
    side.write_text(PROVINCE % 0.1, "utf-8")
    elsewhere = {} if java else {"JAVA_HOME": str(tmp_path)}
    ran = _compared(side, side, "--spark-master", master, **elsewhere)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"“{master}”" in ran.stderr and "local[2]" in ran.stderr and "Java 17" in ran.stderr
    assert "Traceback" not in ran.stderr


def _told(*arguments: Path | str) -> str:
    ran = _compared(*arguments)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


def _compared(*arguments: Path | str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tiercare.cli.main", "twin", "compare", *map(str, arguments)]
    lean = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    return subprocess.run(
        [*command, "--seeds", SEEDS, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | lean | environment,
    )
