"""What the repository promises as a whole: its checks find what they are for, its documents say what is there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tree_check(folder: Path) -> tuple[int, str]:
    """Exit code and output of the check of the tree that `make check` runs."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "tree.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("long.py", "x = 1\n" * 401, "401 lines"),
        ("requirements.lock", "django==5.2 @ https://example.org/django.whl\n", "download address"),
        ("package-lock.json", '{"resolved": "x"}\n', "download address"),
        ("notes.md", "see registry.npmjs" + ".org\n", "host of a package registry"),
        ("quiet.py", "import os  # no" + "qa\n", "silences a checker"),
        ("later.py", "# TO" + "DO: all of it\n", "puts work off"),
        ("place.md", "it lies in {here}/data\n", "path of this machine"),
    ],
)
def test_the_tree_check_finds(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    (tmp_path / name).write_text(content.replace("{here}", str(tmp_path)), encoding="utf-8")
    code, said = tree_check(tmp_path)
    assert code == 1 and name in said and complaint in said


def test_the_tree_check_passes_an_orderly_tree_and_skips_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text("x = 1\n" * 400)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "theirs.py").write_text("x = 1\n" * 1000)
    assert tree_check(tmp_path) == (0, "\n")


def test_locks_carry_hashes_for_every_package() -> None:
    for lock in (ROOT / "requirements.lock", *(ROOT / "tools").glob("*-requirements.lock")):
        entries = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text())
        pinned = [entry for entry in entries if not entry.startswith("#")]
        assert pinned and all("==" in entry and "--hash=sha256:" in entry for entry in pinned), lock.name
    for lock in (ROOT / "package-lock.json", ROOT / "tools" / "chromium" / "package-lock.json"):
        packages = {name: entry for name, entry in json.loads(lock.read_text())["packages"].items() if name}
        assert packages and all(
            "integrity" in entry and "resolved" not in entry for entry in packages.values()
        )


def test_every_target_of_the_makefile_is_listed_with_a_line() -> None:
    makefile = (ROOT / "Makefile").read_text()
    declared = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    listed = set(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE))
    assert declared == listed
    assert {"setup", "run", "stop", "test", "check", "bench", "soak", "screenshots"} <= listed


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_a_readme_has_both_commands_and_its_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "\nmake run" in text and "\nmake test" in text
    local = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert local and [link for link in local if not (ROOT / link.partition("#")[0]).exists()] == []


def test_ci_runs_the_checks_and_then_the_readmes_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert script.startswith("#!/usr/bin/env bash\n") and "set -euo pipefail" in script
    assert script.index("\nmake check") < script.index("\nmake test")
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0


def test_a_python_that_is_too_old_is_named_before_anything_is_done(tmp_path: Path) -> None:
    for program in ("dirname", "sh"):
        (tmp_path / program).symlink_to(shutil.which(program) or "/bin/sh")
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # as 3.10 answers the question whether it is at least 3.11
    old.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / "setup.sh")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "3.11" in done.stderr and "apt-get install python3" in done.stderr


def test_every_term_of_the_glossary_has_a_name_a_meaning_and_stands_once() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| Chinese")
    ]
    assert len(rows) > 60
    assert all(len(row) == 5 and row[0] and row[1].startswith("`") and row[3] for row in rows)
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row[1])]
    assert len(names) == len(set(names))


def test_decision_records_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
