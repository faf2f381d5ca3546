"""Brings PySpark where there is a Java for it, so that `make test` holds the measures on Spark against DuckDB.

Not in requirements.lock: its 430 MB would come with every `make run`, and nothing there needs them.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys

import setup

LOCK = setup.ROOT / "tools" / "spark-requirements.lock"
OLDEST = 17  # what Spark 4 runs on


def java() -> int:
    """The first number of this machine's Java; 0 without one."""
    found = shutil.which("java")
    if found is None:
        return 0
    try:
        said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(r'version "(\d+)', said.stderr + said.stdout)
    return int(number[1]) if number else 0


def ensure() -> bool:
    """Whether the tests on Spark can run; it says so where they cannot, and what they then leave unseen."""
    there = java()
    if there < OLDEST:
        found = f"Java {there}" if there else "no Java"
        print(
            f"跳过 Spark 上的测试：需要 Java {OLDEST} 以上，这里{f'是 {there}' if there else '没有'}。"
            f"Skipped: the tests on Spark need Java {OLDEST} or later, and here is {found}."
        )
        return False
    if importlib.util.find_spec("pyspark") is not None:
        return True
    try:
        with setup.step(
            "安装 PySpark（430 MB，只用于测试）", "PySpark (430 MB, for tests only; a minute or two)"
        ):
            setup.run(
                [sys.executable, *setup.PIP_INSTALL, "--require-hashes", "-r", LOCK],
                "请检查网络；Spark 上的测试这次跳过。 Check the package index; the tests on Spark are skipped this time.",
            )
    except setup.Missing as missing:
        print(missing, file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(0 if ensure() else 1)
