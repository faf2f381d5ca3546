"""Checks the hazard log, docs/safety/hazards.yaml: complete, rated by its own matrix, controls shown by tests.

    python tools/hazards.py [file]

A hazard whose initial risk is above "low" must name at least one test that exists; a residual risk above
"medium" is not accepted at all.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / "docs" / "safety" / "hazards.yaml"
FIELDS = ("id", "hazard", "causes", "harm", "initial", "controls", "tests", "residual", "owner")
TEXTS = ("hazard", "harm")  # each in both languages
LEVELS = ("very low", "low", "medium", "high", "very high")
NEEDS_A_TEST = LEVELS.index("low")  # above this
ACCEPTED = LEVELS.index("medium")  # up to this


class LineKeeper(yaml.SafeLoader):
    """Reads YAML and keeps the line on which each mapping begins, for messages."""


def _mapping(loader: LineKeeper, node: yaml.MappingNode) -> dict[str, Any]:
    return {"__line__": node.start_mark.line + 1, **loader.construct_mapping(node, deep=True)}


LineKeeper.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def problems(text: str) -> Iterator[str]:
    """One line for each thing that is wrong: line of the file, hazard, what to do."""
    log = yaml.load(text, LineKeeper)  # a SafeLoader
    matrix = log["matrix"]
    seen: set[str] = set()
    for hazard in log["hazards"]:
        where = f"line {hazard['__line__']}: {hazard.get('id', 'a hazard without id')}"
        missing = [field for field in FIELDS if not hazard.get(field) and field != "tests"]
        if missing or "tests" not in hazard:
            yield f"{where}: fill in {', '.join(missing or ['tests'])}"
            continue
        if hazard["id"] in seen:
            yield f"{where}: this id stands twice"
        seen.add(hazard["id"])
        for field in TEXTS:
            if not all(hazard[field].get(language) for language in ("zh", "en")):
                yield f"{where}: {field} needs zh and en"
        yield from (f"{where}: {problem}" for problem in _risk(hazard, matrix))
        yield from (f"{where}: no such test: {test}" for test in hazard["tests"] if not exists(test))


def _risk(hazard: dict[str, Any], matrix: dict[str, list[int]]) -> Iterator[str]:
    levels = {}
    for moment in ("initial", "residual"):
        rating = hazard[moment]
        severity, likelihood = rating.get("severity"), rating.get("likelihood")
        if severity not in range(1, 6) or likelihood not in range(1, 6):
            yield f"{moment}: severity and likelihood are whole numbers from 1 to 5"
            return
        levels[moment] = matrix[f"likelihood_{likelihood}"][severity - 1] - 1
    if levels["residual"] > levels["initial"]:
        yield "the controls make it worse: residual above initial"
    if levels["residual"] > ACCEPTED:
        yield f"residual risk is {LEVELS[levels['residual']]}: it needs more control before it can ship"
    if levels["initial"] > NEEDS_A_TEST and not hazard["tests"]:
        yield f"initial risk is {LEVELS[levels['initial']]}: name at least one test that shows its control"


def exists(node: str) -> bool:
    """Whether ``tests/path.py::name`` or ``tests/path.py::Class::name`` is a test of this tree."""
    path, *names = node.split("::")
    file = ROOT / path
    if not names or not re.fullmatch(r"tests/[\w/]+\.py", path) or not file.is_file():
        return False
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for name in names:
        found = next((part for part in body if getattr(part, "name", None) == name), None)
        if found is None:
            return False
        body = getattr(found, "body", [])
    return names[-1].startswith("test_")


def main() -> int:
    """Print the problems; 1 if there are any."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else LOG
    found = list(problems(path.read_text(encoding="utf-8")))
    print("\n".join(f"{path.name}: {problem}" for problem in found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
