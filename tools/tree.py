"""What no file of the tree may hold: downloads' addresses in lock files, hosts of package registries, paths of
this machine, Python files past 400 lines, marks that silence a checker.

    python tools/tree.py [folder]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST = 400
SKIPPED = {
    *(".git", ".venv", "var", "node_modules", "vendor", "screenshots", "__pycache__"),
    *(
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".import_linter_cache",
        ".hypothesis",
        "tiercare.egg-info",
    ),
}
LOCKS = {
    "package-lock.json",
    "requirements.lock",
    "build-requirements.lock",
    "node-requirements.lock",
    "spark-requirements.lock",
}
HOSTS = re.compile(r"\b(?:pypi|pythonhosted|npmjs)\.org\b|\bnpmmirror\.com\b")
SHARED_FOLDERS = {
    Path(name) for name in ("/", "/home", "/opt", "/srv", "/tmp", "/usr", "/usr/src", "/var", "/var/tmp")
}
ADDRESS = re.compile(r"https?:|\"resolved\"")
SILENCERS = re.compile(r"#\s*(?:type: ignore|noqa|pragma: no cover)|\b(?:TODO|FIXME|XXX)\b")


def files(root: Path) -> Iterator[Path]:
    """Every file that belongs to the tree, found without git."""
    for path in sorted(root.iterdir()):
        if path.name in SKIPPED or path.is_symlink():
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def problems(root: Path) -> Iterator[str]:
    """One line for each thing that should not stand there: file, line, what is wrong."""
    here = {f"{folder}/" for folder in (root, root.parent, Path.home()) if folder not in SHARED_FOLDERS}
    for path in files(root):
        name = path.relative_to(root)
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture or a font
        if path.suffix == ".py" and "migrations" not in path.parts and len(lines) > LONGEST:
            yield f"{name}: {len(lines)} lines; a file past {LONGEST} becomes a package"
        for number, line in enumerate(lines, 1):
            if path.name in LOCKS and ADDRESS.search(line):
                yield f"{name}:{number}: a lock file carries a download address"
            if HOSTS.search(line):
                yield f"{name}:{number}: names the host of a package registry"
            if any(folder in line for folder in here):
                yield f"{name}:{number}: names a path of this machine"
            if path.suffix == ".py" and path != Path(__file__).resolve() and SILENCERS.search(line):
                yield f"{name}:{number}: a mark that silences a checker or puts work off"


def main() -> int:
    """Print the problems; 1 if there are any."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve()
    found = list(problems(root))
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
