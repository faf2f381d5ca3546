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
    here = _compared(*sides, "--processes", "1")
    there = _compared(*sides, "--spark-master", "local[2]")
    assert json.loads(there) == json.loads(here)
    assert json.loads(there)["a"]["region"] == "yunnan" and len(json.loads(there)["seeds"]) == int(SEEDS)


def _compared(*arguments: Path | str) -> str:
    command = [sys.executable, "-m", "tiercare.cli.main", "twin", "compare", *map(str, arguments)]
    lean = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    ran = subprocess.run(
        [*command, "--seeds", SEEDS, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | lean,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout
