"""Documents that the code writes: docs/generated. `make check` compares, `make generated` writes.

A new one is one line in ``DOCUMENTS``: the file's name, and the function that returns its whole text from code
and packaged data alone (no database, no clock, no random order, so that the same tree gives the same text).
"""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from pathlib import Path

import django

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "generated"

DOCUMENTS = {
    "access.md": "tiercare.apps.access.rights:render_matrix",
    "applications.md": "tiercare.apps.network.workflow:render_diagram",
    "clauses.md": "tiercare.engines.policy.documents:render_clauses",
    "facts.md": "tiercare.engines.measures.documents:render_facts",
    "fields.md": "tiercare.apps.residents.rules.fields:render_fields",
    "indicators.md": "tiercare.engines.measures.documents:render_indicators",
    "matters.md": "tiercare.apps.evaluation.rules.diagram:render_diagram",
    "registers.md": "tiercare.apps.network.rules.register_book:render_registers",
    "requests.md": "tiercare.apps.exchange.rules.diagram:render_diagram",
    "rules.md": "tiercare.engines.policy.documents:render_rules",
    "security.md": "security:render_security",
}


def render(reference: str) -> str:
    """Call the function ``module:name`` and return its text, ending in one line break."""
    module, _, name = reference.partition(":")
    text: str = getattr(import_module(module), name)()
    return text.rstrip("\n") + "\n"


def main(write: bool) -> int:
    """Write every document, or show how the committed ones differ; 1 if they do."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tiercare.config.settings")
    django.setup()
    stale = 0
    for name, reference in DOCUMENTS.items():
        path, fresh = FOLDER / name, render(reference)
        committed = path.read_text(encoding="utf-8") if path.exists() else ""
        if committed == fresh:
            continue
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fresh, encoding="utf-8")
            print(f"docs/generated/{name}")
            continue
        stale += 1
        sys.stdout.writelines(
            difflib.unified_diff(
                committed.splitlines(keepends=True),
                fresh.splitlines(keepends=True),
                f"docs/generated/{name}",
                reference,
            )
        )
    unknown = {path.name for path in FOLDER.iterdir()} - set(DOCUMENTS) if FOLDER.exists() else set()
    for name in sorted(unknown):
        print(f"docs/generated/{name}: nothing in tools/generated.py writes it")
    return bool(stale or unknown)


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
