"""What was tested against attack: docs/generated/security.md from docs/security, and whether the named tests exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "security"
STATES = ("pass", "not yet", "n/a")


def read(name: str) -> list[dict[str, Any]]:
    """The rows of one of the two lists."""
    rows: list[dict[str, Any]] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return rows


def problems() -> list[str]:
    """Tests that do not exist, rows that claim without a test or wait without a reason."""
    found = []
    for row in (*read("attacks.yaml"), *read("asvs.yaml")):
        state = row.get("state", "pass")
        if (
            state not in STATES
            or (state == "pass") != bool(row.get("tests"))
            or (state == "pass") == ("why" in row)
        ):
            found.append(f"{row['id']}: a row passes by its tests, or says why not")
        found += [f"{row['id']}: no such test: {test}" for test in row.get("tests", ()) if not _exists(test)]
    return found


def render_security() -> str:
    """Both lists as Markdown."""
    lines = [
        "# 安全测试 · What is tested against attack",
        "",
        "由 `docs/security/` 生成，请勿手改。 Generated; do not edit. `make test` runs all of it.",
        "",
        "## 攻击清单 Attacks",
        "",
        "| | 攻击 attack | 测试 tests |",
        "|---|---|---|",
    ]
    for row in read("attacks.yaml"):
        lines.append(f"| {row['id']} | {row['attack']['zh']}<br>{row['attack']['en']} | {_tests(row)} |")
    asvs = read("asvs.yaml")
    counts = ", ".join(f"{state} {sum(row['state'] == state for row in asvs)}" for state in STATES)
    lines += [
        "",
        "## OWASP ASVS 5.0, L1 + L2",
        "",
        f"Begun with the chapters that people and records touch; requirements in our own words. So far: {counts}.",
        "",
        "| | L | requirement | state | test or reason |",
        "|---|---|---|---|---|",
    ]
    for row in asvs:
        what = _tests(row) if row["state"] == "pass" else row["why"]
        lines.append(f"| {row['id']} | {row['level']} | {row['what']} | {row['state']} | {what} |")
    return "\n".join([*lines, ""])


def _tests(row: dict[str, Any]) -> str:
    return "<br>".join(f"`{test}`" for test in row["tests"])


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    file = ROOT / path
    return file.is_file() and (not name or bool(re.search(rf"^def {name}\(", file.read_text("utf-8"), re.M)))
