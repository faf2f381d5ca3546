"""Which files of the npm packages the pages use, and how they are copied (docs/adr/0003)."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

#: file in node_modules → file in the static folder
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
}
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|^//# sourceMappingURL=.*$", re.MULTILINE)


def vendor(root: Path) -> Path:
    """The static folder that the files are copied into; not under version control."""
    return root / "src" / "tiercare" / "web" / "static" / "vendor"


def present(root: Path) -> bool:
    """True if every file stands where pages ask for it."""
    return all((vendor(root) / target).is_file() for target in FILES.values())


def copy(root: Path) -> None:
    """Copy the files, less what the manifest of static files could not resolve.

    Source maps are not shipped; a reference to a file that is not there would rightly fail the collection,
    so the references go too.

    Raises:
        FileNotFoundError: when an npm package no longer holds a file of ``FILES``.
    """
    folder = vendor(root)
    shutil.rmtree(folder, ignore_errors=True)
    for source, target in FILES.items():
        origin, goal = root / "node_modules" / source, folder / target
        goal.parent.mkdir(parents=True, exist_ok=True)
        if origin.suffix in {".css", ".js"}:
            text = origin.read_text(encoding="utf-8")
            goal.write_text(_SOURCE_MAP.sub("", text), encoding="utf-8")
        else:
            shutil.copyfile(origin, goal)
