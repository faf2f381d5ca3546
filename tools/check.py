"""`make check`: everything that can be said about the tree without running the platform. No database is needed.

Every step runs, also after one has failed, so that one call shows all there is to mend.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """One check: what it shows, the command, and how to mend what it finds."""

    name: str
    command: tuple[str, ...]
    remedy: str


def tool(name: str) -> str:
    """A program of the virtual environment."""
    return str(BIN / name)


def script(name: str, *arguments: str) -> tuple[str, ...]:
    """A script of this folder."""
    return (sys.executable, str(ROOT / "tools" / name), *arguments)


STEPS = (
    Step("lint (ruff)", (tool("ruff"), "check", "."), "make fix mends most of it"),
    Step("format (ruff)", (tool("ruff"), "format", "--check", "."), "make fix"),
    Step("types (mypy)", (tool("mypy"),), "see the lines named above"),
    Step(
        "layers (import-linter)",
        (tool("lint-imports"), "--no-cache"),
        "ARCHITECTURE.md says which way imports go",
    ),
    Step(
        "migrations",
        script("migrations.py"),
        ".venv/bin/django-admin makemigrations APP --name what_it_does, then read it",
    ),
    Step("generated documents", script("generated.py"), "make generated, then commit docs/generated"),
    Step("hazard log", script("hazards.py"), "docs/safety/hazards.yaml"),
    Step("tree", script("tree.py"), "see the lines named above"),
    Step("translations", script("messages.py"), "src/tiercare/web/locale/en/LC_MESSAGES/django.po"),
)


def main() -> int:
    """Run every step; 1 if any of them failed."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tiercare.config.settings"}
    failed = []
    for step in STEPS:
        begun = time.monotonic()
        done = subprocess.run(
            step.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        print(
            f"{'ok    ' if done.returncode == 0 else 'FAILED'} {step.name} ({time.monotonic() - begun:.1f} s)",
            flush=True,
        )
        if done.returncode:
            failed.append(step.name)
            print(f"{done.stdout}{done.stderr}".rstrip())
            print(f"  → {step.remedy}")
    if failed:
        print(f"\n未通过 make check failed: {', '.join(failed)}")
        return 1
    print("全部通过 make check: all is well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
